import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { createSourceTaskContext } from '../../../lib/testing/task-contexts.ts';
import { type DrivenSource, pollAll, startSource, values } from '../../support/jdbc/drive.ts';
import { mariadbUnavailable, rowsOf, startMariadb, type TestMariadb } from '../../support/mariadb/start-mariadb.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';

const WRITERS = 50;
const WRITE_MS = process.env.LONG === '1' ? 60_000 : 8_000;
const LONGEST_TRANSACTION_MS = 3_000;
const noMariadb = mariadbUnavailable();
if (noMariadb !== null && process.env.CI === 'true') throw new Error(noMariadb);

/** One connection of a writer. */
interface Writer {
  run(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

/** Ids that a source gave out, in order. */
async function follow(source: DrivenSource, until: () => boolean): Promise<number[]> {
  const ids: number[] = [];
  while (!until()) {
    ids.push(...values(await pollAll(source), 'id').map(Number));
    await sleep(50);
  }
  ids.push(...values(await pollAll(source), 'id').map(Number));
  await source.task.stop();
  return ids;
}

async function start(props: ConnectorProps): Promise<DrivenSource> {
  const all = { 'poll.interval.ms': '50', 'topic.prefix': 't-', ...props };
  return await startSource(all, createSourceTaskContext({ clock: SYSTEM_CLOCK, props: all }));
}

/** Short and long transactions side by side; each draws its id and its time at the beginning and commits later. */
async function write(connect: () => Promise<Writer>, insert: string): Promise<void> {
  const end = Date.now() + WRITE_MS;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const writer = await connect();
      while (Date.now() < end) {
        await writer.run('begin');
        await writer.run(insert);
        await sleep(Math.random() * LONGEST_TRANSACTION_MS);
        await writer.run('commit');
      }
      await writer.end();
    }),
  );
}

const INCREMENTING = { mode: 'incrementing', 'incrementing.column.name': 'id' };
const TIMESTAMP = { mode: 'timestamp', 'timestamp.column.name': 'ts' };
const SAFE = { 'lambda.jdbc.safe.reads': 'true' };

/** Plain and safe reads of one table at the same time. Answers what each lost, and what came twice from the safe ones. */
async function lossUnder(connection: ConnectorProps, connect: () => Promise<Writer>, insert: string, count: () => Promise<number>) {
  const sources = await Promise.all(
    [INCREMENTING, { ...INCREMENTING, ...SAFE }, TIMESTAMP, { ...TIMESTAMP, ...SAFE }].map((mode) => start({ ...connection, ...mode })),
  );
  let finishedAt = Number.POSITIVE_INFINITY;
  const following = sources.map((source) => follow(source, () => Date.now() > finishedAt + 10_000));
  await write(connect, insert);
  finishedAt = Date.now();
  const rows = await count();
  const lost = [];
  for (const ids of await Promise.all(following)) lost.push({ lost: rows - new Set(ids).size, twice: ids.length - new Set(ids).size });
  console.log(
    `${rows} rows; incrementing lost ${lost[0]?.lost}, safe ${lost[1]?.lost}; timestamp lost ${lost[2]?.lost}, safe ${lost[3]?.lost}`,
  );
  return { rows, incrementing: lost[0]!, safeIncrementing: lost[1]!, timestamp: lost[2]!, safeTimestamp: lost[3]! };
}

function expectNoLoss(loss: Awaited<ReturnType<typeof lossUnder>>): void {
  expect(loss.rows).toBeGreaterThan(100);
  expect(loss.incrementing.lost).toBeGreaterThan(0);
  expect(loss.timestamp.lost).toBeGreaterThan(0);
  expect(loss.safeIncrementing).toEqual({ lost: 0, twice: 0 });
  expect(loss.safeTimestamp).toEqual({ lost: 0, twice: 0 });
}

describe('PostgreSQL under 50 writers', () => {
  let server: TestPostgres;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server?.stop();
  });

  it('loses rows by the plain modes and none by safe reads', async () => {
    const admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query('create table event (id bigserial primary key, ts timestamp not null default now())');
    const loss = await lossUnder(
      {
        'connection.url': server.jdbcUrl,
        'connection.user': server.user,
        'connection.password': server.password,
        'table.whitelist': 'event',
      },
      async () => {
        const client = new pg.Client(server.url);
        await client.connect();
        return { run: (sql) => client.query(sql), end: () => client.end() };
      },
      'insert into event default values',
      async () => Number((await admin.query('select count(*) from event')).rows[0].count),
    );
    await admin.end();

    expectNoLoss(loss);
  });
});

describe.skipIf(noMariadb !== null)(`MariaDB under 50 writers${noMariadb === null ? '' : ` (skipped: ${noMariadb})`}`, () => {
  let server: TestMariadb;

  beforeAll(async () => {
    server = await startMariadb();
  });

  afterAll(async () => {
    await server?.stop();
  });

  it('loses rows by the plain modes and none by safe reads', async () => {
    const admin = await server.connect('test');
    await admin.query('create table event (id bigint auto_increment primary key, ts datetime(3) not null default now(3))');
    const loss = await lossUnder(
      {
        'connection.url': server.jdbcUrl,
        'connection.user': server.user,
        'connection.password': server.password,
        'catalog.pattern': 'test',
        'table.whitelist': 'event',
      },
      async () => {
        const client = await server.connect('test');
        return { run: (sql) => client.query(sql), end: () => client.end() };
      },
      'insert into event () values ()',
      async () => Number((await rowsOf(admin, 'select count(*) as n from event'))[0]?.n),
    );
    await admin.end();

    expectNoLoss(loss);
  });
});

describe('SQLite, where one connection writes at a time', () => {
  it('loses a row with the time of one that was read before, and none by safe reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'safe-reads-'));
    const file = join(folder, 'x.db');
    const database = new DatabaseSync(file);
    database.exec('create table event (id integer primary key, ts timestamp not null)');
    const connection = { 'connection.url': `jdbc:sqlite:${file}`, 'table.whitelist': 'event', ...TIMESTAMP };
    const [plain, safe] = [await start(connection), await start({ ...connection, ...SAFE })];
    const insert = (): number => {
      const second = Math.floor(Date.now() / 1000) * 1000;
      database.prepare('insert into event (ts) values (?)').run(second);
      return second;
    };
    let written = false;
    const following = [plain, safe].map((source) => follow(source, () => written));
    // Two rows of one second, the second of them after the first was read; a busy machine may take several attempts.
    let first = 0;
    do {
      await sleep(1_000 - (Date.now() % 1_000));
      first = insert();
      await sleep(600);
    } while (insert() !== first);
    while (Date.now() < first + 3_500) await sleep(100);
    written = true;
    const [plainIds, safeIds] = await Promise.all(following);
    const rows = database.prepare('select id from event order by id').all();
    database.close();
    rmSync(folder, { recursive: true, force: true });

    expect(plainIds).toHaveLength(rows.length - 1);
    expect(safeIds).toEqual(rows.map(({ id }) => id));
  });
});
