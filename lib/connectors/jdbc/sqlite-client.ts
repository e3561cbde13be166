import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { ConnectionSettings, JdbcClient, QueryResult, RawValue, ResultColumn, RowCursor } from './client.ts';
import { parseConnectionUrl } from './connection-url.ts';
import { SqlException } from './sql-exception.ts';
import { sqliteException } from './sqlite-errors.ts';

/** How long a statement waits for another process's lock; the JDBC driver's default. */
const BUSY_TIMEOUT_MS = 3000;

/** Statements kept prepared per connection. */
const PREPARED_MAX = 50;

/** {@link JdbcClient} for SQLite by `node:sqlite`. The file is created where there is none, as SQLite's JDBC driver does. */
export class SqliteClient implements JdbcClient {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws SqlException where the file cannot be opened. */
  static open(settings: ConnectionSettings): SqliteClient {
    const { location, properties } = parseConnectionUrl(settings.url);
    const options = new Map([...properties, ...Object.entries(settings.properties)]);
    const path = location === '' ? ':memory:' : location.replace(/^file:(?!.*\?)/, '');
    if (path !== ':memory:' && !existsSync(dirname(resolve(path)))) {
      throw new SqlException({
        message: `path to '${path}': '${dirname(resolve(path))}' does not exist`,
        javaClass: 'java.sql.SQLException',
        sqlState: '08001',
        outage: false,
      });
    }
    return attempt(() => {
      const database = new DatabaseSync(path, {
        timeout: Number(options.get('busy_timeout') ?? BUSY_TIMEOUT_MS),
        enableForeignKeyConstraints: options.get('foreign_keys') === 'true',
      });
      const journal = options.get('journal_mode');
      if (journal !== undefined && /^\w+$/.test(journal)) database.exec(`pragma journal_mode = ${journal}`);
      // Opening is lazy: a file that is no database shows only when it is read.
      database.exec('select count(*) from sqlite_master');
      return new SqliteClient(database);
    });
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    if (this.#prepared.size >= PREPARED_MAX) this.#prepared.clear();
    this.#prepared.set(sql, statement);
    return statement;
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult> {
    return attempt(() => {
      const statement = this.#prepare(sql);
      const rows = statement.all(...(parameters as SQLInputValue[])) as unknown as RawValue[][];
      return { columns: statement.columns().map((column) => column.name), rows };
    });
  }

  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return attempt(() => Number(this.#prepare(sql).run(...(parameters as SQLInputValue[])).changes));
  }

  async executeMany(sql: string, rows: readonly (readonly unknown[])[]): Promise<void> {
    attempt(() => {
      const statement = this.#prepare(sql);
      for (const row of rows) statement.run(...(row as SQLInputValue[]));
    });
  }

  async openCursor(sql: string, parameters: readonly unknown[], blockRows: number): Promise<RowCursor> {
    return attempt(() => {
      // A statement of its own: a prepared one would be reset under the cursor, and would not see a changed table.
      const statement = this.#database.prepare(sql);
      statement.setReadBigInts(true);
      statement.setReturnArrays(true);
      const rows = statement.iterate(...(parameters as SQLInputValue[])) as unknown as Iterator<RawValue[]>;
      let ahead = rows.next();
      const first = ahead.done ? null : ahead.value;
      return {
        columns: this.#columns(statement, first),
        next: () =>
          attempt(() => {
            const block: RawValue[][] = [];
            while (block.length < blockRows && !ahead.done) {
              block.push(ahead.value);
              ahead = rows.next();
            }
            return block;
          }),
        close: async () => {
          rows.return?.();
        },
      };
    });
  }

  #columns(statement: StatementSync, first: readonly RawValue[] | null): ResultColumn[] {
    const tables = new Map<string, ReadonlySet<string>>();
    return statement.columns().map((column, index) => {
      const declared = column.type ?? /^cast\(.*?\s+as\s+(.*?)\s*\)/is.exec(column.name)?.[1] ?? 'numeric';
      const size = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(declared);
      return {
        name: column.name,
        typeName: declared.replace(/\(.*$/s, '').trim().toLowerCase(),
        typeKind: null,
        precision: Number(size?.[1] ?? 0),
        scale: Number(size?.[2] ?? 0),
        nullable: !this.#notNullColumns(column.table, tables).has(column.column ?? ''),
        sample: first?.[index] ?? null,
      };
    });
  }

  #notNullColumns(table: string | null, known: Map<string, ReadonlySet<string>>): ReadonlySet<string> {
    if (table === null) return new Set();
    let columns = known.get(table);
    if (columns === undefined) {
      const rows = this.#prepare('select name from pragma_table_xinfo(?) where "notnull" = 1').all(table) as unknown as [string][];
      columns = new Set(rows.map(([name]) => name));
      known.set(table, columns);
    }
    return columns;
  }

  async begin(): Promise<void> {
    attempt(() => this.#database.exec('BEGIN IMMEDIATE'));
  }

  async commit(): Promise<void> {
    attempt(() => this.#database.exec('COMMIT'));
  }

  async rollback(): Promise<void> {
    attempt(() => {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    });
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) attempt(() => this.#database.close());
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteException(error);
  }
}
