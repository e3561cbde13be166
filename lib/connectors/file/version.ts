/** What the file connectors answer for their version. */
export const VERSION = '0.1.0';
