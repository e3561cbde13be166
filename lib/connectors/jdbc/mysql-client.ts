import mysql, { type Connection, type ConnectionOptions, type FieldPacket } from 'mysql2';
import type { ConnectionSettings, JdbcClient, QueryResult, RawValue, ResultColumn, RowCursor } from './client.ts';
import { parseConnectionUrl } from './connection-url.ts';
import { mysqlColumn } from './mysql-columns.ts';
import { MysqlCursor } from './mysql-cursor.ts';
import { mysqlException } from './mysql-errors.ts';
import { mysqlText, withParameters } from './mysql-literals.ts';
import { mysqlTls } from './mysql-tls.ts';

const DEFAULT_PORT = 3306;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long the server waits while rows are not taken: as MySQL's JDBC driver asks for when it streams (`netTimeoutForStreamingResults`). */
const STREAMING_TIMEOUT_S = 600;

type Cell = Buffer | null;

/** {@link JdbcClient} for MySQL and MariaDB by `mysql2`. Text protocol, every value as the bytes the server sent: nothing is rounded. */
export class MysqlClient implements JdbcClient {
  readonly #connection: Connection;
  readonly #server: string;
  readonly #zeroDatesAreNull: boolean;
  #cursor: MysqlCursor | null = null;
  #inTransaction = false;

  private constructor(connection: Connection, server: string, zeroDatesAreNull: boolean) {
    this.#connection = connection;
    this.#server = server;
    this.#zeroDatesAreNull = zeroDatesAreNull;
  }

  /** Tries each host of the URL. Throws the SqlException of the last. */
  static async open(settings: ConnectionSettings): Promise<MysqlClient> {
    const { location, properties } = parseConnectionUrl(settings.url);
    const match = /^(?:[\w-]+:)?\/\/([^/]*)\/?(.*)$/s.exec(location);
    const options = new Map([...properties, ...Object.entries(settings.properties)]);
    const hosts = (match?.[1] || 'localhost').split(',');
    for (const [index, host] of hosts.entries()) {
      const [, name = 'localhost', port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
      const server = `${name}:${port ?? DEFAULT_PORT}`;
      try {
        const connection = await connectWithTls(
          {
            host: (name || 'localhost').replace(/^\[|\]$/g, ''),
            port: Number(port ?? DEFAULT_PORT),
            user: settings.user ?? options.get('user') ?? '',
            password: settings.password ?? options.get('password') ?? '',
            ...(match?.[2] ? { database: decodeURIComponent(match[2]) } : {}),
            connectTimeout: Number(options.get('connectTimeout') ?? 0) || CONNECT_TIMEOUT_MS,
            charset: 'utf8mb4',
          },
          options,
        );
        const zeroDatesAreNull = /^convert_?to_?null$/i.test(options.get('zeroDateTimeBehavior') ?? '');
        const client = new MysqlClient(connection, server, zeroDatesAreNull);
        await client.#prepareSession(options, settings.isolation);
        return client;
      } catch (error) {
        if (index === hosts.length - 1) throw mysqlException(error, server);
      }
    }
    throw mysqlException(new Error('no host in connection.url'), settings.url);
  }

  /** As MySQL's JDBC driver: strict about truncation; the session's time zone is only changed on request. */
  async #prepareSession(options: ReadonlyMap<string, string>, isolation: string | null): Promise<void> {
    const mode = "REPLACE(@@session.sql_mode, 'NO_BACKSLASH_ESCAPES', '')";
    const strict = options.get('jdbcCompliantTruncation') === 'false' ? mode : `CONCAT(${mode}, ',STRICT_TRANS_TABLES')`;
    const assignments = [`SESSION sql_mode = ${strict}`, `SESSION net_write_timeout = ${STREAMING_TIMEOUT_S}`];
    const zone = options.get('connectionTimeZone') ?? options.get('serverTimezone') ?? options.get('timezone');
    if (zone !== undefined && options.get('forceConnectionTimeZoneToSession') === 'true') {
      assignments.push(`SESSION time_zone = ${mysqlText(zone)}`);
    }
    for (const variable of options.get('sessionVariables')?.split(/[,;]/) ?? []) {
      if (/^\s*@{0,2}[\w.]+\s*=/.test(variable)) assignments.push(variable);
    }
    await this.execute(`SET ${assignments.join(', ')}`);
    if (isolation !== null) await this.execute(`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation.replaceAll('_', ' ')}`);
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult> {
    const { rows, fields } = await this.#run(withParameters(sql, parameters));
    const columns = fields.map(mysqlColumn);
    const read = this.#rowReader(columns);
    return { columns: columns.map(({ name }) => name), rows: (rows as Cell[][]).map(read) };
  }

  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.#run(withParameters(sql, parameters));
    return (rows as { affectedRows?: number }).affectedRows ?? 0;
  }

  async executeMany(sql: string, rows: readonly (readonly unknown[])[]): Promise<void> {
    for (const row of rows) await this.execute(sql, row);
  }

  #run(sql: string): Promise<{ rows: unknown; fields: FieldPacket[] }> {
    return new Promise((resolve, reject) => {
      this.#connection.query({ sql, rowsAsArray: true, typeCast: false }, (error, rows, fields) => {
        if (error !== null) reject(mysqlException(error, this.#server));
        else resolve({ rows, fields: fields ?? [] });
      });
    });
  }

  async openCursor(sql: string, parameters: readonly unknown[], blockRows: number): Promise<RowCursor> {
    const cursor = new MysqlCursor(this.#connection, withParameters(sql, parameters), blockRows);
    const failed = (error: unknown): never => {
      throw mysqlException(error, this.#server);
    };
    const columns = (await cursor.opened().catch(failed)).map(mysqlColumn);
    const read = this.#rowReader(columns);
    this.#cursor = cursor;
    return {
      columns,
      next: () =>
        cursor.next().then(
          (rows) => rows.map(read),
          (error: unknown) => failed(error),
        ),
      close: async () => {
        await cursor.close();
        this.#cursor = null;
      },
    };
  }

  /** Binary columns stay bytes, everything else is a text. */
  #rowReader(columns: readonly ResultColumn[]): (row: readonly Cell[]) => RawValue[] {
    const kinds = columns.map(({ typeName }) => {
      if (BINARY_TYPES.includes(typeName)) return 'bytes';
      return this.#zeroDatesAreNull && DATE_TYPES.includes(typeName) ? 'date' : 'text';
    });
    return (row) => {
      const values = new Array<RawValue>(row.length);
      for (let index = 0; index < row.length; index++) {
        const cell = row[index] as Cell;
        if (cell === null) values[index] = null;
        else if (kinds[index] === 'bytes') values[index] = Buffer.from(cell);
        else {
          const text = cell.toString('utf8');
          values[index] = kinds[index] === 'date' && text.startsWith('0000-00-00') ? null : text;
        }
      }
      return values;
    };
  }

  async begin(): Promise<void> {
    await this.execute('START TRANSACTION');
    this.#inTransaction = true;
  }

  async commit(): Promise<void> {
    this.#inTransaction = false;
    await this.execute('COMMIT');
  }

  async rollback(): Promise<void> {
    if (!this.#inTransaction) return;
    this.#inTransaction = false;
    await this.execute('ROLLBACK');
  }

  /** Where rows were not read, the connection is cut: the server would send all of them first. */
  async close(): Promise<void> {
    if (this.#cursor !== null) return this.#connection.destroy();
    await new Promise<void>((resolve) => this.#connection.end(() => resolve()));
  }
}

const BINARY_TYPES: readonly string[] = ['bit', 'binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'geometry', 'vector'];
const DATE_TYPES: readonly string[] = ['date', 'datetime', 'timestamp'];

async function connectWithTls(config: ConnectionOptions, options: ReadonlyMap<string, string>): Promise<Connection> {
  const tls = mysqlTls(options);
  if (tls === null) return await connected(config);
  try {
    return await connected({ ...config, ssl: tls.options });
  } catch (error) {
    if (!tls.required && (error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT') return await connected(config);
    throw error;
  }
}

function connected(config: ConnectionOptions): Promise<Connection> {
  const connection = mysql.createConnection(config);
  return new Promise((resolve, reject) => {
    // A connection that breaks between two statements is noticed by the next one; without a listener it would end the process.
    connection.on('error', () => undefined);
    connection.connect((error) => {
      if (error === null || error === undefined) return resolve(connection);
      connection.destroy();
      reject(error);
    });
  });
}
