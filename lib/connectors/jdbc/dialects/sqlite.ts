import type { BigDecimal } from '../../../core/data/decimal.ts';
import { epochMillisOf } from '../../../core/data/epoch-millis.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../../core/data/logical-names.ts';
import type { JdbcClient, ResultColumn } from '../client.ts';
import type { Instant } from '../instant.ts';
import { epochInstant } from '../sink/epoch-instant.ts';
import type { SinkField } from '../sink/sink-field.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { type IdentifierRules, parseTableIdentifier, quoteIdentifier, type TableId } from '../table-id.ts';
import { columnSpec, createTable, defaultLiteral, noColumnType, unsupportedType } from './ddl.ts';
import type {
  BatchStatement,
  Binder,
  ColumnDefinition,
  ColumnType,
  Dialect,
  SqlType,
  TableDefinition,
  TableFilter,
  WriteRequest,
} from './dialect.ts';
import { sqliteValues } from './sqlite-values.ts';

const INT_MAX = 2n ** 31n - 1n;

/** SQLite 3. */
export class SqliteDialect implements Dialect {
  readonly name: string = 'SqliteDatabaseDialect';
  readonly identifiers: IdentifierRules = { quote: '"' };
  readonly values = sqliteValues;
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

  tableName({ schema, table }: TableId): string {
    return schema === null ? this.columnName(table) : `${this.columnName(schema)}.${this.columnName(table)}`;
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

  async tableIds(client: JdbcClient, { types }: TableFilter): Promise<TableId[]> {
    const kinds = types.map((type) => type.toLowerCase()).filter((type) => type === 'table' || type === 'view');
    const { rows } = await client.query(
      `select name from sqlite_master where type in (${kinds.map(() => '?').join(',')}) and name not like 'sqlite\\_%' escape '\\' order by type, name`,
      kinds,
    );
    return rows.map(([table]) => ({ catalog: null, schema: null, table: table as string }));
  }

  async describeTable(client: JdbcClient, { table }: TableId, types: readonly string[]): Promise<TableDefinition | null> {
    const found = await client.query('select type, sql from sqlite_master where name = ? collate nocase', [table]);
    const [type, sql] = (found.rows[0] ?? []) as [string?, string?];
    if (type === undefined || !types.includes(type.toUpperCase())) return null;
    const { rows } = await client.query('select name, type, "notnull", pk from pragma_table_xinfo(?)', [table]);
    const keys = rows.filter(([, , , pk]) => Number(pk) > 0).length;
    const columns = new Map<string, ColumnDefinition>();
    for (const [name, declared, notNull, pk] of rows) {
      const typeName = String(declared).replace(/\(.*$/s, '').trim().toLowerCase();
      // INTEGER PRIMARY KEY is the rowid: never null, and numbered by the database where no value is given.
      const rowid = typeName === 'integer' && Number(pk) > 0 && keys === 1 && !/without\s+rowid/i.test(sql ?? '');
      columns.set(name as string, {
        name: name as string,
        typeName,
        nullable: Number(notNull) === 0 && !rowid,
        primaryKey: Number(pk) > 0,
        autoIncrement: rowid,
      });
    }
    return { type: type.toUpperCase(), columns };
  }

  async currentSchema(): Promise<{ catalog: string | null; schema: string | null }> {
    return { catalog: null, schema: null };
  }

  async currentTime(client: JdbcClient): Promise<Instant> {
    const { rows } = await client.query(`select strftime('%Y-%m-%d %H:%M:%fZ', 'now')`);
    return this.values.instant(rows[0]![0]!, this.settings);
  }

  /** One connection writes at a time, so what commits later has later ids and times. */
  async openTransactions(): Promise<readonly string[]> {
    return [];
  }

  /** From the declared type and the value in the first row, as SQLite's JDBC driver does. */
  columnType({ typeName, precision, sample = null }: ResultColumn): ColumnType {
    const signed = typeName === 'numeric' || typeName === 'integer' || typeName === 'real';
    return { type: sqlTypeOf(typeName, precision, sample), signed };
  }

  decimalScale({ scale }: ResultColumn): number {
    return scale;
  }

  timestampParameter(instant: Instant): unknown {
    return BigInt(instant.epochMs);
  }

  sqlType(field: SinkField): string {
    const { schema } = field;
    if (this.settings.timestampFields.has(field.name) && (schema.type === 'INT64' || schema.type === 'STRING')) return 'NUMERIC';
    switch (schema.name) {
      case DECIMAL_NAME:
      case DATE_NAME:
      case TIME_NAME:
      case TIMESTAMP_NAME:
        return 'NUMERIC';
    }
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
      case 'INT32':
      case 'INT64':
      case 'BOOLEAN':
        return 'INTEGER';
      case 'FLOAT32':
      case 'FLOAT64':
        return 'REAL';
      case 'STRING':
        return 'TEXT';
      case 'BYTES':
        return 'BLOB';
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

  /** SQLite adds one column per statement. */
  alterTable(table: TableId, fields: readonly SinkField[]): string[] {
    return fields.map((field) => `ALTER TABLE ${this.tableName(table)} ADD ${columnSpec(this, field)}`);
  }

  /** SQLite has no sessions: who waits for a lock gives up after `busy_timeout`. */
  async endIdleTransactions(): Promise<void> {}

  async obeysTransactions(): Promise<boolean> {
    return true;
  }

  statement(request: WriteRequest): BatchStatement {
    const { kind, keyFields, nonKeyFields } = request;
    const target = this.tableName(request.table);
    const fields = kind === 'delete' ? keyFields : kind === 'update' ? [...nonKeyFields, ...keyFields] : [...keyFields, ...nonKeyFields];
    const equals = (field: SinkField): string => `${this.columnName(field.name)} = ?`;
    const where = keyFields.length === 0 ? '' : ` WHERE ${keyFields.map(equals).join(' AND ')}`;
    const columns = `(${fields.map((field) => this.columnName(field.name)).join(',')}) VALUES(${fields.map(() => '?').join(',')})`;
    const sql = {
      delete: `DELETE FROM ${target}${where}`,
      update: `UPDATE ${target} SET ${nonKeyFields.map(equals).join(', ')}${where}`,
      insert: `INSERT INTO ${target}${columns}`,
      upsert: `INSERT OR REPLACE INTO ${target}${columns}`,
    }[kind];
    return {
      binders: fields.map((field) => binderOf(field, this.settings)),
      run: async (client, rows) => await client.executeMany(sql, rows),
    };
  }
}

function sqlTypeOf(typeName: string, precision: number, sample: unknown): SqlType {
  const empty = sample === null;
  if (typeof sample === 'bigint' || empty) {
    switch (typeName) {
      case 'boolean':
        return 'BOOLEAN';
      case 'tinyint':
        return 'TINYINT';
      case 'smallint':
      case 'int2':
        return 'SMALLINT';
      case 'bigint':
      case 'int8':
      case 'unsigned big int':
        return 'BIGINT';
      case 'date':
      case 'datetime':
        return 'DATE';
      case 'timestamp':
        return 'TIMESTAMP';
    }
    if (typeof sample === 'bigint') return sample > INT_MAX || sample < -INT_MAX - 1n ? 'BIGINT' : 'INTEGER';
    if (typeName === 'int' || typeName === 'integer' || typeName === 'mediumint') return 'INTEGER';
  }
  if (typeof sample === 'number' || empty) {
    switch (typeName) {
      case 'decimal':
      case 'numeric':
        // Without a size there is no scale to give a Decimal.
        return precision > 0 ? (typeName === 'decimal' ? 'DECIMAL' : 'NUMERIC') : empty ? 'VARCHAR' : 'DOUBLE';
      case 'real':
        return 'REAL';
    }
    if (typeof sample === 'number' || /^(double( precision)?|float)$/.test(typeName)) return 'DOUBLE';
  }
  if (typeof sample === 'string' || empty) {
    if (typeName === 'date' || typeName === 'datetime') return 'DATE';
    if (typeName === 'timestamp') return 'TIMESTAMP';
  }
  if (sample instanceof Uint8Array || (empty && (typeName === 'blob' || typeName === 'binary'))) return 'BINARY';
  return 'VARCHAR';
}

/** Numbers travel as bigint, because `node:sqlite` stores every JavaScript number as REAL. */
function binderOf({ schema, name }: SinkField, settings: SqlSettings): Binder {
  if (settings.timestampFields.has(name) && (schema.type === 'INT64' || schema.type === 'STRING') && schema.name === null) {
    return (value) => BigInt(epochInstant(value, settings.timestampPrecision).epochMs);
  }
  switch (schema.name) {
    case DECIMAL_NAME:
      return (value) => (value as BigDecimal).toString();
    case DATE_NAME:
    case TIME_NAME:
      return (value) => BigInt((value as Date).getTime());
    case TIMESTAMP_NAME:
      return (value) => epochMillisOf(value as Date);
  }
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return (value) => BigInt(value as number);
    case 'BOOLEAN':
      return (value) => (value === true ? 1n : 0n);
    case 'INT64':
    case 'FLOAT32':
    case 'FLOAT64':
    case 'STRING':
    case 'BYTES':
      return (value) => value;
    default:
      return () => {
        throw unsupportedType(schema);
      };
  }
}
