import { Decimal } from '../../../core/data/decimal.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../../core/data/logical-names.ts';
import type { JdbcClient, ResultColumn } from '../client.ts';
import type { Instant } from '../instant.ts';
import type { SinkField } from '../sink/sink-field.ts';
import { SqlException } from '../sql-exception.ts';
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
import { mysqlStatement, mysqlTimestamp } from './mysql-statements.ts';
import { mysqlValues } from './mysql-values.ts';

/** information_schema.tables.table_type of a JDBC table type. System tables are not offered. */
const TABLE_TYPES: Readonly<Record<string, string>> = { TABLE: 'BASE TABLE', VIEW: 'VIEW' };

/** As MySQL's JDBC driver maps them: YEAR is a date, BIT a small number. */
const TYPES: Readonly<Record<string, SqlType>> = {
  tinyint: 'TINYINT',
  bit: 'TINYINT',
  smallint: 'SMALLINT',
  mediumint: 'INTEGER',
  int: 'INTEGER',
  bigint: 'BIGINT',
  float: 'REAL',
  double: 'DOUBLE',
  decimal: 'DECIMAL',
  char: 'VARCHAR',
  varchar: 'VARCHAR',
  text: 'VARCHAR',
  enum: 'VARCHAR',
  set: 'VARCHAR',
  json: 'VARCHAR',
  binary: 'BINARY',
  varbinary: 'BINARY',
  tinyblob: 'BINARY',
  blob: 'BINARY',
  mediumblob: 'BINARY',
  longblob: 'BINARY',
  geometry: 'BINARY',
  vector: 'BINARY',
  date: 'DATE',
  year: 'DATE',
  time: 'TIME',
  datetime: 'TIMESTAMP',
  timestamp: 'TIMESTAMP',
};

/** "You need the PROCESS privilege" comes as syntax error or access violation. */
const ACCESS_DENIED = /^42/;

/** MySQL and MariaDB. What JDBC calls a catalog is a database here, and there are no schemas. */
export class MysqlDialect implements Dialect {
  readonly name: string = 'MySqlDatabaseDialect';
  readonly identifiers: IdentifierRules = { quote: '`' };
  readonly values = mysqlValues;
  /** An id is drawn, and NOW() fixed, a moment before InnoDB knows of the transaction; and its list may be two seconds old. */
  readonly transactionsShowAfterMs = 3_000;
  readonly transactionsLookMs = 1_000;
  readonly exactTableOptions: string = ' ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
  protected readonly settings: SqlSettings;

  constructor(settings: SqlSettings) {
    this.settings = settings;
  }

  parseTable(text: string): TableId {
    return parseTableIdentifier(text, this.identifiers, 'catalog');
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

  placeholder(): string {
    return '?';
  }

  integerPlaceholder(): string {
    return '?';
  }

  /** Without `catalog.pattern`, of all databases the user sees: as MySQL's JDBC driver, which asks for a name rather than a pattern. */
  async tableIds(client: JdbcClient, { types, catalogPattern }: TableFilter): Promise<TableId[]> {
    const kinds = types.flatMap((type) => TABLE_TYPES[type] ?? []);
    if (kinds.length === 0) return [];
    const catalog = catalogPattern ?? '';
    const condition = catalog === '' ? '' : ` and table_schema ${catalog.includes('%') ? 'like' : '='} ?`;
    const { rows } = await client.query(
      `select table_schema, table_name from information_schema.tables
       where table_type in (${kinds.map(() => '?').join(',')})
         and table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys')${condition}
       order by table_type, table_schema, table_name`,
      catalog === '' ? kinds : [...kinds, catalog],
    );
    return rows.map(([database, table]) => ({ catalog: database as string, schema: null, table: table as string }));
  }

  async describeTable(client: JdbcClient, { catalog, schema, table }: TableId, types: readonly string[]): Promise<TableDefinition | null> {
    const { rows } = await client.query(
      `select t.table_type, c.column_name, c.data_type, c.is_nullable, c.column_key, c.extra
       from information_schema.tables t
       join information_schema.columns c on c.table_schema = t.table_schema and c.table_name = t.table_name
       where t.table_schema = coalesce(?, database()) and t.table_name = ?
       order by c.ordinal_position`,
      [catalog ?? schema, table],
    );
    const type = Object.keys(TABLE_TYPES).find((key) => TABLE_TYPES[key] === rows[0]?.[0]);
    if (type === undefined || !types.includes(type)) return null;
    const columns = new Map<string, ColumnDefinition>();
    for (const [, name, typeName, nullable, key, extra] of rows as string[][]) {
      columns.set(name!, {
        name: name!,
        typeName: typeName!.toLowerCase(),
        nullable: nullable === 'YES',
        primaryKey: key === 'PRI',
        autoIncrement: extra!.includes('auto_increment'),
      });
    }
    return { type, columns };
  }

  async currentSchema(client: JdbcClient): Promise<{ catalog: string | null; schema: string | null }> {
    const { rows } = await client.query('select database()');
    return { catalog: rows[0]![0] as string | null, schema: null };
  }

  async currentTime(client: JdbcClient): Promise<Instant> {
    const { rows } = await client.query('select current_timestamp(6)');
    return this.values.instant(rows[0]![0]!, this.settings);
  }

  /**
   * Needs PROCESS. Beside InnoDB's transactions, statements that wait for a lock of the table: their NOW() is already fixed. InnoDB answers
   * from a cache that it renews only where nobody asked for 100 ms, so a list in which our own transaction is missing is none.
   */
  async openTransactions(client: JdbcClient): Promise<readonly string[] | 'ask later' | null> {
    await client.execute('start transaction with consistent snapshot');
    try {
      const { rows } = await client.query(
        `select trx_mysql_thread_id = connection_id() and trx_started >= now() - interval 1 second, concat(trx_mysql_thread_id, ' ', trx_started)
           from information_schema.innodb_trx
         union all select 0, concat('waiting ', id) from information_schema.processlist where state like 'Waiting for%lock%'`,
      );
      if (!rows.some(([own]) => own === '1')) return 'ask later';
      return rows.filter(([own]) => own !== '1').map(([, name]) => name as string);
    } catch (error) {
      if (error instanceof SqlException && ACCESS_DENIED.test(error.sqlState ?? '')) return null;
      throw error;
    } finally {
      await client.execute('commit').catch(() => undefined);
    }
  }

  columnType({ typeName }: ResultColumn): ColumnType {
    const unsigned = typeName.endsWith(' unsigned');
    return { type: TYPES[unsigned ? typeName.slice(0, -' unsigned'.length) : typeName] ?? 'OTHER', signed: !unsigned };
  }

  decimalScale({ scale }: ResultColumn): number {
    return scale;
  }

  timestampParameter(instant: Instant, settings: SqlSettings): unknown {
    return mysqlTimestamp(instant, settings);
  }

  sqlType(field: SinkField): string {
    const { schema } = field;
    if (this.settings.timestampFields.has(field.name) && (schema.type === 'INT64' || schema.type === 'STRING')) return 'DATETIME(6)';
    switch (schema.name) {
      case DECIMAL_NAME:
        // 65 digits are the most that MySQL has.
        return `DECIMAL(65,${Decimal.scaleOf(schema)})`;
      case DATE_NAME:
        return 'DATE';
      case TIME_NAME:
        return 'TIME(3)';
      case TIMESTAMP_NAME:
        return 'DATETIME(3)';
    }
    switch (schema.type) {
      case 'INT8':
      case 'BOOLEAN':
        return 'TINYINT';
      case 'INT16':
        return 'SMALLINT';
      case 'INT32':
        return 'INT';
      case 'INT64':
        return 'BIGINT';
      case 'FLOAT32':
        return 'FLOAT';
      case 'FLOAT64':
        return 'DOUBLE';
      case 'STRING':
        return 'TEXT';
      case 'BYTES':
        return 'VARBINARY(1024)';
      default:
        throw noColumnType(field);
    }
  }

  defaultLiteral(field: SinkField): string {
    return defaultLiteral(field, this.settings, { booleans: ['0', '1'], fractionDigits: 3 });
  }

  createTable(table: TableId, fields: readonly SinkField[]): string {
    return createTable(this, table, fields);
  }

  alterTable(table: TableId, fields: readonly SinkField[]): string[] {
    return [`ALTER TABLE ${this.tableName(table)} ${fields.map((field) => `ADD ${columnSpec(this, field)}`).join(', ')}`];
  }

  /** MariaDB has a limit of its own; in MySQL a connection that is idle so long is ended, in a transaction or not. */
  async endIdleTransactions(client: JdbcClient, afterMs: number): Promise<void> {
    const seconds = Math.max(1, Math.ceil(afterMs / 1_000));
    try {
      await client.execute(`SET SESSION idle_transaction_timeout = ${seconds}`);
    } catch (error) {
      if (!(error instanceof SqlException) || error.outage) throw error;
      await client.execute(`SET SESSION wait_timeout = ${seconds}`);
    }
  }

  /** InnoDB does; MyISAM, Aria, MEMORY and others do not. */
  async obeysTransactions(client: JdbcClient, { catalog, schema, table }: TableId): Promise<boolean> {
    const { rows } = await client.query(
      `select e.transactions from information_schema.tables t join information_schema.engines e on e.engine = t.engine
       where t.table_schema = coalesce(?, database()) and t.table_name = ?`,
      [catalog ?? schema, table],
    );
    return rows[0]?.[0] !== 'NO';
  }

  statement(request: WriteRequest): BatchStatement {
    return mysqlStatement(this, request, this.settings);
  }
}
