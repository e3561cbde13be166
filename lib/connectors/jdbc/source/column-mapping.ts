import { ConfigException, ConnectException } from '../../../core/errors.ts';
import { JavaPattern } from '../../../core/java/regex.ts';
import { messageName, type TableId, unquoted } from '../table-id.ts';

/** Entries `regex:column` or `regex:[column|column]` of `incrementing.column.mapping` and `timestamp.columns.mapping`. */
export class ColumnMapping {
  readonly #entries: readonly { readonly pattern: JavaPattern; readonly columns: readonly string[] }[];
  readonly #what: string;

  /** `what` is for messages: `incrementing` or `timestamp`. Throws ConfigException. */
  constructor(entries: readonly string[], what: 'incrementing' | 'timestamp') {
    this.#what = what;
    this.#entries = entries.map((entry) => {
      const colon = entry.lastIndexOf(':');
      const columns = entry
        .slice(colon + 1)
        .trim()
        .replace(/^\[(.*)\]$/s, '$1');
      if (colon <= 0 || columns === '')
        throw new ConfigException(
          `invalid ${what} column mapping '${entry}': write regex:${what === 'timestamp' ? '[column|column]' : 'column'}`,
        );
      return { pattern: new JavaPattern(entry.slice(0, colon).trim()), columns: columns.split('|').map((column) => column.trim()) };
    });
  }

  /** Columns of a table. Throws ConnectException where none or several expressions match. */
  columnsOf(table: TableId): readonly string[] {
    const found = this.#entries.filter(({ pattern }) => pattern.matches(unquoted(table)));
    if (found.length === 1) return found[0]!.columns;
    const named = messageName(table);
    const why = found.length === 0 ? 'does not match any of the provided regexes' : 'matches more than one of the provided regexes';
    throw new ConnectException(`Error while validating ${this.#what} column mappings: Included table '${named}' ${why}`);
  }
}
