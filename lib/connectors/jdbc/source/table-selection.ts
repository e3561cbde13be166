import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import { ConnectException } from '../../../core/errors.ts';
import { JavaPattern } from '../../../core/java/regex.ts';
import type { JdbcClient } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { messageName, quoted, type TableId, unquoted } from '../table-id.ts';

/** Two tables would be copied to one topic. */
export class AmbiguousTopics extends ConnectException {}

/** The tables a configuration asks for, in the database's order. Throws SqlException, and {@link AmbiguousTopics}. */
export async function selectTables(client: JdbcClient, dialect: Dialect, config: ParsedConfig): Promise<TableId[]> {
  const all = await dialect.tableIds(client, {
    types: config.getList('table.types').map((type) => type.toUpperCase()),
    catalogPattern: config.getString('catalog.pattern'),
    schemaPattern: config.getString('schema.pattern'),
  });
  const tables = all.filter(filterOf(config, dialect));
  refuseSharedNames(tables, config);
  return tables;
}

function filterOf(config: ParsedConfig, dialect: Dialect): (table: TableId) => boolean {
  const include = config.getList('table.include.list');
  if (include.length > 0) {
    const included = include.map((pattern) => new JavaPattern(pattern));
    const excluded = config.getList('table.exclude.list').map((pattern) => new JavaPattern(pattern));
    return (table) =>
      included.some((pattern) => pattern.matches(unquoted(table))) && !excluded.some((pattern) => pattern.matches(unquoted(table)));
  }
  const listed = (list: readonly string[], table: TableId): boolean =>
    list.includes(table.table) || list.includes(unquoted(table)) || list.includes(quoted(table, dialect.identifiers));
  const whitelist = config.getList('table.whitelist');
  if (whitelist.length > 0) return (table) => listed(whitelist, table);
  const blacklist = config.getList('table.blacklist');
  return (table) => !listed(blacklist, table);
}

function refuseSharedNames(tables: readonly TableId[], config: ParsedConfig): void {
  const sharing = Object.values(Object.groupBy(tables, ({ table }) => table)).filter((group) => group!.length > 1);
  if (sharing.length === 0) return;
  const key = ['table.whitelist', 'table.blacklist', 'table.include.list'].find((name) => config.getList(name).length > 0);
  const keys = key === undefined ? "'table.whitelist' or 'table.blacklist'" : `'${key}'`;
  const groups = sharing.map((group) => `[${group!.map((table) => messageName(table)).join(', ')}]`);
  throw new AmbiguousTopics(
    'The connector uses the unqualified table name as the topic name and has detected duplicate unqualified table names. This could lead to ' +
      'mixed data types in the topic and downstream processing errors. To prevent such processing errors, the JDBC Source connector fails to ' +
      `start when it detects duplicate table name configurations. Update the connector's ${keys} config to include exactly one table in each ` +
      `of the tables listed below.\n\t[${groups.join(', ')}]`,
  );
}
