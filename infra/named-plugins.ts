import type { ConnectorProps } from '../lib/core/connector.ts';
import type { ConnectorManifest, PluginManifest } from '../lib/core/manifest.ts';
import { loadModulePlugin } from '../lib/plugins/module-plugins.ts';
import { isModuleSpecifier } from '../lib/plugins/plugin-names.ts';
import type { PluginResolver } from '../lib/plugins/plugin-resolver.ts';

type PartKind = Exclude<PluginManifest['kind'], 'source' | 'sink'>;

const CONVERTERS: readonly (readonly [key: string, kind: PartKind, fallback: string | undefined])[] = [
  ['key.converter', 'converter', undefined],
  ['value.converter', 'converter', undefined],
  ['header.converter', 'header-converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter'],
];

/** Everything that a checked configuration and its worker's defaults name: connector, converters, transformations, predicates. */
export function namedPlugins(
  connector: ConnectorManifest,
  config: ConnectorProps,
  worker: ConnectorProps,
  resolver: PluginResolver,
): PluginManifest[] {
  const found = new Set<PluginManifest>([connector]);
  const add = (kind: PartKind, name: string | undefined): void => {
    const plugin = name === undefined ? null : resolver.find(kind, name.trim());
    if (plugin !== null) found.add(plugin);
  };
  for (const [key, kind, fallback] of CONVERTERS) {
    // The worker's own is parsed with its configuration even where the connector has another.
    add(kind, worker[key] ?? fallback);
    add(kind, config[key]);
  }
  for (const alias of listOf(config.transforms)) add('transformation', config[`transforms.${alias}.type`]);
  for (const alias of listOf(config.predicates)) add('predicate', config[`predicates.${alias}.type`]);
  return [...found];
}

/** A comma separated list as Connect reads it. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Loads the user's own plug-ins that any of these configurations names; specifiers are relative to the folder of the file. */
export async function ownPlugins(configs: readonly ConnectorProps[], folder: string): Promise<PluginManifest[]> {
  const named = configs.flatMap((config) => Object.entries(config).filter(([key, value]) => isClassKey(key) && isModuleSpecifier(value)));
  return Promise.all([...new Set(named.map(([, specifier]) => specifier))].map((specifier) => loadModulePlugin(specifier, folder)));
}

function isClassKey(key: string): boolean {
  return key === 'connector.class' || key.endsWith('.converter') || /^(transforms|predicates)\.[^.]+\.type$/.test(key);
}
