import { type ConverterRole, converterConfig } from '../lib/config/converter-config.ts';
import type { ConnectorProps } from '../lib/core/connector.ts';
import type { ConnectorManifest, PermissionNeed, PluginManifest } from '../lib/core/manifest.ts';
import type { PluginResolver } from '../lib/plugins/plugin-resolver.ts';
import { listOf } from './named-plugins.ts';

/** A right that a plug-in declares and its configuration asks for. */
export interface GrantedNeed extends PermissionNeed {
  /** Values of the keys that the need names, defaults included; keys without one are left out. */
  readonly values: ConnectorProps;
  /** What stands in front of the plug-in's keys in the configuration, e.g. `value.converter.`. */
  readonly prefix: string;
}

/** One use of a plug-in: a connector's own keys, or those below a prefix. */
interface PluginUse {
  readonly manifest: PluginManifest;
  readonly settings: ConnectorProps;
  readonly prefix: string;
}

const ROLES: readonly ConverterRole[] = ['key', 'value', 'header'];

/** What the plug-ins of a configuration need of AWS: only what its values ask for, each need once. */
export function permissionNeeds(
  connector: ConnectorManifest,
  config: ConnectorProps,
  worker: ConnectorProps,
  resolver: PluginResolver,
): GrantedNeed[] {
  const found = new Map<string, GrantedNeed>();
  for (const { manifest, settings, prefix } of pluginUses(connector, config, worker, resolver)) {
    for (const need of manifest.permissions ?? []) {
      const valueOfKey = (key: string): string => String(settings[key] ?? manifest.configDef.keys.get(key)?.defaultValue ?? '').trim();
      const isAsked = Object.entries(need.onlyWhere ?? {}).every(([key, allowed]) => {
        const value = valueOfKey(key);
        return allowed === null ? value !== '' : allowed.some((one) => one.toLowerCase() === value.toLowerCase());
      });
      if (!isAsked) continue;
      const keys = [...need.resourceFrom, ...(need.resources ?? []).flatMap(placeholders)];
      const values = Object.fromEntries(keys.map((key) => [key, valueOfKey(key)]).filter(([, value]) => value !== ''));
      found.set(JSON.stringify([need.actions, need.resources ?? need.resourceFrom, values]), { ...need, values, prefix });
    }
  }
  return [...found.values()];
}

/** Keys that the placeholders of a resource name; the stack's own (`aws.…`) and `*` are none. */
function placeholders(resource: string): string[] {
  const inside = [...resource.matchAll(/\{([^}]+)\}/g)].flatMap(([, alternatives = '']) => alternatives.split('|'));
  return inside.filter((key) => key !== '*' && !key.startsWith('aws.'));
}

function pluginUses(connector: ConnectorManifest, config: ConnectorProps, worker: ConnectorProps, resolver: PluginResolver): PluginUse[] {
  const uses: PluginUse[] = [{ manifest: connector, settings: config, prefix: '' }];
  const add = (
    kind: Exclude<PluginManifest['kind'], 'source' | 'sink'>,
    name: string | null | undefined,
    settings: ConnectorProps,
    prefix: string,
  ): void => {
    const manifest = name === null || name === undefined ? null : resolver.find(kind, name.trim());
    if (manifest !== null) uses.push({ manifest, settings, prefix });
  };
  for (const role of ROLES) {
    const { className, settings } = converterConfig(role, config, worker);
    add(role === 'header' ? 'header-converter' : 'converter', className, settings, `${role}.converter.`);
  }
  for (const [list, kind] of [
    ['transforms', 'transformation'],
    ['predicates', 'predicate'],
  ] as const) {
    for (const alias of listOf(config[list])) {
      const prefix = `${list}.${alias}.`;
      const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
      add(kind, config[`${prefix}type`], Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])), prefix);
    }
  }
  return uses;
}
