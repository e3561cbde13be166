import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { ConnectTimestamp } from '../../../lib/core/data/logical.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { RetriableException, traceOf } from '../../../lib/core/errors.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { person, startSink, tombstone } from '../../support/jdbc/drive.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';

let server: TestPostgres;
let admin: pg.Client;
let connection: ConnectorProps;

beforeAll(async () => {
  server = await startPostgres();
  connection = { 'connection.url': server.jdbcUrl, 'connection.user': server.user, 'connection.password': server.password };
});

afterAll(async () => {
  await admin?.end().catch(() => undefined);
  await server.stop();
});

beforeEach(async () => {
  await admin?.end().catch(() => undefined);
  admin = new pg.Client(server.url);
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query('drop schema public cascade; create schema public');
});

const upsert = (): ConnectorProps => ({
  ...connection,
  'insert.mode': 'upsert',
  'pk.mode': 'record_key',
  'pk.fields': 'id',
  'delete.enabled': 'true',
  'auto.create': 'true',
  'max.retries': '2',
  'retry.backoff.ms': '10',
});

async function rows(): Promise<unknown[]> {
  return (await admin.query('select id::int, name from people order by id')).rows;
}

describe('JdbcSinkTask on PostgreSQL', () => {
  it('writes many records, the last of each key winning, and deletes', async () => {
    const { task } = startSink({ ...upsert(), 'batch.size': '1000' });
    const records = Array.from({ length: 5000 }, (_, index) => person(index % 50, `v${index}`, index));

    await task.put([...records, tombstone(7, 5000), person(8, 'after', 5001)]);
    await task.stop();

    const found = (await rows()) as { id: number; name: string }[];
    expect(found).toHaveLength(49);
    expect(found.find(({ id }) => id === 8)).toEqual({ id: 8, name: 'after' });
    expect(found.find(({ id }) => id === 9)).toEqual({ id: 9, name: 'v4959' });
  });

  it('puts a batch entirely or not at all', async () => {
    await admin.query("create table people (id int primary key, name text check (name <> 'bad'))");
    const { task, context } = startSink({ ...upsert(), 'max.retries': '0' });

    await expect(task.put([person(1, 'good'), person(2, 'bad')])).rejects.toThrow('java.sql.SQLException: Exception chain:');
    await task.stop();

    expect(await rows()).toEqual([]);
    expect(context.reported).toEqual([]);
  });

  it('reports what is bad one by one, after the retries, and writes the rest', async () => {
    await admin.query("create table people (id int primary key, name text check (name <> 'bad'))");
    const { task, context } = startSink(upsert(), { reporter: 'collect' });
    const batch = [person(1, 'good'), person(2, 'bad'), person(3, 'fine')];

    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(task.put(batch)).rejects.toBeInstanceOf(RetriableException);
      expect(context.timeoutMs).toBe(10);
    }
    await task.put(batch);
    await task.stop();

    expect(await rows()).toEqual([
      { id: 1, name: 'good' },
      { id: 3, name: 'fine' },
    ]);
    expect(context.reported.map(({ record, error }) => [record.kafkaOffset, (error as { javaClass: string }).javaClass])).toEqual([
      [2, 'java.sql.SQLException'],
    ]);
  });

  it('does not try again what can never be written', async () => {
    await admin.query('create table people (id int primary key, name varchar(3))');
    const { task, context } = startSink(upsert(), { reporter: 'collect' });

    await task.put([person(1, 'abc'), person(2, 'too long')]);
    await task.stop();

    expect(await rows()).toEqual([{ id: 1, name: 'abc' }]);
    expect(context.reported.map(({ record }) => record.kafkaOffset)).toEqual([2]);
  });

  it('reports nothing while the database is down, and goes on when it is back', async () => {
    const { task, context } = startSink({ ...upsert(), 'max.retries': '100' }, { reporter: 'collect' });
    await task.put([person(1, 'before')]);

    await server.kill();
    for (let attempt = 0; attempt < 3; attempt++) await expect(task.put([person(2, 'during')])).rejects.toBeInstanceOf(RetriableException);
    await server.restart();
    admin = new pg.Client(server.url);
    admin.on('error', () => undefined);
    await admin.connect();
    await task.put([person(2, 'during')]);
    await task.stop();

    expect(context.reported).toEqual([]);
    expect(await rows()).toEqual([
      { id: 1, name: 'before' },
      { id: 2, name: 'during' },
    ]);
  });

  it('fails, and reports nothing, when an outage outlasts the retries', async () => {
    const props = { ...upsert(), 'connection.url': 'jdbc:postgresql://127.0.0.1:1/none', 'max.retries': '1' };
    const { task, context } = startSink(props, { reporter: 'collect' });

    await expect(task.put([person(1, 'a')])).rejects.toBeInstanceOf(RetriableException);
    await expect(task.put([person(1, 'a')])).rejects.toThrow('Connection to 127.0.0.1:1 refused');
    expect(context.reported).toEqual([]);
  });

  it('writes keys that only the database takes for equal', async () => {
    await admin.query(`create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table people (id bigint, name text collate nocase primary key)`);
    const { task } = startSink({ ...upsert(), 'delete.enabled': 'false', 'pk.mode': 'record_value', 'pk.fields': 'name' });

    await task.put([person(1, 'Ann'), person(2, 'ANN'), person(3, 'Bob')]);
    await task.stop();

    expect(await rows()).toEqual([
      { id: 2, name: 'Ann' },
      { id: 3, name: 'Bob' },
    ]);
  });

  it('writes times into columns of other types as the Java connector does', async () => {
    await admin.query(`create schema other; create domain other.moment as timestamp;
      create table events (a date, b timestamptz, c text, d other.moment, e time)`);
    const at = ConnectTimestamp.builder().optional().build();
    const schema = ['a', 'b', 'c', 'd', 'e'].reduce((builder, name) => builder.field(name, at), SchemaBuilder.struct()).build();
    const value = new Struct(schema);
    for (const { name } of schema.fields!) value.put(name, new Date('2024-02-29T20:00:00.500Z'));
    const { task } = startSink({ ...connection, 'db.timezone': 'Asia/Kolkata' });

    await task.put([new SinkRecord({ topic: 'events', kafkaPartition: 0, kafkaOffset: 0, valueSchema: schema, value })]);
    await task.stop();

    const { rows: found } = await admin
      .query("set timezone = 'UTC'; select a::text, b::text, c, d::text, e::text from events")
      .then((results) => (results as unknown as pg.QueryResult[])[1]!);
    expect(found).toEqual([
      { a: '2024-03-01', b: '2024-02-29 20:00:00.5+00', c: '2024-03-01 01:30:00.5+05:30', d: '2024-03-01 01:30:00.5', e: '01:30:00.5' },
    ]);
    await admin.query('drop schema other cascade');
  });

  it('lets two tasks create the same table at once', async () => {
    const sinks = [startSink(upsert()), startSink(upsert()), startSink(upsert())];

    await Promise.all(sinks.map(async ({ task }, index) => await task.put([person(index, 'x')])));
    await Promise.all(sinks.map(({ task }) => task.stop()));

    expect(await rows()).toHaveLength(3);
  });
});

describe('bad input', () => {
  async function message(attempt: Promise<unknown>): Promise<string> {
    return await attempt.then(
      () => 'nothing was thrown',
      (error: unknown) => traceOf(error),
    );
  }

  it('says that a table has no primary key where upsert needs one', async () => {
    await admin.query('create table people (id bigint, name text)');
    const { task } = startSink({ ...upsert(), 'max.retries': '0' });

    expect(await message(task.put([person(1, 'a')]))).toContain(
      'there is no unique or exclusion constraint matching the ON CONFLICT specification',
    );
    await task.stop();
  });

  it('says that upsert needs key fields', async () => {
    const { task } = startSink({ ...connection, 'insert.mode': 'upsert', 'auto.create': 'true' });

    expect(await message(task.put([person(1, 'a')]))).toContain(
      'in UPSERT mode requires key field names to be known, check the primary key configuration',
    );
    await task.stop();
  });

  it('says that a table is missing', async () => {
    const { task } = startSink({ ...upsert(), 'auto.create': 'false' });

    expect(await message(task.put([person(1, 'a')]))).toContain(
      'TableAlterOrCreateException: Table "postgres"."public"."people" is missing and auto-creation is disabled',
    );
    await task.stop();
  });
});

describe('JdbcSinkTask on SQLite', () => {
  it('takes a locked file for an outage', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jdbc-sink-'));
    const file = join(folder, 'target.db');
    const other = new DatabaseSync(file);
    other.exec('create table people (id integer primary key, name text)');
    const { task, context } = startSink({ ...upsert(), 'connection.url': `jdbc:sqlite:${file}?busy_timeout=20` }, { reporter: 'collect' });

    other.exec('begin immediate');
    await expect(task.put([person(1, 'a')])).rejects.toThrow('SQLITE_BUSY');
    other.exec('commit');
    await task.put([person(1, 'a')]);
    await task.stop();

    expect(other.prepare('select count(*) as n from people').get()).toEqual({ n: 1 });
    expect(context.reported).toEqual([]);
    other.close();
    rmSync(folder, { recursive: true });
  });
});
