import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../../core/data/logical-names.ts';
import type { Schema } from '../../../core/data/schema.ts';
import type { JdbcClient, ResultColumn } from '../client.ts';
import type { Instant } from '../instant.ts';
import { SinkField } from '../sink/sink-field.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { type IdentifierRules, parseTableIdentifier, partsOf, quoteIdentifier, type TableId } from '../table-id.ts';
import { columnSpec, createTable, defaultLiteral, noColumnType } from './ddl.ts';
import type {
  BatchStatement,
  ColumnDefinition,
  ColumnType,
  Dialect,
  SqlType,
  TableDefinition,
  TableFilter,
  WriteRequest,
} from './dialect.ts';
import { postgresStatement } from './postgres-statements.ts';
import { postgresTimestamp } from './postgres-times.ts';
import { postgresValues } from './postgres-values.ts';

/** Scale of a Decimal for `numeric` without precision: Confluent's NUMERIC_TYPE_SCALE_HIGH. */
const UNLIMITED_SCALE = 127;

/** pg_class.relkind of a JDBC table type. System tables are not offered. */
const RELATION_KINDS: Readonly<Record<string, string>> = {
  TABLE: 'r',
  'PARTITIONED TABLE': 'p',
  VIEW: 'v',
  'MATERIALIZED VIEW': 'm',
  'FOREIGN TABLE': 'f',
};

const TYPES: Readonly<Record<string, SqlType>> = {
  int2: 'SMALLINT',
  int4: 'INTEGER',
  int8: 'BIGINT',
  oid: 'BIGINT',
  float4: 'REAL',
  float8: 'DOUBLE',
  money: 'DOUBLE',
  numeric: 'NUMERIC',
  bool: 'BOOLEAN',
  char: 'VARCHAR',
  bpchar: 'VARCHAR',
  varchar: 'VARCHAR',
  text: 'VARCHAR',
  name: 'VARCHAR',
  json: 'VARCHAR',
  jsonb: 'VARCHAR',
  uuid: 'VARCHAR',
  xml: 'VARCHAR',
  bytea: 'BINARY',
  date: 'DATE',
  time: 'TIME',
  timetz: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP',
};

/** PostgreSQL and what speaks its protocol. */
export class PostgresDialect implements Dialect {
  readonly name: string = 'PostgreSqlDatabaseDialect';
  readonly identifiers: IdentifierRules = { quote: '"' };
  readonly values = postgresValues;
  readonly transactionsShowAfterMs = 0;
  readonly transactionsLookMs = 0;
  readonly exactTableOptions: string = '';
  protected readonly settings: SqlSettings;

  constructor(settings: SqlSettings) {
    this.settings = settings;
  }

  parseTable(text: string): TableId {
    return parseTableIdentifier(text, this.identifiers);
  }

  tableName(table: TableId): string {
    const parts = partsOf(table);
    if (this.settings.quote === 'never') return parts.join('.');
    return parts.map((part) => quoteIdentifier(part, this.identifiers)).join('.');
  }

  columnName(column: string, table?: TableId): string {
    const name = this.settings.quote === 'never' ? column : quoteIdentifier(column, this.identifiers);
    return table === undefined ? name : `${this.tableName(table)}.${name}`;
  }

  placeholder(index: number): string {
    return `$${index}`;
  }

  integerPlaceholder(index: number): string {
    return `$${index}::bigint`;
  }

  async tableIds(client: JdbcClient, { types, schemaPattern }: TableFilter): Promise<TableId[]> {
    const kinds = types.flatMap((type) => RELATION_KINDS[type] ?? []);
    if (kinds.length === 0) return [];
    const { rows } = await client.query(
      `select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relkind = any($1::text::"char"[]) and n.nspname like $2 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       order by c.relkind, n.nspname, c.relname`,
      [`{${kinds.join(',')}}`, schemaPattern ?? '%'],
    );
    return rows.map(([schema, table]) => ({ catalog: null, schema: schema as string, table: table as string }));
  }

  async describeTable(client: JdbcClient, table: TableId, types: readonly string[]): Promise<TableDefinition | null> {
    const { rows } = await client.query(
      `select c.relkind, a.attname, t.typname, a.attnotnull or (t.typtype = 'd' and t.typnotnull),
         coalesce(a.attnum = any(i.indkey), false),
         a.attidentity <> '' or coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) like '%nextval(%', false)
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       join pg_catalog.pg_type t on t.oid = a.atttypid
       left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
       where c.relname = $1 and (n.nspname = $2 or ($2 is null and pg_catalog.pg_table_is_visible(c.oid)))
         and c.relkind = any($3::text::"char"[])
       order by a.attnum`,
      [table.table, table.schema, `{${types.flatMap((type) => RELATION_KINDS[type] ?? []).join(',')}}`],
    );
    if (rows.length === 0) return null;
    const columns = new Map<string, ColumnDefinition>();
    for (const [, name, typeName, notNull, primaryKey, autoIncrement] of rows as string[][]) {
      columns.set(name!, {
        name: name!,
        typeName: typeName!,
        nullable: notNull !== 't',
        primaryKey: primaryKey === 't',
        autoIncrement: autoIncrement === 't',
      });
    }
    const kind = rows[0]![0];
    return { type: Object.keys(RELATION_KINDS).find((type) => RELATION_KINDS[type] === kind) ?? 'TABLE', columns };
  }

  async currentSchema(client: JdbcClient): Promise<{ catalog: string | null; schema: string | null }> {
    const { rows } = await client.query('select current_database(), current_schema()');
    const [catalog, schema] = rows[0] as [string, string | null];
    return { catalog, schema };
  }

  async currentTime(client: JdbcClient): Promise<Instant> {
    const { rows } = await client.query('select current_timestamp');
    return this.values.instant(rows[0]![0]!, this.settings);
  }

  /**
   * By virtual transaction ids, which every user sees and which a transaction has from its beginning; an xid it gets only with its first
   * write, after it may have drawn an id or looked at the clock. Transactions that are prepared hold a lock without a process.
   */
  async openTransactions(client: JdbcClient): Promise<readonly string[] | null> {
    const { rows } = await client.query(
      `select l.virtualtransaction from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'virtualxid' and l.granted and l.mode = 'ExclusiveLock' and l.pid <> pg_catalog.pg_backend_pid()
         and coalesce(a.datname, pg_catalog.current_database()) = pg_catalog.current_database()
         and coalesce(a.backend_type, '') not like 'autovacuum%'
       union all select gid from pg_catalog.pg_prepared_xacts where database = pg_catalog.current_database()
       union all select 'replica' where pg_catalog.pg_is_in_recovery()`,
    );
    const open = rows.map(([name]) => name as string);
    return open.includes('replica') ? null : open;
  }

  columnType({ typeName, typeKind, precision }: ResultColumn): ColumnType {
    if (typeName === 'bit') return { type: precision <= 1 ? 'BOOLEAN' : precision <= 8 ? 'TINYINT' : 'BINARY', signed: true };
    if (typeKind === 'e') return { type: 'VARCHAR', signed: true };
    return { type: typeKind === 'c' ? 'OTHER' : (TYPES[typeName] ?? 'OTHER'), signed: true };
  }

  decimalScale({ precision, scale }: ResultColumn): number {
    return precision === 0 && scale === 0 ? UNLIMITED_SCALE : scale;
  }

  /** A text without type: the server takes it as the column's type, so an offset counts for `timestamptz` and not for `timestamp`. */
  timestampParameter(instant: Instant, { zone, calendar }: SqlSettings): unknown {
    return postgresTimestamp(instant, zone, calendar);
  }

  sqlType(field: SinkField): string {
    const { schema } = field;
    if (this.settings.timestampFields.has(field.name) && (schema.type === 'INT64' || schema.type === 'STRING')) return 'TIMESTAMP';
    switch (schema.name) {
      case DECIMAL_NAME:
        return 'DECIMAL';
      case DATE_NAME:
        return 'DATE';
      case TIME_NAME:
        return 'TIME';
      case TIMESTAMP_NAME:
        return 'TIMESTAMP';
    }
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
        return 'SMALLINT';
      case 'INT32':
        return 'INT';
      case 'INT64':
        return 'BIGINT';
      case 'FLOAT32':
        return 'REAL';
      case 'FLOAT64':
        return 'DOUBLE PRECISION';
      case 'BOOLEAN':
        return 'BOOLEAN';
      case 'STRING':
        return 'TEXT';
      case 'BYTES':
        return 'BYTEA';
      case 'ARRAY':
        return `${this.sqlType(new SinkField(schema.valueSchema as Schema, field.name, field.primaryKey))}[]`;
      default:
        throw noColumnType(field);
    }
  }

  defaultLiteral(field: SinkField): string {
    return defaultLiteral(field, this.settings, { booleans: ['FALSE', 'TRUE'], fractionDigits: 3 });
  }

  createTable(table: TableId, fields: readonly SinkField[]): string {
    return createTable(this, table, fields);
  }

  alterTable(table: TableId, fields: readonly SinkField[]): string[] {
    return [`ALTER TABLE ${this.tableName(table)} ${fields.map((field) => `ADD ${columnSpec(this, field)}`).join(', ')}`];
  }

  async endIdleTransactions(client: JdbcClient, afterMs: number): Promise<void> {
    await client.execute(`SET idle_in_transaction_session_timeout = ${afterMs}`);
  }

  async obeysTransactions(): Promise<boolean> {
    return true;
  }

  statement(request: WriteRequest): BatchStatement {
    return postgresStatement(this, request, this.settings);
  }
}
