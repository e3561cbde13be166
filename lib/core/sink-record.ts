import { ConnectHeaders } from './data/headers.ts';
import type { Schema } from './data/schema.ts';
import { ConnectRecord, type RecordChange } from './record.ts';

/** Who set a Kafka record's timestamp. */
export type TimestampType = 'NO_TIMESTAMP_TYPE' | 'CREATE_TIME' | 'LOG_APPEND_TIME';

/** The members of a {@link SinkRecord}. */
export interface SinkRecordInit {
  readonly topic: string;
  readonly kafkaPartition: number;
  readonly keySchema?: Schema | null;
  readonly key?: unknown;
  readonly valueSchema?: Schema | null;
  readonly value: unknown;
  /** A number: exact to 2^53, which no Kafka partition reaches. */
  readonly kafkaOffset: number;
  readonly timestamp?: number | null;
  readonly timestampType?: TimestampType;
  readonly headers?: ConnectHeaders;
  /** Where the record stood in Kafka before transformations; default: topic, partition and offset as given. */
  readonly originalTopic?: string;
  readonly originalKafkaPartition?: number;
  readonly originalKafkaOffset?: number;
}

/**
 * A record read from Kafka. Transformations may change topic and partition; `original…` keep what was consumed, and only these
 * serve to track offsets (KIP-793).
 */
export class SinkRecord extends ConnectRecord {
  declare readonly kafkaPartition: number;
  readonly kafkaOffset: number;
  readonly timestampType: TimestampType;
  readonly originalTopic: string;
  readonly originalKafkaPartition: number;
  readonly originalKafkaOffset: number;

  constructor(init: SinkRecordInit) {
    super(
      init.topic,
      init.kafkaPartition,
      init.keySchema ?? null,
      init.key ?? null,
      init.valueSchema ?? null,
      init.value ?? null,
      init.timestamp ?? null,
      init.headers ?? new ConnectHeaders(),
    );
    this.kafkaOffset = init.kafkaOffset;
    this.timestampType = init.timestampType ?? 'NO_TIMESTAMP_TYPE';
    this.originalTopic = init.originalTopic ?? init.topic;
    this.originalKafkaPartition = init.originalKafkaPartition ?? init.kafkaPartition;
    this.originalKafkaOffset = init.originalKafkaOffset ?? init.kafkaOffset;
  }

  override with(change: RecordChange): this {
    return new SinkRecord({
      topic: change.topic ?? this.topic,
      kafkaPartition: change.kafkaPartition ?? this.kafkaPartition,
      keySchema: change.keySchema === undefined ? this.keySchema : change.keySchema,
      key: change.key === undefined ? this.key : change.key,
      valueSchema: change.valueSchema === undefined ? this.valueSchema : change.valueSchema,
      value: change.value === undefined ? this.value : change.value,
      kafkaOffset: this.kafkaOffset,
      timestamp: change.timestamp === undefined ? this.timestamp : change.timestamp,
      timestampType: this.timestampType,
      headers: change.headers ?? this.headers.duplicate(),
      originalTopic: this.originalTopic,
      originalKafkaPartition: this.originalKafkaPartition,
      originalKafkaOffset: this.originalKafkaOffset,
    }) as this;
  }
}
