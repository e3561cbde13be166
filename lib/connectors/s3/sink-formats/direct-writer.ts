import type { SinkRecord } from '../../../core/sink-record.ts';
import { connectException } from '../s3-exception.ts';
import type { ByteSink } from '../storage/object-stream.ts';
import type { RecordWriter } from './record-writer.ts';

/** The writer of a format that writes each record straight into the object. */
export function directWriter(out: ByteSink, write: (record: SinkRecord, out: ByteSink) => void): RecordWriter {
  return {
    write: (record) => write(record, out),
    get full() {
      return out.full;
    },
    drain: () => out.drain().catch(rethrow),
    commit: () => out.commit().catch(rethrow),
    close: () => out.abort(),
  };
}

/** Throws what Connect is to see of a failure to write. */
export function rethrow(error: unknown): never {
  throw connectException(error);
}
