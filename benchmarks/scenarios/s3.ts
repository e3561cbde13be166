import { SchemaBuilder } from '../../lib/core/data/schema-builder.ts';
import { FLOAT64_SCHEMA, INT64_SCHEMA, STRING_SCHEMA } from '../../lib/core/data/schemas.ts';
import { Struct } from '../../lib/core/data/struct.ts';
import { SinkRecord } from '../../lib/core/sink-record.ts';
import { SYSTEM_CLOCK } from '../../lib/core/system-clock.ts';
import { startBroker } from '../../lib/local/broker/broker.ts';
import { testClients } from '../../test/support/kafka/clients.ts';
import { SinkDriver } from '../../test/support/s3/sink-driver.ts';
import { TestS3 } from '../../test/support/s3/test-s3.ts';
import { runStandalone } from '../standalone-run.ts';

const RECORDS = 300_000;
const FLUSH_SIZE = 50_000;
const FORMATS = { json: 'json.JsonFormat', avro: 'avro.AvroFormat', parquet: 'parquet.ParquetFormat' };
type Line = Readonly<Record<string, unknown>>;

const SCHEMA = {
  type: 'struct',
  name: 'Order',
  fields: [
    { field: 'id', type: 'int64' },
    { field: 'customer', type: 'string' },
    { field: 'amount', type: 'double' },
  ],
};

/** The embedded Kafka → objects of the test S3, structs of three fields, once per format. */
export async function s3SinkScenario(): Promise<Line[]> {
  const broker = await startBroker();
  const clients = testClients();
  const lines: Line[] = [];
  try {
    const producer = clients.producer({ 'bootstrap.servers': broker.bootstrap });
    for (let from = 0; from < RECORDS; from += 5_000) {
      const values = Array.from({ length: 5_000 }, (_, i) =>
        Buffer.from(JSON.stringify({ schema: SCHEMA, payload: { id: from + i, customer: `customer ${i % 997}`, amount: i / 8 } })),
      );
      await producer.send(values.map((value) => ({ topic: 'orders', partition: null, key: null, value, timestamp: null, headers: [] })));
    }
    await producer.close();
    for (const [format, className] of Object.entries(FORMATS)) {
      const s3 = new TestS3('bucket', { discardContent: true });
      await s3.start();
      try {
        const figures = await runStandalone(
          {
            'worker.properties': `bootstrap.servers=${broker.bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.file.filename=offsets
`,
            'sink.properties': `name=bench-${format}
connector.class=io.confluent.connect.s3.S3SinkConnector
topics=orders
s3.bucket.name=bucket
store.url=${s3.url}
aws.access.key.id=test-key
aws.secret.access.key=test-secret
storage.class=io.confluent.connect.s3.storage.S3Storage
format.class=io.confluent.connect.s3.format.${className}
flush.size=${FLUSH_SIZE}
`,
          },
          async () => s3.objects.size * FLUSH_SIZE,
          RECORDS,
        );
        lines.push({ format, records: RECORDS, ...figures, recordsPerSecond: Math.round((RECORDS / figures.allMs) * 1000) });
      } finally {
        await s3.stop();
      }
    }
    return lines;
  } finally {
    await clients.close();
    await broker.close();
  }
}

/** Objects of the test S3, as the sink writes them, → the embedded Kafka, once per format. */
export async function s3SourceScenario(): Promise<Line[]> {
  const schema = SchemaBuilder.struct()
    .name('Order')
    .field('id', INT64_SCHEMA)
    .field('customer', STRING_SCHEMA)
    .field('amount', FLOAT64_SCHEMA)
    .build();
  const lines: Line[] = [];
  for (const [format, className] of Object.entries(FORMATS)) {
    const s3 = new TestS3();
    await s3.start();
    const broker = await startBroker();
    const clients = testClients();
    const reader = clients.reader({ 'bootstrap.servers': broker.bootstrap });
    try {
      const config = { 'flush.size': String(FLUSH_SIZE), 'format.class': `io.confluent.connect.s3.format.${className}` };
      const sink = await new SinkDriver(s3, config, SYSTEM_CLOCK).begin([{ topic: 'orders', partition: 0 }]);
      for (let from = 0; from < RECORDS; from += 5_000) {
        const records = Array.from({ length: 5_000 }, (_, i) => {
          const value = new Struct(schema)
            .put('id', BigInt(from + i))
            .put('customer', `customer ${i % 997}`)
            .put('amount', i / 8);
          return new SinkRecord({ topic: 'orders', kafkaPartition: 0, kafkaOffset: from + i, valueSchema: schema, value, timestamp: 1 });
        });
        await sink.put(records);
      }
      await sink.end();
      const figures = await runStandalone(
        {
          'worker.properties': `bootstrap.servers=${broker.bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename=offsets
`,
          'source.properties': `name=bench-${format}
connector.class=io.confluent.connect.s3.source.S3SourceConnector
s3.bucket.name=bucket
store.url=${s3.url}
aws.access.key.id=test-key
aws.secret.access.key=test-secret
record.batch.max.size=2000
format.class=io.confluent.connect.s3.format.${className}
`,
        },
        async () =>
          (await reader.endOffsets([{ topic: 'orders', partition: 0 }]).catch(() => new Map<string, number>())).get('orders-0') ?? 0,
        RECORDS,
      );
      lines.push({ format, records: RECORDS, ...figures, recordsPerSecond: Math.round((RECORDS / figures.allMs) * 1000) });
    } finally {
      await reader.close();
      await clients.close();
      await broker.close();
      await s3.stop();
    }
  }
  return lines;
}
