import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { RecordChange } from '../core/record.ts';
import { SinkRecord, type SinkRecordInit } from '../core/sink-record.ts';

/** A sink record that remembers the bytes it was made from, through every transformation, so that a report can send exactly those. */
export class ConsumedSinkRecord extends SinkRecord {
  readonly original: ConsumerRecord;

  constructor(init: SinkRecordInit, original: ConsumerRecord) {
    super(init);
    this.original = original;
  }

  /** The same record remembering where it came from; for records that a transformation made from scratch. */
  static remembering(record: SinkRecord, original: ConsumerRecord): ConsumedSinkRecord {
    return record instanceof ConsumedSinkRecord ? record : new ConsumedSinkRecord(record, original);
  }

  override with(change: RecordChange): this {
    return new ConsumedSinkRecord(
      {
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
      },
      this.original,
    ) as this;
  }
}
