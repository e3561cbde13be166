import type { TimestampType } from './sink-record.ts';

/** A Kafka header as it travels; null = a header without a value. */
export interface RawHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record as bytes, on its way to Kafka. */
export interface ProducerRecord {
  readonly topic: string;
  /** null = Java's default partitioner decides: murmur2 of the key, sticky per batch without one. */
  readonly partition: number | null;
  readonly key: Uint8Array | null;
  /** null = a tombstone. */
  readonly value: Uint8Array | null;
  /** Milliseconds since the epoch; null = now. */
  readonly timestamp: number | null;
  readonly headers: readonly RawHeader[];
}

/** A record as it stands in Kafka. */
export interface ConsumerRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch; −1 = none. */
  readonly timestamp: number;
  readonly timestampType: TimestampType;
  readonly key: Uint8Array | null;
  /** null = a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: readonly RawHeader[];
}
