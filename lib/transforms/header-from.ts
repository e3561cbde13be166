import { ConfigDef } from '../core/config/config-def.ts';
import { NonEmptyList, ValidString } from '../core/config/validators.ts';
import { ConnectHeaders } from '../core/data/headers.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import { ConfigException } from '../core/errors.ts';
import { NullPointerException } from '../core/java/exceptions.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import { copyMap } from './copy-map.ts';
import { copySchemaBasics } from './copy-schema.ts';
import type { TransformationExample } from './example.ts';
import { type Half, KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldValue, REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { fieldsOf, intoField, requireMap, requireStruct } from './requirements.ts';

const OVERVIEW =
  'Moves or copies fields of a key or value into headers, one header per field. A field that the schema does not have is an error; in data ' +
  'without schema its header is null.';

const CONFIG = new ConfigDef()
  .define({
    name: 'fields',
    type: 'LIST',
    validator: NonEmptyList,
    importance: 'HIGH',
    doc: 'Names of the fields that go into headers.',
  })
  .define({
    name: 'headers',
    type: 'LIST',
    validator: NonEmptyList,
    importance: 'HIGH',
    doc: 'Names of the headers, in the order of `fields`.',
  })
  .define({
    name: 'operation',
    type: 'STRING',
    validator: ValidString.in('move', 'copy'),
    importance: 'HIGH',
    doc: 'move: the fields are removed. copy: they stay.',
  })
  .define(REPLACE_NULL_WITH_DEFAULT);

abstract class HeaderFrom<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  readonly #half: Half;
  #fields: readonly string[] = [];
  #headers: readonly string[] = [];
  #operation: 'move' | 'copy' = 'copy';
  #replaceNull = true;
  readonly #moved = new SchemaCache<Schema>();

  constructor(half: Half) {
    super(half);
    this.#half = half;
  }

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#fields = parsed.getList('fields');
    this.#headers = parsed.getList('headers');
    if (this.#headers.length !== this.#fields.length) {
      throw new ConfigException("'fields' config must have the same number of elements as 'headers' config.");
    }
    this.#operation = parsed.getText('operation') as 'move' | 'copy';
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  apply(record: R): R {
    const schema = this.schemaOf(record);
    return schema === null ? this.#applySchemaless(record) : this.#applyWithSchema(record, schema);
  }

  #applySchemaless(record: R): R {
    const map = requireMap(this.dataOf(record), `header ${this.#operation}`);
    const updated = copyMap(map);
    const headers = record.headers.duplicate();
    this.#fields.forEach((field, index) => {
      if (this.#operation === 'move') updated.delete(field);
      headers.add(this.#headers[index]!, map.get(field) ?? null, null);
    });
    return this.#with(record, null, updated, headers);
  }

  #applyWithSchema(record: R, schema: Schema): R {
    const struct = requireStruct(this.dataOf(record), `header ${this.#operation}`);
    let updatedSchema = schema;
    let updated = struct;
    if (this.#operation === 'move') {
      updatedSchema = this.#moved.get(schema, (of) => this.#withoutFields(of));
      const slots = updatedSchema.fields!.map((field) => intoField(field, this.#valueOf(struct, field.name)));
      updated = Struct.ofSlots(updatedSchema, slots);
    }
    const headers = record.headers.duplicate();
    this.#fields.forEach((name, index) => {
      const value = struct.schema.field(name) === null ? null : this.#valueOf(struct, name);
      const field = schema.field(name);
      if (field === null) throw new NullPointerException(`the schema has no field '${name}' to make a header of`);
      headers.add(this.#headers[index]!, value, field.schema);
    });
    return this.#with(record, updatedSchema, updated, headers);
  }

  #valueOf(struct: Struct, name: string): unknown {
    const field = struct.schema.field(name);
    return field === null ? struct.get(name) : fieldValue(struct, field, this.#replaceNull);
  }

  #withoutFields(schema: Schema): Schema {
    const builder = copySchemaBasics(schema, SchemaBuilder.struct());
    for (const field of fieldsOf(schema)) if (!this.#fields.includes(field.name)) builder.field(field.name, field.schema);
    return builder.build();
  }

  #with(record: R, schema: Schema | null, data: unknown, headers: ConnectHeaders): R {
    return record.with(this.#half === 'key' ? { keySchema: schema, key: data, headers } : { valueSchema: schema, value: data, headers });
  }
}

/** HeaderFrom on record keys. */
export class HeaderFromKey<R extends ConnectRecord = ConnectRecord> extends HeaderFrom<R> {
  constructor() {
    super('key');
  }
}

/** HeaderFrom on record values. */
export class HeaderFromValue<R extends ConnectRecord = ConnectRecord> extends HeaderFrom<R> {
  constructor() {
    super('value');
  }
}

export const headerFromExamples: readonly TransformationExample[] = [
  {
    summary: 'a field moves into a header',
    transformation: HeaderFromValue,
    config: { fields: 'trace', headers: 'trace-id', operation: 'move' },
    have: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['trace', 'abc'],
      ]),
    },
    want: { value: new Map<string, unknown>([['id', 7n]]), headers: new ConnectHeaders().add('trace-id', 'abc', null) },
  },
];

export const [headerFromKeyManifest, headerFromValueManifest] = keyAndValueManifests(
  { name: 'HeaderFrom', file: 'header-from', overview: OVERVIEW, configDef: CONFIG },
  HeaderFromKey,
  HeaderFromValue,
);
