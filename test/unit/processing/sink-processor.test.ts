import { describe, expect, it } from 'vitest';
import type { Converter } from '../../../lib/core/converter.ts';
import { DataException, RetriableException } from '../../../lib/core/errors.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { consumed, jsonConverter, sinkPath, transform } from '../../support/processing/record-path.ts';

const header = (record: { headers: readonly { key: string; value: Uint8Array | null }[] } | undefined, name: string) => {
  const found = record?.headers.find((each) => each.key === `__connect.errors.${name}`);
  return found?.value == null ? undefined : Buffer.from(found.value).toString();
};

describe('SinkProcessor', () => {
  it('answers without a promise while nothing is one', () => {
    const { processor } = sinkPath([transform((record) => record.with({ topic: `x-${record.topic}` }))]);
    const records = processor.process([consumed(1, { a: 1 }), consumed(2, null)]);
    expect(records).toBeInstanceOf(Array);
    expect((records as SinkRecord[]).map((record) => [record.topic, record.originalTopic, record.kafkaOffset, record.value])).toEqual([
      ['x-orders', 'orders', 1, { a: 1 }],
      ['x-orders', 'orders', 2, null],
    ]);
  });

  it('converts key, value and headers before the first transformation', () => {
    const seen: unknown[] = [];
    const { processor } = sinkPath([
      transform((record) => {
        seen.push(record.key, record.value, [...record.headers]);
        return record;
      }),
    ]);
    void processor.process([
      consumed(7, [1], {
        headers: [
          { key: 'h', value: Buffer.from('x') },
          { key: 'n', value: null },
        ],
      }),
    ]);
    expect(seen).toEqual([
      'k7',
      [1],
      [
        { key: 'h', schema: null, value: 'x' },
        { key: 'n', schema: null, value: null },
      ],
    ]);
  });

  it("gives key and value converter the message's headers", async () => {
    const reading: Converter = {
      ...jsonConverter(),
      toConnectData: (_topic, _bytes, headers) => ({ schema: null, value: String(headers?.lastHeader('id')?.value ?? 'none') }),
    };
    const { processor } = sinkPath([], { key: reading, value: reading });
    const id = (text: string) => ({ key: 'id', value: Buffer.from(text) });
    const records = await processor.process([consumed(1, 'x', { headers: [id('1'), id('2')] }), consumed(2, 'y')]);
    expect(records.map(({ key, value, headers }) => [key, value, headers.size])).toEqual([
      ['2', '2', 2],
      ['none', 'none', 0],
    ]);
  });

  it('goes on in order where a transformation answers promises', async () => {
    const { processor } = sinkPath([
      transform((record) => (record.kafkaOffset % 2 === 0 ? Promise.resolve(record.kafkaOffset === 4 ? null : record) : record)),
      transform((record) => record.with({ value: record.kafkaOffset })),
    ]);
    const records = await processor.process([1, 2, 3, 4, 5].map((offset) => consumed(offset, { offset })));
    expect(records.map((record) => record.value)).toEqual([1, 2, 3, 5]);
  });

  it('waits for converters that answer promises, one after the other', async () => {
    const calls: string[] = [];
    const slow = (name: string) => ({
      ...jsonConverter(),
      toConnectData: (_topic: string, bytes: Uint8Array | null) => {
        calls.push(name);
        return Promise.resolve({ schema: null, value: bytes === null ? null : Buffer.from(bytes).toString() });
      },
    });
    const { processor } = sinkPath([], { key: slow('key'), value: slow('value') });
    const records = await processor.process([consumed(1, 'a'), consumed(2, 'b')]);
    expect(records.map((record) => [record.key, record.value])).toEqual([
      ['"k1"', '"a"'],
      ['"k2"', '"b"'],
    ]);
    expect(calls).toEqual(['key', 'value', 'key', 'value']);
  });

  it('drops what cannot be converted and dead-letters its original bytes in one request', async () => {
    const { processor, requests, metrics } = sinkPath([], {
      policy: { tolerance: 'all' },
      value: jsonConverter((text) => (text.startsWith('!') ? new DataException('not JSON') : null)),
    });
    const records = await processor.process([consumed(1, '!a'), consumed(2, 'ok'), consumed(3, '!b')]);
    expect(records.map((record) => record.kafkaOffset)).toEqual([2]);
    await processor.settleReports();
    expect(requests.map((request) => request.map((record) => Buffer.from(record.value as Uint8Array).toString()))).toEqual([['!a', '!b']]);
    const [first] = requests[0] ?? [];
    expect([header(first, 'stage'), header(first, 'class.name'), header(first, 'offset'), header(first, 'exception.message')]).toEqual([
      'VALUE_CONVERTER',
      'a.b.ValueConverter',
      '1',
      'not JSON',
    ]);
    expect(metrics.snapshot()).toMatchObject({ 'total-records-skipped': 2, 'deadletterqueue-produce-requests': 2 });
  });

  it('fails the task with tolerance none, and the record is in the dead letter queue all the same', async () => {
    const { processor, requests } = sinkPath([
      transform(() => {
        throw new DataException('no such field');
      }, 'a.b.Mask'),
    ]);
    expect(() => processor.process([consumed(1, {})])).toThrow('Tolerance exceeded in error handler');
    await processor.settleReports();
    expect(header(requests[0]?.[0], 'class.name')).toBe('a.b.Mask');
  });

  it('hands an outage back as retriable, reports nothing, and can process the same batch again', async () => {
    let down = true;
    const { processor, requests, metrics } = sinkPath(
      [
        transform((record) => {
          if (down) throw new RetriableException('connection refused');
          return record;
        }),
      ],
      { policy: { tolerance: 'all' } },
    );
    const batch = [consumed(1, {})];
    expect(() => processor.process(batch)).toThrow(expect.objectContaining({ retriable: true, name: 'ConnectException' }));
    down = false;
    expect(await processor.process(batch)).toHaveLength(1);
    await processor.settleReports();
    expect(requests).toEqual([]);
    expect(metrics.recordsSkipped).toBe(0);
  });

  it('retries an outage for errors.retry.timeout with the clock it is given', async () => {
    let failures = 3;
    const { processor, clock, metrics } = sinkPath(
      [
        transform((record) => {
          if (failures-- > 0) throw new RetriableException('busy');
          return record;
        }),
      ],
      { policy: { retryTimeoutMs: 10_000 } },
    );
    expect(await processor.process([consumed(1, {})])).toHaveLength(1);
    expect(clock.time).toBe(300 + 600 + 1200);
    expect(metrics.retries).toBe(3);
  });

  it('gives a stop during a back-off back as an outage, so that nothing is lost', async () => {
    const { processor, requests } = sinkPath(
      [
        transform(() => {
          processor.stop();
          throw new RetriableException('busy');
        }),
      ],
      { policy: { tolerance: 'all', retryTimeoutMs: 10_000 } },
    );
    await expect(Promise.resolve(processor.process([consumed(1, {})]))).rejects.toMatchObject({ retriable: true });
    expect(requests).toEqual([]);
  });

  it('refuses a negative timestamp as Connect does, whatever is tolerated', () => {
    const { processor } = sinkPath([], { policy: { tolerance: 'all' } });
    expect(() => processor.process([consumed(1, {}, { timestamp: -5 })])).toThrow('Invalid record timestamp -5');
  });

  it('makes timestamp -1 none', async () => {
    const { processor } = sinkPath([]);
    const [record] = await processor.process([consumed(1, {}, { timestamp: -1, timestampType: 'NO_TIMESTAMP_TYPE' })]);
    expect(record?.timestamp).toBeNull();
  });
});

describe('errant record reporter', () => {
  it('sends the original bytes of a record that was transformed, in stage TASK_PUT', async () => {
    const { processor, requests } = sinkPath([transform((record) => record.with({ topic: 'other', value: 'changed' }))], {
      policy: { tolerance: 'all' },
    });
    const [record] = await processor.process([consumed(9, { a: 1 })]);
    await processor.reporter?.report(record as SinkRecord, new DataException('refused'));
    const [sent] = requests[0] ?? [];
    expect(Buffer.from(sent?.value as Uint8Array).toString()).toBe('{"a":1}');
    expect([header(sent, 'topic'), header(sent, 'offset'), header(sent, 'stage'), header(sent, 'class.name')]).toEqual([
      'orders',
      '9',
      'TASK_PUT',
      'org.apache.kafka.connect.sink.SinkTask',
    ]);
  });

  it('remembers the original where a transformation makes a record from scratch', async () => {
    const { processor, requests } = sinkPath(
      [transform((record) => new SinkRecord({ topic: 'new', kafkaPartition: 0, kafkaOffset: record.kafkaOffset, value: 1 }))],
      { policy: { tolerance: 'all' } },
    );
    const [record] = await processor.process([consumed(3, 'bytes')]);
    await processor.reporter?.report(record as SinkRecord, new DataException('refused'));
    expect(Buffer.from(requests[0]?.[0]?.value as Uint8Array).toString()).toBe('"bytes"');
  });

  it('gives converters the headers of what the task made itself, too', async () => {
    const adding: Converter = {
      ...jsonConverter(),
      fromConnectData(_topic, _schema, value, headers) {
        headers?.add('id', Buffer.of(1));
        return Buffer.from(JSON.stringify(value));
      },
    };
    const { processor, requests } = sinkPath([], { policy: { tolerance: 'all' }, value: adding });
    const record = new SinkRecord({ topic: 't', kafkaPartition: 0, kafkaOffset: 1, value: 'x', timestampType: 'CREATE_TIME' });
    await processor.reporter?.report(record, new DataException('refused'));
    expect(requests.flat()[0]?.headers.map(({ key }) => key)).toContain('id');
  });

  it('converts back what the task made itself', async () => {
    const { processor, requests } = sinkPath([], { policy: { tolerance: 'all' } });
    const record = new SinkRecord({ topic: 't', kafkaPartition: 1, kafkaOffset: 5, key: 'k', value: { b: 2 }, timestamp: 8 });
    await processor.reporter?.report(record, new DataException('refused'));
    expect(requests[0]?.[0]).toMatchObject({ timestamp: 8, key: Buffer.from('"k"'), value: Buffer.from('{"b":2}') });
  });

  it('throws with tolerance none, after reporting', async () => {
    const { processor, requests } = sinkPath([]);
    const [record] = await processor.process([consumed(1, {})]);
    await expect(processor.reporter?.report(record as SinkRecord, new DataException('bad'))).rejects.toThrow(
      'Tolerance exceeded in error handler',
    );
    await processor.settleReports();
    expect(requests).toHaveLength(1);
  });

  it('says through settleReports that a dead letter did not arrive', async () => {
    const { processor, metrics, logger } = sinkPath([], {
      policy: { tolerance: 'all' },
      value: jsonConverter((text) => (text.startsWith('!') ? new DataException('not JSON') : null)),
      send: () => Promise.reject(new Error('broker is gone')),
    });
    await processor.process([consumed(1, '!a'), consumed(2, '!b')]);
    await expect(processor.settleReports()).rejects.toThrow('broker is gone');
    await processor.settleReports();
    expect(metrics.deadLetterQueueProduceFailures).toBe(2);
    expect(logger.errors).toEqual(['Could not produce message to dead letter queue. topic=dead']);
  });
});
