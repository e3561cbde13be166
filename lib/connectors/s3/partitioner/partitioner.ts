import type { SinkRecord } from '../../../core/sink-record.ts';
import type { TimestampExtractor } from './timestamp-extractor.ts';

/** Says into which folder of its topic a record belongs. */
export interface Partitioner {
  /** The folder below the topic's. `now` is the time of the write. Throws PartitionException or DataException for bad data. */
  encode(record: SinkRecord, now: number): string;
  /** null unless the partitioner looks at times. */
  readonly extractor: TimestampExtractor | null;
}

/** What is configured of partitioners, beyond the class. */
export interface PartitionerInit {
  readonly directoryDelim: string;
  readonly fieldNames: readonly string[];
  readonly durationMs: number;
  readonly pathFormat: string;
  readonly locale: string;
  readonly timezone: string;
  readonly timestampExtractor: string;
  readonly timestampField: string;
}
