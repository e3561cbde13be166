import { ConfigDef } from '../core/config/config-def.ts';
import { parseType } from '../core/config/parse-type.ts';
import { validator } from '../core/config/validators.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { embedKeys } from './embed-keys.ts';
import { ensurePlugin, INTERFACES, knowsClass } from './plugin-class.ts';
import { checkPluginVersion, PluginVersion, versionOf } from './plugin-version.ts';

/** Keys that every transformation has beside its own. */
const IMPLICIT_KEYS = new ConfigDef()
  .define({
    name: 'predicate',
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    doc: 'The alias of a predicate used to determine whether to apply this transformation.',
  })
  .define({
    name: 'negate',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether the configured predicate should be negated.',
  });

/**
 * Adds the keys of the aliases in `transforms` and `predicates` to `def`, as ConnectorConfig.enrich. With `full`, throws ConfigException where an
 * alias has no usable class; otherwise its options are left out, and validation says why.
 */
export function enrich(def: ConfigDef, props: ConnectorProps, resolver: PluginResolver, { full }: { readonly full: boolean }): ConfigDef {
  enrichAliases(def, props, resolver, full, { list: 'transforms', group: 'Transforms', kind: 'transformation' });
  enrichAliases(def, props, resolver, full, { list: 'predicates', group: 'Predicates', kind: 'predicate' });
  return def;
}

interface AliasKind {
  readonly list: 'transforms' | 'predicates';
  readonly group: string;
  readonly kind: 'transformation' | 'predicate';
}

function enrichAliases(def: ConfigDef, props: ConnectorProps, resolver: PluginResolver, full: boolean, aliasKind: AliasKind): void {
  const { list, group, kind } = aliasKind;
  const aliases = (parseType(list, props[list] ?? null, 'LIST') ?? []) as readonly string[];
  for (const alias of new Set(aliases)) {
    const prefix = `${list}.${alias}.`;
    defineType(def, props, resolver, aliasKind, alias);
    try {
      embedKeys(def, prefix, `${group}: ${alias}`, 2, optionsOf(`${prefix}type`, `${prefix}plugin.version`, props, resolver, aliasKind));
      if (kind === 'transformation') embedKeys(def, prefix, `${group}: ${alias}`, 100, IMPLICIT_KEYS);
    } catch (error) {
      if (full || !(error instanceof ConfigException)) throw error;
    }
  }
}

function defineType(
  def: ConfigDef,
  props: ConnectorProps,
  resolver: PluginResolver,
  { list, group, kind }: AliasKind,
  alias: string,
): void {
  const prefix = `${list}.${alias}.`;
  const title = INTERFACES[kind].slice(INTERFACES[kind].lastIndexOf('.') + 1);
  const manifest = resolver.find(kind, props[`${prefix}type`]?.trim() ?? '');
  const version = manifest === null ? PluginVersion : versionOf(manifest);
  def
    .define({
      name: `${prefix}type`,
      type: 'CLASS',
      validator: validator((_name, value) => {
        if (kind === 'transformation') checkNegate(props, prefix);
        if (value !== null) ensurePlugin(resolver, kind, value as string);
        if (manifest !== null) version.ensureValid(`${prefix}plugin.version`, props[`${prefix}plugin.version`] ?? null);
      }, `valid configs for ${alias} ${kind}`),
      importance: 'HIGH',
      doc: `Class for the '${alias}' ${kind}.`,
      group: `${group}: ${alias}`,
      orderInGroup: 0,
      width: 'LONG',
      displayName: `${title} type for ${alias}`,
      recommender: {
        validValues: () => resolver.manifests.filter((manifest) => manifest.kind === kind).map((manifest) => manifest.className),
        visible: () => true,
      },
      knowsClass: knowsClass(resolver, kind),
    })
    .define({
      name: `${prefix}plugin.version`,
      type: 'STRING',
      default: null,
      validator: version,
      importance: 'MEDIUM',
      doc: `Version of the '${alias}' ${kind}.`,
      group: `${group}: ${alias}`,
      orderInGroup: 1,
      width: 'LONG',
      displayName: `${title} version for ${alias}`,
    });
}

function optionsOf(key: string, versionKey: string, props: ConnectorProps, resolver: PluginResolver, { kind }: AliasKind): ConfigDef {
  const name = props[key]?.trim();
  const title = INTERFACES[kind].slice(INTERFACES[kind].lastIndexOf('.') + 1);
  if (name === undefined) throw ConfigException.invalid(key, null, `Not a ${title}`);
  const manifest = resolver.find(kind, name);
  if (manifest !== null) {
    checkPluginVersion(manifest, props[versionKey] ?? null);
    // The key is trimmed, but Connect loads the plug-in by the name as it is written.
    if (props[key] !== name) throw ConfigException.invalid(key, props[key], `Error getting config definition from ${title}: ${props[key]}`);
    return manifest.configDef;
  }
  if (!knowsClass(resolver, kind)(name)) throw ConfigException.invalid(key, props[key], `Class ${props[key]} could not be found.`);
  ensurePlugin(resolver, kind, name);
  throw ConfigException.invalid(key, name, `Not a ${title}`);
}

function checkNegate(props: ConnectorProps, prefix: string): void {
  if (!Object.hasOwn(props, `${prefix}negate`) || Object.hasOwn(props, `${prefix}predicate`)) return;
  throw new ConfigException(
    `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
  );
}
