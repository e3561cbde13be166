/** PostgreSQL's text form of an array whose items need no quotes. */
export function plainArray(items: readonly unknown[]): string {
  let text = '{';
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (index > 0) text += ',';
    text += item === null || item === undefined ? 'NULL' : String(item);
  }
  return `${text}}`;
}

const SPECIAL = /["\\]/;

/** The same for texts: each in quotes, with quotes and backslashes escaped. */
export function textArray(items: readonly unknown[]): string {
  let text = '{';
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (index > 0) text += ',';
    if (item === null || item === undefined) {
      text += 'NULL';
      continue;
    }
    const value = String(item);
    text += SPECIAL.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
  }
  return `${text}}`;
}
