import { describe, expect, it } from 'vitest';
import { decodeKafkaEvent, encodeKafkaEvent, type KafkaEvent } from '../../../lib/kafka/event-source-mapping.ts';

/** The example of https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html, with the tombstones that it leaves out. */
const EVENT = {
  eventSource: 'aws:kafka',
  eventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/vpc-2priv-2pub/751d2973',
  bootstrapServers: 'b-2.demo.c1.kafka.us-east-1.amazonaws.com:9092,b-1.demo.c1.kafka.us-east-1.amazonaws.com:9092',
  records: {
    'mytopic-0': [
      {
        topic: 'mytopic',
        partition: 0,
        offset: 15,
        timestamp: 1545084650987,
        timestampType: 'CREATE_TIME',
        key: 'abcDEFghiJKLmnoPQRstuVWXyz1234==',
        value: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
        headers: [{ headerKey: [104, 101, 97, 100, 101, 114, 86, 97, 108, 117, 101] }, { headerKey: [] }],
      },
      { topic: 'mytopic', partition: 0, offset: 16, timestamp: 1, timestampType: 'LOG_APPEND_TIME', key: '', headers: [] },
      { topic: 'mytopic', partition: 0, offset: 17, key: null, value: null },
      { topic: 'mytopic', partition: 0, offset: 18, timestamp: 3, timestampType: 'CREATE_TIME', value: '' },
    ],
  },
} satisfies KafkaEvent;

describe('decodeKafkaEvent', () => {
  it('reads keys and values that are there, empty, null or absent', () => {
    const [first, second, third, fourth] = decodeKafkaEvent(EVENT);
    expect(first).toMatchObject({ topic: 'mytopic', partition: 0, offset: 15, timestamp: 1545084650987, timestampType: 'CREATE_TIME' });
    expect(Buffer.from(first?.value ?? []).toString()).toBe('Hello, this is a test.');
    expect(first?.headers.map(({ key, value }) => [key, Buffer.from(value ?? []).toString()])).toEqual([
      ['headerKey', 'headerValue'],
      ['headerKey', ''],
    ]);
    expect(second).toMatchObject({ key: Buffer.alloc(0), value: null, timestampType: 'LOG_APPEND_TIME' });
    expect(third).toMatchObject({ key: null, value: null, timestamp: -1, timestampType: 'NO_TIMESTAMP_TYPE', headers: [] });
    expect(fourth).toMatchObject({ key: null, value: Buffer.alloc(0) });
  });

  it.each([
    [{}, /has no records/],
    [null, /has no records/],
    [{ records: { 't-0': 'x' } }, /records\["t-0"\] is not a list/],
    [{ records: { 't-0': [{ topic: 't', partition: 0 }] } }, /lacks topic, partition or offset/],
  ])('refuses %j', (event, message) => {
    expect(() => decodeKafkaEvent(event as unknown as KafkaEvent)).toThrow(message);
  });
});

describe('encodeKafkaEvent', () => {
  it('names the cluster, or none for a self-managed one', () => {
    expect(
      encodeKafkaEvent(decodeKafkaEvent(EVENT), { clusterArn: EVENT.eventSourceArn, bootstrapServers: EVENT.bootstrapServers }),
    ).toMatchObject({
      eventSource: 'aws:kafka',
      eventSourceArn: EVENT.eventSourceArn,
      records: { 'mytopic-0': [{ value: EVENT.records['mytopic-0'][0]?.value }, { key: '' }, {}, { value: '' }] },
    });
    const own = encodeKafkaEvent([], { clusterArn: null, bootstrapServers: 'a:1' });
    expect(own).toEqual({ eventSource: 'SelfManagedKafka', bootstrapServers: 'a:1', records: {} });
  });
});
