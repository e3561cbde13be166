import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import type { DeploymentPolicy } from '../../lib/config/deployment-policy.ts';
import type { ConnectorManifest, PluginManifest } from '../../lib/core/manifest.ts';
import { moduleFile, sourceFile } from './bundle-entry.ts';
import { bundle, type ConnectorBundle, leaveOut, ROOT } from './connector-bundle.ts';

export interface ControlBundleRequest {
  /** What the deployment fixes; null = nothing. */
  readonly deployment: DeploymentPolicy | null;
  /** Names of the functions, by connector. */
  readonly functions: Readonly<Record<string, string>>;
  /** The plug-ins that the API knows; null = all of this package. */
  readonly plugins: readonly PluginManifest[] | null;
  /** npm packages that the connectors need; null = all they import. */
  readonly clientModules: readonly string[] | null;
}

/** Bundles the REST API: the router, the manifests and the code of the plug-ins it is to know, and a Kafka client for the offsets of sinks. */
export function bundleControlFunction({ clientModules, deployment, functions, plugins }: ControlBundleRequest): Promise<ConnectorBundle> {
  const imports = [
    `import { createControlHandler } from ${JSON.stringify(sourceFile(ROOT, 'functions/control.ts'))};`,
    `import { manifestOfClass } from ${JSON.stringify(sourceFile(ROOT, 'lib/plugins/module-plugins.ts'))};`,
  ];
  const manifests: string[] = [];
  if (plugins === null) {
    imports.push(`import { REGISTRY } from ${JSON.stringify(sourceFile(ROOT, 'lib/plugins/registry.generated.ts'))};`);
    manifests.push('...REGISTRY.manifests');
  }
  for (const [index, plugin] of (plugins ?? []).entries()) {
    const { aliases, className, exportName, kind, module, version } = plugin;
    const folder = /^connectors\/[^/]+\//.exec(module)?.[0];
    if (folder !== undefined) {
      const file = sourceFile(ROOT, join('lib', folder, 'manifest.ts'));
      imports.push(`import { connectorManifests as manifests${index} } from ${JSON.stringify(file)};`);
      manifests.push(`...manifests${index}.filter(({ className }) => className === ${JSON.stringify(className)})`);
      continue;
    }
    imports.push(`import { ${exportName} as plugin${index} } from ${JSON.stringify(moduleFile(plugin, ROOT))};`);
    const { holdsRecords, triggers } = plugin as Partial<ConnectorManifest>;
    const known = JSON.stringify({ kind, aliases, version, holdsRecords, triggers });
    manifests.push(`{ ...manifestOfClass(${JSON.stringify(className)}, plugin${index}, ${JSON.stringify(exportName)}, ''), ...${known} }`);
  }
  const definition = JSON.stringify({ version: packageVersion(), deployment, functions });
  const entry = `${imports.join('\n')}\nexport const handler = createControlHandler({ registry: { manifests: [${manifests.join(', ')}] }, ...${definition} });\n`;
  return bundle(entry, [leaveOut({ clientModules, kafkaClient: true }), ...(plugins === null ? [] : [onlyCodeOf(plugins)])]);
}

const CONNECTOR_MANIFEST = /[\\/]connectors[\\/][^\\/]+[\\/]manifest\.[jt]s$/;

/** A manifest file names the code of all its system's connectors; what the stack does not use stays outside. */
function onlyCodeOf(plugins: readonly PluginManifest[]): Plugin {
  const wanted = new Set(plugins.map((plugin) => moduleFile(plugin, ROOT)));
  return {
    name: 'only-code-of',
    setup(builder) {
      builder.onResolve({ filter: /^\.\.?\// }, ({ importer, kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import' || !CONNECTOR_MANIFEST.test(importer)) return undefined;
        return wanted.has(join(resolveDir, path)) ? undefined : { path, namespace: 'left-out' };
      });
    },
  };
}

/** Beside the sources the package's file is one folder up, in the published package two. */
function packageVersion(): string {
  for (const up of ['.', '..']) {
    try {
      return (JSON.parse(readFileSync(join(ROOT, up, 'package.json'), 'utf8')) as { version: string }).version;
    } catch {}
  }
  return 'unknown';
}
