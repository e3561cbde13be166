import type { PluginManifest } from '../core/manifest.ts';
import { loadModulePlugin } from '../plugins/module-plugins.ts';
import { createPluginResolver, type PluginResolver } from '../plugins/plugin-resolver.ts';
import { REGISTRY } from '../plugins/registry.generated.ts';
import type { HostFiles } from './host-files.ts';

/** Keys whose value names a class, by which a file may name a plug-in of its own (`./my-source.ts#MySource`). */
const CLASS_KEY = /^(?:connector\.class|(?:key|value|header)\.converter|(?:transforms|predicates)\.[^.]+\.type)$/;

/** The plug-ins of this package and those that the files name as modules. Throws ConfigException for a module that cannot be loaded. */
export async function resolverFor(files: HostFiles): Promise<PluginResolver> {
  const own = new Map<string, PluginManifest>();
  const configs = [
    ...files.connectors.map(({ definition, folder }) => ({ config: definition.config, folder })),
    { config: files.worker, folder: process.cwd() },
  ];
  for (const { config, folder } of configs) {
    for (const [key, value] of Object.entries(config)) {
      const specifier = value.trim();
      if (!CLASS_KEY.test(key) || !specifier.includes('#') || own.has(specifier)) continue;
      own.set(specifier, await loadModulePlugin(specifier, folder));
    }
  }
  return createPluginResolver(REGISTRY, [...own.values()]);
}
