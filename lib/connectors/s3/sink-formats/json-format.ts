import type { Schema } from '../../../core/data/schema.ts';
import { Struct } from '../../../core/data/struct.ts';
import { type JsonWriter, jsonWriter, type WriterOptions } from '../../../formats/json/json-writer.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { directWriter } from './direct-writer.ts';
import { plainJson } from './plain-json.ts';
import type { RecordView } from './record-view.ts';
import type { RecordWriterProvider } from './record-writer.ts';

/** One line of JSON per record: structs as Connect's JsonConverter writes them, without schema; all else as Jackson does. */
export function jsonFormat(
  store: ObjectStore,
  view: RecordView,
  extension: string,
  decimalFormat: WriterOptions['decimalFormat'],
): RecordWriterProvider {
  const options: WriterOptions = { replaceNullWithDefault: true, decimalFormat };
  let schema: Schema | null = null;
  let write: JsonWriter | null = null;
  return {
    extension,
    writer: (key) =>
      directWriter(store.createCompressed(key + view.extension + extension), (record, out) => {
        const value = view.value(record, view.isHeaders);
        const valueSchema = view.schema(record, view.isHeaders);
        if (!(value instanceof Struct)) {
          out.writeText(`${plainJson(value, valueSchema)}\n`);
          return;
        }
        if (write === null || schema !== valueSchema) {
          write = jsonWriter(valueSchema, options);
          schema = valueSchema;
        }
        out.writeText(`${write(value)}\n`);
      }),
  };
}
