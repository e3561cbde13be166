import { javaClassName } from '../../../core/data/java-text.ts';
import { DataException } from '../../../core/errors.ts';
import { NullPointerException } from '../../../core/java/exceptions.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { directWriter } from './direct-writer.ts';
import type { RecordView } from './record-view.ts';
import type { RecordWriterProvider } from './record-writer.ts';

/** Bytes as they are, each record followed by a separator. */
export function bytesFormat(store: ObjectStore, view: RecordView, extension: string, separator: string): RecordWriterProvider {
  return {
    extension,
    writer: (key) =>
      directWriter(store.createCompressed(key + view.extension + extension), (record, out) => {
        const schema = view.schema(record, false);
        const value = view.value(record, false);
        if (schema !== null && schema.type !== 'BYTES') {
          throw new DataException(`Invalid schema type for ByteArrayConverter: ${schema.type}`);
        }
        if (value !== null && !(value instanceof Uint8Array)) {
          throw new DataException(`ByteArrayConverter is not compatible with objects of type class ${javaClassName(value)}`);
        }
        if (value === null) throw new NullPointerException('a record without bytes cannot be written');
        out.write(value);
        out.writeText(separator);
      }),
  };
}
