import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { rowsOf, type TestMariadb } from '../../support/mariadb/start-mariadb.ts';
import type { TestPostgres } from '../../support/postgres/start-postgres.ts';
import { byText, type JdbcCase, type Json } from './jdbc-case.ts';

/** A database of its own for one case. */
export interface CaseDatabase {
  readonly name: string;
  readonly config: Record<string, string>;
  run(statements: readonly string[]): Promise<void>;
  /** Columns and rows as the cases write them; null = no such table. */
  table(name: string): Promise<Json>;
  close(): Promise<void>;
}

/** Servers for the cases; null = there is none here, and no case asks for it. */
export interface CaseServers {
  readonly postgres: TestPostgres;
  readonly mariadb: TestMariadb | null;
}

export async function openCaseDatabase(
  kind: JdbcCase['database'],
  name: string,
  { postgres, mariadb }: CaseServers,
): Promise<CaseDatabase> {
  switch (kind) {
    case 'postgres':
      return await openPostgres(name, postgres);
    case 'mysql':
      return await openMariadb(name, mariadb as TestMariadb);
    case 'sqlite':
      return openSqlite(name);
  }
}

async function openMariadb(name: string, server: TestMariadb): Promise<CaseDatabase> {
  const connection = await server.connect();
  await connection.query(`create database ${name} character set utf8mb4`);
  await connection.changeUser({ database: name });
  const quote = (text: string): string => `\`${text.replaceAll('`', '``')}\``;
  return {
    name,
    config: {
      'connection.url': server.jdbcUrl.replace(/\/test$/, `/${name}`),
      'connection.user': server.user,
      'connection.password': server.password,
    },
    async run(statements) {
      // Each list in a session as it begins: a case may change its modes.
      const own = await server.connect(name);
      for (const statement of statements) await own.query(statement);
      await own.end();
    },
    async table(table) {
      const columns = (await rowsOf(connection, MYSQL_COLUMNS, [name, table])).map((column) => ({
        name: column.name as string,
        type: column.type as string,
        nullable: column.nullable === 'YES',
        default: column.dflt as string | null,
        pk: Number(column.pk),
      }));
      if (columns.length === 0) return null;
      const values = columns.map(({ name: column, type }) => {
        if (/blob|binary/.test(type)) return `hex(${quote(column)})`;
        return type.startsWith('bit') ? `cast(${quote(column)}+0 as char)` : `cast(${quote(column)} as char)`;
      });
      const [rows] = await connection.query({ sql: `select ${values.join(',')} from ${quote(table)}`, rowsAsArray: true });
      return { columns, rows: (rows as unknown as Json[]).sort(byText) };
    },
    async close() {
      await connection.query(`drop database if exists ${name}`);
      await connection.end();
    },
  };
}

const MYSQL_COLUMNS = `
  select column_name as name, column_type as type, is_nullable as nullable, column_default as dflt,
    coalesce((select k.ordinal_position from information_schema.key_column_usage k where k.table_schema = c.table_schema
      and k.table_name = c.table_name and k.column_name = c.column_name and k.constraint_name = 'PRIMARY'), 0) as pk
  from information_schema.columns c where table_schema = ? and table_name = ? order by ordinal_position`;

async function openPostgres(name: string, server: TestPostgres): Promise<CaseDatabase> {
  const administrator = new pg.Client(server.url);
  await administrator.connect();
  await administrator.query(`create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`);
  const client = new pg.Client(server.url.replace(/\/postgres$/, `/${name}`));
  // `drop database … with (force)` ends connections.
  client.on('error', () => undefined);
  await client.connect();
  return {
    name,
    config: {
      'connection.url': server.jdbcUrl.replace(/\/postgres$/, `/${name}`),
      'connection.user': server.user,
      'connection.password': server.password,
    },
    async run(statements) {
      for (const statement of statements) await client.query(statement);
    },
    async table(table) {
      const [schema, relation] = table.includes('.') ? table.split('.') : ['public', table];
      const { rows: columns } = await client.query(COLUMNS, [schema, relation]);
      if (columns.length === 0) return null;
      const values = columns.map((column) => `${pg.escapeIdentifier(column.name)}::text`).join(',');
      const { rows } = await client.query({
        text: `select ${values} from ${pg.escapeIdentifier(schema!)}.${pg.escapeIdentifier(relation!)}`,
        rowMode: 'array',
      });
      return { columns, rows: rows.sort(byText) };
    },
    async close() {
      await client.end();
      await administrator.query(`drop database if exists ${name} with (force)`);
      await administrator.end();
    },
  };
}

const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
    pg_get_expr(d.adbin, d.adrelid) as default,
    coalesce((select array_position(i.indkey::int2[], a.attnum) + 1 from pg_index i where i.indrelid = a.attrelid and i.indisprimary), 0) as pk
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped order by a.attnum`;

function openSqlite(name: string): CaseDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'jdbc-case-'));
  const file = join(folder, `${name}.db`);
  const database = new DatabaseSync(file, { timeout: 8000 });
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  return {
    name: file,
    config: { 'connection.url': `jdbc:sqlite:${file}` },
    async run(statements) {
      for (const statement of statements) database.exec(statement);
    },
    async table(table) {
      const columns = database
        .prepare('select name, type, "notnull" = 0 as nullable, dflt_value as "default", pk from pragma_table_info(?)')
        .all(table)
        .map((column) => ({ ...column, nullable: column.nullable === 1 })) as unknown as { name: string; [key: string]: Json }[];
      if (columns.length === 0) return null;
      const rows = database
        .prepare(`select json_array(${columns.map((column) => `quote(${quote(column.name)})`).join(',')}) as row from ${quote(table)}`)
        .all()
        .map((row) => JSON.parse(row.row as string) as Json);
      return { columns, rows: rows.sort(byText) };
    },
    async close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
