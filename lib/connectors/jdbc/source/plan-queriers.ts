import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { ConnectorProps } from '../../../core/connector.ts';
import { ConfigException, ConnectException } from '../../../core/errors.ts';
import type { SourceTaskContext } from '../../../core/source.ts';
import type { SourceOffset, SourcePartition } from '../../../core/source-record.ts';
import type { JdbcClient } from '../client.ts';
import type { Dialect, TableDefinition } from '../dialects/dialect.ts';
import { instantOfMs } from '../instant.ts';
import type { SourceMode } from '../source-config.ts';
import { messageName, type TableId, unquoted } from '../table-id.ts';
import { ColumnMapping } from './column-mapping.ts';
import { type ReadOffset, readOffsetOf } from './read-offset.ts';
import { SafeBound } from './safe-bound.ts';
import { safeReads, safeWindowMs } from './safe-reads-keys.ts';
import { customQuery, rowSettings, sourceDialect } from './source-settings.ts';
import { TableQuerier } from './table-querier.ts';

/** Key of a task's configuration: its tables, quoted, separated by commas. */
export const TABLES = 'tables';

/** Every kind of table a user may have named; the selection has already been made. */
const ANY_TABLE: readonly string[] = ['TABLE', 'PARTITIONED TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE'];

/** `timestamp.initial`: from now on. */
const NOW = -1n;

/** Makes the queriers of a task, each at its committed offset. Throws ConfigException and ConnectException with Confluent's texts. */
export async function planQueriers(
  config: ParsedConfig,
  props: ConnectorProps,
  context: SourceTaskContext,
  client: JdbcClient,
): Promise<TableQuerier[]> {
  const dialect = sourceDialect(config);
  const query = customQuery(config);
  const tables = splitTables(props[TABLES] ?? '').map((text) => dialect.parseTable(text));
  if (query !== '' && tables.length > 0) {
    throw new ConfigException('Invalid configuration: a JdbcSourceTask cannot have both a table and a query assigned to it');
  }
  const planner = new Planner(config, props, dialect, context, client);
  if (query !== '') return [await planner.forQuery(query)];
  const queriers: TableQuerier[] = [];
  for (const table of tables) queriers.push(await planner.forTable(table));
  return queriers;
}

/** Quoted names may hold commas. */
function splitTables(text: string): string[] {
  return text.match(/(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^,"`])+/g)?.map((table) => table.trim()) ?? [];
}

class Planner {
  readonly #config: ParsedConfig;
  readonly #props: ConnectorProps;
  readonly #dialect: Dialect;
  readonly #context: SourceTaskContext;
  readonly #client: JdbcClient;
  readonly #mode: SourceMode;

  constructor(config: ParsedConfig, props: ConnectorProps, dialect: Dialect, context: SourceTaskContext, client: JdbcClient) {
    this.#config = config;
    this.#props = props;
    this.#dialect = dialect;
    this.#context = context;
    this.#client = client;
    this.#mode = config.getText('mode') as SourceMode;
  }

  async forQuery(query: string): Promise<TableQuerier> {
    const partition = this.#mode === 'bulk' ? null : { query: 'query' };
    const columns = {
      incrementing: this.#config.getText('incrementing.column.name'),
      timestamps: this.#config.getList('timestamp.column.name'),
    };
    return await this.#querier(null, query, partition, partition === null ? [] : [partition], columns);
  }

  async forTable(table: TableId): Promise<TableQuerier> {
    const select = `SELECT * FROM ${this.#dialect.tableName(table)}`;
    if (this.#mode === 'bulk') return await this.#querier(table, select, null, [], { incrementing: '', timestamps: [] });
    const columns = await this.#offsetColumns(table);
    const partition = { protocol: '1', table: unquoted(table) };
    // Offsets that older releases of the connector wrote name the table alone.
    return await this.#querier(table, select, partition, [partition, { table: table.table }], columns);
  }

  async #querier(
    table: TableId | null,
    select: string,
    partition: SourcePartition | null,
    partitions: readonly SourcePartition[],
    columns: { readonly incrementing: string; readonly timestamps: readonly string[] },
  ): Promise<TableQuerier> {
    const { incrementing, timestamps } = columns;
    return new TableQuerier({
      safe: this.#safeBound(table, select, incrementing, timestamps),
      mode: this.#mode,
      dialect: this.#dialect,
      settings: rowSettings(this.#config),
      table,
      select,
      suffix: this.#config.getText('query.suffix').trim(),
      topic: this.#config.getText('topic.prefix') + (table?.table ?? ''),
      partition,
      incrementingColumn: this.#hasIncrementing ? columns.incrementing : null,
      timestampColumns: this.#hasTimestamp ? columns.timestamps : [],
      delayMs: Number(this.#config.getLong('timestamp.delay.interval.ms')),
      offset: await this.#committed(partitions),
      blockRows: this.#config.getNumber('batch.max.rows'),
    });
  }

  #safeBound(table: TableId | null, select: string, incrementing: string, timestamps: readonly string[]): SafeBound | null {
    if (!safeReads(this.#props) || this.#mode === 'bulk') return null;
    const column = this.#dialect.columnName(incrementing);
    const { clock, logger, progress } = this.#context;
    return new SafeBound({
      dialect: this.#dialect,
      name: table === null ? 'query' : unquoted(table),
      largest:
        this.#mode === 'incrementing'
          ? `SELECT MAX(${column}) FROM ${table === null ? `(${select}) safe` : this.#dialect.tableName(table)}`
          : null,
      hasTimestamp: timestamps.length > 0 && this.#hasTimestamp,
      delayMs: Number(this.#config.getLong('timestamp.delay.interval.ms')),
      windowMs: safeWindowMs(this.#props),
      clock,
      progress,
      logger,
    });
  }

  get #hasIncrementing(): boolean {
    return this.#mode === 'incrementing' || this.#mode === 'timestamp+incrementing';
  }

  get #hasTimestamp(): boolean {
    return this.#mode === 'timestamp' || this.#mode === 'timestamp+incrementing';
  }

  async #committed(partitions: readonly SourcePartition[]): Promise<ReadOffset> {
    const offsets: (SourceOffset | null)[] = partitions.length === 0 ? [] : await this.#context.offsetStorageReader().offsets(partitions);
    const committed = offsets.find((offset) => offset !== null);
    if (committed !== undefined) return readOffsetOf(committed);
    const initial = this.#config.get('timestamp.initial') as bigint | null;
    if (initial === null || !this.#hasTimestamp) return { incrementing: null, timestamp: null };
    const timestamp = initial === NOW ? await this.#dialect.currentTime(this.#client) : instantOfMs(Number(initial));
    return { incrementing: null, timestamp };
  }

  async #offsetColumns(table: TableId): Promise<{ incrementing: string; timestamps: readonly string[] }> {
    const definition = await this.#dialect.describeTable(this.#client, table, ANY_TABLE);
    const shown = messageName(table);
    if (definition === null) throw new ConnectException(`table ${shown} does not exist any more, or may not be read by this user`);
    const incrementing = this.#hasIncrementing ? this.#incrementingColumn(table, definition) : '';
    const timestamps = this.#hasTimestamp ? this.#timestampColumns(table) : [];
    this.#validateColumnsExist(definition, shown, incrementing, timestamps);
    if (this.#config.getBoolean('validate.non.null')) this.#validateNonNull(definition, shown, incrementing, timestamps);
    return { incrementing, timestamps };
  }

  #incrementingColumn(table: TableId, definition: TableDefinition): string {
    const mapping = this.#config.getList('incrementing.column.mapping');
    if (mapping.length > 0) return new ColumnMapping(mapping, 'incrementing').columnsOf(table)[0]!;
    const named = this.#config.getText('incrementing.column.name');
    if (named !== '') return named;
    const candidates = [...definition.columns.values()].filter((column) => column.autoIncrement);
    if (candidates.length === 1) return candidates[0]!.name;
    const found = candidates.length === 0 ? 'no auto-incrementing column' : `${candidates.length} auto-incrementing columns`;
    throw new ConnectException(`table ${messageName(table)} has ${found}; name one in incrementing.column.name`);
  }

  #timestampColumns(table: TableId): readonly string[] {
    const mapping = this.#config.getList('timestamp.columns.mapping');
    if (mapping.length > 0) return new ColumnMapping(mapping, 'timestamp').columnsOf(table);
    return this.#config.getList('timestamp.column.name');
  }

  #validateColumnsExist({ columns }: TableDefinition, table: string, incrementing: string, timestamps: readonly string[]): void {
    const known = new Set([...columns.keys()].map((name) => name.toLowerCase()));
    if (this.#hasIncrementing && !known.has(incrementing.toLowerCase())) {
      throw new ConfigException(`Incrementing column: ${incrementing} does not exist in table '${table}'`);
    }
    const missing = timestamps.filter((name) => !known.has(name.toLowerCase()));
    if (missing.length > 0) throw new ConfigException(`Timestamp columns: ${missing.join(', ')} do not exist in table '${table}'`);
  }

  #validateNonNull({ columns }: TableDefinition, table: string, incrementing: string, timestamps: readonly string[]): void {
    const nullable = (name: string): boolean =>
      [...columns.values()].find((column) => column.name.toLowerCase() === name.toLowerCase())?.nullable ?? true;
    if (this.#hasIncrementing && nullable(incrementing)) {
      throw new ConnectException(
        `Cannot make incremental queries using incrementing column ${incrementing} on ${table} because this column is nullable.`,
      );
    }
    if (this.#hasTimestamp && timestamps.every(nullable)) {
      throw new ConnectException(
        `Cannot make incremental queries using timestamp columns ${timestamps.join(',')} on ${table} because all of these columns are nullable.`,
      );
    }
  }
}
