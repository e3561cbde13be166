import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S3SourceConnector } from '../../../../lib/connectors/s3/source/source-connector.ts';
import { SchemaBuilder } from '../../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA } from '../../../../lib/core/data/schemas.ts';
import { Struct } from '../../../../lib/core/data/struct.ts';
import { isRetriable } from '../../../../lib/core/errors.ts';
import { SinkRecord } from '../../../../lib/core/sink-record.ts';
import { ManualClock } from '../../../../lib/testing/task-contexts.ts';
import { SinkDriver } from '../../../support/s3/sink-driver.ts';
import { SourceDriver } from '../../../support/s3/source-driver.ts';
import { TestS3 } from '../../../support/s3/test-s3.ts';

const AVRO = { 'format.class': 'io.confluent.connect.s3.format.avro.AvroFormat' };
const PARQUET = { 'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat' };
const FOLDER = 'topics/t/partition=0/';
const schema = SchemaBuilder.struct().name('T').field('i', INT32_SCHEMA).build();

describe('bad input of the S3 source', () => {
  let s3: TestS3;
  beforeEach(async () => {
    s3 = new TestS3();
    await s3.start();
  });
  afterEach(() => s3.stop());

  const driver = (config: Readonly<Record<string, string>> = {}) =>
    new SourceDriver(s3, { 's3.part.retries': '1', ...config }, new ManualClock(1000));
  const numbers = (records: readonly { readonly value: unknown }[]) =>
    records.map(({ value }) => Number(value instanceof Struct ? value.get('i') : value instanceof Map ? value.get('i') : Number.NaN));
  const lines = (...values: readonly string[]) => text(values);
  const text = (values: readonly string[]) => Buffer.from(values.map((value) => `${value}\n`).join(''));

  /** One object as the sink writes it. */
  async function written(config: Readonly<Record<string, string>>, count: number): Promise<string> {
    const run = await new SinkDriver(s3, { 'flush.size': String(count), ...config }, new ManualClock(1000)).begin([
      { topic: 't', partition: 0 },
    ]);
    const all = Array.from(
      { length: count },
      (_, i) =>
        new SinkRecord({
          topic: 't',
          kafkaPartition: 0,
          kafkaOffset: i,
          valueSchema: schema,
          value: new Struct(schema).put('i', i),
          timestamp: 1,
        }),
    );
    await run.put(all);
    run.commit();
    await run.end();
    return s3.completed.at(-1)!;
  }

  it('a wrong bucket fails the task', async () => {
    await expect(driver({ 's3.bucket.name': 'no-such' }).begin()).rejects.toThrow('Non-existent S3 bucket: no-such');
  });

  it('an S3 that is not there is an outage', async () => {
    const failure = await driver({ 'store.url': 'http://127.0.0.1:1' })
      .begin()
      .catch((error: unknown) => error);
    expect(isRetriable(failure)).toBe(true);
  });

  it('a missing permission fails the task', async () => {
    s3.faults.push({ method: 'GET', query: 'list-type', status: 403, code: 'AccessDenied', times: -1 });
    await expect(driver().readAll()).rejects.toThrow('AccessDenied (Service: S3, Status Code: 403)');
  });

  it('a broken line says its object, its number and its byte; what came before it is handed on first', async () => {
    s3.put(`${FOLDER}t+0+0000000000.json`, lines('{"i":0}', '{"i":1}', '{"i":', '{"i":3}'));
    const { task } = await driver().begin();
    expect(numbers((await task.poll())!)).toEqual([0, 1]);
    await expect(task.poll()).rejects.toThrow(
      `object ${FOLDER}t+0+0000000000.json of bucket bucket: record 3 at byte 16: Unexpected end-of-input`,
    );
    await task.stop();
  });

  it('passed over, a broken line is logged, or goes to a topic with its bytes, and the rest is read', async () => {
    s3.put(`${FOLDER}t+0+0000000000.json`, lines('{"i":0}', '{"i":1} x', '', '{"i":3}'));
    const logging = driver({ 'behavior.on.error': 'log' });
    expect(numbers(await logging.readAll())).toEqual([0, 3]);
    expect(logging.logger.lines.find(({ level }) => level === 'warn')?.fields.error).toContain(
      'record 2 at byte 8: character 9: something follows the value',
    );
    const [, error] = await driver({ 'behavior.on.error': 'ignore', 'parse.error.topic.prefix': 'broken' }).readAll();
    expect(error!.topic).toBe('broken-restore');
    expect(Buffer.from(error!.value as Uint8Array).toString()).toBe('{"i":1} x');
    expect(error!.headers.lastWithName('key')?.value).toBe(`${FOLDER}t+0+0000000000.json`);
  });

  it('truncated Avro: the whole blocks are read, then the place is said', async () => {
    const key = await written(AVRO, 30_000);
    const whole = s3.objects.get(key)!.content;
    s3.put(key, whole.subarray(0, whole.length - 20));
    const passing = driver({ ...AVRO, 'behavior.on.error': 'log' });
    const read = numbers(await passing.readAll());
    expect(read.length).toBeGreaterThan(20_000);
    expect(read).toEqual(Array.from({ length: read.length }, (_, i) => i));
    expect(passing.logger.lines.find(({ level }) => level === 'warn')?.fields.error).toMatch(
      /^object topics\/t\/partition=0\/t\+0\+0000000000\.avro of bucket bucket: byte \d+: the file ends \d+ bytes into an Avro block: it is truncated$/,
    );
    await expect(driver(AVRO).readAll()).rejects.toThrow('it is truncated');
  });

  it('truncated Parquet, and a page that is broken', async () => {
    const key = await written(PARQUET, 100);
    const whole = s3.objects.get(key)!.content;
    s3.put(key, whole.subarray(0, whole.length - 20));
    await expect(driver(PARQUET).readAll()).rejects.toThrow(/does not end with PAR1: it is truncated or no Parquet file$/);
    s3.put(key, Buffer.from('PAR1'));
    await expect(driver(PARQUET).readAll()).rejects.toThrow('byte 0: 4 bytes are no Parquet file');
    const broken = Buffer.from(whole);
    broken.fill(0xff, 4, 60);
    s3.put(key, broken);
    await expect(driver(PARQUET).readAll()).rejects.toThrow(/row 0 in row group 0 cannot be read/);
  });

  it('what is no Avro, and gzip that is cut off', async () => {
    s3.put(`${FOLDER}t+0+0000000000.avro`, Buffer.from('hello'));
    await expect(driver(AVRO).readAll()).rejects.toThrow('byte 0: this is no Avro container file');
    const packed = gzipSync(lines('{"i":0}', '{"i":1}'));
    s3.put(`${FOLDER}t+0+0000000001.json.gz`, packed.subarray(0, packed.length - 6));
    await expect(driver().readAll()).rejects.toThrow('gzip cannot be unpacked: unexpected end of file');
  });

  it('an object that is replaced while it is read is no longer read', async () => {
    const key = `${FOLDER}t+0+0000000000.json`;
    const many = Array.from({ length: 400_000 }, (_, i) => `{"i":${i}}`);
    s3.put(key, text(many));
    const source = driver();
    const { task, commit } = await source.begin();
    for (const record of (await task.poll())!) commit(record);
    s3.put(key, text(many.reverse()));
    await expect(
      (async () => {
        while (((await task.poll()) ?? []).length > 0);
      })(),
    ).rejects.toThrow(/^object .* was replaced while it was being read \(ETag .*, byte \d+ of \d+\): write objects once/);
    await task.stop();
    await expect(source.readAll()).rejects.toThrow(/was replaced after 200 of its records had been read/);
  });

  it('an object that is deleted before it is read is not missed; one that is deleted later is', async () => {
    s3.put(`${FOLDER}t+0+0000000000.json`, lines('{"i":0}'));
    s3.put(`${FOLDER}t+0+0000000001.json`, lines('{"i":1}'));
    s3.onRequest = (request) => {
      if (request.startsWith('GET  ')) queueMicrotask(() => s3.objects.delete(`${FOLDER}t+0+0000000001.json`));
    };
    expect(numbers(await driver().readAll())).toEqual([0]);
  });

  it('an outage in the middle of an object repeats nothing and loses nothing', async () => {
    const count = 300_000;
    s3.put(`${FOLDER}t+0+0000000000.json`, text(Array.from({ length: count }, (_, i) => `{"i":${i}}`)));
    const { task, state } = await driver({ 'record.batch.max.size': '5000' }).begin();
    const read: number[] = [];
    let requests = 0;
    let outages = 0;
    s3.onRequest = () => {
      if (++requests % 3 === 2) throw new Error('out of order');
    };
    while (!state.caughtUp) {
      try {
        read.push(...numbers((await task.poll()) ?? []));
      } catch (error) {
        expect(isRetriable(error)).toBe(true);
        outages++;
      }
    }
    await task.stop();
    expect(outages).toBeGreaterThan(0);
    expect(read).toHaveLength(count);
    expect(read.every((value, index) => value === index)).toBe(true);
  });

  it('keys that are not there are named', async () => {
    s3.put(`${FOLDER}t+0+0000000000.json`, lines('{"i":0}'));
    await expect(driver({ 'store.kafka.keys': 'true' }).readAll()).rejects.toThrow(
      `there is no object ${FOLDER}t+0+0000000000.keys.* with the keys of ${FOLDER}t+0+0000000000.json; set store.kafka.keys=false`,
    );
  });

  it('configurations that cannot be', async () => {
    const connector = new S3SourceConnector();
    const problems = (config: Readonly<Record<string, string>>) =>
      connector
        .validate({ 's3.bucket.name': 'b', ...AVRO, ...config })
        .values.filter(({ errorMessages }) => errorMessages.length > 0)
        .map(({ name, errorMessages }) => [name, errorMessages]);
    expect(problems({})).toEqual([]);
    expect(problems({ mode: 'GENERIC' })).toEqual([
      ['topic.regex.list', ['topic.regex.list cannot be empty when the connector runs in GENERIC mode.']],
    ]);
    expect(problems({ mode: 'GENERIC', 'topic.regex.list': 'orders' })[0]![1]).toEqual([
      'Invalid value orders for configuration topic.regex.list: expected topic:regex, e.g. orders:incoming/orders/.*\\.json',
    ]);
    expect(problems({ 'behavior.on.error': 'shrug' })).toHaveLength(1);
    expect(problems({ 'format.class': 'io.confluent.connect.s3.format.xml.XmlFormat' })).toHaveLength(1);
    expect(() => connector.alterOffsets({}, new Map([[{ bucket: 'b' }, null]]))).toThrow("should contain the key 'folder'");
    expect(() => connector.alterOffsets({}, new Map([[{ folder: 'f' }, { eof: 'true' }]]))).toThrow('this is no offset of the S3 source');
  });
});
