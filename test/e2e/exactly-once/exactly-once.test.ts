import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Target, targets, titleOf } from '../../integration/broker/targets.ts';
import { waitFor } from '../../support/cli/run-cli.ts';
import { readAll, testClients } from '../../support/kafka/clients.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';
import { exchange } from '../../support/rest/replay.ts';
import { startCluster, type TestWorker, type WorkerCluster } from '../../support/worker/worker-cluster.ts';

const LONG = process.env.LONG === '1';
const ROWS = LONG ? 60_000 : 6_000;
const KILLS = LONG ? 12 : 2;
const LEASE_MS = 5_000;
const TOPIC = 'eos-item';
const CONNECTOR = 'item-source';
const TRANSACTIONAL_ID = `test-${CONNECTOR}-0`;

/** Exactly-once delivery counts on real Kafka only; the embedded broker is judged in the long profile. */
const judged = targets.map((kind) => (LONG || kind.name.startsWith('Apache') ? kind : { ...kind, unavailable: 'only with LONG=1' }));

for (const kind of judged) {
  describe.skipIf(kind.unavailable !== null)(`an exactly-once JDBC source on ${titleOf(kind)}`, () => {
    let broker: Target;
    let postgres: TestPostgres;
    let client: pg.Client;
    let cluster: WorkerCluster;
    let file: string;
    const clients = testClients();

    beforeAll(async () => {
      [broker, postgres] = await Promise.all([kind.start(), startPostgres()]);
      client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`CREATE TABLE item AS SELECT i AS id, 'item ' || i AS name FROM generate_series(1, ${ROWS}) AS i`);
      await client.query('ALTER TABLE item ADD PRIMARY KEY (id)');
      cluster = await startCluster({
        kafka: broker,
        worker: ['heartbeat.interval.ms=500', 'session.timeout.ms=2000', 'value.converter=org.apache.kafka.connect.json.JsonConverter'],
      });
      file = cluster.file('source.json', {
        name: CONNECTOR,
        config: {
          'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
          'connection.url': postgres.jdbcUrl,
          'connection.user': postgres.user,
          'connection.password': postgres.password,
          mode: 'incrementing',
          'incrementing.column.name': 'id',
          'table.whitelist': 'public.item',
          'topic.prefix': 'eos-',
          'poll.interval.ms': '200',
          'batch.max.rows': '50',
          'exactly.once.support': 'required',
          'lambda.lease.ms': String(LEASE_MS),
        },
      });
    });

    afterAll(async () => {
      await cluster?.close();
      await client?.end();
      await clients.close();
      await postgres?.stop();
      await broker?.stop();
    });

    /** Ids as a `read_committed` consumer gets them, in order. */
    async function committed(): Promise<number[]> {
      const reader = clients.reader({ 'bootstrap.servers': broker.bootstrap, 'isolation.level': 'read_committed' });
      const admin = clients.admin({ 'bootstrap.servers': broker.bootstrap });
      try {
        if (!(await admin.describeTopics([TOPIC])).has(TOPIC)) return [];
        return (await readAll(reader, TOPIC)).map(({ value }) => JSON.parse(Buffer.from(value as Uint8Array).toString()).payload.id);
      } finally {
        await admin.close();
        await reader.close();
      }
    }

    const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);
    const arrived = (count: number, running: TestWorker) => waitFor(async () => (await committed()).length >= count, running);

    it(`delivers every row once and in order through ${KILLS} kills`, async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const worker = await cluster.start([file]);
        const before = (await committed()).length;
        // Far enough for some progress, at a moment nobody chose.
        await waitFor(async () => before === ROWS || (await committed()).length > before, worker);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
        await worker.end('SIGKILL');
      }
      const last = await cluster.start([file]);
      await arrived(ROWS, last);
      expect(await last.end('SIGTERM')).toBe(0);
      expect(await committed()).toEqual(upTo(ROWS));
    });

    it('refuses what a frozen worker had in hand when it wakes up', async () => {
      const frozen = await cluster.start([file]);
      await waitFor(async () => (await cluster.status(frozen.base, CONNECTOR)).tasks[0]?.state === 'RUNNING', frozen);
      await client.query(`INSERT INTO item SELECT i, 'item ' || i FROM generate_series(${ROWS + 1}, ${ROWS + 2_000}) AS i`);
      await arrived(ROWS + 1, frozen);
      frozen.child.kill('SIGSTOP');
      const successor = await cluster.start([file]);
      await arrived(ROWS + 2_000, successor);
      frozen.child.kill('SIGCONT');
      await client.query(`INSERT INTO item SELECT i, 'item ' || i FROM generate_series(${ROWS + 2_001}, ${ROWS + 2_100}) AS i`);
      await arrived(ROWS + 2_100, successor);
      await Promise.all([frozen.end('SIGTERM'), successor.end('SIGTERM')]);
      expect(await committed()).toEqual(upTo(ROWS + 2_100));
    });

    it('goes on when the offsets of its group were deleted while it was idle', async () => {
      const admin = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteGroups([TRANSACTIONAL_ID]);
      await admin.disconnect();
      const total = ROWS + 2_200;
      await client.query(`INSERT INTO item SELECT i, 'item ' || i FROM generate_series(${ROWS + 2_101}, ${total}) AS i`);
      const worker = await cluster.start([file]);
      await arrived(total, worker);
      expect(await cluster.status(worker.base, CONNECTOR)).toMatchObject({ delivery: 'exactly-once', tasks: [{ state: 'RUNNING' }] });
      expect(await worker.end('SIGTERM')).toBe(0);
      expect(await committed()).toEqual(upTo(total));
    });

    it('is fenced before its offsets are altered, and goes on from what was set', async () => {
      const worker = await cluster.start([file]);
      await waitFor(async () => (await cluster.status(worker.base, CONNECTOR)).tasks[0]?.state === 'RUNNING', worker);
      // the zombie of an older process: it has records in hand that must not appear behind the offsets set by hand
      const zombie = clients.transactionalProducer(TRANSACTIONAL_ID, { 'bootstrap.servers': broker.bootstrap });
      await exchange(worker.base, { method: 'PUT', path: `/connectors/${CONNECTOR}/stop` });
      await zombie.fence();
      zombie.begin();
      await zombie.send([
        { topic: TOPIC, partition: 0, key: null, value: Buffer.from('{"payload":{"id":-1}}'), timestamp: null, headers: [] },
      ]);
      const before = (await committed()).length;
      const listed = (await exchange(worker.base, { method: 'GET', path: `/connectors/${CONNECTOR}/offsets` })).body as {
        offsets: { partition: object; offset: object }[];
      };
      const altered = await exchange(worker.base, {
        method: 'PATCH',
        path: `/connectors/${CONNECTOR}/offsets`,
        headers: { 'content-type': 'application/json' },
        body: { offsets: [{ partition: listed.offsets[0]?.partition, offset: { incrementing: ROWS + 2_199 } }] },
      });
      expect(altered).toMatchObject({ status: 200 });
      await expect(zombie.commit()).rejects.toMatchObject({ code: 'producer-fenced' });
      await zombie.close();
      await exchange(worker.base, { method: 'PUT', path: `/connectors/${CONNECTOR}/resume` });
      await arrived(before + 1, worker);
      expect((await committed()).slice(before)).toEqual([ROWS + 2_200]);
      expect(await worker.end('SIGTERM')).toBe(0);
    });
  });
}
