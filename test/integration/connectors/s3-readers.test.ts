import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BigDecimal } from '../../../lib/core/data/big-decimal.ts';
import { Decimal } from '../../../lib/core/data/decimal.ts';
import { ConnectDate, ConnectTimestamp } from '../../../lib/core/data/logical.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { FLOAT64_SCHEMA, INT32_SCHEMA, INT64_SCHEMA, OPTIONAL_STRING_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { ManualClock } from '../../../lib/testing/task-contexts.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import { TestS3 } from '../../support/s3/test-s3.ts';

const PYTHON = join(import.meta.dirname, '../../../.cache/python/bin/python');
const ROWS = 8_000;

function missing(): string | null {
  try {
    if (!existsSync(PYTHON)) throw new Error('no interpreter');
    execFileSync(PYTHON, ['-c', 'import pyarrow.parquet, fastavro, cramjam'], { stdio: 'ignore' });
    return null;
  } catch {
    const reason = 'no pyarrow and fastavro in .cache/python: run scripts/install-test-tools.sh';
    if (process.env.CI === 'true') throw new Error(reason);
    return reason;
  }
}

const reason = missing();

const inner = SchemaBuilder.struct().name('com.acme.Inner').field('x', OPTIONAL_STRING_SCHEMA).build();
const schema = SchemaBuilder.struct()
  .name('com.acme.Row')
  .field('id', INT64_SCHEMA)
  .field('name', OPTIONAL_STRING_SCHEMA)
  .field('price', Decimal.builder(2).build())
  .field('ratio', FLOAT64_SCHEMA)
  .field('flag', SchemaBuilder.boolean().optional().build())
  .field('raw', SchemaBuilder.bytes().build())
  .field('day', ConnectDate.SCHEMA)
  .field('at', ConnectTimestamp.SCHEMA)
  .field('tags', SchemaBuilder.array(STRING_SCHEMA).optional().build())
  .field('counts', SchemaBuilder.map(STRING_SCHEMA, INT32_SCHEMA).build())
  .field('inners', SchemaBuilder.array(inner).build())
  .build();
const nullable = SchemaBuilder.struct().name('com.acme.Sparse').field('items', SchemaBuilder.array(OPTIONAL_STRING_SCHEMA).build()).build();

function row(i: number): Struct {
  return new Struct(schema)
    .put('id', BigInt(i) * 1_000_000_007n)
    .put('name', i % 3 === 0 ? null : `name ${i} é`)
    .put('price', new BigDecimal(BigInt(i - 100), 2))
    .put('ratio', i / 7)
    .put('flag', i % 5 === 0 ? null : i % 2 === 0)
    .put('raw', Uint8Array.of(i % 256, 0, 255))
    .put('day', new Date(86_400_000 * (i % 20_000)))
    .put('at', new Date(1_700_000_000_000 + i))
    .put('tags', i % 4 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => `t${k}`))
    .put('counts', new Map(Array.from({ length: i % 3 }, (_, k) => [`k${k}`, i + k])))
    .put(
      'inners',
      Array.from({ length: i % 3 }, (_, k) => new Struct(inner).put('x', k === 0 ? null : `x${i}`)),
    );
}

/** Reads a file and prints, as JSON, how many rows it has and those whose place is a multiple of 997. */
const SCRIPT = `
import sys, json, base64, datetime, decimal
def plain(v):
    if isinstance(v, bytes): return base64.b64encode(v).decode()
    if isinstance(v, decimal.Decimal): return str(v)
    if isinstance(v, datetime.datetime): return round(v.timestamp() * 1000)
    if isinstance(v, datetime.date): return (v - datetime.date(1970, 1, 1)).days
    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    return v
if sys.argv[1] == 'avro':
    import fastavro
    with open(sys.argv[2], 'rb') as f: rows = list(fastavro.reader(f))
    types = {}
else:
    import pyarrow.parquet as pq
    table = pq.read_table(sys.argv[2])
    types = {f.name: str(f.type) for f in table.schema}
    rows = table.to_pylist()
for r in rows:
    if isinstance(r.get('counts'), list): r['counts'] = dict(r['counts'])
print(json.dumps({'count': len(rows), 'types': types, 'rows': [plain(r) for r in rows[::997]]}))
`;

interface Answer {
  readonly count: number;
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

function expectedRow(i: number): Record<string, unknown> {
  return {
    id: i * 1_000_000_007,
    name: i % 3 === 0 ? null : `name ${i} é`,
    price: new BigDecimal(BigInt(i - 100), 2).toString(),
    ratio: i / 7,
    flag: i % 5 === 0 ? null : i % 2 === 0,
    raw: Buffer.from([i % 256, 0, 255]).toString('base64'),
    day: i % 20_000,
    at: 1_700_000_000_000 + i,
    tags: i % 4 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => `t${k}`),
    counts: Object.fromEntries(Array.from({ length: i % 3 }, (_, k) => [`k${k}`, i + k])),
    inners: Array.from({ length: i % 3 }, (_, k) => ({ x: k === 0 ? null : `x${i}` })),
  };
}

describe.skipIf(reason !== null)(
  `objects of the S3 sink, read by pyarrow and fastavro${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    const s3 = new TestS3();
    let folder: string;

    beforeAll(async () => {
      await s3.start();
      folder = mkdtempSync(join(tmpdir(), 'serverless-connect-s3-'));
    });

    afterAll(async () => {
      await s3.stop();
      rmSync(folder, { recursive: true });
    });

    async function written(config: Readonly<Record<string, string>>, values: readonly Struct[]): Promise<string> {
      s3.objects.clear();
      const driver = new SinkDriver(s3, { 'flush.size': String(values.length), ...config }, new ManualClock(1_700_000_000_000));
      const run = await driver.begin([{ topic: 't', partition: 0 }]);
      const records = values.map(
        (value, i) => new SinkRecord({ topic: 't', kafkaPartition: 0, kafkaOffset: i, valueSchema: value.schema, value, timestamp: i }),
      );
      await run.put(records);
      await run.end();
      expect(s3.objects.size).toBe(1);
      const file = join(folder, 'object');
      writeFileSync(file, [...s3.objects.values()][0]!.content);
      return file;
    }

    function read(format: 'avro' | 'parquet', file: string): Answer {
      return JSON.parse(execFileSync(PYTHON, ['-c', SCRIPT, format, file], { maxBuffer: 1 << 28 }).toString()) as Answer;
    }

    const rows = Array.from({ length: ROWS }, (_, i) => row(i));
    const sampled = Array.from({ length: Math.ceil(ROWS / 997) }, (_, k) => expectedRow(k * 997));

    it.each(['null', 'deflate', 'snappy'])(
      'Avro, %s: equal rows',
      async (codec) => {
        const file = await written({ 'format.class': 'io.confluent.connect.s3.format.avro.AvroFormat', 'avro.codec': codec }, rows);
        const answer = read('avro', file);
        expect(answer.count).toBe(ROWS);
        expect(answer.rows).toEqual(sampled);
      },
      120_000,
    );

    it.each(['none', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli'])(
      'Parquet, %s: equal rows and types',
      async (codec) => {
        const file = await written(
          { 'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat', 'parquet.codec': codec },
          rows,
        );
        const answer = read('parquet', file);
        expect(answer.count).toBe(ROWS);
        expect(answer.rows).toEqual(sampled);
        expect(answer.types).toMatchObject({
          id: 'int64',
          name: 'string',
          price: 'decimal256(64, 2)',
          ratio: 'double',
          flag: 'bool',
          raw: 'binary',
          day: 'date32[day]',
          at: 'timestamp[ms, tz=UTC]',
          tags: 'list<array: string not null>',
          counts: "map<string, int32 ('counts')>",
        });
      },
      120_000,
    );

    it('Parquet: lists that hold null have a group between', async () => {
      const values = [['a', null], [], [null]].map((items) => new Struct(nullable).put('items', items));
      const file = await written({ 'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat' }, values);
      const answer = read('parquet', file);
      expect(answer.count).toBe(3);
      expect(answer.rows[0]).toEqual({ items: ['a', null] });
    });
  },
);
