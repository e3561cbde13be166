import type { Schema } from '../../../core/data/schema.ts';
import { SchemaBuilder } from '../../../core/data/schema-builder.ts';
import { STRING_SCHEMA } from '../../../core/data/schemas.ts';
import { Struct } from '../../../core/data/struct.ts';
import { convertToString } from '../../../core/data/values.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';

/** Which part of a record an object holds. An envelope is a struct around it, for formats whose rows must be structs. */
export interface RecordView {
  /** Between the name of the object and the extension of its format. */
  readonly extension: string;
  readonly isHeaders: boolean;
  schema(record: SinkRecord, enveloped: boolean): Schema | null;
  value(record: SinkRecord, enveloped: boolean): unknown;
}

export const VALUE_VIEW: RecordView = {
  extension: '',
  isHeaders: false,
  schema: ({ valueSchema }) => valueSchema,
  value: ({ value }) => value,
};

const KEY_FIELD = 'key';

/** Keys; the envelope's schema is made once for each schema of keys. */
export function keyView(): RecordView {
  let inner: Schema | null = null;
  let envelope: Schema | null = null;
  const enveloping = ({ keySchema }: SinkRecord): Schema => {
    if (envelope === null || inner !== keySchema) {
      inner = keySchema;
      envelope = SchemaBuilder.struct().name('RecordKey').field(KEY_FIELD, keySchema!).build();
    }
    return envelope;
  };
  return {
    extension: '.keys',
    isHeaders: false,
    schema: (record, enveloped) => (enveloped ? enveloping(record) : record.keySchema),
    value: (record, enveloped) => (enveloped ? new Struct(enveloping(record)).put(KEY_FIELD, record.key) : record.key),
  };
}

/** Headers, as a list of names and texts. */
export function headersView(): RecordView {
  const one = SchemaBuilder.struct().field('key', STRING_SCHEMA).field('value', STRING_SCHEMA).build();
  const list = SchemaBuilder.array(one).build();
  const envelope = SchemaBuilder.struct().name('RecordHeaders').field('headers', list).build();
  return {
    extension: '.headers',
    isHeaders: true,
    schema: (_record, enveloped) => (enveloped ? envelope : list),
    value(record, enveloped) {
      const headers = [...record.headers].map(({ key, schema, value }) =>
        new Struct(one).put('key', key).put('value', convertToString(schema, value)),
      );
      return enveloped ? new Struct(envelope).put('headers', headers) : headers;
    },
  };
}
