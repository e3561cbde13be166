import { ConfigDef, type Recommender } from '../core/config/config-def.ts';
import { NonEmptyStringWithoutControlChars, Range, ValidString } from '../core/config/validators.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { uniqueAliases } from './aliases.ts';
import { type ConfiguredKind, concretePlugin, knowsClass } from './plugin-class.ts';
import { PluginVersion } from './plugin-version.ts';

const COMMON = 'Common';
const TRANSFORMS = 'Transforms';
const PREDICATES = 'Predicates';
export const ERROR_HANDLING = 'Error Handling';

/** Keys that every connector has: Connect's ConnectorConfig. The resolver knows which classes exist. */
export function connectorConfigDef(resolver: PluginResolver): ConfigDef {
  const def = new ConfigDef()
    .define({
      name: 'name',
      type: 'STRING',
      validator: NonEmptyStringWithoutControlChars,
      importance: 'HIGH',
      doc: 'Globally unique name to use for this connector.',
      group: COMMON,
      orderInGroup: 1,
      width: 'MEDIUM',
      displayName: 'Connector name',
    })
    .define({
      name: 'connector.class',
      type: 'STRING',
      importance: 'HIGH',
      doc: 'Name or alias of the class for this connector: a full class name of Kafka Connect or a vendor, the simple name with or without "Connector", or a module of your own (./my-source.ts#MySource).',
      group: COMMON,
      orderInGroup: 2,
      width: 'LONG',
      displayName: 'Connector class',
    })
    .define({
      name: 'connector.plugin.version',
      type: 'STRING',
      default: null,
      validator: PluginVersion,
      importance: 'MEDIUM',
      doc: 'Version of the connector.',
      group: COMMON,
      orderInGroup: 3,
      width: 'MEDIUM',
      displayName: 'Connector version',
      recommender: visibleWith('connector.class'),
    })
    .define({
      name: 'tasks.max',
      type: 'INT',
      default: 1,
      validator: Range.atLeast(1),
      importance: 'HIGH',
      doc: 'Maximum number of tasks to use for this connector.',
      group: COMMON,
      orderInGroup: 4,
      width: 'SHORT',
      displayName: 'Tasks max',
    })
    .define({
      name: 'tasks.max.enforce',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Whether a connector that makes more tasks than tasks.max fails. Deprecated: a connector that does so has a defect.',
      group: COMMON,
      orderInGroup: 5,
      width: 'SHORT',
      displayName: 'Enforce tasks max',
    });
  defineConverter(def, resolver, 'key', 'converter', 6);
  defineConverter(def, resolver, 'value', 'converter', 8);
  defineConverter(def, resolver, 'header', 'header-converter', 10);
  return def
    .define({
      name: 'transforms',
      type: 'LIST',
      default: [],
      validator: uniqueAliases('transformation aliases'),
      importance: 'LOW',
      doc: 'Aliases for the transformations to be applied to records, in this order.',
      group: TRANSFORMS,
      orderInGroup: 12,
      width: 'LONG',
      displayName: 'Transforms',
    })
    .define({
      name: 'predicates',
      type: 'LIST',
      default: [],
      validator: uniqueAliases('predicate aliases'),
      importance: 'LOW',
      doc: 'Aliases for the predicates used by transformations.',
      group: PREDICATES,
      orderInGroup: 13,
      width: 'LONG',
      displayName: 'Predicates',
    })
    .define({
      name: 'config.action.reload',
      type: 'STRING',
      default: 'restart',
      validator: ValidString.in('none', 'restart'),
      importance: 'LOW',
      doc: 'What to do when values of a config provider change: none, or restart the connector once the provider says that they expire.',
      group: COMMON,
      orderInGroup: 14,
      width: 'MEDIUM',
      displayName: 'Reload Action',
    })
    .define({
      name: 'errors.retry.timeout',
      type: 'LONG',
      default: 0n,
      importance: 'MEDIUM',
      doc: 'How long a failed operation is tried again, in milliseconds. 0 = not at all, -1 = for ever.',
      group: ERROR_HANDLING,
      orderInGroup: 1,
      width: 'MEDIUM',
      displayName: 'Retry Timeout for Errors',
    })
    .define({
      name: 'errors.retry.delay.max.ms',
      type: 'LONG',
      default: 60_000n,
      importance: 'MEDIUM',
      doc: 'The longest wait between two tries, in milliseconds. Waits begin at 300 ms and double; above this limit they are random below it.',
      group: ERROR_HANDLING,
      orderInGroup: 2,
      width: 'MEDIUM',
      displayName: 'Maximum Delay Between Retries for Errors',
    })
    .define({
      name: 'errors.tolerance',
      type: 'STRING',
      default: 'none',
      validator: ValidString.in('none', 'all'),
      importance: 'MEDIUM',
      doc: 'none: a record that cannot be converted or transformed fails the task. all: it is dropped, and reported where reports are configured.',
      group: ERROR_HANDLING,
      orderInGroup: 3,
      width: 'SHORT',
      displayName: 'Error Tolerance',
    })
    .define({
      name: 'errors.log.enable',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: 'Whether each failed record is logged, also those that are tolerated.',
      group: ERROR_HANDLING,
      orderInGroup: 4,
      width: 'SHORT',
      displayName: 'Log Errors',
    })
    .define({
      name: 'errors.log.include.messages',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: 'Whether the log line says which record it was: topic, partition, offset and timestamp of consumed ones, all of source records.',
      group: ERROR_HANDLING,
      orderInGroup: 5,
      width: 'SHORT',
      displayName: 'Log Error Details',
    });
}

function defineConverter(def: ConfigDef, resolver: PluginResolver, what: string, kind: ConfiguredKind, order: number): void {
  const title = `${what[0]?.toUpperCase()}${what.slice(1)} converter`;
  def
    .define({
      name: `${what}.converter`,
      type: 'CLASS',
      default: null,
      validator: concretePlugin(resolver, kind),
      importance: 'LOW',
      doc: `Class that turns ${what}s into bytes in Kafka and back. Default: the worker's, with the worker's settings.`,
      group: COMMON,
      orderInGroup: order,
      width: 'SHORT',
      displayName: `${title} class`,
      recommender: classesOf(resolver, kind),
      knowsClass: knowsClass(resolver, kind),
    })
    .define({
      name: `${what}.converter.plugin.version`,
      type: 'STRING',
      default: null,
      validator: PluginVersion,
      importance: 'LOW',
      doc: `Version of the ${what} converter.`,
      group: COMMON,
      orderInGroup: order + 1,
      width: 'SHORT',
      displayName: `${title} version`,
      recommender: visibleWith(`${what}.converter`),
    });
}

function classesOf(resolver: PluginResolver, kind: ConfiguredKind): Recommender {
  return {
    validValues: () => resolver.manifests.filter((manifest) => manifest.kind === kind).map((manifest) => manifest.className),
    visible: () => true,
  };
}

function visibleWith(key: string): Recommender {
  return { validValues: () => [], visible: (_name, parsed) => (parsed.get(key) ?? null) !== null };
}
