/** What the S3 connectors answer for their version. */
export const VERSION = '0.1.0';
