/** Java's `String.split(":")`: empty parts at the end are dropped. */
export function splitPair(text: string): string[] {
  const parts = text.split(':');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}
