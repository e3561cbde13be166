import type { ConnectorProps } from '../core/connector.ts';

/**
 * Consumer group by which an event source mapping reads a topic for a sink. Lambda wants a group per mapping, and a mapping reads one topic: the
 * only topic is read as `connect-NAME` (as by Connect), of several each as `connect-NAME-TOPIC`, but for the one that `lambda.group.topic` names.
 */
export function mappingGroup(connector: string, config: ConnectorProps, topics: readonly string[], topic: string): string {
  const base = config['consumer.override.group.id']?.trim() || `connect-${connector}`;
  const first = config['lambda.group.topic'] ?? (topics.length === 1 ? topics[0] : undefined);
  return topic === first?.trim() ? base : `${base}-${topic}`;
}

/** Groups by topic, by connector. */
export type GroupsByConnector = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a deployment would do to topics whose group changes: they would be read from the beginning again. null = no topic that stays changes its group. */
export function regroupingProblem(before: GroupsByConnector, after: GroupsByConnector): string | null {
  const changed = Object.entries(after).flatMap(([connector, groups]) =>
    Object.entries(groups).flatMap(([topic, group]) => {
      const was = before[connector]?.[topic];
      return was === undefined || was === group ? [] : [{ connector, topic, was, group }];
    }),
  );
  const [first] = changed;
  if (first === undefined) return null;
  const remedies = changed.map(({ connector, topic, was }) =>
    was.endsWith(`-${topic}`) ? `"lambda.group.topic": "" in ${connector}` : `"lambda.group.topic": "${topic}" in ${connector}`,
  );
  return (
    `${changed.map(({ connector, topic, was, group }) => `${connector} would read ${topic} as group ${group}, not as ${was} any more`).join('; ')}: ` +
    `a group that is new reads its topic from the beginning; keep the group with ${[...new Set(remedies)].join(' and ')}, ` +
    'or deploy with --context renames=confirmed if that is meant'
  );
}
