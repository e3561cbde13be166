import { describe, expect, it } from 'vitest';
import type { Converter } from '../../../lib/core/converter.ts';
import { ConnectHeaders } from '../../../lib/core/data/headers.ts';
import { DataException, RetriableException } from '../../../lib/core/errors.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { jsonConverter, sourcePath, transform } from '../../support/processing/record-path.ts';

const record = (value: unknown, init: Partial<ConstructorParameters<typeof SourceRecord>[0]> = {}) =>
  new SourceRecord({ topic: 't', sourcePartition: { p: 1 }, sourceOffset: { o: 1 }, key: 'k', value, ...init });

describe('SourceProcessor', () => {
  it('says which polled records the produced ones are', async () => {
    const { processor } = sourcePath([transform((each) => (each.value === 'drop' ? null : each))]);
    const batch = await processor.process(['a', 'drop', 'b', 'drop'].map((value) => record(value)));
    expect(batch.indexes).toEqual([0, 2]);
    expect(batch.records.map((each) => Buffer.from(each.value as Uint8Array).toString())).toEqual(['"a"', '"b"']);
  });

  it('answers without a promise while nothing is one', () => {
    const { processor } = sourcePath([transform((each) => each)]);
    expect(processor.process([record('a')])).not.toBeInstanceOf(Promise);
  });

  it('makes tombstones, headers, timestamps and partitions as given', async () => {
    const { processor } = sourcePath([]);
    const headers = new ConnectHeaders().add('h', 5, null);
    const { records } = await processor.process([record(null, { key: null, headers, timestamp: 7, kafkaPartition: 3 })]);
    expect(records).toEqual([
      { topic: 't', partition: 3, key: null, value: null, timestamp: 7, headers: [{ key: 'h', value: Buffer.from('5') }] },
    ]);
  });

  it.each([
    ['directly', false],
    ['with promises', true],
  ])('gives key and value converter the converted headers and sends what they add, %s', async (_, slow) => {
    const adding = (name: string): Converter => ({
      ...jsonConverter(),
      fromConnectData(_topic, _schema, _value, headers) {
        const bytes = Buffer.from([...(headers ?? [])].map(({ key, value }) => `${key}=${value}`).join());
        headers?.add(name, Buffer.of(1));
        return slow ? Promise.resolve(bytes) : bytes;
      },
    });
    const { processor } = sourcePath([], { key: adding('key-id'), value: adding('value-id') });
    const headers = new ConnectHeaders().add('h', 5, null);
    const { records } = await processor.process([record('a', { headers }), record('b')]);
    expect(records.map((each) => [String(each.key), String(each.value), each.headers.map(({ key }) => key)])).toEqual([
      ['h=5', 'h=5,key-id=\u0001', ['h', 'key-id', 'value-id']],
      ['', 'key-id=\u0001', ['key-id', 'value-id']],
    ]);
    expect(headers.size).toBe(1);
  });

  it('keeps what was processed before the record that fails the task', () => {
    const { processor } = sourcePath([], { value: jsonConverter((text) => (text === '"bad"' ? new DataException('no') : null)) });
    expect(() => processor.process([record('a'), record('bad'), record('c')])).toThrow('Tolerance exceeded in error handler');
    expect(processor.processed.indexes).toEqual([0]);
  });

  it('drops tolerated failures, synchronous or not, and runs no later operation of the record', async () => {
    let converted = 0;
    const { processor, metrics } = sourcePath(
      [transform((each) => (each.value === 'bad' ? Promise.reject(new DataException('no')) : each))],
      {
        policy: { tolerance: 'all' },
        value: jsonConverter(() => {
          converted++;
          return null;
        }),
      },
    );
    const batch = await processor.process([record('a'), record('bad'), record('c')]);
    expect(batch.indexes).toEqual([0, 2]);
    expect(converted).toBe(2);
    expect(metrics.recordsSkipped).toBe(1);
  });

  it('retries a converter without calling the transformations again', async () => {
    let applied = 0;
    let failures = 2;
    const { processor, clock } = sourcePath(
      [
        transform((each) => {
          applied++;
          return each;
        }),
      ],
      { policy: { retryTimeoutMs: -1 }, value: jsonConverter(() => (failures-- > 0 ? new RetriableException('registry is busy') : null)) },
    );
    const { records } = await processor.process([record('a')]);
    expect([records.length, applied, clock.time]).toEqual([1, 1, 900]);
  });

  it('reports what Kafka refused where all is tolerated, and fails otherwise', async () => {
    const tolerant = sourcePath([], { policy: { tolerance: 'all' } });
    await tolerant.processor.produceFailed(record('a'), new Error('too large'));
    expect(tolerant.metrics.recordFailures).toBe(1);
    const strict = sourcePath([]);
    expect(() => strict.processor.produceFailed(record('a'), new Error('too large'))).toThrow(
      'Unrecoverable exception from producer send callback',
    );
  });
});
