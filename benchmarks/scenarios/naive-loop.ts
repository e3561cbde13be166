// What somebody writes in an afternoon: pg → JSON.stringify → kafkajs. No offsets, no lease, no retry beyond the client's own.
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

const [url, bootstrap, topic] = process.argv.slice(2) as [string, string, string];
const client = new pg.Client({ connectionString: url });
const producer = new Kafka({ brokers: [bootstrap], logLevel: logLevel.ERROR }).producer();
await Promise.all([client.connect(), producer.connect()]);
for (let last = 0; ; ) {
  const { rows } = await client.query('SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT 2000', [last]);
  if (rows.length === 0) break;
  await producer.send({ topic, messages: rows.map((row) => ({ value: JSON.stringify(row) })) });
  last = rows.at(-1).id;
}
await producer.disconnect();
await client.end();
