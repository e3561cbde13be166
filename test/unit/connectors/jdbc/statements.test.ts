import { describe, expect, it } from 'vitest';
import type { JdbcClient } from '../../../../lib/connectors/jdbc/client.ts';
import { chooseDialect } from '../../../../lib/connectors/jdbc/dialects/choose-dialect.ts';
import type { Dialect, WriteKind } from '../../../../lib/connectors/jdbc/dialects/dialect.ts';
import { plainArray, textArray } from '../../../../lib/connectors/jdbc/dialects/postgres-arrays.ts';
import { SinkField } from '../../../../lib/connectors/jdbc/sink/sink-field.ts';
import type { SqlSettings } from '../../../../lib/connectors/jdbc/sql-settings.ts';
import { timeZone } from '../../../../lib/connectors/jdbc/time-zone.ts';
import { Decimal } from '../../../../lib/core/data/decimal.ts';
import { ConnectTimestamp } from '../../../../lib/core/data/logical.ts';
import { SchemaBuilder } from '../../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA, OPTIONAL_STRING_SCHEMA } from '../../../../lib/core/data/schemas.ts';

const SETTINGS: SqlSettings = {
  quote: 'always',
  zone: timeZone('UTC'),
  dateZone: timeZone('UTC'),
  calendar: 'LEGACY',
  timestampFields: new Set(),
  timestampPrecision: 'microseconds',
};
const TABLE = { catalog: null, schema: null, table: 'out' };
const ID = new SinkField(INT64_SCHEMA, 'id', true);
const NAME = new SinkField(OPTIONAL_STRING_SCHEMA, 'name', false);

const postgres = (settings = SETTINGS): Dialect => chooseDialect('jdbc:postgresql://h/d', '', settings);
const sqlite = (settings = SETTINGS): Dialect => chooseDialect('jdbc:sqlite:x.db', '', settings);

/** What a statement sends. */
async function sent(dialect: Dialect, kind: WriteKind, rows: unknown[][]): Promise<unknown[]> {
  const calls: unknown[] = [];
  const client = {
    execute: async (sql: string, parameters: unknown) => calls.push([sql, parameters]),
    executeMany: async (sql: string, many: unknown) => calls.push([sql, many]),
  } as unknown as JdbcClient;
  await dialect.statement({ kind, table: TABLE, definition: null, keyFields: [ID], nonKeyFields: [NAME] }).run(client, rows);
  return calls;
}

describe('PostgresDialect', () => {
  it.each([
    ['insert', 'INSERT INTO "out" ("id","name") SELECT u.c0,u.c1 FROM unnest($1::int8[],$2::varchar[]) AS u(c0,c1)'],
    [
      'upsert',
      'INSERT INTO "out" ("id","name") SELECT u.c0,u.c1 FROM unnest($1::int8[],$2::varchar[]) AS u(c0,c1) ON CONFLICT ("id") DO UPDATE SET "name"=EXCLUDED."name"',
    ],
    ['delete', 'DELETE FROM "out" AS t USING unnest($1::int8[]) AS u(c0) WHERE t."id" = u.c0'],
  ] as const)('writes a batch by one statement: %s', async (kind, sql) => {
    expect(await sent(postgres(), kind, kind === 'delete' ? [[1n]] : [[1n, 'a']])).toEqual([
      [sql, kind === 'delete' ? ['{1}'] : ['{1}', '{"a"}']],
    ]);
  });

  it('updates by key', async () => {
    expect(await sent(postgres(), 'update', [['a', 1n]])).toEqual([
      ['UPDATE "out" AS t SET "name" = u.c0 FROM unnest($1::varchar[],$2::int8[]) AS u(c0,c1) WHERE t."id" = u.c1', ['{"a"}', '{1}']],
    ]);
  });

  it('writes only the last row of a key in an upsert', async () => {
    const [[, parameters]] = (await sent(postgres(), 'upsert', [
      [1n, 'a'],
      [2n, 'b'],
      [1n, null],
    ])) as [[string, string[]]];

    expect(parameters).toEqual(['{2,1}', '{"b",NULL}']);
  });

  it('creates and grows tables', () => {
    const fields = [
      ID,
      NAME,
      new SinkField(SchemaBuilder.string().defaultValue("it's").build(), 'note', false),
      new SinkField(Decimal.schema(2), 'price', false),
      new SinkField(ConnectTimestamp.builder().optional().build(), 'at', false),
    ];

    expect(postgres().createTable(TABLE, fields)).toBe(
      'CREATE TABLE "out" (\n"id" BIGINT NOT NULL,\n"name" TEXT NULL,\n"note" TEXT DEFAULT \'it\'\'s\',\n"price" DECIMAL NOT NULL,\n"at" TIMESTAMP NULL,\nPRIMARY KEY("id"))',
    );
    expect(postgres().alterTable(TABLE, [NAME, ID])).toEqual(['ALTER TABLE "out" ADD "name" TEXT NULL, ADD "id" BIGINT NOT NULL']);
  });

  it('quotes nothing when told so', () => {
    expect(postgres({ ...SETTINGS, quote: 'never' }).createTable(TABLE, [NAME])).toBe('CREATE TABLE out (\nname TEXT NULL)');
  });
});

describe('SqliteDialect', () => {
  it.each([
    ['insert', 'INSERT INTO "out"("id","name") VALUES(?,?)'],
    ['upsert', 'INSERT OR REPLACE INTO "out"("id","name") VALUES(?,?)'],
    ['update', 'UPDATE "out" SET "name" = ? WHERE "id" = ?'],
    ['delete', 'DELETE FROM "out" WHERE "id" = ?'],
  ] as const)('writes row by row in one prepared statement: %s', async (kind, sql) => {
    expect(await sent(sqlite(), kind, [[1n, 'a']])).toEqual([[sql, [[1n, 'a']]]]);
  });

  it('adds one column per statement', () => {
    expect(sqlite().alterTable(TABLE, [NAME, ID])).toEqual([
      'ALTER TABLE "out" ADD "name" TEXT NULL',
      'ALTER TABLE "out" ADD "id" INTEGER NOT NULL',
    ]);
  });
});

describe('chooseDialect', () => {
  it('creates no tables with the generic dialect', () => {
    const generic = chooseDialect('jdbc:postgresql://h/d', 'GenericDatabaseDialect', SETTINGS);

    expect(() => generic.createTable(TABLE, [ID])).toThrow("null (INT64) type doesn't have a mapping to the SQL database column type");
  });

  it('refuses a dialect of another database', () => {
    expect(() => chooseDialect('jdbc:sqlite:x', 'PostgreSqlDatabaseDialect', SETTINGS)).toThrow(
      'the connection.url needs SqliteDatabaseDialect',
    );
  });
});

describe('PostgreSQL array texts', () => {
  it('escape what needs it', () => {
    expect(plainArray([1n, null, true])).toBe('{1,NULL,true}');
    expect(textArray(['a', 'b,"c"', 'd\\e', '', null, 'NULL'])).toBe('{"a","b,\\"c\\"","d\\\\e","",NULL,"NULL"}');
  });
});
