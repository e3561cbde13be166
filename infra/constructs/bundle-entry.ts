import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConnectorManifest, PluginManifest } from '../../lib/core/manifest.ts';

/** How a function is started, and so which handler it has. */
export type FunctionKind = 'source' | 'sink-batch' | 'sink-tick';

export interface EntryRequest {
  readonly kind: FunctionKind;
  /** Every plug-in that the configuration names. */
  readonly plugins: readonly PluginManifest[];
}

const HANDLERS: Readonly<Record<FunctionKind, { readonly file: string; readonly factory: string }>> = {
  source: { file: 'functions/source.ts', factory: 'createSourceHandler' },
  'sink-batch': { file: 'functions/sink.ts', factory: 'createSinkBatchHandler' },
  'sink-tick': { file: 'functions/sink.ts', factory: 'createSinkTickHandler' },
};

/** Source of a function's entry file: the handler, and a registry of exactly the plug-ins that its configuration names. */
export function bundleEntry({ kind, plugins }: EntryRequest, root: string): string {
  const { file, factory } = HANDLERS[kind];
  const imports = [
    `import { ${factory} } from ${JSON.stringify(sourceFile(root, file))};`,
    `import { manifestOfClass } from ${JSON.stringify(sourceFile(root, 'lib/plugins/module-plugins.ts'))};`,
  ];
  const entries: string[] = [];
  for (const [index, plugin] of plugins.entries()) {
    imports.push(`import { ${plugin.exportName} as plugin${index} } from ${JSON.stringify(moduleFile(plugin, root))};`);
    const { className, kind: pluginKind, aliases, version } = plugin;
    const known = { kind: pluginKind, aliases, version, ...connectorMembers(plugin) };
    entries.push(
      `  { ...manifestOfClass(${JSON.stringify(className)}, plugin${index}, ${JSON.stringify(plugin.exportName)}, ''), ...${JSON.stringify(known)} },`,
    );
  }
  return `${imports.join('\n')}\nexport const handler = ${factory}({ manifests: [\n${entries.join('\n')}\n] });\n`;
}

function connectorMembers(plugin: PluginManifest): object {
  if (plugin.kind !== 'source' && plugin.kind !== 'sink') return {};
  const { triggers, holdsRecords } = plugin as ConnectorManifest;
  return { triggers, holdsRecords };
}

/** Ours are named relative to `lib`, a user's own by URL. */
export function moduleFile(plugin: PluginManifest, root: string): string {
  return plugin.module.startsWith('file:') ? fileURLToPath(plugin.module) : sourceFile(root, join('lib', plugin.module));
}

const EXTENSION = extname(import.meta.url);

/** A file of ours as it is named in the repository; in the published package it is JavaScript. */
export function sourceFile(root: string, file: string): string {
  return join(root, file.replace(/\.ts$/, EXTENSION));
}
