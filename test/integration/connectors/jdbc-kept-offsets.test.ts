import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConnectionSettings, JdbcClient } from '../../../lib/connectors/jdbc/client.ts';
import { readKeptOffsets, writeKeptOffsets } from '../../../lib/connectors/jdbc/sink/offsets-by-hand.ts';
import { JdbcSinkTask } from '../../../lib/connectors/jdbc/sink/sink-task.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { FencedException, RetriableException } from '../../../lib/core/errors.ts';
import type { KeptOffset, SinkOwner } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { createSinkTaskContext } from '../../../lib/testing/task-contexts.ts';
import { person } from '../../support/jdbc/drive.ts';
import { mariadbUnavailable, rowsOf, startMariadb, type TestMariadb } from '../../support/mariadb/start-mariadb.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';

/** A process that writes to the database: it is stopped around one of its calls. */
class Process {
  readonly calls: string[] = [];
  readonly #stopAt: number | null;
  readonly #clients: JdbcClient[] = [];
  #frozen: Promise<void> | null = null;
  #thaw: () => void = () => undefined;
  whenStopped: Promise<void>;
  #tell: () => void = () => undefined;

  /** `stopAt` counts the places before and after its calls, from 0. */
  constructor(stopAt: number | null) {
    this.#stopAt = stopAt;
    this.whenStopped = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  own(client: JdbcClient): JdbcClient {
    this.#clients.push(client);
    return new Proxy(client, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          await this.#pass(`before ${String(name)}`);
          const answer = await Promise.resolve()
            .then(() => method.apply(target, args) as unknown)
            .then(
              (value) => () => value,
              (error: unknown) => () => {
                throw error;
              },
            );
          await this.#pass(`after ${String(name)}`);
          return answer();
        };
      },
    });
  }

  async #pass(place: string): Promise<void> {
    this.calls.push(place);
    if (this.calls.length - 1 === this.#stopAt) {
      this.#frozen = new Promise((resolve) => {
        this.#thaw = resolve;
      });
      this.#tell();
    }
    await this.#frozen;
  }

  /** The system closes the connections of a process that is dead. */
  async die(): Promise<void> {
    for (const client of this.#clients) await client.close();
  }

  thaw(): void {
    this.#frozen = null;
    this.#thaw();
  }
}

const inProcess = new AsyncLocalStorage<Process>();

vi.mock('../../../lib/connectors/jdbc/open-client.ts', async (original) => {
  const real = await original<typeof import('../../../lib/connectors/jdbc/open-client.ts')>();
  const openClient = async (settings: ConnectionSettings): Promise<JdbcClient> => {
    const client = await real.openClient(settings);
    return inProcess.getStore()?.own(client) ?? client;
  };
  return { openClient, connect: openClient };
});

interface Database {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  props(): ConnectorProps;
  run(sql: string): Promise<Record<string, unknown>[]>;
}

let postgres: TestPostgres;
let postgresAdmin: pg.Client;
let mariadb: TestMariadb;
let mariadbAdmin: Connection;

const DATABASES: Database[] = [
  {
    name: 'PostgreSQL',
    async start() {
      postgres = await startPostgres();
      postgresAdmin = new pg.Client(postgres.url);
      await postgresAdmin.connect();
    },
    async stop() {
      await postgresAdmin?.end();
      await postgres?.stop();
    },
    props: () => ({ 'connection.url': postgres.jdbcUrl, 'connection.user': postgres.user, 'connection.password': postgres.password }),
    run: async (sql) => (await postgresAdmin.query(sql)).rows as Record<string, unknown>[],
  },
  {
    name: 'MariaDB',
    async start() {
      mariadb = await startMariadb();
      mariadbAdmin = await mariadb.connect('test');
    },
    async stop() {
      await mariadbAdmin?.end();
      await mariadb?.stop();
    },
    props: () => ({ 'connection.url': mariadb.jdbcUrl, 'connection.user': mariadb.user, 'connection.password': mariadb.password }),
    run: async (sql) => (await rowsOf(mariadbAdmin, sql)) as Record<string, unknown>[],
  },
];

const LONG = process.env.LONG === '1';
const unavailable = mariadbUnavailable();
if (unavailable !== null && process.env.CI !== undefined) throw new Error(unavailable);
if (unavailable !== null) console.log(`MariaDB is left out: ${unavailable}`);
const RUN = DATABASES.filter(({ name }) => name !== 'MariaDB' || unavailable === null);

const TP = { topic: 'people', partition: 0 };
const owner = (epoch: number, fence = true): SinkOwner => ({ name: 'task 0', generation: 1, epoch, fence });
const invocation = (number: number): SinkOwner => ({ name: `invocation ${number}`, generation: 1, epoch: null, fence: false });
const keptAfter = (nextOffset: number): KeptOffset[] => [{ ...TP, nextOffset, evidence: '{"delivered":[]}' }];
const people = (from: number, to: number): SinkRecord[] =>
  Array.from({ length: to - from }, (_, index) => person(from + index, `p${from + index}`, from + index));

describe.each(RUN)('offsets kept in $name', (database) => {
  /** Insert mode without a primary key: nothing but the offsets tells a record that comes again. */
  const config = (): ConnectorProps => ({
    ...database.props(),
    name: 'copy',
    'insert.mode': 'insert',
    'pk.mode': 'none',
    'auto.create': 'true',
    'auto.evolve': 'true',
    'max.retries': '40',
    'retry.backoff.ms': '50',
    'lambda.jdbc.watermark.table': 'sink_offsets',
    'lambda.lease.ms': '1000',
  });

  beforeAll(async () => {
    await database.start();
  }, 120_000);
  afterAll(async () => {
    await database.stop();
  });

  async function fresh(): Promise<void> {
    await database.run('drop table if exists people');
    await database.run('drop table if exists sink_offsets');
  }

  function start(props: ConnectorProps = config(), reporter?: 'collect') {
    const context = createSinkTaskContext({ clock: realClock, ...(reporter === undefined ? {} : { reporter }) });
    const task = new JdbcSinkTask();
    task.initialize(context);
    task.start(props);
    return { task, context };
  }

  async function written(): Promise<number[]> {
    const rows = await database.run('select id from people order by id').catch(() => []);
    return rows.map(({ id }) => Number(id));
  }

  /** What a runner does with a task: goes on behind what the target has, in puts of three. Ends quietly where the partitions are lost. */
  async function moveAll(by: SinkOwner, until: number): Promise<'done' | 'lost'> {
    const { task } = start();
    try {
      const found = await task.takeOffsets([TP], by);
      let at = found?.get('people-0')?.nextOffset ?? 0;
      while (at < until) {
        const to = Math.min(at + 3, until);
        await putAgain(task, people(at, to), keptAfter(to));
        at = to;
      }
      return 'done';
    } catch (error) {
      if (error instanceof FencedException) return 'lost';
      throw error;
    } finally {
      await task.stop();
    }
  }

  it('writes each record once wherever a task is killed', async () => {
    await fresh();
    const whole = new Process(null);
    expect(await inProcess.run(whole, () => moveAll(owner(1), 9))).toBe('done');
    expect(await written()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const places = whole.calls.length;
    expect(places).toBeGreaterThan(40);
    console.log(JSON.stringify({ database: database.name, crashPoints: places }));

    // Creating tables takes MariaDB most of a second on a busy machine.
    const step = LONG || database.name === 'PostgreSQL' ? 1 : 3;
    for (let stopAt = 0; stopAt < places; stopAt += step) {
      await fresh();
      const dying = new Process(stopAt);
      const first = inProcess.run(dying, () => moveAll(owner(1), 9)).catch(() => 'failed');
      await Promise.race([dying.whenStopped, first]);
      await dying.die();
      expect(await moveAll(owner(2), 9)).toBe('done');
      expect(await written(), `killed ${whole.calls[stopAt]} (${stopAt})`).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
  }, 600_000);

  it('writes each record once wherever a task stands still beyond its lease and wakes up', async () => {
    await fresh();
    const whole = new Process(null);
    await inProcess.run(whole, () => moveAll(owner(1), 6));
    // A transaction that stands still keeps its locks for a lease, which is waited for: a third of the places is enough for each run.
    const step = LONG ? 1 : 3;
    for (let stopAt = 0; stopAt < whole.calls.length; stopAt += step) {
      await fresh();
      const zombie = new Process(stopAt);
      const first = inProcess.run(zombie, () => moveAll(owner(1), 6)).catch((error: unknown) => error);
      await Promise.race([zombie.whenStopped, first]);
      expect(await moveAll(owner(2), 9)).toBe('done');
      zombie.thaw();
      await first;
      expect(await written(), `frozen ${whole.calls[stopAt]} (${stopAt})`).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
  }, 600_000);

  it('lets only the first of two invocations without lease write', async () => {
    await fresh();
    expect(await moveAll(invocation(1), 3)).toBe('done');
    const [a, b] = [start(), start()];
    await a.task.takeOffsets([TP], invocation(2));
    await b.task.takeOffsets([TP], invocation(3));

    await a.task.put(people(3, 6), keptAfter(6));
    await expect(b.task.put(people(3, 6), keptAfter(6))).rejects.toBeInstanceOf(FencedException);
    await Promise.all([a.task.stop(), b.task.stop()]);

    expect(await written()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('trims a batch that begins below what is kept, and goes back only when it is told so', async () => {
    await fresh();
    const { task } = start();
    await task.takeOffsets([TP], owner(1));
    await task.put(people(0, 4), keptAfter(4));
    await task.put(people(2, 6), keptAfter(6));
    expect(await written()).toEqual([0, 1, 2, 3, 4, 5]);

    await task.put([], keptAfter(4));
    await task.put(people(4, 7), keptAfter(7));
    await task.stop();

    expect(await written()).toEqual([0, 1, 2, 3, 4, 4, 5, 5, 6]);
    expect(await readKeptOffsets(config())).toMatchObject([{ ...TP, nextOffset: 7 }]);
  });

  it('commits no part of a batch when a table must be created or grown in the middle of it', async () => {
    await fresh();
    const other = { ...config(), 'table.name.format': '${topic}' };
    const { task } = start(other);
    await task.takeOffsets([TP], owner(1));
    await task.put(people(0, 2), keptAfter(2));
    await database.run('drop table people');
    // The definition that is remembered is of a table that is gone: the first attempt fails whole.
    await putAgain(task, people(2, 5), keptAfter(5));
    await task.stop();

    expect(await written()).toEqual([2, 3, 4]);
    expect(await readKeptOffsets(config())).toMatchObject([{ nextOffset: 5 }]);
  });

  it('reports bad records and keeps what was written beside them', async () => {
    await fresh();
    await database.run("create table people (id bigint, name varchar(20) check (name <> 'p3'))");
    const { task, context } = start({ ...config(), 'max.retries': '0' }, 'collect');
    await task.takeOffsets([TP], owner(1));
    await task.put(people(0, 6), keptAfter(6));
    await task.put(people(4, 8), keptAfter(8));
    await task.stop();

    expect(await written()).toEqual([0, 1, 2, 4, 5, 6, 7]);
    expect(context.reported.map(({ record }) => record.kafkaOffset)).toEqual([3]);
  });

  it('is reset by hand, and whoever read the offsets before can write no more', async () => {
    await fresh();
    const { task } = start();
    await task.takeOffsets([TP], owner(1));
    await task.put(people(0, 3), keptAfter(3));

    await writeKeptOffsets(config(), [{ ...TP, nextOffset: -1, evidence: '{"delivered":[],"groupAt":3}' }]);

    await expect(task.put(people(3, 6), keptAfter(6))).rejects.toBeInstanceOf(FencedException);
    await task.stop();
    const next = start();
    const found = await next.task.takeOffsets([TP], { ...owner(2), generation: 2 });
    await next.task.put(people(0, 2), keptAfter(2));
    await next.task.stop();
    expect(found?.get('people-0')).toMatchObject({ nextOffset: -1, evidence: '{"delivered":[],"groupAt":3}' });
    expect(await written()).toEqual([0, 0, 1, 1, 2]);
  });

  it('refuses an older owner, and a table that is not ours', async () => {
    await fresh();
    const { task } = start();
    await task.takeOffsets([TP], owner(5));
    const older = start();
    await expect(older.task.takeOffsets([TP], owner(4))).rejects.toThrow('sink_offsets');
    await expect(older.task.takeOffsets([TP], owner(4))).rejects.toBeInstanceOf(FencedException);
    await Promise.all([task.stop(), older.task.stop()]);

    await fresh();
    await database.run('create table sink_offsets (id int)');
    const strange = start();
    await expect(strange.task.takeOffsets([TP], owner(1))).rejects.toThrow(
      'lambda.jdbc.watermark.table=sink_offsets names a table without the columns connector, kafka_topic',
    );
    await strange.task.stop();
  });
});

describe.runIf(unavailable === null)('a table of MariaDB without transactions', () => {
  const maria = DATABASES[1] as Database;
  beforeAll(async () => {
    await maria.start();
  }, 120_000);
  afterAll(async () => {
    await maria.stop();
  });

  it('is refused', async () => {
    await maria.run('create table people (id bigint, name varchar(20)) engine=MyISAM');
    const task = new JdbcSinkTask();
    task.initialize(createSinkTaskContext({ clock: realClock }));
    task.start({ ...maria.props(), name: 'copy', 'lambda.jdbc.watermark.table': 'sink_offsets' });
    await task.takeOffsets([TP], owner(1));

    await expect(task.put(people(0, 1), keptAfter(1))).rejects.toThrow('does not obey transactions (its engine is not InnoDB)');
    await task.stop();
  });
});

const realClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

/** As the runtime: the identical batch again after a RetriableException. */
async function putAgain(task: JdbcSinkTask, records: readonly SinkRecord[], kept: readonly KeptOffset[]): Promise<void> {
  for (;;) {
    try {
      return await task.put(records, kept);
    } catch (error) {
      if (!(error instanceof RetriableException)) throw error;
      await realClock.sleep(50);
    }
  }
}
