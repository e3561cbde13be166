import type { ConnectorProps } from '../lib/core/connector.ts';
import { ConfigException } from '../lib/core/errors.ts';
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

/** The user's own plug-ins that configurations name, and why some cannot be loaded, by specifier. */
export interface OwnPlugins {
  readonly loaded: readonly PluginManifest[];
  readonly failed: ReadonlyMap<string, string>;
}

/** Loads the user's own plug-ins that any of these configurations names; specifiers are relative to the folder of the file. */
export async function ownPlugins(configs: readonly ConnectorProps[], folder: string): Promise<OwnPlugins> {
  const loaded: PluginManifest[] = [];
  const failed = new Map<string, string>();
  for (const specifier of new Set(configs.flatMap(ownSpecifiers).map(([, named]) => named))) {
    try {
      loaded.push(await loadModulePlugin(specifier, folder));
    } catch (error) {
      if (!(error instanceof ConfigException)) throw error;
      failed.set(specifier, error.message);
    }
  }
  return { loaded, failed };
}

/** Keys of a configuration that name a module, with the specifier. */
export function ownSpecifiers(config: ConnectorProps): [key: string, specifier: string][] {
  return Object.entries(config).filter(([key, value]) => isClassKey(key) && isModuleSpecifier(value));
}

function isClassKey(key: string): boolean {
  return key === 'connector.class' || key.endsWith('.converter') || /^(transforms|predicates)\.[^.]+\.type$/.test(key);
}
