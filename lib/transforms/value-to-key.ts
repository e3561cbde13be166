import { ConfigDef } from '../core/config/config-def.ts';
import { ValidList } from '../core/config/validators.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import { DataException } from '../core/errors.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { transformManifest } from './key-or-value.ts';
import { REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { intoField, requireMap, requireStruct } from './requirements.ts';

const OVERVIEW =
  "Replaces the key by a struct (or a map, without schema) of fields of the value. A field that the value's schema does not have is an error; in " +
  'data without schema it is null. A tombstone is an error.';

const PURPOSE = 'copying fields from value to key';

const CONFIG = new ConfigDef()
  .define({
    name: 'fields',
    type: 'LIST',
    validator: ValidList.anyNonDuplicateValues(false, false),
    importance: 'HIGH',
    doc: 'Names of the fields of the value that make the key.',
  })
  .define(REPLACE_NULL_WITH_DEFAULT);

/** {@link OVERVIEW} */
export class ValueToKey<R extends ConnectRecord = ConnectRecord> implements Transformation<R> {
  #fields: readonly string[] = [];
  #replaceNull = true;
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#fields = parsed.getList('fields');
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  apply(record: R): R {
    if (record.valueSchema !== null) return this.#applyWithSchema(record);
    const map = requireMap(record.value, PURPOSE);
    const key = new Map<string, unknown>();
    for (const field of this.#fields) key.set(field, map.get(field) ?? null);
    return record.with({ keySchema: null, key });
  }

  #applyWithSchema(record: R): R {
    const struct = requireStruct(record.value, PURPOSE);
    const keySchema = this.#schemas.get(struct.schema, (of) => this.#keySchema(of));
    const slots: unknown[] = new Array(this.#fields.length);
    for (const field of keySchema.fields!) {
      const value = this.#replaceNull ? struct.get(field.name) : struct.getWithoutDefault(field.name);
      slots[field.index] = intoField(field, value);
    }
    return record.with({ keySchema, key: Struct.ofSlots(keySchema, slots), valueSchema: struct.schema });
  }

  #keySchema(schema: Schema): Schema {
    const builder = SchemaBuilder.struct();
    for (const name of this.#fields) {
      const field = schema.field(name);
      if (field === null) throw new DataException(`Field does not exist: ${name}`);
      builder.field(name, field.schema);
    }
    return builder.build();
  }
}

export const valueToKeyExamples: readonly TransformationExample[] = [
  {
    summary: 'the id becomes the key',
    transformation: ValueToKey,
    config: { fields: 'id' },
    have: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['name', 'Ann'],
      ]),
    },
    want: { key: new Map([['id', 7n]]) },
  },
];

export const valueToKeyManifest = transformManifest(
  { name: 'ValueToKey', file: 'value-to-key', overview: OVERVIEW, configDef: CONFIG },
  ValueToKey,
);
