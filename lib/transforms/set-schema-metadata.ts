import { ConfigDef } from '../core/config/config-def.ts';
import { ConnectSchema } from '../core/data/connect-schema.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { INT64_SCHEMA } from '../core/data/schemas.ts';
import { Struct } from '../core/data/struct.ts';
import { ConfigException, DataException } from '../core/errors.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldValue, REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { fieldsOf } from './requirements.ts';

const OVERVIEW =
  'Sets name, version or both of the schema of a key or value; everything else of it stays. Only for structs, as in Kafka Connect. A record ' +
  'with neither schema nor value passes unchanged; a value without schema is an error.';

const CONFIG = new ConfigDef()
  .define({ name: 'schema.name', type: 'STRING', default: null, importance: 'HIGH', doc: 'The name; not set = it stays.' })
  .define({ name: 'schema.version', type: 'INT', default: null, importance: 'HIGH', doc: 'The version; not set = it stays.' })
  .define(REPLACE_NULL_WITH_DEFAULT);

abstract class SetSchemaMetadata<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #name: string | null = null;
  #version: number | null = null;
  #replaceNull = true;
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#name = parsed.getString('schema.name');
    this.#version = parsed.get('schema.version') as number | null;
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
    if (this.#name === null && this.#version === null) throw new ConfigException('Neither schema name nor version configured');
  }

  apply(record: R): R {
    const data = this.dataOf(record);
    const schema = this.schemaOf(record);
    if (schema === null) {
      if (data === null) return record;
      throw new DataException('Schema required for [updating schema metadata]');
    }
    const updated = this.#schemas.get(schema, (of) => this.#rename(of));
    return this.changed(record, updated, data instanceof Struct ? this.#onto(updated, data) : data);
  }

  #rename(schema: Schema): Schema {
    const fields = fieldsOf(schema);
    return new ConnectSchema({ ...schema, fields, name: this.#name ?? schema.name, version: this.#version ?? schema.version });
  }

  #onto(schema: Schema, struct: Struct): Struct {
    const updated = new Struct(schema);
    for (const field of schema.fields!) updated.put(field, fieldValue(struct, struct.schema.field(field.name) ?? field, this.#replaceNull));
    return updated;
  }
}

/** SetSchemaMetadata on record keys. */
export class SetSchemaMetadataKey<R extends ConnectRecord = ConnectRecord> extends SetSchemaMetadata<R> {
  constructor() {
    super('key');
  }
}

/** SetSchemaMetadata on record values. */
export class SetSchemaMetadataValue<R extends ConnectRecord = ConnectRecord> extends SetSchemaMetadata<R> {
  constructor() {
    super('value');
  }
}

const BEFORE = SchemaBuilder.struct().field('id', INT64_SCHEMA).build();
const AFTER = SchemaBuilder.struct().name('com.example.Order').version(2).field('id', INT64_SCHEMA).build();

export const setSchemaMetadataExamples: readonly TransformationExample[] = [
  {
    summary: 'a schema gets a name and a version',
    transformation: SetSchemaMetadataValue,
    config: { 'schema.name': 'com.example.Order', 'schema.version': '2' },
    have: { valueSchema: BEFORE, value: new Struct(BEFORE).put('id', 7n) },
    want: { valueSchema: AFTER, value: new Struct(AFTER).put('id', 7n) },
  },
];

export const [setSchemaMetadataKeyManifest, setSchemaMetadataValueManifest] = keyAndValueManifests(
  { name: 'SetSchemaMetadata', file: 'set-schema-metadata', overview: OVERVIEW, configDef: CONFIG },
  SetSchemaMetadataKey,
  SetSchemaMetadataValue,
);
