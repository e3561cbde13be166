import { type ConfigProblem, didYouMean } from '../lib/config/problems.ts';
import type { ConnectorProps } from '../lib/core/connector.ts';
import type { ConnectorManifest, PluginManifest } from '../lib/core/manifest.ts';
import { loadModulePlugin } from '../lib/plugins/module-plugins.ts';
import { isModuleSpecifier } from '../lib/plugins/plugin-names.ts';
import type { PluginResolver } from '../lib/plugins/plugin-resolver.ts';

type PartKind = Exclude<PluginManifest['kind'], 'source' | 'sink'>;

const CONVERTERS: readonly (readonly [key: string, kind: PartKind, fallback: string | null])[] = [
  ['key.converter', 'converter', null],
  ['value.converter', 'converter', null],
  ['header.converter', 'header-converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter'],
];

/** The plug-ins of one connector. */
export interface NamedPlugins {
  /** null = its class is unknown. */
  readonly connector: ConnectorManifest | null;
  readonly plugins: readonly PluginManifest[];
}

/** Everything that a configuration and its worker's defaults name: connector, converters, transformations, predicates. Unknown names are problems. */
export function namedPlugins(
  config: ConnectorProps,
  worker: ConnectorProps,
  resolver: PluginResolver,
  problems: ConfigProblem[],
): NamedPlugins {
  const found = new Set<PluginManifest>();
  const unknown = (key: string, value: string | undefined, message: string, near: readonly string[]): void => {
    problems.push({ severity: 'error', where: '', key, value: value ?? null, message, remedy: didYouMean(near) });
  };
  const add = (key: string, kind: PartKind, name: string | undefined): void => {
    if (name === undefined || name === '') return;
    const plugin = resolver.find(kind, name);
    if (plugin !== null) return void found.add(plugin);
    unknown(key, name, `'${name}' is no ${kind} that can be found`, resolver.nearest(kind, name));
  };

  let connector: ConnectorManifest | null = null;
  try {
    connector = resolver.connector(config['connector.class'] ?? '');
    found.add(connector);
  } catch (error) {
    const name = config['connector.class'] ?? '';
    unknown('connector.class', name, (error as Error).message, resolver.nearest('connector', name));
  }
  for (const [key, kind, fallback] of CONVERTERS) {
    // The worker's own is parsed with its configuration even where the connector has another.
    add(key, kind, worker[key] ?? fallback ?? undefined);
    add(key, kind, config[key]);
  }
  for (const [list, kind] of [
    ['transforms', 'transformation'],
    ['predicates', 'predicate'],
  ] as const) {
    for (const alias of listOf(config[list])) add(`${list}.${alias}.type`, kind, config[`${list}.${alias}.type`]);
  }
  return { connector, plugins: [...found] };
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
  const specifiers = new Set(
    configs.flatMap((config) =>
      Object.entries(config).flatMap(([key, value]) => (isClassKey(key) && isModuleSpecifier(value) ? [value] : [])),
    ),
  );
  return Promise.all([...specifiers].map((specifier) => loadModulePlugin(specifier, folder)));
}

function isClassKey(key: string): boolean {
  return key === 'connector.class' || key.endsWith('.converter') || /^(transforms|predicates)\.[^.]+\.type$/.test(key);
}
