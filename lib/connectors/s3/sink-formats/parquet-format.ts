import type { Schema } from '../../../core/data/schema.ts';
import { NullPointerException } from '../../../core/java/exceptions.ts';
import type { AvroData } from '../../../formats/avro/avro-data.ts';
import { AvroEncoder } from '../../../formats/avro/avro-encoder.ts';
import type { ConnectWriter } from '../../../formats/avro/connect-writer.ts';
import { PARQUET_CODECS, type ParquetCodec } from '../../../formats/parquet/compression.ts';
import { ParquetWriter } from '../../../formats/parquet/parquet-writer.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ByteSink } from '../storage/object-stream.ts';
import { rethrow } from './direct-writer.ts';
import type { RecordView } from './record-view.ts';
import type { RecordWriter, RecordWriterProvider } from './record-writer.ts';

/** Parquet files by way of Avro, as parquet-avro writes them; the first record's schema is the file's. */
export function parquetFormat(store: ObjectStore, view: RecordView, data: AvroData, codec: ParquetCodec): RecordWriterProvider {
  const extension = `${codec.extension}.parquet`;
  const encoder = new AvroEncoder();
  return {
    extension,
    writer(key): RecordWriter {
      let open: { readonly out: ByteSink; readonly parquet: ParquetWriter; readonly write: ConnectWriter } | null = null;
      return {
        write(record) {
          if (open === null) {
            const schema = view.schema(record, true);
            const avro = data.fromConnectSchema(schema);
            if (schema === null) throw new NullPointerException('Parquet needs a schema, and this record has none');
            const out = store.create(key + view.extension + extension);
            const parquet = new ParquetWriter({
              schema: avro,
              codec,
              oldLists: !hasOptionalItems(schema),
              write: (bytes) => out.write(bytes),
            });
            open = { out, parquet, write: data.writer(schema, avro) };
          }
          // A record that Avro refuses reaches no column
          encoder.reset();
          open.write(view.value(record, true), encoder);
          open.parquet.row(encoder.view());
        },
        get full() {
          return open?.out.full ?? false;
        },
        async drain() {
          await open?.out.drain().catch(rethrow);
        },
        async commit() {
          open?.parquet.end();
          await open?.out.commit().catch(rethrow);
        },
        async close() {
          await open?.out.abort();
        },
      };
    },
  };
}

/** The codec of `parquet.codec`, which the manifest has made sure can be written. */
export function parquetCodec(name: string): ParquetCodec {
  return PARQUET_CODECS[name]!;
}

/** Whether some list may hold null, which the short form of lists cannot. */
function hasOptionalItems(schema: Schema, seen: Set<Schema> = new Set()): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  switch (schema.type) {
    case 'STRUCT':
      return schema.fields!.some((field) => hasOptionalItems(field.schema, seen));
    case 'MAP':
      return hasOptionalItems(schema.valueSchema!, seen);
    case 'ARRAY':
      return schema.valueSchema!.optional || hasOptionalItems(schema.valueSchema!, seen);
    default:
      return false;
  }
}
