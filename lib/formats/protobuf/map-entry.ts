export const MAP_ENTRY_SUFFIX = 'Entry';

/** The name of the message for the entries of a map field: `word_counts` → `WordCountsEntry`, `counts` → `countsEntry`. */
export function mapEntryName(field: string): string {
  if (!field.includes('_')) return `${field}${MAP_ENTRY_SUFFIX}`;
  const words = field.split('_').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`);
  return `${words.join('')}${MAP_ENTRY_SUFFIX}`;
}

/** The inverse, for the last part of a dotted name: `a.WordCountsEntry` → `a.word_counts`. */
export function mapFieldName(entry: string): string {
  if (!entry.endsWith(MAP_ENTRY_SUFFIX)) return entry;
  const start = entry.lastIndexOf('.') + 1;
  const name = entry.slice(start, -MAP_ENTRY_SUFFIX.length);
  return entry.slice(0, start) + name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
