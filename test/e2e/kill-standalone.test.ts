import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../lib/local/dynamodb/start-dynamodb.ts';
import { createDynamoDbClient } from '../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { runCli, startCli, waitFor } from '../support/cli/run-cli.ts';
import { testClients } from '../support/kafka/clients.ts';
import { kafkaUnavailable } from '../support/kafka/jars.ts';
import { type RunningKafka, startKafka } from '../support/kafka/start-kafka.ts';
import { startPostgres, type TestPostgres } from '../support/postgres/start-postgres.ts';

const ROWS = 100_000;
const KILLS = 5;
const unavailable = kafkaUnavailable();

describe.skipIf(unavailable !== null)(
  `standalone on PostgreSQL and real Kafka, killed ${KILLS} times${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let kafka: RunningKafka;
    let postgres: TestPostgres;
    let client: pg.Client;
    let cwd: string;

    beforeAll(async () => {
      [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
      client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      await client.query('CREATE SCHEMA target');
      await client.query(
        `CREATE TABLE item AS SELECT i AS id, 'item ' || i AS name, i * 1.5::float8 AS price, (i % 7 = 0) AS rare FROM generate_series(1, ${ROWS}) AS i`,
      );
      await client.query('ALTER TABLE item ADD PRIMARY KEY (id)');
      cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-e2e-'));
      const connection = { 'connection.url': postgres.jdbcUrl, 'connection.user': postgres.user, 'connection.password': postgres.password };
      writeFileSync(
        join(cwd, 'worker.properties'),
        [
          `bootstrap.servers=${kafka.bootstrap}`,
          'key.converter=org.apache.kafka.connect.json.JsonConverter',
          'value.converter=org.apache.kafka.connect.json.JsonConverter',
          'offset.storage.file.filename=offsets',
          'offset.flush.interval.ms=500',
        ].join('\n'),
      );
      writeFileSync(
        join(cwd, 'source.json'),
        JSON.stringify({
          name: 'item-source',
          config: {
            'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
            ...connection,
            mode: 'incrementing',
            'incrementing.column.name': 'id',
            'table.whitelist': 'public.item',
            'topic.prefix': 'e2e-',
            'poll.interval.ms': '500',
          },
        }),
      );
      writeFileSync(
        join(cwd, 'sink.json'),
        JSON.stringify({
          name: 'item-sink',
          config: {
            'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
            ...connection,
            topics: 'e2e-item',
            'table.name.format': 'target.item',
            'insert.mode': 'upsert',
            'pk.mode': 'record_value',
            'pk.fields': 'id',
            'auto.create': 'true',
          },
        }),
      );
    });

    afterAll(async () => {
      await client?.end();
      await postgres?.stop();
      await kafka?.stop();
      if (cwd !== undefined) rmSync(cwd, { recursive: true, force: true });
    });

    const arrived = async (): Promise<number> => {
      const { rows } = await client.query("SELECT to_regclass('target.item') IS NOT NULL AS there");
      if (!rows[0].there) return 0;
      return Number((await client.query('SELECT count(*) AS n FROM target.item')).rows[0].n);
    };

    /** Id of the last row in the topic, once the broker has settled what was on its way. */
    async function lastProduced(): Promise<number> {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const clients = testClients();
      const reader = clients.reader({ 'bootstrap.servers': kafka.bootstrap });
      try {
        const partition = { topic: 'e2e-item', partition: 0 };
        const end = (await reader.endOffsets([partition])).get('e2e-item-0') as number;
        const [fetched] = await reader.fetch([{ ...partition, offset: end - 1 }], { maxWaitMs: 1_000, maxBytes: 1 << 20 });
        return JSON.parse(Buffer.from(fetched?.records.at(-1)?.value as Uint8Array).toString()).payload.id;
      } finally {
        await reader.close();
        await clients.close();
      }
    }

    /** The source offset that the killed process left in its state folder; 0 = none. */
    async function committed(): Promise<number> {
      const dynamoDb = await startDynamoDb({ dir: join(cwd, 'offsets.state', 'dynamodb') });
      const client = createDynamoDbClient({ endpoint: dynamoDb.endpoint, region: dynamoDb.region, credentials: dynamoDb.credentials });
      try {
        const stores = createDynamoDbStores({ client, table: 'serverless-connect-standalone' });
        return Number((await stores.offsets.list('item-source'))[0]?.offset?.incrementing ?? 0);
      } finally {
        client.destroy();
        await dynamoDb.close();
      }
    }

    it('delivers every row, and repeats at most what was not yet committed', async () => {
      const args = ['standalone', 'worker.properties', 'source.json', 'sink.json'];
      let uncommitted = 0;
      for (let kill = 1; kill <= KILLS; kill++) {
        const running = startCli(args, { cwd });
        const before = await arrived();
        // Far enough for some progress, at a moment nobody chose.
        await waitFor(async () => (await arrived()) > before || before === ROWS, running);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
        await running.end('SIGKILL');
        uncommitted += (await lastProduced()) - (await committed());
      }
      const last = startCli(args, { cwd });
      await waitFor(() => last.output().includes('connected to Kafka'), last);
      await waitFor(async () => (await arrived()) === ROWS, last);
      const stoppedAt = Date.now();
      expect(await last.end('SIGTERM')).toBe(0);
      expect(Date.now() - stoppedAt).toBeLessThan(10_000);

      const missing = await client.query('SELECT id, name, price, rare FROM item EXCEPT SELECT id, name, price, rare FROM target.item');
      expect(missing.rowCount).toBe(0);

      const kafkaClients = testClients();
      const reader = kafkaClients.reader({ 'bootstrap.servers': kafka.bootstrap });
      const ends = await reader.endOffsets([{ topic: 'e2e-item', partition: 0 }]);
      await reader.close();
      await kafkaClients.close();
      const produced = ends.get('e2e-item-0') as number;
      expect(produced).toBeGreaterThanOrEqual(ROWS);
      console.log(JSON.stringify({ rows: ROWS, kills: KILLS, produced, repeated: produced - ROWS, uncommitted }));
      // Exactly what was sent after the last committed offset is sent again, at each kill, and nothing else.
      expect(produced - ROWS).toBe(uncommitted);
    });

    it('repeats nothing after a clean stop', async () => {
      const kafkaClients = testClients();
      const reader = kafkaClients.reader({ 'bootstrap.servers': kafka.bootstrap });
      const end = async () => (await reader.endOffsets([{ topic: 'e2e-item', partition: 0 }])).get('e2e-item-0') as number;
      const before = await end();
      await client.query("INSERT INTO item VALUES (1000001, 'late', 1, false)");

      const running = startCli(['standalone', 'worker.properties', 'source.json', 'sink.json'], { cwd });
      await waitFor(async () => (await client.query('SELECT 1 FROM target.item WHERE id = 1000001')).rowCount === 1, running);
      await running.end('SIGTERM');

      expect(await end()).toBe(before + 1);
      await reader.close();
      await kafkaClients.close();
    });

    it('refuses a second process on one state folder, with the pid', async () => {
      const running = startCli(['standalone', 'worker.properties'], { cwd });
      await waitFor(() => running.output().includes('connected to Kafka'), running);

      const second = await runCli(['standalone', 'worker.properties'], { cwd });

      expect(second.code).not.toBe(0);
      expect(second.output).toContain(String(running.child.pid));
      await running.end('SIGTERM');
    });
  },
);
