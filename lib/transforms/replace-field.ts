import { ConfigDef } from '../core/config/config-def.ts';
import { ValidList, validator } from '../core/config/validators.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import { validateValue } from '../core/data/validate.ts';
import { ConfigException } from '../core/errors.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import { copySchemaBasics } from './copy-schema.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { intoField, requireMap, requireStruct } from './requirements.ts';
import { splitPair } from './split-pair.ts';

const OVERVIEW = 'Removes, keeps or renames fields. Names are those before renaming. Tombstones pass unchanged.';

const PURPOSE = 'field replacement';

const CONFIG = new ConfigDef()
  .define({
    name: 'exclude',
    type: 'LIST',
    default: [],
    validator: ValidList.anyNonDuplicateValues(true, false),
    importance: 'MEDIUM',
    doc: 'Fields to remove, also when they are included.',
  })
  .define({
    name: 'include',
    type: 'LIST',
    default: [],
    validator: ValidList.anyNonDuplicateValues(true, false),
    importance: 'MEDIUM',
    doc: 'Fields to keep; empty = all.',
  })
  .define({
    name: 'renames',
    type: 'LIST',
    default: [],
    validator: validator(
      (_name, value) => void parseRenames(value as readonly string[]),
      'list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>',
    ),
    importance: 'MEDIUM',
    doc: 'New names, as `old:new,other:another`.',
  })
  .define(REPLACE_NULL_WITH_DEFAULT);

function parseRenames(mappings: readonly string[]): Map<string, string> {
  const renames = new Map<string, string>();
  for (const mapping of mappings) {
    const parts = splitPair(mapping);
    if (parts.length !== 2) throw ConfigException.invalid('renames', `[${mappings.join(', ')}]`, `Invalid rename mapping: ${mapping}`);
    renames.set(parts[0]!, parts[1]!);
  }
  return renames;
}

abstract class ReplaceField<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #exclude: ReadonlySet<string> = new Set();
  #include: ReadonlySet<string> = new Set();
  #renames: ReadonlyMap<string, string> = new Map();
  #origins: ReadonlyMap<string, string> = new Map();
  #replaceNull = true;
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#exclude = new Set(parsed.getList('exclude'));
    this.#include = new Set(parsed.getList('include'));
    this.#renames = parseRenames(parsed.getList('renames'));
    this.#origins = new Map([...this.#renames].map(([from, to]) => [to, from]));
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  #keeps(name: string): boolean {
    return !this.#exclude.has(name) && (this.#include.size === 0 || this.#include.has(name));
  }

  apply(record: R): R {
    const data = this.dataOf(record);
    if (data === null) return record;
    return this.schemaOf(record) === null ? this.#applySchemaless(record, data) : this.#applyWithSchema(record, data);
  }

  #applySchemaless(record: R, data: unknown): R {
    const updated = new Map<unknown, unknown>();
    for (const [name, value] of requireMap(data, PURPOSE)) {
      if (this.#keeps(name as string)) updated.set(this.#renames.get(name as string) ?? name, value);
    }
    return this.changed(record, null, updated);
  }

  #applyWithSchema(record: R, data: unknown): R {
    const struct = requireStruct(data, PURPOSE);
    const schema = this.#schemas.get(struct.schema, (of) => this.#replaceFields(of));
    const slots: unknown[] = new Array(schema.fields!.length);
    for (const field of schema.fields!) {
      const renamed = this.#origins.get(field.name);
      const origin = renamed ?? field.name;
      const value = this.#replaceNull ? struct.get(origin) : struct.getWithoutDefault(origin);
      // Two fields may share a new name, and then it is not certain that the value is the schema's.
      if (renamed !== undefined) validateValue(field.name, field.schema, value);
      slots[field.index] = intoField(field, value);
    }
    return this.changed(record, schema, Struct.ofSlots(schema, slots));
  }

  #replaceFields(schema: Schema): Schema {
    const builder = copySchemaBasics(schema, SchemaBuilder.struct());
    for (const field of schema.fields!)
      if (this.#keeps(field.name)) builder.field(this.#renames.get(field.name) ?? field.name, field.schema);
    return builder.build();
  }
}

/** ReplaceField on record keys. */
export class ReplaceFieldKey<R extends ConnectRecord = ConnectRecord> extends ReplaceField<R> {
  constructor() {
    super('key');
  }
}

/** ReplaceField on record values. */
export class ReplaceFieldValue<R extends ConnectRecord = ConnectRecord> extends ReplaceField<R> {
  constructor() {
    super('value');
  }
}

export const replaceFieldExamples: readonly TransformationExample[] = [
  {
    summary: 'one field goes, one gets another name',
    transformation: ReplaceFieldValue,
    config: { exclude: 'internal', renames: 'cust:customer' },
    have: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['cust', 'Ann'],
        ['internal', true],
      ]),
    },
    want: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['customer', 'Ann'],
      ]),
    },
  },
];

export const [replaceFieldKeyManifest, replaceFieldValueManifest] = keyAndValueManifests(
  { name: 'ReplaceField', file: 'replace-field', overview: OVERVIEW, configDef: CONFIG },
  ReplaceFieldKey,
  ReplaceFieldValue,
);
