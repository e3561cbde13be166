import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateSource } from '../../../lib/connectors/jdbc/source/validate-source.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import type { Struct } from '../../../lib/core/data/struct.ts';
import type { SourceOffset, SourcePartition } from '../../../lib/core/source-record.ts';
import { createSourceTaskContext, ManualClock } from '../../../lib/testing/task-contexts.ts';
import { startSource } from '../../support/jdbc/drive.ts';
import { mariadbUnavailable, startMariadb, type TestMariadb } from '../../support/mariadb/start-mariadb.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';

const ROWS = 15;
const noMariadb = mariadbUnavailable();
if (noMariadb !== null && process.env.CI === 'true') throw new Error(noMariadb);

/** Three rows share each time; the times lie in the past. */
const INSERTS = Array.from({ length: ROWS }, (_, index) => {
  const second = String(Math.floor(index / 3)).padStart(2, '0');
  return `insert into item (id, ts) values (${index + 1}, '2024-01-01 00:00:${second}')`;
});

/** Ids in the order they came when the task is ended after each record, with only that record's offset committed. */
async function restartedAtEveryRecord(props: ConnectorProps): Promise<number[]> {
  let committed: { partition: SourcePartition; offset: SourceOffset | null } | null = null;
  const ids: number[] = [];
  for (;;) {
    const context = createSourceTaskContext({ clock: new ManualClock(Date.now()), props });
    if (committed !== null) context.commit(committed.partition, committed.offset);
    const { task } = await startSource({ 'batch.max.rows': '4', ...props }, context);
    const seen: number = ids.length;
    let isNew = false;
    while (!isNew) {
      const records = await task.poll();
      if (records === null || records.length === 0) break;
      for (const record of records) {
        const id = Number((record.value as Struct).get('id'));
        isNew = !ids.includes(id);
        ids.push(id);
        committed = { partition: record.sourcePartition as SourcePartition, offset: record.sourceOffset };
        if (isNew) break;
      }
    }
    await task.stop();
    if (!isNew || ids.length === seen) return ids;
  }
}

const MODES: readonly (readonly [string, ConnectorProps])[] = [
  ['incrementing', { mode: 'incrementing', 'incrementing.column.name': 'id' }],
  ['timestamp', { mode: 'timestamp', 'timestamp.column.name': 'ts' }],
  ['timestamp+incrementing', { mode: 'timestamp+incrementing', 'timestamp.column.name': 'ts', 'incrementing.column.name': 'id' }],
  ['incrementing, safe', { mode: 'incrementing', 'incrementing.column.name': 'id', 'lambda.jdbc.safe.reads': 'true' }],
];
const ALL = Array.from({ length: ROWS }, (_, index) => index + 1);

function expectEveryRow(mode: string, ids: readonly number[]): void {
  expect([...new Set(ids)].sort((a, b) => a - b)).toEqual(ALL);
  // Where each row has an offset of its own, none comes twice.
  if (mode !== 'timestamp') expect(ids).toEqual(ALL);
}

describe('PostgreSQL, restarted at every record', () => {
  let server: TestPostgres;

  beforeAll(async () => {
    server = await startPostgres();
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query(`create table item (id int primary key, ts timestamp not null); ${INSERTS.join(';')}`);
    await client.end();
  });

  afterAll(async () => {
    await server?.stop();
  });

  it.each(MODES)('loses nothing: %s', async (mode, props) => {
    const connection = { 'connection.url': server.jdbcUrl, 'connection.user': server.user, 'connection.password': server.password };
    expectEveryRow(mode, await restartedAtEveryRecord({ ...connection, 'table.whitelist': 'item', ...props }));
  });
});

it('names columns by which safe reads would not be safe', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jdbc-validate-'));
  const database = new DatabaseSync(join(folder, 'x.db'));
  database.exec('create table item (id integer primary key, code int not null, ts timestamp)');
  database.close();
  const problems = async (props: ConnectorProps): Promise<string[]> => {
    const all = {
      name: 'x',
      'connection.url': `jdbc:sqlite:${join(folder, 'x.db')}`,
      'topic.prefix': 't-',
      'table.whitelist': 'item',
      ...props,
    };
    const { values } = await validateSource({ ...all, 'lambda.jdbc.safe.reads': 'true' });
    return values.flatMap(({ errorMessages }) => errorMessages);
  };

  expect(await problems({ mode: 'incrementing', 'incrementing.column.name': 'id' })).toEqual([]);
  expect(await problems({ mode: 'incrementing', 'incrementing.column.name': 'code' })).toEqual([
    expect.stringContaining('code is not numbered by the database'),
  ]);
  expect(await problems({ mode: 'timestamp', 'timestamp.column.name': 'ts' })).toEqual([expect.stringContaining('ts may be null')]);
  expect(await problems({ mode: 'bulk' })).toEqual([expect.stringContaining('remove lambda.jdbc.safe.reads')]);
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(noMariadb !== null)(`MariaDB, restarted at every record${noMariadb === null ? '' : ` (skipped: ${noMariadb})`}`, () => {
  let server: TestMariadb;

  beforeAll(async () => {
    server = await startMariadb();
    const connection = await server.connect('test');
    await connection.query(`create table item (id int primary key, ts datetime not null); ${INSERTS.join(';')}`);
    await connection.end();
  });

  afterAll(async () => {
    await server?.stop();
  });

  it.each(MODES.filter(([mode]) => !mode.includes('safe')))('loses nothing: %s', async (mode, props) => {
    const connection = { 'connection.url': server.jdbcUrl, 'connection.user': server.user, 'connection.password': server.password };
    const where = { 'catalog.pattern': 'test', 'table.whitelist': 'item' };
    expectEveryRow(mode, await restartedAtEveryRecord({ ...connection, ...where, ...props }));
  });

  it.each([
    ['a wrong password', { 'connection.password': 'wrong' }, /Access denied for user/],
    ['a database that is not there', { 'connection.url': 'nowhere' }, /Unknown database 'nowhere'/],
    ['a server that is not there', { 'connection.url': 'closed' }, /Communications link failure/],
    [
      'a table without the column',
      { 'incrementing.column.name': 'absent' },
      /Incrementing column: absent does not exist in table '"test"\."item"'/,
    ],
  ])('says what is wrong: %s', async (_, changed: ConnectorProps, message) => {
    const urls: Readonly<Record<string, string>> = {
      nowhere: server.jdbcUrl.replace(/\/test$/, '/nowhere'),
      closed: 'jdbc:mariadb://127.0.0.1:1/test',
    };
    const props = {
      'connection.user': server.user,
      'connection.password': server.password,
      'connection.attempts': '1',
      'catalog.pattern': 'test',
      'table.whitelist': 'item',
      mode: 'incrementing',
      'incrementing.column.name': 'id',
      ...changed,
      'connection.url': urls[changed['connection.url'] ?? ''] ?? server.jdbcUrl,
    };

    await expect(startSource(props)).rejects.toThrow(message);
  });
});

describe('SQLite, restarted at every record', () => {
  it.each(MODES.filter(([mode]) => mode.startsWith('incrementing')))('loses nothing: %s', async (mode, props) => {
    const folder = mkdtempSync(join(tmpdir(), 'jdbc-restart-'));
    const database = new DatabaseSync(join(folder, 'x.db'));
    database.exec(`create table item (id integer primary key, ts text); ${INSERTS.join(';')}`);
    database.close();
    const connection = { 'connection.url': `jdbc:sqlite:${join(folder, 'x.db')}`, 'table.whitelist': 'item' };
    const ids = await restartedAtEveryRecord({ ...connection, ...props });
    rmSync(folder, { recursive: true, force: true });

    expectEveryRow(mode, ids);
  });
});
