import { DataException } from '../core/errors.ts';
import type { ConsumerRecord, RawHeader } from '../core/kafka-record.ts';
import type { TimestampType } from '../core/sink-record.ts';
import { topicPartitionKey } from '../core/topic-partition.ts';

/**
 * A record as Lambda's Kafka event source mapping hands it over. The published types (`@types/aws-lambda`) do not know tombstones:
 * key and value may be absent, null or empty. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
interface KafkaEventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number;
  readonly timestampType?: string;
  /** Base64; absent or null = no key, '' = an empty one. */
  readonly key?: string | null;
  /** Base64; absent or null = a tombstone, '' = an empty value. */
  readonly value?: string | null;
  /** One entry per header, in order, also where names repeat; bytes as numbers. */
  readonly headers?: readonly Readonly<Record<string, readonly number[] | null>>[];
}

/** The event: records of one mapping (one topic), by `<topic>-<partition>`. */
export interface KafkaEvent {
  readonly eventSource: 'aws:kafka' | 'SelfManagedKafka';
  /** Of the MSK cluster; absent for a self-managed one. */
  readonly eventSourceArn?: string;
  /** Comma-separated. */
  readonly bootstrapServers?: string;
  readonly records: Readonly<Record<string, readonly KafkaEventRecord[]>>;
}

/** What the function answers where the mapping reports batch item failures: null or an empty list = everything succeeded. */
export interface KafkaBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: { readonly partition: string; readonly offset: number } }[];
}

/** Where the records of an event come from. */
export interface KafkaEventSource {
  /** null = a self-managed cluster. */
  readonly clusterArn: string | null;
  readonly bootstrapServers: string;
}

const NO_HEADERS: readonly RawHeader[] = [];

/** The event's records; each partition's in the order of the event. Throws DataException where it is no such event. */
export function decodeKafkaEvent(event: KafkaEvent): ConsumerRecord[] {
  const partitions = (event as Partial<KafkaEvent> | null)?.records;
  if (typeof partitions !== 'object' || partitions === null) throw notAnEvent('it has no records');
  const records: ConsumerRecord[] = [];
  for (const [key, ofPartition] of Object.entries(partitions)) {
    if (!Array.isArray(ofPartition)) throw notAnEvent(`records["${key}"] is not a list`);
    for (const record of ofPartition as readonly KafkaEventRecord[]) records.push(decodeRecord(record, key));
  }
  return records;
}

function decodeRecord(record: KafkaEventRecord, key: string): ConsumerRecord {
  const { topic, partition, offset } = record;
  if (typeof topic !== 'string' || !Number.isInteger(partition) || !Number.isSafeInteger(offset)) {
    throw notAnEvent(`a record of records["${key}"] lacks topic, partition or offset`);
  }
  return {
    topic,
    partition,
    offset,
    timestamp: record.timestamp ?? -1,
    timestampType: timestampTypeOf(record),
    key: fromBase64(record.key),
    value: fromBase64(record.value),
    headers: record.headers === undefined || record.headers.length === 0 ? NO_HEADERS : decodeHeaders(record.headers),
  };
}

function timestampTypeOf({ timestamp, timestampType }: KafkaEventRecord): TimestampType {
  if (timestamp === undefined || timestamp < 0) return 'NO_TIMESTAMP_TYPE';
  return timestampType === 'LOG_APPEND_TIME' ? 'LOG_APPEND_TIME' : 'CREATE_TIME';
}

function fromBase64(text: string | null | undefined): Buffer | null {
  return text === null || text === undefined ? null : Buffer.from(text, 'base64');
}

function decodeHeaders(headers: NonNullable<KafkaEventRecord['headers']>): RawHeader[] {
  return headers.flatMap((entry) =>
    Object.entries(entry).map(([key, bytes]) => ({ key, value: bytes === null || bytes === undefined ? null : Uint8Array.from(bytes) })),
  );
}

/** The event that a mapping would send with these records, as the function receives it. */
export function encodeKafkaEvent(records: readonly ConsumerRecord[], source: KafkaEventSource): KafkaEvent {
  const partitions: Record<string, KafkaEventRecord[]> = {};
  for (const record of records) {
    const key = topicPartitionKey(record.topic, record.partition);
    partitions[key] ??= [];
    partitions[key].push(encodeRecord(record));
  }
  return {
    ...(source.clusterArn === null
      ? { eventSource: 'SelfManagedKafka' as const }
      : { eventSource: 'aws:kafka' as const, eventSourceArn: source.clusterArn }),
    bootstrapServers: source.bootstrapServers,
    records: partitions,
  };
}

function encodeRecord({ topic, partition, offset, timestamp, timestampType, key, value, headers }: ConsumerRecord): KafkaEventRecord {
  return {
    topic,
    partition,
    offset,
    ...(timestampType === 'NO_TIMESTAMP_TYPE' ? {} : { timestamp, timestampType }),
    ...(key === null ? {} : { key: toBase64(key) }),
    ...(value === null ? {} : { value: toBase64(value) }),
    headers: headers.map(({ key: name, value: bytes }) => ({ [name]: bytes === null ? null : Array.from(bytes) })),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/**
 * The answer of a batch that was delivered in part. `failedFrom` = the first failed offset, by `<topic>-<partition>`; it and every later
 * record of its partition are reported, since AWS does not say whether records behind a reported one come again.
 */
export function partialFailure(records: readonly ConsumerRecord[], failedFrom: ReadonlyMap<string, number>): KafkaBatchResponse {
  const batchItemFailures = records.flatMap(({ topic, partition, offset }) => {
    const key = topicPartitionKey(topic, partition);
    const first = failedFrom.get(key);
    return first === undefined || offset < first ? [] : [{ itemIdentifier: { partition: key, offset } }];
  });
  return { batchItemFailures };
}

function notAnEvent(why: string): DataException {
  return new DataException(`this is not an event of a Kafka event source mapping: ${why}`);
}
