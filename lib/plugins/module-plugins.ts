import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigDef } from '../core/config/config-def.ts';
import { ConfigException } from '../core/errors.ts';
import type { ConnectorManifest, PermissionNeed, PluginClass, PluginManifest } from '../core/manifest.ts';

/** What can be asked of a plug-in's class before it is used. */
interface Inspectable {
  config?(): ConfigDef;
  version?(): string;
  taskClass?(): new () => unknown;
}

/**
 * Loads a user's own plug-in. `specifier` is `./my-source.ts#MySource` (relative to `folder`, where the file that names it lies) or
 * `some-package#MySink`. Throws ConfigException when the module cannot be imported, has no such export, or exports something else.
 */
export async function loadModulePlugin(specifier: string, folder: string): Promise<PluginManifest> {
  const hash = specifier.lastIndexOf('#');
  const path = specifier.slice(0, hash);
  const exportName = specifier.slice(hash + 1);
  const url = locate(specifier, path, folder);
  let exports: Record<string, unknown>;
  try {
    exports = (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    throw new ConfigException(`cannot load ${specifier} from ${folder}: ${(cause as Error).message}`, { cause, code: 'module-not-loaded' });
  }
  const exported = exports[exportName];
  if (typeof exported !== 'function') {
    const names = Object.keys(exports)
      .filter((name) => typeof exports[name] === 'function')
      .sort();
    throw new ConfigException(
      `cannot use ${specifier}: the module exports no class ${exportName}; it exports ${names.length === 0 ? 'no class' : names.join(', ')}`,
      { code: 'module-without-class' },
    );
  }
  return manifestOfClass(specifier, exported as PluginClass, url, exportName);
}

/** A manifest for a class that has none, by looking at what it can do and at its static `permissions` and `holdsRecords`. `className` is the name a configuration uses for it. */
export function manifestOfClass(className: string, exported: PluginClass, module: string, exportName: string): PluginManifest {
  const kind = kindOf(exported);
  if (kind === null) {
    throw new ConfigException(
      `cannot use ${className}: it is no plug-in; a connector has taskClass and taskConfigs, a transformation apply, a predicate test, a converter fromConnectData`,
      { code: 'module-without-plugin' },
    );
  }
  const instance = new exported() as Inspectable;
  const declared = exported as { readonly holdsRecords?: unknown; readonly permissions?: readonly PermissionNeed[] };
  const base = {
    className,
    aliases: [],
    configDef: instance.config?.() ?? EMPTY_CONFIG_DEF,
    overview: '',
    ...(instance.version === undefined ? {} : { version: instance.version() }),
    module,
    exportName,
    load: () => Promise.resolve(exported),
    permissions: declared.permissions ?? [],
  };
  if (kind !== 'source' && kind !== 'sink') return { ...base, kind };
  const manifest: ConnectorManifest = {
    ...base,
    kind,
    triggers: kind === 'source' ? ['schedule'] : ['schedule', 'event'],
    holdsRecords: declared.holdsRecords === true,
  };
  return manifest;
}

const EMPTY_CONFIG_DEF = new ConfigDef();

function locate(specifier: string, path: string, folder: string): string {
  if (isAbsolute(path)) return pathToFileURL(path).href;
  if (path.startsWith('./') || path.startsWith('../')) return pathToFileURL(resolve(folder, path)).href;
  try {
    return pathToFileURL(createRequire(join(folder, 'package.json')).resolve(path)).href;
  } catch (cause) {
    throw new ConfigException(
      `cannot find package ${path}, named by ${specifier}, from ${folder}: install it there, or write ./${path} for a file`,
      { cause, code: 'module-not-found' },
    );
  }
}

function kindOf(exported: PluginClass): PluginManifest['kind'] | null {
  // An instance, not the prototype: a method may also be written as a field.
  const instance = new exported() as Record<string, unknown>;
  const can = (method: string) => typeof instance[method] === 'function';
  if (can('taskClass')) {
    const task = new ((instance as Required<Inspectable>).taskClass())() as Record<string, unknown>;
    return typeof task.put === 'function' ? 'sink' : 'source';
  }
  if (can('fromConnectData')) return 'converter';
  if (can('fromConnectHeader')) return 'header-converter';
  if (can('apply')) return 'transformation';
  return can('test') ? 'predicate' : null;
}
