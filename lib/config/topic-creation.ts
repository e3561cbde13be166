import { ConfigDef } from '../core/config/config-def.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import { javaText, NonNull, validator } from '../core/config/validators.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';
import { PatternSyntaxException } from '../core/java/exceptions.ts';
import { JavaPattern } from '../core/java/regex.ts';
import { embedKeys } from './embed-keys.ts';

const PREFIX = 'topic.creation.';
const DEFAULT_GROUP = 'default';
const OWN_KEYS: readonly string[] = ['include', 'exclude', 'partitions', 'replication.factor'];

/** A topic to be created. */
export interface NewTopicSpec {
  readonly name: string;
  /** −1 = the broker's default. */
  readonly partitions: number;
  /** −1 = the broker's default. */
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** One group of `topic.creation.groups`. */
export interface TopicCreationGroup {
  readonly name: string;
  matches(topic: string): boolean;
  newTopic(topic: string): NewTopicSpec;
}

/**
 * Adds the keys of the topic creation groups to a source connector's definition, where the configuration uses any (KIP-158). With `full`, throws
 * ConfigException for a default group that cannot be used, as Connect does; otherwise the other groups are left out, and validation says why.
 */
export function enrichTopicCreation(def: ConfigDef, props: ConnectorProps, { full }: { readonly full: boolean }): ConfigDef {
  if (!usesTopicCreation(props)) return def;
  const prefix = `${PREFIX}${DEFAULT_GROUP}.`;
  const defaultDef = new ConfigDef();
  embedKeys(defaultDef, prefix, `Topic Creation: ${DEFAULT_GROUP}`, 1, groupDef({ include: ['.*'] }));
  embedKeys(def, prefix, `Topic Creation: ${DEFAULT_GROUP}`, 1, groupDef({ include: ['.*'] }));
  try {
    const defaults = defaultDef.parse(props);
    const inherited = {
      partitions: defaults.getNumber(`${prefix}partitions`),
      replicationFactor: defaults.getNumber(`${prefix}replication.factor`),
    };
    for (const group of new Set(groupNames(props))) {
      if (group === DEFAULT_GROUP) continue;
      embedKeys(def, `${PREFIX}${group}.`, `Topic Creation: ${group}`, 1, groupDef({ include: [], ...inherited }));
    }
  } catch (error) {
    if (full || !(error instanceof ConfigException)) throw error;
  }
  return def;
}

export function usesTopicCreation(props: ConnectorProps): boolean {
  return Object.keys(props).some((key) => key.startsWith(PREFIX));
}

/**
 * The groups in the order they are asked, the default group last unless it is listed; [] = the connector creates no topics.
 * `parsed` comes from a definition that {@link enrichTopicCreation} enriched.
 */
export function topicCreationGroups(parsed: ParsedConfig): TopicCreationGroup[] {
  const props = parsed.originals as ConnectorProps;
  if (!usesTopicCreation(props)) return [];
  return [...new Set([...parsed.getList(`${PREFIX}groups`), DEFAULT_GROUP])].map((name) => creationGroup(name, parsed));
}

function creationGroup(name: string, parsed: ParsedConfig): TopicCreationGroup {
  const prefix = `${PREFIX}${name}.`;
  // patterns of the default group are ignored: it takes what no other group wants
  const patterns = (key: string, fallback: string) =>
    new JavaPattern(name === DEFAULT_GROUP ? fallback : parsed.getList(prefix + key).join('|'));
  const include = patterns('include', '.*');
  const exclude = patterns('exclude', '');
  const configs = Object.entries(parsed.withPrefix(prefix)).filter(([key]) => !OWN_KEYS.includes(key));
  return {
    name,
    matches: (topic) => include.matches(topic) && !exclude.matches(topic),
    newTopic: (topic) => ({
      name: topic,
      partitions: parsed.getNumber(`${prefix}partitions`),
      replicationFactor: parsed.getNumber(`${prefix}replication.factor`),
      configs: Object.fromEntries(configs),
    }),
  };
}

/** The list as written; a list that cannot be parsed is reported under its own key. */
function groupNames(props: ConnectorProps): string[] {
  const text = (props[`${PREFIX}groups`] ?? '').trim();
  return text === '' ? [] : text.split(/\s*,\s*/);
}

const PATTERNS = validator((name, value) => {
  for (const regex of value as readonly string[]) checkPattern(name, value, regex);
}, 'list of regular expressions');

function groupDef(defaults: { include: string[]; partitions?: number; replicationFactor?: number }): ConfigDef {
  const isDefault = defaults.partitions === undefined;
  // Patterns of the default group are ignored, and so not judged.
  const pattern = isDefault ? NonNull : PATTERNS;
  return new ConfigDef()
    .define({
      name: 'include',
      type: 'LIST',
      default: defaults.include,
      validator: pattern,
      importance: 'LOW',
      doc: 'Regular expressions (of Java) of the topics this group is for; each must match the whole name.',
      orderInGroup: 1,
      width: 'LONG',
      displayName: 'Inclusion Topic Pattern',
    })
    .define({
      name: 'exclude',
      type: 'LIST',
      default: [],
      validator: pattern,
      importance: 'LOW',
      doc: 'Regular expressions of the topics this group is not for; they win over include.',
      orderInGroup: 2,
      width: 'LONG',
      displayName: 'Exclusion Topic Pattern',
    })
    .define({
      name: 'replication.factor',
      type: 'SHORT',
      ...(defaults.replicationFactor === undefined ? {} : { default: defaults.replicationFactor }),
      validator: positiveOrBrokerDefault(
        "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
      ),
      importance: 'LOW',
      doc: "Replication factor of new topics; -1 = the broker's default.",
      orderInGroup: 3,
      width: 'LONG',
      displayName: 'Replication Factor for Topics',
    })
    .define({
      name: 'partitions',
      type: 'INT',
      ...(defaults.partitions === undefined ? {} : { default: defaults.partitions }),
      validator: positiveOrBrokerDefault("Number of partitions must be positive, or -1 to use the broker's default"),
      importance: 'LOW',
      doc: "Number of partitions of new topics; -1 = the broker's default.",
      orderInGroup: 4,
      width: 'LONG',
      displayName: 'Partition Count for Topics',
    });
}

function positiveOrBrokerDefault(message: string) {
  return validator((name, value) => {
    if (value !== null && value !== -1 && (value as number) < 1) throw ConfigException.invalid(name, value, message);
  }, "Positive number, or -1 to use the broker's default");
}

function checkPattern(name: string, list: unknown, regex: string): void {
  try {
    new JavaPattern(regex);
  } catch (error) {
    if (!(error instanceof PatternSyntaxException)) throw error;
    throw ConfigException.invalid(name, javaText(list), `Syntax error in regular expression: ${error.message}`);
  }
}
