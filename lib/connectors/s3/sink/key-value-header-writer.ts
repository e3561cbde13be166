import { ConnectException, DataException } from '../../../core/errors.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import type { RecordWriter, RecordWriterProvider } from '../sink-formats/record-writer.ts';

/** The objects of one file: values, and beside them keys and headers where they are stored. */
export interface FileFormats {
  readonly values: RecordWriterProvider;
  readonly keys: RecordWriterProvider | null;
  readonly headers: RecordWriterProvider | null;
  /** Files with this text in their name hold no values. */
  readonly tombstoneFolder: string;
  readonly writesTombstones: boolean;
}

/** Opens the objects of a file. @param fileName key of the object of the values, with its extension. */
export function openFile(formats: FileFormats, fileName: string): RecordWriter {
  const { values, keys, headers, tombstoneFolder, writesTombstones } = formats;
  const base = fileName.endsWith(values.extension) ? fileName.slice(0, fileName.length - values.extension.length) : fileName;
  const value = fileName.includes(tombstoneFolder) ? null : values.writer(base);
  const key = keys?.writer(base) ?? null;
  const header = headers?.writer(base) ?? null;
  const writers = [value, key, header].filter((writer) => writer !== null);
  return {
    write(record) {
      if (writesTombstones && key === null) {
        throw new ConnectException('Key Writer must be configured when writing tombstone records is enabled.');
      }
      // Both before the value is written, or the objects would no longer go side by side
      if (key !== null && record.key === null) throw new DataException(`Key cannot be null for SinkRecord: ${shortText(record)}`);
      if (header !== null && record.headers.size === 0) {
        throw new DataException(`Headers cannot be null for SinkRecord: ${shortText(record)}`);
      }
      if (value === null && record.value !== null) {
        throw new ConnectException(
          `Value writer not configured for SinkRecord: ${shortText(record)}. fileName: ${fileName}, tombstonePartition: ${tombstoneFolder}`,
        );
      }
      for (const writer of writers) writer.write(record);
    },
    get full() {
      return writers.some((writer) => writer.full);
    },
    async drain() {
      for (const writer of writers) if (writer.full) await writer.drain();
    },
    async commit() {
      for (const writer of writers) await writer.commit();
    },
    async close() {
      for (const writer of writers) await writer.close();
    },
  };
}

function shortText({ topic, kafkaPartition, kafkaOffset }: SinkRecord): string {
  return `SinkRecord{kafkaOffset=${kafkaOffset}, topic='${topic}', kafkaPartition=${kafkaPartition}} `;
}
