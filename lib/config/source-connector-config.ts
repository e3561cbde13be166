import type { ConfigDef } from '../core/config/config-def.ts';
import { CaseInsensitiveValidString, NonEmptyString, Range, validator } from '../core/config/validators.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { uniqueAliases } from './aliases.ts';
import { connectorConfigDef } from './connector-config.ts';

const EXACTLY_ONCE = 'Exactly Once Support';
const atLeastZero = Range.atLeast(0);

/** Keys of every source connector: Connect's SourceConnectorConfig, without those of topic creation groups ({@link topicCreationOf}). */
export function sourceConnectorConfigDef(resolver: PluginResolver): ConfigDef {
  return connectorConfigDef(resolver)
    .define({
      name: 'topic.creation.groups',
      type: 'LIST',
      default: [],
      validator: uniqueAliases('topic creation groups'),
      importance: 'LOW',
      doc: 'Groups of configurations for topics that the connector creates; the first whose patterns match a topic decides.',
      group: 'Topic Creation',
      orderInGroup: 1,
      width: 'LONG',
      displayName: 'Topic Creation Groups',
    })
    .define({
      name: 'exactly.once.support',
      type: 'STRING',
      default: 'requested',
      validator: CaseInsensitiveValidString.in('requested', 'required'),
      importance: 'MEDIUM',
      doc: 'required: the connector fails unless records are delivered exactly once. requested: it is delivered so where worker and connector can.',
      group: EXACTLY_ONCE,
      orderInGroup: 2,
      width: 'SHORT',
      displayName: 'Exactly once support',
    })
    .define({
      name: 'transaction.boundary',
      type: 'STRING',
      default: 'poll',
      validator: CaseInsensitiveValidString.in('poll', 'interval', 'connector'),
      importance: 'MEDIUM',
      doc: 'Where transactions end, with exactly-once delivery: after each poll, after an interval, or where the connector says.',
      group: EXACTLY_ONCE,
      orderInGroup: 3,
      width: 'SHORT',
      displayName: 'Transaction Boundary',
    })
    .define({
      name: 'transaction.boundary.interval.ms',
      type: 'LONG',
      default: null,
      validator: validator((name, value) => {
        if (value !== null) atLeastZero.ensureValid(name, value);
      }, atLeastZero.describe()),
      importance: 'LOW',
      doc: 'With transaction.boundary=interval: milliseconds between commits. Default: offset.flush.interval.ms of the worker.',
      group: EXACTLY_ONCE,
      orderInGroup: 4,
      width: 'SHORT',
      displayName: 'Transaction boundary interval',
    })
    .define({
      name: 'offsets.storage.topic',
      type: 'STRING',
      default: null,
      validator: NonEmptyString,
      importance: 'LOW',
      doc: 'In Kafka Connect: a topic of its own for the source offsets. Here offsets live in the state table, and this key changes nothing.',
      group: 'offsets.topic',
      orderInGroup: 1,
      width: 'LONG',
      displayName: 'Offsets topic',
    });
}
