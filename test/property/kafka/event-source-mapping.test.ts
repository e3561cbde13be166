import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import { topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import { decodeKafkaEvent, encodeKafkaEvent, type KafkaEvent, partialFailure } from '../../../lib/kafka/event-source-mapping.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 20 }));
const record: fc.Arbitrary<ConsumerRecord> = fc
  .record({
    topic: fc.stringMatching(/^[a-z][a-z.-]{0,8}$/),
    partition: fc.nat(3),
    offset: fc.maxSafeNat(),
    timestamp: fc.nat({ max: 2_000_000_000_000 }),
    timestampType: fc.constantFrom('CREATE_TIME' as const, 'LOG_APPEND_TIME' as const, 'NO_TIMESTAMP_TYPE' as const),
    key: bytes,
    value: bytes,
    headers: fc.array(fc.record({ key: fc.string({ maxLength: 8 }), value: bytes }), {
      maxLength: 4,
    }),
  })
  .map((init) => (init.timestampType === 'NO_TIMESTAMP_TYPE' ? { ...init, timestamp: -1 } : init));

const hex = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString('hex'));
const plain = (records: readonly ConsumerRecord[]) =>
  records.map(({ key, value, headers, ...rest }) => ({
    ...rest,
    key: hex(key),
    value: hex(value),
    headers: headers.map((header) => [header.key, hex(header.value)]),
  }));

describe('event of a Kafka event source mapping', () => {
  it('keeps every record, through JSON', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 20 }),
        fc.option(fc.constant('arn:aws:kafka:eu-west-1:1:cluster/a')),
        (records, clusterArn) => {
          const event = JSON.parse(JSON.stringify(encodeKafkaEvent(records, { clusterArn, bootstrapServers: 'b:9092' }))) as KafkaEvent;
          const grouped = [...Map.groupBy(records, ({ topic, partition }) => topicPartitionKey(topic, partition)).values()].flat();
          expect(plain(decodeKafkaEvent(event))).toEqual(plain(grouped));
        },
      ),
    );
  });

  it('reports the first failed offset of a partition and every later one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(30)), { maxLength: 20 }),
        fc.dictionary(fc.constantFrom('t-0', 't-1'), fc.nat(30)),
        (places, from) => {
          const records = places.map(([partition, offset]) => ({ ...(base as ConsumerRecord), partition, offset }));
          const failedFrom = new Map(Object.entries(from));
          const reported = partialFailure(records, failedFrom).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
          expect(reported).toEqual(
            places
              .filter(([partition, offset]) => offset >= (failedFrom.get(`t-${partition}`) ?? 99))
              .map(([partition, offset]) => ({ partition: `t-${partition}`, offset })),
          );
        },
      ),
    );
  });
});

const base: ConsumerRecord = {
  topic: 't',
  partition: 0,
  offset: 0,
  timestamp: 1,
  timestampType: 'CREATE_TIME',
  key: null,
  value: null,
  headers: [],
};
