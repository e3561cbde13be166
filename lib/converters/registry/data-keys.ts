import type { ConfigDef } from '../../core/config/config-def.ts';

/** Defines the keys that the mappings of JSON Schema and Protobuf share. */
export function defineDataKeys(def: ConfigDef): ConfigDef {
  return def
    .define({
      name: 'generalized.sum.type.support',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: 'Whether enums and unions have the form that all formats share, so that they can be converted between formats.',
    })
    .define({
      name: 'ignore.default.for.nullables',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: 'Whether a null stays null where its field has a default.',
    })
    .define({
      name: 'schemas.cache.config',
      type: 'INT',
      default: 1000,
      importance: 'LOW',
      doc: 'How many schemas one converter remembers.',
    });
}
