import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { testClients } from '../../test/support/kafka/clients.ts';
import { kafkaUnavailable } from '../../test/support/kafka/jars.ts';
import { startKafka } from '../../test/support/kafka/start-kafka.ts';
import { startPostgres } from '../../test/support/postgres/start-postgres.ts';
import { runStandalone } from '../standalone-run.ts';

const ROWS = 300_000;
type Line = Readonly<Record<string, unknown>>;

const worker = (bootstrap: string) => `bootstrap.servers=${bootstrap}
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename=offsets
`;

/** PostgreSQL → JSON without schemas → real Kafka, beside a naive loop that does the same without any guarantee. */
export async function jdbcSourceScenario(): Promise<Line[]> {
  const unavailable = kafkaUnavailable();
  if (unavailable !== null) return [{ skipped: unavailable }];
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  const clients = testClients();
  const reader = clients.reader({ 'bootstrap.servers': kafka.bootstrap });
  try {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(
      `CREATE TABLE orders AS SELECT i AS id, 'customer ' || i % 1000 AS customer, i * 1.25::float8 AS amount, i % 3 = 0 AS paid, 'a note about order ' || i AS note,
       timestamp '2024-01-01' + i * interval '1 second' AS ordered_at, i % 100 AS quantity FROM generate_series(1, ${ROWS}) AS i`,
    );
    await client.query('ALTER TABLE orders ADD PRIMARY KEY (id)');
    await client.end();
    const produced = (topic: string) => async () =>
      (await reader.endOffsets([{ topic, partition: 0 }]).catch(() => new Map<string, number>())).get(`${topic}-0`) ?? 0;
    const naive = async (topic: string) => {
      const startedAt = performance.now();
      const child = spawn(process.execPath, [join(import.meta.dirname, 'naive-loop.ts'), postgres.url, kafka.bootstrap, topic], {
        stdio: 'inherit',
      });
      await once(child, 'exit');
      return Math.round(performance.now() - startedAt);
    };
    const ours = (topic: string) =>
      runStandalone(
        {
          'worker.properties': worker(kafka.bootstrap),
          'source.properties': `name=bench
connector.class=io.confluent.connect.jdbc.JdbcSourceConnector
connection.url=${postgres.jdbcUrl}
connection.user=${postgres.user}
connection.password=${postgres.password}
mode=incrementing
incrementing.column.name=id
table.whitelist=public.orders
topic.prefix=${topic}-
batch.max.rows=2000
`,
        },
        produced(`${topic}-orders`),
        ROWS,
      );
    const lines: Line[] = [];
    for (const round of [1, 2, 3]) {
      // Both find their topic there: what is measured is the path, not the broker's creation of a topic.
      const admin = clients.admin({ 'bootstrap.servers': kafka.bootstrap });
      for (const topic of [`naive${round}`, `bench${round}-orders`])
        await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs: {} });
      await admin.close();
      const naiveMs = await naive(`naive${round}`);
      const figures = await ours(`bench${round}`);
      lines.push({
        round,
        rows: ROWS,
        ...figures,
        naiveMs,
        timesNaive: Number((naiveMs / figures.allMs).toFixed(2)),
        rowsPerSecond: Math.round((ROWS / figures.allMs) * 1000),
      });
    }
    return lines;
  } finally {
    await reader.close();
    await clients.close();
    await postgres.stop();
    await kafka.stop();
  }
}

/** Real Kafka → JSON with schemas → PostgreSQL, upserts. */
export async function jdbcSinkScenario(): Promise<Line[]> {
  const unavailable = kafkaUnavailable();
  if (unavailable !== null) return [{ skipped: unavailable }];
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  const clients = testClients();
  const client = new pg.Client({ connectionString: postgres.url });
  try {
    await client.connect();
    const producer = clients.producer({ 'bootstrap.servers': kafka.bootstrap });
    const schema = {
      type: 'struct',
      optional: false,
      fields: [
        { field: 'id', type: 'int64', optional: false },
        { field: 'customer', type: 'string', optional: true },
        { field: 'amount', type: 'double', optional: true },
      ],
    };
    for (let from = 0; from < ROWS; from += 5_000) {
      const records = Array.from({ length: 5_000 }, (_, i) => ({
        topic: 'sales',
        partition: null,
        key: null,
        value: Buffer.from(JSON.stringify({ schema, payload: { id: from + i, customer: `customer ${i % 1000}`, amount: i * 1.25 } })),
        timestamp: null,
        headers: [],
      }));
      await producer.send(records);
    }
    await producer.close();
    const lines: Line[] = [];
    for (const round of [1, 2, 3]) {
      const figures = await runStandalone(
        {
          'worker.properties': worker(kafka.bootstrap).replace('schemas.enable=false', 'schemas.enable=true'),
          'sink.properties': `name=bench${round}
connector.class=io.confluent.connect.jdbc.JdbcSinkConnector
connection.url=${postgres.jdbcUrl}
connection.user=${postgres.user}
connection.password=${postgres.password}
topics=sales
table.name.format=sales${round}
insert.mode=upsert
pk.mode=record_value
pk.fields=id
auto.create=true
`,
        },
        async () => {
          const { rows } = await client.query(`SELECT to_regclass('sales${round}') IS NOT NULL AS there`);
          return rows[0].there ? Number((await client.query(`SELECT count(*) AS n FROM sales${round}`)).rows[0].n) : 0;
        },
        ROWS,
      );
      lines.push({ round, rows: ROWS, ...figures, rowsPerSecond: Math.round((ROWS / figures.allMs) * 1000) });
    }
    return lines;
  } finally {
    await client.end();
    await clients.close();
    await postgres.stop();
    await kafka.stop();
  }
}
