/** A worker with a source and a sink, while each part that it needs is away in turn: nothing lost, nothing in the dead letter queue, no help needed. */

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalDynamoDb, startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { type StateProxy, startStateProxy } from '../../support/chaos/state-proxy.ts';
import { waitFor } from '../../support/cli/run-cli.ts';
import { readAll, testClients } from '../../support/kafka/clients.ts';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { type RunningKafka, startKafka } from '../../support/kafka/start-kafka.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';
import { startCluster, type TestWorker, type WorkerCluster } from '../../support/worker/worker-cluster.ts';

const AWAY_MS = 30_000;
const DEAD_LETTERS = 'dead-letters';
const unavailable = process.env.LONG === '1' ? kafkaUnavailable() : 'minutes long, of the long profile: LONG=1';

describe.skipIf(unavailable !== null)(`outages of ${AWAY_MS / 1_000} s${unavailable === null ? '' : ` (skipped: ${unavailable})`}`, () => {
  let kafka: RunningKafka;
  let postgres: TestPostgres;
  let dynamoDb: LocalDynamoDb;
  let table: StateProxy;
  let cluster: WorkerCluster;
  let worker: TestWorker;
  let inserted = 0;

  const query = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const insert = async (rows: number) => {
    await query(`INSERT INTO rows SELECT g, 'row ' || g FROM generate_series(${inserted + 1}, ${inserted + rows}) g`);
    inserted += rows;
  };
  const copied = async () => Number((await query('SELECT count(*) AS n FROM copies'))[0]?.n);

  beforeAll(async () => {
    [kafka, postgres, dynamoDb] = await Promise.all([startKafka(), startPostgres(), startDynamoDb()]);
    // The longest delay each time.
    table = await startStateProxy(dynamoDb.endpoint, () => 0.999);
    await query('CREATE TABLE rows (id bigint PRIMARY KEY, name text NOT NULL); CREATE TABLE copies (id bigint PRIMARY KEY, name text)');
    cluster = await startCluster({
      kafka: { bootstrap: kafka.bootstrap },
      dynamoDb: { endpoint: table.endpoint },
      worker: ['value.converter=org.apache.kafka.connect.json.JsonConverter'],
    });
    const connection = {
      'connection.url': postgres.jdbcUrl,
      'connection.user': postgres.user,
      'connection.password': postgres.password,
      'connection.attempts': '1000',
      'connection.backoff.ms': '300',
      'lambda.lease.ms': '5000',
    };
    const source = cluster.file('source.json', {
      name: 'source',
      config: {
        'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
        ...connection,
        mode: 'incrementing',
        'incrementing.column.name': 'id',
        'table.whitelist': 'public.rows',
        'topic.prefix': 'outage-',
        'poll.interval.ms': '100',
      },
    });
    const sink = cluster.file('sink.json', {
      name: 'sink',
      config: {
        'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
        ...connection,
        topics: 'outage-rows',
        'table.name.format': 'copies',
        'insert.mode': 'upsert',
        'pk.mode': 'record_value',
        'pk.fields': 'id',
        'max.retries': '1000',
        'retry.backoff.ms': '300',
        'errors.tolerance': 'all',
        'errors.deadletterqueue.topic.name': DEAD_LETTERS,
        'errors.deadletterqueue.topic.replication.factor': '1',
      },
    });
    worker = await cluster.start([source, sink]);
  }, 180_000);
  afterAll(async () => {
    await cluster?.close();
    await table?.close();
    await Promise.all([kafka?.stop(), postgres?.stop(), dynamoDb?.close()]);
  }, 60_000);

  /** How each part goes away, and comes back. Rows are inserted while it is away, unless it is the database. */
  const outages: [string, () => void | Promise<void>, () => void | Promise<void>, boolean][] = [
    ['Kafka is frozen', () => void process.kill(kafka.pid, 'SIGSTOP'), () => void process.kill(kafka.pid, 'SIGCONT'), true],
    ['the table throttles every call', () => set({ throttled: 1 }), () => set({ throttled: 0 }), true],
    ['the table answers after 5 s', () => set({ delayMs: 5_000 }), () => set({ delayMs: 0 }), true],
    ['the table cuts every connection', () => set({ cut: 1 }), () => set({ cut: 0 }), true],
    ['the databases are down', () => postgres.kill(), () => postgres.restart(), false],
  ];
  const set = (faults: Partial<StateProxy['faults']>): void => {
    Object.assign(table.faults, faults);
  };

  it.each(outages)('%s', { timeout: 240_000 }, async (_, leave, comeBack, canInsert) => {
    await insert(50);
    await waitFor(async () => (await copied()) === inserted, worker);
    await insert(20);
    await leave();
    try {
      if (canInsert) await insert(30);
      // The outage itself, whose length is what is tested.
      await sleep(AWAY_MS);
    } finally {
      await comeBack();
    }
    await insert(50);
    await waitFor(async () => (await copied()) === inserted, worker);
    for (const name of ['source', 'sink']) {
      const { tasks } = await cluster.status(worker.base, name);
      expect(tasks.map(({ state }) => state)).not.toContain('FAILED');
    }
  });

  it('leave no good record in the dead letter queue', async () => {
    const clients = testClients();
    const reader = clients.reader({ 'bootstrap.servers': kafka.bootstrap });
    expect(await readAll(reader, DEAD_LETTERS)).toEqual([]);
    await reader.close();
    await clients.close();
  });
});
