import { describe, expect, it } from 'vitest';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { SourceRecord } from '../../../lib/core/source-record.ts';
import { ManualClock } from '../../../lib/testing/task-contexts.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import { SourceDriver } from '../../support/s3/source-driver.ts';
import { TestS3 } from '../../support/s3/test-s3.ts';

const FORMAT = 'io.confluent.connect.s3.format';
const PARTITIONS = [0, 1].map((partition) => ({ topic: 'orders', partition }));
const RECORDS = 30;
const schema = SchemaBuilder.struct().name('Order').field('id', INT32_SCHEMA).field('text', STRING_SCHEMA).build();
/** Some records make a block of Avro and a page of Parquet full. */
const textOf = (n: number) => `${n}`.repeat(n % 7 === 0 ? 20_000 : 1);

const CONFIGS: readonly Readonly<Record<string, string>>[] = [
  { 'format.class': `${FORMAT}.json.JsonFormat` },
  { 'format.class': `${FORMAT}.json.JsonFormat`, 's3.compression.type': 'gzip' },
  { 'format.class': `${FORMAT}.avro.AvroFormat`, 'store.kafka.keys': 'true' },
  { 'format.class': `${FORMAT}.parquet.ParquetFormat` },
];

async function bucket(config: Readonly<Record<string, string>>): Promise<TestS3> {
  const s3 = new TestS3();
  await s3.start();
  const run = await new SinkDriver(s3, { 'flush.size': '15', ...config }, new ManualClock(1)).begin(PARTITIONS);
  for (const { partition } of PARTITIONS) {
    const all = Array.from({ length: RECORDS }, (_, n) => {
      const value = new Struct(schema).put('id', n).put('text', textOf(n));
      return new SinkRecord({
        topic: 'orders',
        kafkaPartition: partition,
        kafkaOffset: n,
        keySchema: STRING_SCHEMA,
        key: `k${n}`,
        valueSchema: schema,
        value,
        timestamp: 1,
      });
    });
    await run.put(all);
  }
  run.commit();
  await run.end();
  return s3;
}

const idOf = ({ value }: SourceRecord) => Number(value instanceof Struct ? value.get('id') : (value as Map<string, unknown>).get('id'));
const EXPECTED = PARTITIONS.map(() => Array.from({ length: RECORDS }, (_, n) => n));

describe.each(CONFIGS)('an S3 source that is killed: $format.class $s3.compression.type', (config) => {
  it('at every record: what was committed is not repeated, and nothing is missing', async () => {
    const s3 = await bucket(config);
    try {
      const source = new SourceDriver(s3, { ...config, 'record.batch.max.size': '4' }, new ManualClock(0));
      const read: number[][] = [[], []];
      // Each task commits one record more than the last one did, then dies with the rest of its batch in hand
      for (let survives = 1; read[0]!.length + read[1]!.length < 2 * RECORDS; survives = (survives % 5) + 1) {
        const { task, commit } = await source.begin();
        let left = survives;
        while (left > 0) {
          const batch = await task.poll();
          if (batch === null) break;
          for (const record of batch.slice(0, left)) {
            commit(record);
            read[record.kafkaPartition!]!.push(idOf(record));
          }
          left -= batch.length;
        }
        await task.stop();
      }
      expect(read).toEqual(EXPECTED);
      expect(await source.readAll()).toEqual([]);
    } finally {
      await s3.stop();
    }
  });

  it('at every request: nothing is missing', async () => {
    const s3 = await bucket(config);
    try {
      for (let killAt = 1; ; killAt++) {
        const source = new SourceDriver(s3, { ...config, 's3.part.retries': '1' }, new ManualClock(0));
        const read: number[][] = [[], []];
        const take = (record: SourceRecord) => read[record.kafkaPartition!]!.push(idOf(record));
        const dead = new AbortController();
        let requests = 0;
        s3.onRequest = () => {
          if (++requests !== killAt) return;
          dead.abort();
          throw new Error('nobody hears the answer');
        };
        try {
          const { task, state, commit } = await source.begin(dead.signal);
          try {
            while (!state.caughtUp && !dead.signal.aborted) {
              for (const record of (await task.poll()) ?? []) {
                take(record);
                commit(record);
              }
            }
          } finally {
            await task.stop();
          }
        } catch (error) {
          expect(dead.signal.aborted, String(error)).toBe(true);
        }
        s3.onRequest = () => undefined;
        for (const record of await source.readAll()) take(record);
        expect(read).toEqual(EXPECTED);
        if (!dead.signal.aborted) break;
      }
    } finally {
      await s3.stop();
    }
  });
});
