import type { ConnectHeaders } from './data/headers.ts';
import type { Schema } from './data/schema.ts';

/** What a transformation may change of a record; a member left out stays as it is. */
export interface RecordChange {
  readonly topic?: string;
  readonly kafkaPartition?: number | null;
  readonly keySchema?: Schema | null;
  readonly key?: unknown;
  readonly valueSchema?: Schema | null;
  readonly value?: unknown;
  /** Milliseconds since the epoch; null = none. */
  readonly timestamp?: number | null;
  readonly headers?: ConnectHeaders;
}

/**
 * A record on its way. Immutable but for its header list, which belongs to one record: {@link ConnectRecord.with} copies it
 * unless new headers are given. Values are plain: Int64 is bigint, bytes are Uint8Array, maps are Map, structs are Struct,
 * Decimal values are {@link BigDecimal}, Date/Time/Timestamp values are Date.
 */
export abstract class ConnectRecord {
  readonly topic: string;
  /** null = the producer's partitioner decides. */
  readonly kafkaPartition: number | null;
  /** null = schemaless. */
  readonly keySchema: Schema | null;
  readonly key: unknown;
  readonly valueSchema: Schema | null;
  readonly value: unknown;
  /** Milliseconds since the epoch; null = none. */
  readonly timestamp: number | null;
  readonly headers: ConnectHeaders;

  constructor(
    topic: string,
    kafkaPartition: number | null,
    keySchema: Schema | null,
    key: unknown,
    valueSchema: Schema | null,
    value: unknown,
    timestamp: number | null,
    headers: ConnectHeaders,
  ) {
    this.topic = topic;
    this.kafkaPartition = kafkaPartition;
    this.keySchema = keySchema;
    this.key = key;
    this.valueSchema = valueSchema;
    this.value = value;
    this.timestamp = timestamp;
    this.headers = headers;
  }

  /** A record of the same kind with these changes (Connect's `newRecord`); what identifies its origin is kept. */
  abstract with(change: RecordChange): this;
}
