import { ConfigDef, type ConfigKey, type ConfigKeyInit, type Recommender } from '../core/config/config-def.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { ConnectorManifest, PluginManifest } from '../core/manifest.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { pluginVersion } from '../plugins/plugin-version.ts';
import { type ConverterRole, converterConfig } from './converter-config.ts';

/** Whose keys are described. */
export interface DescribedConnector {
  /** null = the class is not known. */
  readonly connector: ConnectorManifest | null;
  readonly props: ConnectorProps;
  /** null = no worker is looked at, as in a listing of a plug-in's keys. */
  readonly worker: ConnectorProps | null;
  readonly resolver: PluginResolver;
}

const CONVERTER = /^(key|value|header)\.converter(\.plugin\.version)?$/;
const ALIAS = /^(transforms|predicates)\.(.+)\.(plugin\.version|negate|predicate)$/;

/**
 * A connector's framework keys with what a worker adds to them when it describes them: its converters as defaults, and the versions of the
 * plug-ins that are here (Connect: SourceConnectorConfig.enrichedConfigDef, KIP-891).
 */
export function withWorkerDefaults(def: ConfigDef, described: DescribedConnector): ConfigDef {
  const changed = new ConfigDef();
  for (const key of def.keys.values()) changed.define({ ...initOf(key), ...changesOf(key, def, described) });
  return changed;
}

function initOf(key: ConfigKey): ConfigKeyInit {
  const { defaultValue, group, knowsClass, recommender, required, validator, ...same } = key;
  return {
    ...same,
    ...(required ? {} : { default: defaultValue }),
    ...(group === null ? {} : { group }),
    ...(knowsClass === null ? {} : { knowsClass }),
    ...(recommender === null ? {} : { recommender }),
    ...(validator === null ? {} : { validator }),
  };
}

function changesOf(key: ConfigKey, def: ConfigDef, { connector, props, resolver, worker }: DescribedConnector): Partial<ConfigKeyInit> {
  if (key.name === 'connector.plugin.version') return versionOf(key, connector);
  const converter = CONVERTER.exec(key.name);
  if (converter !== null) {
    const role = converter[1] as ConverterRole;
    const find = (className: string | null) =>
      className === null ? null : resolver.find(role === 'header' ? 'header-converter' : 'converter', className);
    if (converter[2] !== undefined) {
      return worker === null ? {} : versionOf(key, find(converterConfig(role, props, worker).className));
    }
    const ofWorker = worker === null ? null : find(converterConfig(role, {}, worker).className);
    return { ...(ofWorker === null ? {} : { default: ofWorker.className }), ...sorted(key) };
  }
  const [, list, alias, option] = ALIAS.exec(key.name) ?? [];
  if (list === undefined) return {};
  const prefix = `${list}.${alias}.`;
  if (option === 'plugin.version') {
    const className = props[`${prefix}type`]?.trim();
    const kind = list === 'transforms' ? 'transformation' : 'predicate';
    return { importance: 'HIGH', ...versionOf(key, className === undefined ? null : resolver.find(kind, className)) };
  }
  if (list === 'predicates') return {};
  // Every transformation has these two, behind its own keys.
  const behind = [...def.keys.keys()].filter((name) => name.startsWith(prefix)).length - 2;
  return { orderInGroup: behind + (option === 'negate' ? 0 : 1) };
}

function versionOf(key: ConfigKey, manifest: PluginManifest | null): Partial<ConfigKeyInit> {
  const version = manifest === null ? null : pluginVersion(manifest);
  if (version === null) return {};
  return { default: version, recommender: { validValues: () => [version], visible: visibleOf(key) } };
}

function visibleOf({ recommender }: ConfigKey): Recommender['visible'] {
  return recommender === null ? () => true : (name, parsed) => recommender.visible(name, parsed);
}

/** Of Apache Kafka's own distribution. */
const APACHE = 'org.apache.kafka.';

/** Classes by name, as Connect lists them: those it comes with. What vendors add can be named just as well. */
function sorted({ recommender }: ConfigKey): Partial<ConfigKeyInit> {
  if (recommender === null) return {};
  return {
    recommender: {
      validValues: (name, parsed) =>
        [...recommender.validValues(name, parsed)]
          .map(String)
          .filter((className) => className.startsWith(APACHE))
          .sort(),
      visible: (name, parsed) => recommender.visible(name, parsed),
    },
  };
}
