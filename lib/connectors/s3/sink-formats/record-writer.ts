import type { SinkRecord } from '../../../core/sink-record.ts';

/**
 * One object being written. Writing a record never waits; once `full` is true, `drain` is to be called before the next. A record that the
 * format refuses (DataException and the like) leaves the object as it was.
 */
export interface RecordWriter {
  write(record: SinkRecord): void;
  readonly full: boolean;
  drain(): Promise<void>;
  /** Completes the object. Throws RetriableException for an outage, FileExistsException, ConnectException. */
  commit(): Promise<void>;
  /** Gives the object up. */
  close(): Promise<void>;
}

/** Makes the writers of one format. */
export interface RecordWriterProvider {
  /** With the dot and that of the compression: `.json.gz`. */
  readonly extension: string;
  /** @param key of the object, without extension. */
  writer(key: string): RecordWriter;
}
