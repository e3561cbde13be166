import { ConfigDef } from '../core/config/config-def.ts';
import { javaClassName } from '../core/data/java-text.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import { DataException } from '../core/errors.ts';
import { JavaException } from '../core/java/exceptions.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import { copySchemaBasics } from './copy-schema.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldsOf, requireMap, requireStruct } from './requirements.ts';

const OVERVIEW =
  'Makes nested structs (or maps, without schema) flat: each leaf gets the names on its way, joined by a delimiter. Arrays and what is in them ' +
  'stay as they are. A leaf becomes optional when anything above it is.';

const PURPOSE = 'flattening';

const CONFIG = new ConfigDef().define({
  name: 'delimiter',
  type: 'STRING',
  default: '.',
  importance: 'MEDIUM',
  doc: 'What stands between the names.',
});

abstract class Flatten<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #delimiter = '.';
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#delimiter = CONFIG.parse(config).getText('delimiter');
  }

  apply(record: R): R {
    const data = this.dataOf(record);
    if (data === null) return record;
    const schema = this.schemaOf(record);
    if (schema === null) {
      const flat = new Map<string, unknown>();
      this.#flattenMap(requireMap(data, PURPOSE), '', flat);
      return this.changed(record, null, flat);
    }
    const struct = requireStruct(data, PURPOSE);
    const flatSchema = this.#schemas.get(schema, (of) => this.#flattenSchema(of));
    const flat = new Struct(flatSchema);
    this.#flattenStruct(struct, '', flat);
    return this.changed(record, flatSchema, flat);
  }

  #name(prefix: string, name: unknown): string {
    if (typeof name !== 'string')
      throw new JavaException(`class ${javaClassName(name)} cannot be cast to class java.lang.String`, 'java.lang.ClassCastException');
    return prefix === '' ? name : prefix + this.#delimiter + name;
  }

  #flattenMap(map: ReadonlyMap<unknown, unknown>, prefix: string, flat: Map<string, unknown>): void {
    for (const [key, value] of map) {
      const name = this.#name(prefix, key);
      if (value instanceof Map) this.#flattenMap(value, name, flat);
      else if (value instanceof Struct) {
        throw new DataException(
          `Flatten transformation does not support class ${javaClassName(value)} for record without schemas (for field ${name}).`,
        );
      } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)) {
        throw new DataException(
          `Flatten transformation was passed a value of type class ${javaClassName(value)} which is not supported by Connect's data API`,
        );
      } else flat.set(name, value);
    }
  }

  #flattenSchema(schema: Schema): Schema {
    const builder = copySchemaBasics(schema, SchemaBuilder.struct());
    this.#addFields(schema, '', builder, schema.optional, schema.defaultValue as Struct | null);
    return builder.build();
  }

  /** `optional`: something above is; `parentDefault`: the default of the struct around, which gives its fields theirs. */
  #addFields(schema: Schema, prefix: string, builder: SchemaBuilder, optional: boolean, parentDefault: Struct | null): void {
    for (const field of fieldsOf(schema)) {
      const name = this.#name(prefix, field.name);
      const isOptional = optional || field.schema.optional;
      const defaultValue = field.schema.defaultValue ?? parentDefault?.get(field) ?? null;
      if (field.schema.type === 'STRUCT') this.#addFields(field.schema, name, builder, isOptional, defaultValue as Struct | null);
      else if (field.schema.type === 'MAP') throw unsupported(field.schema, name);
      else {
        const leaf = copySchemaBasics(field.schema);
        if (isOptional) leaf.optional();
        if (defaultValue !== null) leaf.defaultValue(defaultValue);
        builder.field(name, leaf.build());
      }
    }
  }

  #flattenStruct(struct: Struct | null, prefix: string, flat: Struct): void {
    if (struct === null) return;
    for (const field of struct.schema.fields!) {
      const name = this.#name(prefix, field.name);
      if (field.schema.type === 'STRUCT') this.#flattenStruct(struct.getStruct(field.name), name, flat);
      else if (field.schema.type === 'MAP') throw unsupported(field.schema, name);
      else flat.put(name, struct.get(field));
    }
  }
}

function unsupported(schema: Schema, name: string): DataException {
  return new DataException(`Flatten transformation does not support ${schema.type} for record with schemas (for field ${name}).`);
}

/** Flatten on record keys. */
export class FlattenKey<R extends ConnectRecord = ConnectRecord> extends Flatten<R> {
  constructor() {
    super('key');
  }
}

/** Flatten on record values. */
export class FlattenValue<R extends ConnectRecord = ConnectRecord> extends Flatten<R> {
  constructor() {
    super('value');
  }
}

export const flattenExamples: readonly TransformationExample[] = [
  {
    summary: 'a nested map becomes columns',
    transformation: FlattenValue,
    config: { delimiter: '_' },
    have: {
      value: new Map<string, unknown>([
        ['id', 7n],
        [
          'address',
          new Map([
            ['city', 'Bern'],
            ['zip', '3011'],
          ]),
        ],
      ]),
    },
    want: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['address_city', 'Bern'],
        ['address_zip', '3011'],
      ]),
    },
  },
];

export const [flattenKeyManifest, flattenValueManifest] = keyAndValueManifests(
  { name: 'Flatten', file: 'flatten', overview: OVERVIEW, configDef: CONFIG },
  FlattenKey,
  FlattenValue,
);
