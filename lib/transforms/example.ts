import type { PluginClass } from '../core/manifest.ts';
import type { SinkRecordInit } from '../core/sink-record.ts';

/** A runnable example of a transformation: tests run it, the docs print it. */
export interface TransformationExample {
  readonly summary: string;
  readonly transformation: PluginClass;
  readonly config: Readonly<Record<string, string>>;
  /** What differs from the example record: topic `orders`, partition 0, offset 42, 2024-02-29T12:34:56.789Z, no key, no value. */
  readonly have: Partial<SinkRecordInit>;
  /** What differs from the record before; null = the record is dropped. */
  readonly want: Partial<SinkRecordInit> | null;
}

/** The record that examples begin with. */
export const EXAMPLE_RECORD: SinkRecordInit = {
  topic: 'orders',
  kafkaPartition: 0,
  kafkaOffset: 42,
  timestamp: 1_709_210_096_789,
  timestampType: 'CREATE_TIME',
  value: null,
};
