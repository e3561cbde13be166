import type { ConfigDef } from '../core/config/config-def.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { enrich } from './enrich.ts';
import { checkSinkCrossFields, sinkConnectorConfigDef } from './sink-connector-config.ts';
import { sourceConnectorConfigDef } from './source-connector-config.ts';
import { enrichTopicCreation } from './topic-creation.ts';

/** Every framework key of this configuration, those of its aliases and topic creation groups included. */
export function frameworkConfigDef(
  kind: 'source' | 'sink',
  props: ConnectorProps,
  resolver: PluginResolver,
  { full }: { readonly full: boolean },
): ConfigDef {
  const def = enrich(plainConfigDef(kind, resolver), props, resolver, { full });
  return kind === 'sink' ? def : enrichTopicCreation(def, props, { full });
}

function plainConfigDef(kind: 'source' | 'sink', resolver: PluginResolver): ConfigDef {
  return kind === 'sink' ? sinkConnectorConfigDef(resolver) : sourceConnectorConfigDef(resolver);
}

/**
 * Parses the framework's keys of a connector's configuration (variables resolved). Throws ConfigException at the first mistake, with Connect's message.
 * The plug-in's own keys are left to the plug-in.
 */
export function parseConnectorConfig(kind: 'source' | 'sink', props: ConnectorProps, resolver: PluginResolver): ParsedConfig {
  // As Connect: what is wrong with the keys of every connector is said before anything of aliases and groups is looked at.
  plainConfigDef(kind, resolver).parse(props);
  const parsed = frameworkConfigDef(kind, props, resolver, { full: true }).parse(props);
  if (kind === 'sink') checkSinkCrossFields(props);
  return parsed;
}
