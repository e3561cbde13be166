import { ConfigDef } from '../core/config/config-def.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';

const OVERVIEW =
  'Wraps a whole key or value: the result is a struct (or a map, without schema) whose only field holds it. Without schema a tombstone is ' +
  'wrapped too, and is none afterwards.';

const CONFIG = new ConfigDef().define({
  name: 'field',
  type: 'STRING',
  importance: 'MEDIUM',
  doc: 'Name of the field that holds what was there before.',
});

abstract class HoistField<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #field = '';
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#field = CONFIG.parse(config).getText('field');
  }

  apply(record: R): R {
    const schema = this.schemaOf(record);
    const data = this.dataOf(record);
    if (schema === null) return this.changed(record, null, new Map([[this.#field, data]]));
    const wrapped = this.#schemas.get(schema, (of) => SchemaBuilder.struct().field(this.#field, of).build());
    return this.changed(record, wrapped, new Struct(wrapped).put(this.#field, data));
  }
}

/** HoistField on record keys. */
export class HoistFieldKey<R extends ConnectRecord = ConnectRecord> extends HoistField<R> {
  constructor() {
    super('key');
  }
}

/** HoistField on record values. */
export class HoistFieldValue<R extends ConnectRecord = ConnectRecord> extends HoistField<R> {
  constructor() {
    super('value');
  }
}

export const hoistFieldExamples: readonly TransformationExample[] = [
  {
    summary: 'a text becomes a map with one field',
    transformation: HoistFieldValue,
    config: { field: 'line' },
    have: { value: 'hello' },
    want: { value: new Map([['line', 'hello']]) },
  },
];

export const [hoistFieldKeyManifest, hoistFieldValueManifest] = keyAndValueManifests(
  { name: 'HoistField', file: 'hoist-field', overview: OVERVIEW, configDef: CONFIG },
  HoistFieldKey,
  HoistFieldValue,
);
