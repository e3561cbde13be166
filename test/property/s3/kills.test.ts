import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, OPTIONAL_STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import { ManualClock } from '../../../lib/testing/task-contexts.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import { TestS3 } from '../../support/s3/test-s3.ts';

const PARTITIONS = [0, 1, 2].map((partition) => ({ topic: 'orders', partition }));
const RECORDS = 280;
const KILLS = process.env.LONG === '1' ? 200 : 20;
const START = 1_709_210_096_789;
const HOUR_MS = 3_600_000;

const versions = [1, 2].map((version) => {
  const builder = SchemaBuilder.struct()
    .name('com.acme.Order')
    .version(version)
    .field('id', INT32_SCHEMA)
    .field('name', OPTIONAL_STRING_SCHEMA);
  return (version === 1 ? builder : builder.field('note', OPTIONAL_STRING_SCHEMA)).build();
});

/** The record at an offset, always the same; every tenth belongs to another hour, and from 150 to 250 the schema is a later one. */
function recordAt(partition: number, offset: number): SinkRecord {
  const schema = versions[offset >= 150 && offset < 250 ? 1 : 0]!;
  return new SinkRecord({
    topic: 'orders',
    kafkaPartition: partition,
    kafkaOffset: offset,
    keySchema: null,
    key: `k${offset}`,
    valueSchema: schema,
    value: new Struct(schema).put('id', offset).put('name', offset % 3 === 0 ? null : `n${offset % 4}`),
    // every 90 records nothing came for a while
    timestamp: START + offset * 1000 + (offset % 10 === 0 ? -HOUR_MS : 0) + Math.floor(offset / 90) * 200_000,
    timestampType: 'CREATE_TIME',
  });
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const TIME = {
  'partitioner.class': 'io.confluent.connect.storage.partitioner.TimeBasedPartitioner',
  'path.format': 'YYYY-MM-dd-HH',
  'partition.duration.ms': String(HOUR_MS),
  locale: 'en',
  timezone: 'Europe/Berlin',
  'timestamp.extractor': 'Record',
};
const CONFIGS: readonly Readonly<Record<string, string>>[] = [
  { 'flush.size': '7' },
  { 'flush.size': '23', ...TIME, 'rotate.interval.ms': '40000', 's3.compression.type': 'gzip' },
  {
    'flush.size': '31',
    'partitioner.class': 'io.confluent.connect.storage.partitioner.FieldPartitioner',
    'partition.field.name': 'name',
    'format.class': 'io.confluent.connect.s3.format.avro.AvroFormat',
    'schema.compatibility': 'BACKWARD',
  },
  { 'flush.size': '17', 'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat', 'store.kafka.keys': 'true' },
  { 'flush.size': '1000', 'lambda.s3.flush.idle.ms': '100000' },
];

/** Feeds everything to the end of each partition; `killAt` = the request at which the process dies, counted over all runs. */
async function feed(s3: TestS3, config: Readonly<Record<string, string>>, kills: number, seed: number): Promise<number> {
  const random = generator(seed);
  const clock = new ManualClock(START);
  const driver = new SinkDriver(s3, config, clock);
  let killed = 0;
  for (;;) {
    const dies = killed < kills;
    let left = dies ? 2 + Math.floor(random() * 20) : Number.POSITIVE_INFINITY;
    const dead = new AbortController();
    s3.onRequest = () => {
      if (--left > 0) return;
      dead.abort();
      throw new Error('nobody hears the answer');
    };
    try {
      const run = await driver.begin(PARTITIONS, dead.signal);
      for (;;) {
        const batch: SinkRecord[] = [];
        for (const { topic, partition } of PARTITIONS) {
          const key = topicPartitionKey(topic, partition);
          const from = run.positions.get(key)!;
          const to = Math.min(RECORDS, from + 1 + Math.floor(random() * 40));
          for (let offset = from; offset < to; offset++) batch.push(recordAt(partition, offset));
        }
        await run.put(batch);
        if (dead.signal.aborted) break;
        if (random() < 0.5) run.commit();
        if (batch.length > 0) continue;
        // All was read: long after the last record, with nothing more coming
        clock.advance(10 * HOUR_MS);
        await run.put([]);
        if (dead.signal.aborted) break;
        run.commit();
        s3.onRequest = () => undefined;
        await run.end();
        return killed;
      }
    } catch (error) {
      if (!dead.signal.aborted) throw error;
    }
    killed++;
  }
}

function contents(s3: TestS3): Record<string, string> {
  const entries = [...s3.objects].map(([key, { content }]) => [key, createHash('sha256').update(content).digest('hex')] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function run(config: Readonly<Record<string, string>>, kills: number, seed: number) {
  const s3 = new TestS3();
  await s3.start();
  try {
    const came = await feed(s3, config, kills, seed);
    return { kills: came, objects: contents(s3) };
  } finally {
    await s3.stop();
  }
}

describe(`the S3 sink, killed at ${KILLS} random requests`, () => {
  it.each(CONFIGS.map((config, index) => [JSON.stringify(config), config, index] as const))(
    'leaves the same objects with the same contents: %s',
    async (_name, config, index) => {
      const target = Math.ceil(KILLS / CONFIGS.length);
      const expected = await run(config, 0, 1);
      expect(Object.keys(expected.objects).length).toBeGreaterThan(3);
      // A stream can end before all its kills came: then it is fed again, and killed elsewhere
      for (let kills = 0, seed = 42 + index; kills < target; seed++) {
        const killed = await run(config, target - kills, seed);
        expect(killed.objects).toEqual(expected.objects);
        kills += killed.kills;
      }
    },
    300_000,
  );
});
