/** A boolean parameter as Java reads it: `true` in any case, everything else is false; absent or empty = `otherwise`. The first counts. */
export function isTrue(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const value = query.get(name);
  return value === null || value === '' ? otherwise : value.toLowerCase() === 'true';
}
