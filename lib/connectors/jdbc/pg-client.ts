import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { ConnectionSettings, JdbcClient, QueryResult, RawValue, ResultColumn, RowCursor } from './client.ts';
import { parseConnectionUrl } from './connection-url.ts';
import { PgCursor, type PgField } from './pg-cursor.ts';
import { pgException } from './pg-errors.ts';

/** So that values come as texts in one format whatever the server's settings; dialects/postgres-values.ts reads these. */
const SESSION = "SET DateStyle = ISO; SET TimeZone = 'UTC'; SET bytea_output = hex; SET extra_float_digits = 3; SET lc_monetary = 'C'";

const DEFAULT_PORT = 5432;
const NO_SSL = 'The server does not support SSL connections';

/** Every value as the text the server sent. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

interface PgType {
  readonly name: string;
  readonly kind: string;
}

/** {@link JdbcClient} for PostgreSQL by `pg`. */
export class PgClient implements JdbcClient {
  readonly #client: pg.Client;
  readonly #server: string;
  readonly #types = new Map<number, PgType>();
  /** Whether a column is NOT NULL, by `table oid.column number`; like PostgreSQL's JDBC driver this asks once per connection. */
  readonly #notNull = new Map<string, boolean>();
  readonly #statements = new Map<string, string>();
  #inTransaction = false;

  private constructor(client: pg.Client, server: string) {
    this.#client = client;
    this.#server = server;
  }

  /** Tries each host of the URL. Throws the SqlException of the last. */
  static async open(settings: ConnectionSettings): Promise<PgClient> {
    const { location, properties } = parseConnectionUrl(settings.url);
    const match = /^(?:\/\/([^/]*))?\/?(.*)$/s.exec(location)!;
    const options = new Map([...properties, ...Object.entries(settings.properties)]);
    const user = settings.user ?? options.get('user');
    const password = settings.password ?? options.get('password');
    const database = decodeURIComponent(match[2]!) || user || 'postgres';
    const hosts = (match[1] || 'localhost').split(',');
    for (const [index, host] of hosts.entries()) {
      const { name, port } = hostAndPort(host);
      const server = `${name}:${port}`;
      const config: pg.ClientConfig = {
        host: name,
        port,
        user,
        password: password ?? '',
        database,
        application_name: options.get('ApplicationName') ?? 'serverless-connect',
        options: options.get('options'),
        keepAlive: true,
        connectionTimeoutMillis: Number(options.get('connectTimeout') ?? 10) * 1000,
        query_timeout: Number(options.get('socketTimeout') ?? 0) * 1000 || undefined,
      };
      try {
        const client = new PgClient(await connectWithSsl(config, options), server);
        await client.#prepareSession(options.get('currentSchema'), settings.isolation);
        return client;
      } catch (error) {
        if (index === hosts.length - 1) throw pgException(error, server);
      }
    }
    throw pgException(new Error('no host in connection.url'), settings.url);
  }

  async #prepareSession(currentSchema: string | undefined, isolation: string | null): Promise<void> {
    const level =
      isolation === null ? '' : `; SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL ${isolation.replaceAll('_', ' ')}`;
    const path = currentSchema === undefined ? '' : `; SET search_path = ${currentSchema.split(',').map(pg.escapeIdentifier).join(', ')}`;
    await this.#client.query(SESSION + path + level);
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult> {
    try {
      const result = await this.#client.query<RawValue[]>({ text: sql, values: [...parameters], rowMode: 'array', types: AS_TEXT });
      return { columns: result.fields.map((field) => field.name), rows: result.rows };
    } catch (error) {
      throw pgException(error, this.#server);
    }
  }

  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    try {
      const name = parameters.length === 0 ? undefined : this.#statementName(sql);
      return (await this.#client.query({ text: sql, values: parameters as unknown[], name })).rowCount ?? 0;
    } catch (error) {
      throw pgException(error, this.#server);
    }
  }

  async executeMany(sql: string, rows: readonly (readonly unknown[])[]): Promise<void> {
    for (const row of rows) await this.execute(sql, row);
  }

  /** Statements with parameters are prepared once per connection. */
  #statementName(sql: string): string {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const name = `sc_${this.#statements.size}`;
    this.#statements.set(sql, name);
    return name;
  }

  async openCursor(sql: string, parameters: readonly unknown[], blockRows: number): Promise<RowCursor> {
    try {
      for (;;) {
        const cursor = this.#client.query(new PgCursor(sql, parameters.map(asText), blockRows));
        const fields = await cursor.opened().catch(async (error: unknown) => {
          await cursor.close();
          throw error;
        });
        const unknown = fields.filter((field) => !this.#isKnown(field));
        if (unknown.length === 0)
          return this.#rowCursor(
            cursor,
            fields.map((field) => this.#column(field)),
          );
        // The connection is the cursor's alone while it is open, so the first time the columns are looked up in between.
        await cursor.close();
        await this.#describe(unknown);
      }
    } catch (error) {
      throw pgException(error, this.#server);
    }
  }

  #rowCursor(cursor: PgCursor, columns: readonly ResultColumn[]): RowCursor {
    return {
      columns,
      next: () =>
        cursor.next().catch((error: unknown) => {
          throw pgException(error, this.#server);
        }),
      close: () => cursor.close(),
    };
  }

  #isKnown(field: PgField): boolean {
    return this.#types.has(field.dataTypeID) && (field.tableID === 0 || this.#notNull.has(`${field.tableID}.${field.columnID}`));
  }

  async #describe(fields: readonly PgField[]): Promise<void> {
    const typeIds = [...new Set(fields.map((field) => field.dataTypeID))];
    const types = await this.query(`select oid, typname, typtype from pg_catalog.pg_type where oid in (${typeIds.join(',')})`);
    for (const id of typeIds) this.#types.set(id, { name: 'unknown', kind: 'b' });
    for (const [oid, name, kind] of types.rows as string[][]) this.#types.set(Number(oid), { name: name!, kind: kind! });
    const tables = [...new Set(fields.map((field) => field.tableID))].filter((id) => id !== 0);
    if (tables.length === 0) return;
    for (const field of fields) this.#notNull.set(`${field.tableID}.${field.columnID}`, false);
    const columns = await this.query(
      `select a.attrelid, a.attnum, a.attnotnull or (t.typtype = 'd' and t.typnotnull)
       from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
       where a.attnum > 0 and a.attrelid in (${tables.join(',')})`,
    );
    for (const [table, number, notNull] of columns.rows) this.#notNull.set(`${table}.${number}`, notNull === 't');
  }

  #column(field: PgField): ResultColumn {
    const type = this.#types.get(field.dataTypeID)!;
    const { precision, scale } = sizeOf(type.name, field.dataTypeModifier);
    const nullable = field.tableID === 0 || !this.#notNull.get(`${field.tableID}.${field.columnID}`);
    return { name: field.name, typeName: type.name, typeKind: type.kind, precision, scale, nullable };
  }

  async begin(): Promise<void> {
    await this.execute('BEGIN');
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

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

function hostAndPort(text: string): { name: string; port: number } {
  const match = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(text);
  return { name: (match?.[1] || 'localhost').replace(/^\[|\]$/g, ''), port: Number(match?.[2] ?? DEFAULT_PORT) };
}

function asText(parameter: unknown): string | null {
  return parameter === null ? null : String(parameter);
}

/** Digits or bits and scale out of a type modifier (PostgreSQL, utils/adt/numeric.c, varbit.c). */
function sizeOf(typeName: string, modifier: number): { precision: number; scale: number } {
  if (modifier < 0) return { precision: typeName === 'bool' ? 1 : 0, scale: 0 };
  switch (typeName) {
    case 'numeric': {
      const packed = modifier - 4;
      const scale = packed & 0x7ff;
      return { precision: packed >>> 16, scale: scale >= 1024 ? scale - 2048 : scale };
    }
    case 'bit':
    case 'varbit':
      return { precision: modifier, scale: 0 };
    case 'bpchar':
    case 'varchar':
      return { precision: modifier - 4, scale: 0 };
    default:
      return { precision: 0, scale: 0 };
  }
}

/** `sslmode` as PostgreSQL's JDBC driver reads it: by default SSL where the server has it, without looking at its certificate. */
async function connectWithSsl(config: pg.ClientConfig, options: ReadonlyMap<string, string>): Promise<pg.Client> {
  const mode = options.get('sslmode') ?? (/^(true|)$/.test(options.get('ssl') ?? 'false') ? 'verify-full' : 'prefer');
  if (mode === 'disable' || mode === 'allow') return await connected({ ...config, ssl: false });
  const verify = mode === 'verify-ca' || mode === 'verify-full';
  const file = (key: string): string | undefined => (options.has(key) ? readFileSync(options.get(key)!, 'utf8') : undefined);
  const ssl = {
    rejectUnauthorized: verify,
    ca: file('sslrootcert'),
    cert: file('sslcert'),
    key: file('sslkey'),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
  try {
    return await connected({ ...config, ssl });
  } catch (error) {
    if (mode === 'prefer' && (error as Error).message === NO_SSL) return await connected({ ...config, ssl: false });
    throw error;
  }
}

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  // A connection that breaks between two statements is noticed by the next one; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
