import type { ConfigDef } from '../core/config/config-def.ts';
import { RegexValidator, ValidList } from '../core/config/validators.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';
import { JavaPattern } from '../core/java/regex.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { connectorConfigDef, ERROR_HANDLING } from './connector-config.ts';

/** Keys of every sink connector: Connect's SinkConnectorConfig. */
export function sinkConnectorConfigDef(resolver: PluginResolver): ConfigDef {
  return connectorConfigDef(resolver)
    .define({
      name: 'topics',
      type: 'LIST',
      default: [],
      validator: ValidList.anyNonDuplicateValues(true, false),
      importance: 'HIGH',
      doc: 'List of topics to consume, separated by commas.',
      group: 'Common',
      orderInGroup: 4,
      width: 'LONG',
      displayName: 'Topics',
    })
    .define({
      name: 'topics.regex',
      type: 'STRING',
      default: '',
      validator: RegexValidator,
      importance: 'HIGH',
      doc: 'Regular expression (of Java) giving topics to consume; it must match the whole name. Only one of topics and topics.regex.',
      group: 'Common',
      orderInGroup: 4,
      width: 'LONG',
      displayName: 'Topics regex',
    })
    .define({
      name: 'errors.deadletterqueue.topic.name',
      type: 'STRING',
      default: '',
      importance: 'MEDIUM',
      doc: 'The topic for records that could not be processed, with their original bytes. Empty = none.',
      group: ERROR_HANDLING,
      orderInGroup: 6,
      width: 'MEDIUM',
      displayName: 'Dead Letter Queue Topic Name',
    })
    .define({
      name: 'errors.deadletterqueue.topic.replication.factor',
      type: 'SHORT',
      default: 3,
      importance: 'MEDIUM',
      doc: 'Replication factor of the dead letter queue topic where it does not exist yet.',
      group: ERROR_HANDLING,
      orderInGroup: 7,
      width: 'MEDIUM',
      displayName: 'Dead Letter Queue Topic Replication Factor',
    })
    .define({
      name: 'errors.deadletterqueue.context.headers.enable',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: 'Whether records in the dead letter queue carry __connect.errors.* headers that say what failed, where and why.',
      group: ERROR_HANDLING,
      orderInGroup: 8,
      width: 'MEDIUM',
      displayName: 'Enable Error Context Headers',
    });
}

/** One mistake between keys; Connect lists it under `key`. */
export interface CrossFieldError {
  readonly key: string;
  /** As given; null = not configured. */
  readonly value: string | null;
  readonly message: string;
}

/**
 * Rules between `topics`, `topics.regex` and the dead letter queue. Throws PatternSyntaxException when `topics.regex` cannot be read and a dead
 * letter queue has to be compared with it.
 */
export function sinkCrossFieldErrors(props: ConnectorProps): CrossFieldError[] {
  const topics = props.topics ?? null;
  const regex = props['topics.regex'] ?? null;
  const deadLetters = (props['errors.deadletterqueue.topic.name'] ?? '').trim();
  const hasTopics = topics !== null && topics.trim() !== '';
  const hasRegex = regex !== null && regex.trim() !== '';
  const errors: CrossFieldError[] = [];
  const both = (message: string) => {
    errors.push({ key: 'topics', value: topics, message }, { key: 'topics.regex', value: regex, message });
  };
  if (hasTopics && hasRegex) both('topics and topics.regex are mutually exclusive options, but both are set.');
  if (!hasTopics && !hasRegex) both('Must configure one of topics or topics.regex');
  if (deadLetters === '') return errors;
  if (hasTopics) {
    const list = [...new Set(topics.trim().split(/\s*,\s*/))].filter((topic) => topic !== '');
    if (list.includes(deadLetters)) {
      const message = `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${list.join(', ')}]') consumed by the connector`;
      errors.push({ key: 'topics', value: topics, message });
    }
  }
  if (hasRegex && new JavaPattern(regex).matches(deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`;
    errors.push({ key: 'topics.regex', value: regex, message });
  }
  return errors;
}

/** Throws ConfigException for the first of {@link sinkCrossFieldErrors}. */
export function checkSinkCrossFields(props: ConnectorProps): void {
  const [first] = sinkCrossFieldErrors(props);
  if (first !== undefined) throw ConfigException.invalid(first.key, first.value, first.message);
}
