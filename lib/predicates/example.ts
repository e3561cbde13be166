import type { PluginClass } from '../core/manifest.ts';
import type { SinkRecordInit } from '../core/sink-record.ts';

/** A runnable example of a predicate: tests run it, the docs print it. */
export interface PredicateExample {
  readonly summary: string;
  readonly predicate: PluginClass;
  readonly config: Readonly<Record<string, string>>;
  /** What matters of the record; the rest is topic `orders`, partition 0, offset 42, no key and a null value. */
  readonly have: Partial<SinkRecordInit>;
  readonly want: boolean;
}

/** The record that examples begin with. */
export const EXAMPLE_RECORD: SinkRecordInit = { topic: 'orders', kafkaPartition: 0, kafkaOffset: 42, value: null };
