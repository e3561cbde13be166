import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JdbcSourceConnector } from '../../../lib/connectors/jdbc/source/source-connector.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { traceOf } from '../../../lib/core/errors.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { createConnectorContext, createSourceTaskContext, ManualClock } from '../../../lib/testing/task-contexts.ts';
import { pollAll, startSource, values } from '../../support/jdbc/drive.ts';
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

const incrementing = (): ConnectorProps => ({
  ...connection,
  mode: 'incrementing',
  'incrementing.column.name': 'id',
  'table.whitelist': 't',
});

async function message(attempt: Promise<unknown>): Promise<string> {
  return await attempt.then(
    () => 'nothing was thrown',
    (error: unknown) => traceOf(error).replace(/^\tat .*\n/gm, ''),
  );
}

describe('JdbcSourceTask on PostgreSQL', () => {
  it('streams a table block by block', async () => {
    await admin.query(
      `create table t (id int primary key, v text); insert into t select i, repeat('x', 100) from generate_series(1, 5000) i`,
    );
    const source = await startSource({ ...incrementing(), 'batch.max.rows': '700' });

    const first = await source.task.poll();
    const rest = await pollAll(source);
    await source.task.stop();

    expect(first).toHaveLength(700);
    expect(values([...first!, ...rest], 'id')).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
    expect(source.context.isCaughtUp).toBe(true);
  });

  it('asks again only after poll.interval.ms', async () => {
    await admin.query('create table t (id int primary key); insert into t values (1)');
    const source = await startSource({ ...incrementing(), 'poll.interval.ms': '2000' });
    const before = source.clock.now();

    expect(values(await pollAll(source), 'id')).toEqual([1]);
    await admin.query('insert into t values (2)');
    expect(await pollAll(source)).toEqual([]);
    expect(source.context.pollAgainAtMs).toBe(before + 2000);
    source.clock.advance(2000);
    expect(values(await pollAll(source), 'id')).toEqual([2]);
    await source.task.stop();
  });

  it('does not read a whole table again before its time, even in a new task', async () => {
    await admin.query('create table t (id int primary key); insert into t values (1)');
    const bulk = { ...connection, mode: 'bulk', 'table.whitelist': 't', 'poll.interval.ms': '60000' };
    const clock = new ManualClock(Date.now());
    const first = await startSource(bulk, undefined, clock);
    expect(await pollAll(first)).toHaveLength(1);
    await first.task.stop();

    const second = await startSource(bulk, first.context, clock);
    expect(await pollAll(second)).toEqual([]);
    expect(second.context.isCaughtUp).toBe(true);
    clock.advance(60_000);
    expect(await pollAll(second)).toHaveLength(1);
    await second.task.stop();
  });

  describe.each([
    ['incrementing', { 'incrementing.column.name': 'id' }],
    ['timestamp', { 'timestamp.column.name': 'ts' }],
    ['timestamp+incrementing', { 'incrementing.column.name': 'id', 'timestamp.column.name': 'ts' }],
  ])('in mode %s, stopped after every record', (mode, columns) => {
    it('loses nothing', async () => {
      await admin.query(`create table t (id int primary key, ts timestamp not null);
        insert into t select i, '2024-01-01'::timestamp + (i / 3) * interval '1 microsecond' from generate_series(1, 12) i`);
      const props = { ...connection, ...columns, mode, 'table.whitelist': 't', 'batch.max.rows': '4' };
      const all = values(await pollAll(await startSource(props)), 'id');
      expect(all).toHaveLength(12);

      for (let stopAfter = 1; stopAfter <= 12; stopAfter++) {
        const context = createSourceTaskContext({ clock: SYSTEM_CLOCK });
        const first = await startSource(props, context);
        const before = (await pollAll(first)).slice(0, stopAfter);
        await first.task.stop();
        const last = before.at(-1)!;
        context.commit(last.sourcePartition!, last.sourceOffset);
        const second = await startSource(props, context);
        const after = await pollAll(second);
        await second.task.stop();

        const seen = new Set([...values(before, 'id'), ...values(after, 'id')]);
        expect(
          [...seen].sort((a, b) => Number(a) - Number(b)),
          `stopped after ${stopAfter}`,
        ).toEqual(all);
      }
    });
  });

  it('goes on where it was when the server went away in between', async () => {
    await admin.query(`create table t (id int primary key); insert into t select generate_series(1, 3000)`);
    const source = await startSource({ ...incrementing(), 'connection.backoff.ms': '10' });
    const first = await source.task.poll();

    await server.kill();
    // What was fetched ahead is given out, then the loss is noticed.
    const ahead = values(await pollAll(source), 'id');
    await server.restart();
    source.clock.advance(10_000);
    const rest = values(await pollAll(source), 'id');
    await source.task.stop();

    expect([...values(first!, 'id'), ...ahead, ...rest]).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  });

  it('waits between attempts when every query is cancelled, instead of asking on and on', async () => {
    await admin.query(`create table t (id int primary key); insert into t values (1);
      create view slow as select id, pg_sleep(0.5)::text from t`);
    const source = await startSource({
      ...incrementing(),
      'connection.url': `${server.jdbcUrl}?options=-c%20statement_timeout%3D200`,
      'table.types': 'VIEW',
      'table.whitelist': 'slow',
      'validate.non.null': 'false',
    });

    expect(await pollAll(source)).toEqual([]);
    await source.task.stop();

    expect(source.context.pollAgainAtMs).toBe(source.clock.now() + 5000);
    expect(source.context.isCaughtUp).toBe(false);
  });

  it('finds new tables and asks for new tasks', async () => {
    await admin.query('create table a (id int primary key)');
    const context = createConnectorContext({ clock: SYSTEM_CLOCK });
    const connector = new JdbcSourceConnector();
    connector.initialize(context);
    await connector.start({ ...connection, name: 's', 'topic.prefix': 't-', mode: 'bulk', 'table.poll.interval.ms': '20' });
    const before = await connector.taskConfigs(3);

    await admin.query('create table b (id int primary key)');
    await expect.poll(() => context.reconfigurations).toBeGreaterThan(0);
    const after = await connector.taskConfigs(3);
    await connector.stop();

    expect(before.map(({ tables }) => tables)).toEqual(['"public"."a"']);
    expect(after.map(({ tables }) => tables)).toEqual(['"public"."a"', '"public"."b"']);
  });
});

describe('bad input', () => {
  it('names a database that cannot be reached', async () => {
    const props = { ...incrementing(), 'connection.url': 'jdbc:postgresql://127.0.0.1:1/none', 'connection.attempts': '1' };

    expect(await message(startSource(props))).toContain(
      'org.postgresql.util.PSQLException: Connection to 127.0.0.1:1 refused. Check that the hostname',
    );
  });

  it('names a wrong password, without showing it', async () => {
    const text = await message(startSource({ ...incrementing(), 'connection.password': 'wr0ng-secret' }));

    expect(text).toContain('FATAL: password authentication failed for user "postgres"');
    expect(text).not.toContain('wr0ng-secret');
  });

  it('names a missing database', async () => {
    const url = server.jdbcUrl.replace(/\/postgres$/, '/nowhere');

    expect(await message(startSource({ ...incrementing(), 'connection.url': url }))).toContain('FATAL: database "nowhere" does not exist');
  });

  it('says that no table matches', async () => {
    expect(await message(startSource(incrementing()))).toContain(
      'Task is being killed because it was not assigned a table nor a query to execute',
    );
  });

  it('fails when a table is gone, after a few attempts', async () => {
    await admin.query('create table t (id int primary key)');
    const source = await startSource(incrementing());
    await pollAll(source);
    await admin.query('drop table t');

    let text = '';
    for (let attempt = 0; attempt < 10 && text === ''; attempt++) {
      source.clock.advance(5000);
      text = await pollAll(source).then(
        () => '',
        (error: unknown) => traceOf(error),
      );
    }
    await source.task.stop();

    expect(text).toContain('Failed to query table after retries');
    expect(text).toContain('ERROR: relation "public.t" does not exist');
  });

  it('names the column of a value that cannot be converted', async () => {
    await admin.query("create table t (id int primary key, amount numeric(8,2)); insert into t values (1, 'NaN')");
    const source = await startSource(incrementing());

    expect(await message(pollAll(source))).toContain("Bad value for type BigDecimal : NaN (column 'amount')");
    await source.task.stop();
  });

  it('refuses a table without an auto-incrementing column where none is named', async () => {
    await admin.query('create table t (id int primary key)');

    expect(await message(startSource({ ...incrementing(), 'incrementing.column.name': '' }))).toContain(
      'table "public"."t" has no auto-incrementing column; name one in incrementing.column.name',
    );
  });
});

describe('JdbcSourceTask on SQLite', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jdbc-source-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads integers of 64 bits exactly, and every kind of value', async () => {
    const file = join(folder, 'values.db');
    const database = new DatabaseSync(file);
    database.exec(`create table t (id integer primary key, big bigint, price decimal(10,2), data blob, at timestamp);
      insert into t values (1, 9223372036854775807, 12.5, x'00ff', '2024-02-29T12:34:56.789Z')`);
    const source = await startSource({
      'connection.url': `jdbc:sqlite:${file}`,
      mode: 'incrementing',
      'incrementing.column.name': 'id',
      'table.whitelist': 't',
    });

    const [record] = await pollAll(source);
    await source.task.stop();
    database.close();

    expect(String(record!.value)).toContain('big=9223372036854775807,price=12.50');
    expect(values([record!], 'at')).toEqual([new Date('2024-02-29T12:34:56.789Z')]);
    expect(values([record!], 'data')).toEqual([new Uint8Array([0, 255])]);
  });

  it('names a folder that does not exist', async () => {
    const props = { 'connection.url': `jdbc:sqlite:${folder}/no/such/file.db`, mode: 'bulk', 'table.whitelist': 't' };

    expect(await message(startSource(props))).toContain(`'${folder}/no/such' does not exist`);
  });
});
