import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../lib/core/canonical-json.ts';
import { BigDecimal } from '../../../lib/core/data/big-decimal.ts';
import { Decimal } from '../../../lib/core/data/decimal.ts';
import { ConnectHeaders } from '../../../lib/core/data/headers.ts';
import { ConnectTimestamp } from '../../../lib/core/data/logical.ts';
import type { Schema } from '../../../lib/core/data/schema.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import {
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_BYTES_SCHEMA,
  OPTIONAL_FLOAT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  STRING_SCHEMA,
} from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { SourceRecord } from '../../../lib/core/source-record.ts';
import { ManualClock } from '../../../lib/testing/task-contexts.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import { SourceDriver } from '../../support/s3/source-driver.ts';
import { TestS3 } from '../../support/s3/test-s3.ts';

const FORMAT = 'io.confluent.connect.s3.format';
const PARTITIONS = [0, 1].map((partition) => ({ topic: 'orders', partition }));
const RECORDS = 57;

const point = SchemaBuilder.struct().name('com.acme.Point').field('x', INT32_SCHEMA).field('y', OPTIONAL_FLOAT64_SCHEMA).build();
const orderSchema = SchemaBuilder.struct()
  .name('com.acme.Order')
  .field('id', INT64_SCHEMA)
  .field('name', OPTIONAL_STRING_SCHEMA)
  .field('price', Decimal.schema(2))
  .field('at', ConnectTimestamp.SCHEMA)
  .field('raw', OPTIONAL_BYTES_SCHEMA)
  .field('tags', SchemaBuilder.array(STRING_SCHEMA).build())
  .field('path', SchemaBuilder.array(point).build())
  .field('counts', SchemaBuilder.map(STRING_SCHEMA, INT64_SCHEMA).build())
  .field(
    'where',
    SchemaBuilder.struct().name('com.acme.Where').optional().field('point', point).field('zip', OPTIONAL_STRING_SCHEMA).build(),
  )
  .build();

function order(n: number): Struct {
  const at = (x: number) => new Struct(point).put('x', x).put('y', x % 2 === 0 ? null : x / 3);
  const where = new Struct(orderSchema.field('where')!.schema).put('point', at(n)).put('zip', n % 2 === 0 ? null : `z${n}`);
  return new Struct(orderSchema)
    .put('id', BigInt(n) * 9_007_199_254_740_993n)
    .put('name', n % 3 === 0 ? null : `näme ${n}`)
    .put('price', new BigDecimal(BigInt(n) * 12_345_678_901_234_567n - 5n, 2))
    .put('at', new Date(1_700_000_000_000 + n))
    .put('raw', n % 4 === 0 ? null : Buffer.from([n, 10, 0]))
    .put(
      'tags',
      Array.from({ length: n % 4 }, (_, i) => `t${i}`),
    )
    .put(
      'path',
      Array.from({ length: n % 3 }, (_, i) => at(i)),
    )
    .put('counts', new Map(Array.from({ length: n % 3 }, (_, i) => [`c${i}`, BigInt(i)])))
    .put('where', n % 5 === 0 ? null : where);
}

function records(valueSchema: Schema | null, value: (n: number) => unknown): SinkRecord[] {
  return Array.from({ length: RECORDS * 2 }, (_, i) => {
    const offset = i >> 1;
    return new SinkRecord({
      topic: 'orders',
      kafkaPartition: i & 1,
      kafkaOffset: offset,
      keySchema: STRING_SCHEMA,
      key: `key ${offset}`,
      valueSchema,
      value: value(offset),
      headers: new ConnectHeaders().addString('trace', `t${offset}`).addString('n', `v${offset}`),
      timestamp: 1_700_000_000_000 + offset * 60_000,
      timestampType: 'CREATE_TIME',
    });
  });
}

/** What two records have in common when one is the other restored. */
const seen = (record: SinkRecord | SourceRecord, keys: boolean) => ({
  topic: record.topic,
  partition: record.kafkaPartition,
  value: record.value,
  ...(keys ? { key: record.key, headers: [...record.headers].map(({ key, value }) => [key, value]) } : {}),
});

describe('S3 source: restoring what the sink wrote', () => {
  let s3: TestS3;
  beforeEach(async () => {
    s3 = new TestS3();
    await s3.start();
  });
  afterEach(() => s3.stop());

  async function written(all: readonly SinkRecord[], config: Readonly<Record<string, string>>): Promise<void> {
    const run = await new SinkDriver(s3, { 'flush.size': '10', ...config }, new ManualClock(1_800_000_000_000)).begin(PARTITIONS);
    await run.put(all.slice(0, 80));
    await run.put(all.slice(80));
    run.commit();
    await run.end();
  }

  const byPartition = (all: readonly { readonly partition: number | null }[]) =>
    [0, 1].map((wanted) => all.filter(({ partition }) => partition === wanted));

  async function roundTrip(all: readonly SinkRecord[], config: Readonly<Record<string, string>>, whole = 50): Promise<SourceRecord[]> {
    await written(all, config);
    const keys = config['store.kafka.keys'] === 'true';
    const source = new SourceDriver(s3, config, new ManualClock(0));
    const restored = await source.readAll();
    const expected = all.filter(({ kafkaOffset }) => kafkaOffset < whole).map((record) => seen(record, keys));
    expect(byPartition(restored.map((record) => seen(record, keys)))).toEqual(byPartition(expected));
    expect(await source.readAll()).toEqual([]);
    return restored;
  }

  const SIDES = { 'store.kafka.keys': 'true', 'store.kafka.headers': 'true' };

  for (const codec of ['null', 'deflate', 'snappy']) {
    it(`Avro, ${codec}, with keys and headers`, async () => {
      const restored = await roundTrip(records(orderSchema, order), {
        'format.class': `${FORMAT}.avro.AvroFormat`,
        'avro.codec': codec,
        ...SIDES,
      });
      expect(restored[0]!.valueSchema!.equals(orderSchema)).toBe(true);
      expect(restored[0]!.sourcePartition).toEqual({ folder: 'topics/orders/partition=0/' });
      expect(restored[2]!.sourceOffset).toMatchObject({
        lastFileRead: 'topics/orders/partition=0/orders+0+0000000000.avro',
        fileOffset: '3',
        eof: 'false',
      });
      expect(restored[9]!.sourceOffset).toMatchObject({ fileOffset: '10', eof: 'true' });
    });
  }

  for (const codec of ['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw', 'lz4']) {
    it(`Parquet, ${codec}, with keys and headers`, async () => {
      const sides = {
        ...SIDES,
        'keys.format.class': `${FORMAT}.parquet.ParquetFormat`,
        'headers.format.class': `${FORMAT}.parquet.ParquetFormat`,
      };
      const restored = await roundTrip(records(orderSchema, order), {
        'format.class': `${FORMAT}.parquet.ParquetFormat`,
        'parquet.codec': codec,
        ...sides,
      });
      expect(restored[0]!.valueSchema!.equals(orderSchema)).toBe(true);
    });
  }

  for (const compression of ['none', 'gzip']) {
    it(`JSON, ${compression}, with keys and headers`, async () => {
      const json = (n: number) =>
        new Map<string, unknown>([
          ['id', BigInt(n)],
          ['text', `a "quoted"\nline ${n}`],
          ['list', [1.5, null, true]],
        ]);
      const sides = { ...SIDES, 'keys.format.class': `${FORMAT}.json.JsonFormat`, 'headers.format.class': `${FORMAT}.json.JsonFormat` };
      await roundTrip(records(null, json), { 'format.class': `${FORMAT}.json.JsonFormat`, 's3.compression.type': compression, ...sides });
    });

    it(`bytes, ${compression}`, async () => {
      await roundTrip(
        records(null, (n) => Buffer.from(`record ${n}\n and more`)),
        {
          'format.class': `${FORMAT}.bytearray.ByteArrayFormat`,
          'format.bytearray.separator': '\0\0',
          's3.compression.type': compression,
        },
      );
    });
  }

  it('folders by time: each Kafka partition of a folder goes on where it stood', async () => {
    const config = {
      'flush.size': '5',
      'format.class': `${FORMAT}.avro.AvroFormat`,
      'partitioner.class': 'io.confluent.connect.storage.partitioner.TimeBasedPartitioner',
      'path.format': "'year'=YYYY/'day'=dd",
      'partition.duration.ms': '3600000',
      locale: 'en',
      timezone: 'UTC',
      'timestamp.extractor': 'Record',
    };
    const all = records(orderSchema, order);
    const run = await new SinkDriver(s3, config, new ManualClock(1_800_000_000_000)).begin(PARTITIONS);
    const source = new SourceDriver(s3, config, new ManualClock(0));
    const restored: SourceRecord[] = [];
    // Partition 1 is written and read first: the objects of partition 0 come before it in the listing
    for (const partition of [1, 0]) {
      await run.put(all.filter(({ kafkaPartition }) => kafkaPartition === partition));
      run.commit();
      restored.push(...(await source.readAll()));
    }
    await run.end();
    const of = (wanted: number) => restored.filter(({ kafkaPartition }) => kafkaPartition === wanted).map(({ value }) => value);
    for (const partition of [0, 1]) expect(of(partition)).toEqual(Array.from({ length: 55 }, (_, n) => order(n)));
  });

  it('listing jumps behind what was read', async () => {
    const keyOf = (n: number) => `topics/orders/partition=0/orders+0+${String(n).padStart(10, '0')}.json`;
    for (let n = 0; n < 5000; n++) s3.put(keyOf(n), Buffer.from(`{"n":${n}}\n`));
    const source = new SourceDriver(s3, {}, new ManualClock(0));
    const before = { lastFileRead: keyOf(4997), fileOffset: '11', eof: 'true' };
    source.committed.set(canonicalJson({ folder: 'topics/orders/partition=0/' }), before);
    expect((await source.readAll()).map(({ value }) => (value as Map<string, unknown>).get('n'))).toEqual([4998n, 4999n]);
    expect(s3.requests.filter((request) => request.includes('list-type'))).toHaveLength(2);
  });

  it('tasks divide the partitions, and none is read twice', async () => {
    await written(records(orderSchema, order), { 'format.class': `${FORMAT}.avro.AvroFormat`, 'flush.size': '7' });
    const parts: SourceRecord[][] = [];
    for (const index of ['0', '1', '2']) {
      const config = { 'format.class': `${FORMAT}.avro.AvroFormat`, 'task.index': index, 'task.count': '3' };
      parts.push(await new SourceDriver(s3, config, new ManualClock(0)).readAll());
    }
    expect(parts.flat()).toHaveLength(112);
  });

  it('generic mode: any keys, each object once, by topics; what is replaced or comes late is read too', async () => {
    const config = {
      mode: 'GENERIC',
      'topics.dir': 'in',
      'topic.regex.list': 'orders:in/.*\\.txt,rest:in/.*',
      'format.class': `${FORMAT}.string.StringFormat`,
      'lambda.s3.upload.max.ms': '60000',
    };
    const source = new SourceDriver(s3, config, new ManualClock(0));
    const read = async () => (await source.readAll()).map(({ topic, value, kafkaPartition }) => `${topic} ${kafkaPartition} ${value}`);
    const put = (key: string, content: string, lastModified: number) => {
      s3.put(key, Buffer.from(content));
      s3.objects.set(key, { ...s3.objects.get(key)!, lastModified: new Date(lastModified) });
    };
    const day = 86_400_000;
    put('in/m.txt', 'one\r\ntwo', 10 * day);
    put('in/b/x', 'three\n', 9 * day);
    put('out/y', 'no', 10 * day);
    s3.put('in/folder/', Buffer.alloc(0));
    expect(await read()).toEqual(['rest null three', 'orders null one', 'orders null two']);
    expect(await read()).toEqual([]);
    expect(source.progress).toEqual({ tasks: 1, modified: 10 * day, lastKey: 'in/m.txt' });
    put('in/a.txt', 'earlier key', 10 * day - 30_000);
    put('in/m.txt', 'replaced', 10 * day + 1000);
    put('in/old', 'older than an upload takes', 9 * day);
    expect(await read()).toEqual(['orders null earlier key', 'orders null replaced']);
    // Offsets that were reset are believed, not what the task remembers
    source.committed.clear();
    expect(await read()).toHaveLength(4);
  });
});
