import { createHash } from 'node:crypto';
import type { AvroData } from '../../../formats/avro/avro-data.ts';
import { AvroContainerWriter } from '../../../formats/avro/container-writer.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ByteSink } from '../storage/object-stream.ts';
import { rethrow } from './direct-writer.ts';
import type { RecordView } from './record-view.ts';
import type { RecordWriter, RecordWriterProvider } from './record-writer.ts';

const EXTENSION = '.avro';

/** Avro object container files; the first record's schema is the file's. */
export function avroFormat(store: ObjectStore, view: RecordView, data: AvroData, codec: string): RecordWriterProvider {
  return {
    extension: EXTENSION,
    writer(key): RecordWriter {
      const name = key + view.extension + EXTENSION;
      let open: { readonly out: ByteSink; readonly file: AvroContainerWriter } | null = null;
      return {
        write(record) {
          if (open === null) {
            const schema = view.schema(record, false);
            const avro = data.fromConnectSchema(schema);
            // Made from the name, so that the same records always make the same bytes
            const sync = createHash('md5').update(name).digest();
            const file = new AvroContainerWriter(avro, data.writer(schema, avro), { codec, sync });
            open = { out: store.create(name), file };
          }
          const block = open.file.append(view.value(record, false));
          if (block !== null) open.out.write(block);
        },
        get full() {
          return open?.out.full ?? false;
        },
        async drain() {
          await open?.out.drain().catch(rethrow);
        },
        async commit() {
          if (open === null) return;
          open.out.write(open.file.finish());
          await open.out.commit().catch(rethrow);
        },
        async close() {
          await open?.out.abort();
        },
      };
    },
  };
}
