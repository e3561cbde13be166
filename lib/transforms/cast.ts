import { ConfigDef } from '../core/config/config-def.ts';
import { validator } from '../core/config/validators.ts';
import type { Field, Schema, SchemaType } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import { ConfigException } from '../core/errors.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import { castValue, outputType } from './cast-value.ts';
import { copyMap } from './copy-map.ts';
import { copySchemaBasics } from './copy-schema.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldValue, REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { fieldsOf, intoField, requireMap, requireStruct } from './requirements.ts';
import { splitPair } from './split-pair.ts';

const OVERVIEW =
  'Casts fields, or a whole key or value, to another type, for instance an INT64 to a smaller integer. Numbers, booleans and texts can become ' +
  'each other (narrowing as Java does: doubles saturate, integers wrap); bytes can become text (base64); dates and times become their number, ' +
  'or an ISO text.';

const PURPOSE = 'cast types';

const CONFIG = new ConfigDef()
  .define({
    name: 'spec',
    type: 'LIST',
    validator: validator(
      (_name, value) => parseSpec(value as readonly string[] | null),
      'list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>',
    ),
    importance: 'HIGH',
    doc: 'Fields and the types they get, as `field:type,other:type`; or one type alone for the whole key or value. Types: int8, int16, int32, int64, float32, float64, boolean, string.',
  })
  .define(REPLACE_NULL_WITH_DEFAULT);

interface Spec {
  /** Type of the whole key or value; null = fields are cast. */
  readonly whole: SchemaType | null;
  readonly fields: ReadonlyMap<string, SchemaType>;
}

function parseSpec(mappings: readonly string[] | null): Spec {
  if (mappings === null || mappings.length === 0) throw new ConfigException('Must specify at least one field to cast.');
  const fields = new Map<string, SchemaType>();
  let whole: SchemaType | null = null;
  for (const mapping of mappings) {
    const parts = splitPair(mapping);
    if (parts.length > 2) throw ConfigException.invalid('renames', `[${mappings.join(', ')}]`, `Invalid rename mapping: ${mapping}`);
    if (parts.length === 1) whole = outputType(parts[0]!);
    else fields.set(parts[0]!.trim(), outputType(parts[1]!));
  }
  if (whole !== null && mappings.length > 1) {
    throw new ConfigException(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    );
  }
  return { whole, fields };
}

abstract class Cast<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #spec: Spec = { whole: null, fields: new Map() };
  #replaceNull = true;
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#spec = parseSpec(parsed.getList('spec'));
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  apply(record: R): R {
    const data = this.dataOf(record);
    if (data === null) return record;
    const schema = this.schemaOf(record);
    return schema === null ? this.#applySchemaless(record, data) : this.#applyWithSchema(record, schema, data);
  }

  #applySchemaless(record: R, data: unknown): R {
    const { whole, fields } = this.#spec;
    if (whole !== null) return this.changed(record, null, castValue(null, data, whole));
    const map = requireMap(data, PURPOSE);
    const updated = copyMap(map);
    for (const [field, type] of fields) updated.set(field, castValue(null, map.get(field) ?? null, type));
    return this.changed(record, null, updated);
  }

  #applyWithSchema(record: R, schema: Schema, data: unknown): R {
    const { whole, fields } = this.#spec;
    const updatedSchema = this.#schemas.get(schema, (of) => this.#castSchema(of));
    if (whole !== null) return this.changed(record, updatedSchema, castValue(schema, data, whole));
    const struct = requireStruct(data, PURPOSE);
    const sourceFields = struct.schema.fields!;
    const slots: unknown[] = new Array(sourceFields.length);
    for (const field of sourceFields) {
      const value = fieldValue(struct, field, this.#replaceNull);
      const type = fields.get(field.name);
      slots[field.index] = intoField(
        updatedSchema.fields![field.index]!,
        type === undefined ? value : castValue(field.schema, value, type),
      );
    }
    return this.changed(record, updatedSchema, Struct.ofSlots(updatedSchema, slots));
  }

  #castSchema(schema: Schema): Schema {
    const { whole } = this.#spec;
    const type = whole ?? 'STRUCT';
    const builder = copySchemaBasics(schema, SchemaBuilder.type(type));
    if (whole === null) for (const field of fieldsOf(schema)) builder.field(field.name, this.#castFieldSchema(field));
    if (schema.optional) builder.optional();
    if (schema.defaultValue !== null) builder.defaultValue(castValue(schema, schema.defaultValue, type));
    return builder.build();
  }

  #castFieldSchema({ name, schema }: Field): Schema {
    const type = this.#spec.fields.get(name);
    if (type === undefined) return schema;
    const builder = SchemaBuilder.type(type);
    if (schema.optional) builder.optional();
    if (schema.defaultValue !== null) builder.defaultValue(castValue(schema, schema.defaultValue, type));
    return builder.build();
  }
}

/** Cast on record keys. */
export class CastKey<R extends ConnectRecord = ConnectRecord> extends Cast<R> {
  constructor() {
    super('key');
  }
}

/** Cast on record values. */
export class CastValue<R extends ConnectRecord = ConnectRecord> extends Cast<R> {
  constructor() {
    super('value');
  }
}

export const castExamples: readonly TransformationExample[] = [
  {
    summary: 'a text becomes a number, in data without schema',
    transformation: CastValue,
    config: { spec: 'quantity:int32,price:float64' },
    have: {
      value: new Map([
        ['quantity', '3'],
        ['price', '9.5'],
      ]),
    },
    want: {
      value: new Map([
        ['quantity', 3],
        ['price', 9.5],
      ]),
    },
  },
  {
    summary: 'a whole key becomes text',
    transformation: CastKey,
    config: { spec: 'string' },
    have: { key: 17n },
    want: { key: '17' },
  },
];

export const [castKeyManifest, castValueManifest] = keyAndValueManifests(
  { name: 'Cast', file: 'cast', overview: OVERVIEW, configDef: CONFIG },
  CastKey,
  CastValue,
);
