/** A value as the client's protocol gives it: PostgreSQL sends texts, SQLite bigint, number, text or bytes. Dialects read them. */
export type RawValue = string | number | bigint | Uint8Array | null;

/** One column of a result, as far as the database tells. */
export interface ResultColumn {
  /** Label: the alias or the name. */
  readonly name: string;
  /** The database's name of the type, lower case and without length; '' where it has none. */
  readonly typeName: string;
  /** 'e' enum, 'c' composite, 'b' base, …; null where the database has no such kinds. */
  readonly typeKind: string | null;
  /** Digits of a number or length of a bit string; 0 = not limited. */
  readonly precision: number;
  readonly scale: number;
  /** False only where the database says NOT NULL. */
  readonly nullable: boolean;
  /** The value in the first row, where the database types values and not columns (SQLite); else absent. */
  readonly sample?: RawValue;
}

/** A small result, whole. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly RawValue[])[];
}

/** A result that is read block by block; never whole in memory. Errors are SqlException. */
export interface RowCursor {
  readonly columns: readonly ResultColumn[];
  /** The next rows, at most the block size; [] = the end. The block after it is fetched meanwhile. */
  next(): Promise<RawValue[][]> | RawValue[][];
  /** Gives up what was not read. Safe to call twice and after the end. */
  close(): Promise<void>;
}

/**
 * One connection to a database: the narrow port behind which each driver stays. Calls never overlap; while a cursor is open only that
 * cursor is used. Every error is a SqlException; after one with `outage` the client is to be closed and a new one opened.
 */
export interface JdbcClient {
  query(sql: string, parameters?: readonly unknown[]): Promise<QueryResult>;
  /** Runs a statement that gives no rows. Answers how many rows it changed. */
  execute(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Runs one statement for many rows of parameters, in order, as fast as the driver can. */
  executeMany(sql: string, rows: readonly (readonly unknown[])[]): Promise<void>;
  /** Runs a query whose rows come in blocks of `blockRows`. */
  openCursor(sql: string, parameters: readonly unknown[], blockRows: number): Promise<RowCursor>;
  /** Begins a transaction; it ends with `commit` or `rollback`. */
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Does nothing outside a transaction. */
  rollback(): Promise<void>;
  close(): Promise<void>;
}

/** How a connection is opened. */
export interface ConnectionSettings {
  readonly url: string;
  readonly user: string | null;
  readonly password: string | null;
  /** `connection.<property>` of the configuration, without the prefix; passed to the driver. */
  readonly properties: Readonly<Record<string, string>>;
  /** `transaction.isolation.mode`; null = the database's default. */
  readonly isolation: string | null;
}
