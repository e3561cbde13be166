import { ConfigDef, type ConfigKeyInit } from '../../core/config/config-def.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';

/** How Connect data and Avro are mapped to each other; the defaults are AvroConverter's. */
export interface AvroDataOptions {
  /** Enums stay enums, and union members are known by their full name. */
  readonly enhancedSchemaSupport: boolean;
  /** Names, versions, docs, parameters and defaults of Connect schemas are kept as properties. */
  readonly connectMetaData: boolean;
  /** Characters that Avro does not allow in names are replaced. */
  readonly scrubInvalidNames: boolean;
  /** Docs and defaults are kept on fields alone, not on types. */
  readonly discardTypeDocDefault: boolean;
  /** Maps whose string keys are optional become Avro maps too. */
  readonly allowOptionalMapKeys: boolean;
  /** A union of one type is that type. */
  readonly flattenSingletonUnions: boolean;
  /** Unions and enums are named the same in all formats (`connect_union_0`). */
  readonly generalizedSumTypeSupport: boolean;
  /** A null stays null where the schema has a default. */
  readonly ignoreDefaultForNullables: boolean;
  /** Among how many schemas one that is equal to an earlier one is looked for. */
  readonly cacheSize: number;
}

const KEYS: readonly ConfigKeyInit[] = [
  key('generalized.sum.type.support', false, 'MEDIUM', 'Unions and enums are named the same way in all formats.'),
  key('ignore.default.for.nullables', false, 'MEDIUM', 'A null stays null in an optional field that has a default.'),
  { name: 'schemas.cache.config', type: 'INT', default: 1000, importance: 'LOW', doc: 'How many schemas are remembered.' },
  key('enhanced.avro.schema.support', false, 'MEDIUM', 'Enums stay enums, and members of unions are known by their full name.'),
  key('scrub.invalid.names', false, 'MEDIUM', 'Characters that Avro does not allow in names are replaced by underscores.'),
  key('connect.meta.data', true, 'LOW', 'Names, versions, docs, parameters and defaults of Connect schemas are kept as properties.'),
  key('discard.type.doc.default', false, 'LOW', 'Docs and defaults are kept on fields alone, not on types.'),
  key('allow.optional.map.keys', false, 'LOW', 'Maps whose string keys are optional become Avro maps too.'),
  key('flatten.singleton.unions', true, 'LOW', 'A union of one type is read as that type.'),
];

function key(name: string, defaultValue: boolean, importance: ConfigKeyInit['importance'], doc: string): ConfigKeyInit {
  return { name, type: 'BOOLEAN', default: defaultValue, importance, doc };
}

/** Defines the keys of the mapping; `defaults` overrides those that a user of the mapping has otherwise (the S3 sink). */
export function defineAvroDataKeys(def: ConfigDef, defaults: Readonly<Record<string, unknown>> = {}): ConfigDef {
  for (const init of KEYS) def.define(init.name in defaults ? { ...init, default: defaults[init.name] } : init);
  return def;
}

/** The options in a configuration that has these keys. */
export function avroDataOptions(config: ParsedConfig): AvroDataOptions {
  return {
    enhancedSchemaSupport: config.getBoolean('enhanced.avro.schema.support'),
    connectMetaData: config.getBoolean('connect.meta.data'),
    scrubInvalidNames: config.getBoolean('scrub.invalid.names'),
    discardTypeDocDefault: config.getBoolean('discard.type.doc.default'),
    allowOptionalMapKeys: config.getBoolean('allow.optional.map.keys'),
    flattenSingletonUnions: config.getBoolean('flatten.singleton.unions'),
    generalizedSumTypeSupport: config.getBoolean('generalized.sum.type.support'),
    ignoreDefaultForNullables: config.getBoolean('ignore.default.for.nullables'),
    cacheSize: config.getNumber('schemas.cache.config'),
  };
}

/** AvroConverter's defaults. */
export const DEFAULT_AVRO_DATA_OPTIONS: AvroDataOptions = avroDataOptions(defineAvroDataKeys(new ConfigDef()).parse({}));
