import type { ConfigDef } from '../core/config/config-def.ts';
import type { PluginClass, PluginManifest } from '../core/manifest.ts';

/** The manifest of a predicate; `name` is Connect's, `file` without extension. */
export function predicateManifest(name: string, file: string, overview: string, configDef: ConfigDef, plugin: PluginClass): PluginManifest {
  return {
    kind: 'predicate',
    className: `org.apache.kafka.connect.transforms.predicates.${name}`,
    aliases: [],
    configDef,
    overview,
    module: `predicates/${file}.ts`,
    exportName: name,
    load: async () => plugin,
  };
}
