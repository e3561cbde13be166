import type { JdbcClient, RawValue, ResultColumn } from '../client.ts';
import type { Instant } from '../instant.ts';
import type { SinkField } from '../sink/sink-field.ts';
import type { SqlSettings } from '../sql-settings.ts';
import type { IdentifierRules, TableId } from '../table-id.ts';

/** Types of java.sql.Types that can become fields; OTHER = a column that is left out. */
export type SqlType =
  | 'BOOLEAN'
  | 'TINYINT'
  | 'SMALLINT'
  | 'INTEGER'
  | 'BIGINT'
  | 'REAL'
  | 'DOUBLE'
  | 'NUMERIC'
  | 'DECIMAL'
  | 'VARCHAR'
  | 'BINARY'
  | 'DATE'
  | 'TIME'
  | 'TIMESTAMP'
  | 'OTHER';

/** A column's type as JDBC sees it. */
export interface ColumnType {
  readonly type: SqlType;
  /** Unsigned integers take the next larger Connect type. */
  readonly signed: boolean;
}

/** How the raw values of a database are read. Each throws SqlException where the value is none of that type. */
export interface ValueReader {
  /** A whole number; a fraction is cut off. `name` and the limits are for the message. */
  integer(raw: RawValue, name: string, min: number, max: number): number;
  long(raw: RawValue): bigint;
  double(raw: RawValue): number;
  boolean(raw: RawValue): boolean;
  text(raw: RawValue): string;
  bytes(raw: RawValue): Uint8Array;
  /** The digits as a decimal text, without exponent where the database gives none. */
  decimal(raw: RawValue): string;
  /** Midnight UTC of the date, ms. */
  date(raw: RawValue, settings: SqlSettings): number;
  /** Milliseconds since the epoch of that time on 1970-01-01 in the settings' zone. */
  time(raw: RawValue, settings: SqlSettings): number;
  /** The value of a Timestamp field. */
  timestamp(raw: RawValue, settings: SqlSettings): Date;
  instant(raw: RawValue, settings: SqlSettings): Instant;
}

/** A column of a table, as its definition says. */
export interface ColumnDefinition {
  readonly name: string;
  /** Lower case, without length. */
  readonly typeName: string;
  readonly nullable: boolean;
  readonly primaryKey: boolean;
  readonly autoIncrement: boolean;
}

/** A table as it stands in the database. */
export interface TableDefinition {
  readonly type: string;
  readonly columns: ReadonlyMap<string, ColumnDefinition>;
}

/** Which tables are looked for. */
export interface TableFilter {
  /** `table.types`, upper case. */
  readonly types: readonly string[];
  /** LIKE patterns; null = any. */
  readonly catalogPattern: string | null;
  readonly schemaPattern: string | null;
}

/** What is to be done with a batch of records. */
export type WriteKind = 'insert' | 'upsert' | 'update' | 'delete';

/** Turns a value of one field into what the driver takes; never called with null. */
export type Binder = (value: unknown) => unknown;

/** A statement that writes many records at once. */
export interface BatchStatement {
  /** One per column, in the order of the values of a row: key fields first for `delete` and last for `update`, as {@link WriteRequest}. */
  readonly binders: readonly Binder[];
  /** Writes rows of bound values, in order. Throws SqlException; the caller's transaction is then broken. */
  run(client: JdbcClient, rows: readonly (readonly unknown[])[]): Promise<void>;
}

/** The records a statement is built for. */
export interface WriteRequest {
  readonly kind: WriteKind;
  readonly table: TableId;
  /** null where the table's definition is not known. */
  readonly definition: TableDefinition | null;
  readonly keyFields: readonly SinkField[];
  readonly nonKeyFields: readonly SinkField[];
}

/** Everything that differs between databases: identifiers, metadata, types and statements. One file per database. */
export interface Dialect {
  /** Confluent's name, as `dialect.name` takes it. */
  readonly name: string;
  readonly identifiers: IdentifierRules;
  readonly values: ValueReader;
  parseTable(text: string): TableId;
  /** The table as a FROM clause wants it, quoted as `quote.sql.identifiers` says. */
  tableName(table: TableId): string;
  columnName(column: string, table?: TableId): string;
  placeholder(index: number): string;
  /** The same for a 64-bit number: a column of another kind is then refused by the database. */
  integerPlaceholder(index: number): string;

  tableIds(client: JdbcClient, filter: TableFilter): Promise<TableId[]>;
  /** null = no such table of these types. */
  describeTable(client: JdbcClient, table: TableId, types: readonly string[]): Promise<TableDefinition | null>;
  /** Catalog and schema a bare table name stands for; null where the database has none. */
  currentSchema(client: JdbcClient): Promise<{ catalog: string | null; schema: string | null }>;
  currentTime(client: JdbcClient): Promise<Instant>;
  /**
   * Transactions of other sessions that may still write to this database, by names that do not come again; null = this user may not see
   * them, or this server does not know them (a replica); 'ask later' = not now.
   */
  openTransactions(client: JdbcClient): Promise<readonly string[] | 'ask later' | null>;
  /** How often it makes sense to ask for them. */
  readonly transactionsLookMs: number;
  /** How long it may take until a transaction that has begun shows in {@link Dialect.openTransactions}. */
  readonly transactionsShowAfterMs: number;

  columnType(column: ResultColumn): ColumnType;
  /** Scale of a Decimal schema for a column. */
  decimalScale(column: ResultColumn): number;
  timestampParameter(instant: Instant, settings: SqlSettings): unknown;

  /** Column type for `auto.create`. Throws ConnectException where there is none. */
  sqlType(field: SinkField): string;
  defaultLiteral(field: SinkField): string;
  alterTable(table: TableId, fields: readonly SinkField[]): string[];
  createTable(table: TableId, fields: readonly SinkField[]): string;
  /** Ends a CREATE TABLE whose texts are compared exactly and whose rows obey transactions. */
  readonly exactTableOptions: string;
  /** Has the server end this session's transactions that stand still so long, where it can: a frozen process must not keep its locks. */
  endIdleTransactions(client: JdbcClient, afterMs: number): Promise<void>;
  /** False = what was written to this table stays after a rollback. */
  obeysTransactions(client: JdbcClient, table: TableId): Promise<boolean>;
  statement(request: WriteRequest): BatchStatement;
}
