import { ConnectHeaders } from './data/headers.ts';
import type { Schema } from './data/schema.ts';
import { ConnectRecord, type RecordChange } from './record.ts';

/** What a source partition or offset may hold. Integers beyond 2^53 are bigint, also when read back; other integers are numbers. */
export type OffsetValue = string | number | bigint | boolean | null;
/** Names one place that a source reads from, e.g. `{ table: "orders" }`. Equality is that of the members, in any order. */
export type SourcePartition = Readonly<Record<string, OffsetValue>>;
/** How far that place has been read, e.g. `{ incrementing: 42 }`. */
export type SourceOffset = Readonly<Record<string, OffsetValue>>;

/** The members of a {@link SourceRecord}; only topic and value are needed. */
export interface SourceRecordInit {
  /** null = this record's position is not tracked together with others'; it shares the null partition. */
  readonly sourcePartition?: SourcePartition | null;
  readonly sourceOffset?: SourceOffset | null;
  readonly topic: string;
  readonly kafkaPartition?: number | null;
  readonly keySchema?: Schema | null;
  readonly key?: unknown;
  readonly valueSchema?: Schema | null;
  readonly value: unknown;
  readonly timestamp?: number | null;
  readonly headers?: ConnectHeaders;
}

/** A record that a SourceTask read; its offset is committed once Kafka has acknowledged it and all before it of its source partition. */
export class SourceRecord extends ConnectRecord {
  readonly sourcePartition: SourcePartition | null;
  readonly sourceOffset: SourceOffset | null;

  constructor(init: SourceRecordInit) {
    super(
      init.topic,
      init.kafkaPartition ?? null,
      init.keySchema ?? null,
      init.key ?? null,
      init.valueSchema ?? null,
      init.value ?? null,
      init.timestamp ?? null,
      init.headers ?? new ConnectHeaders(),
    );
    this.sourcePartition = init.sourcePartition ?? null;
    this.sourceOffset = init.sourceOffset ?? null;
  }

  override with(change: RecordChange): this {
    return new SourceRecord({
      sourcePartition: this.sourcePartition,
      sourceOffset: this.sourceOffset,
      topic: change.topic ?? this.topic,
      kafkaPartition: change.kafkaPartition === undefined ? this.kafkaPartition : change.kafkaPartition,
      keySchema: change.keySchema === undefined ? this.keySchema : change.keySchema,
      key: change.key === undefined ? this.key : change.key,
      valueSchema: change.valueSchema === undefined ? this.valueSchema : change.valueSchema,
      value: change.value === undefined ? this.value : change.value,
      timestamp: change.timestamp === undefined ? this.timestamp : change.timestamp,
      headers: change.headers ?? this.headers.duplicate(),
    }) as this;
  }
}
