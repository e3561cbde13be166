import type { InitialState } from '../lib/config/pipeline-file.ts';
import { mappingGroup } from '../lib/config/sink-groups.ts';
import type { ParsedConfig } from '../lib/core/config/parsed-config.ts';
import type { ConnectorProps } from '../lib/core/connector.ts';
import type { ConnectorManifest, ConnectorTrigger, PluginManifest } from '../lib/core/manifest.ts';
import type { GrantedNeed } from './permission-needs.ts';

/** One connector of a pipeline file as its stack sees it: checked, and with what its plug-ins' manifests say. */
export interface ConnectorPlan {
  readonly name: string;
  /** Name of the pipeline; names of functions, schedules and queues begin with it. */
  readonly pipeline: string;
  /** As written, variables not resolved: nothing here is a secret. */
  readonly config: ConnectorProps;
  readonly initialState: InitialState;
  /** The pipeline's worker keys, the same for all its connectors. */
  readonly worker: ConnectorProps;
  readonly manifest: Pick<ConnectorManifest, 'kind' | 'className' | 'connectionsPerTask'>;
  /** Every plug-in that the configuration names, the connector included, by its class name in the configuration. */
  readonly plugins: readonly Pick<PluginManifest, 'kind' | 'className'>[];
  /** What its plug-ins do with AWS, with the values that name the resources. */
  readonly needs: readonly GrantedNeed[];
  /** The `lambda.*` keys with their defaults. */
  readonly lambda: ParsedConfig;
  readonly trigger: ConnectorTrigger;
  readonly timeoutMs: number;
  /** Topics of a sink; empty for sources and for `topics.regex`. */
  readonly topics: readonly string[];
  readonly tasksMax: number;
}

/** A plan with the manifests it was made from: what checks and bundles look at. */
export interface CheckedPlan extends ConnectorPlan {
  readonly manifest: ConnectorManifest;
  readonly plugins: readonly PluginManifest[];
}

/** Consumer group of a sink's mapping of a topic. */
export function groupIdOf(plan: ConnectorPlan, topic: string): string {
  return mappingGroup(plan.name, plan.config, plan.topics, topic);
}

/** Every consumer group that a sink reads by, by topic; '*' = all topics of a sink that reads Kafka itself. Empty for a source. */
export function groupsOf(plan: ConnectorPlan): Readonly<Record<string, string>> {
  if (plan.manifest.kind === 'source') return {};
  if (plan.trigger === 'schedule') return { '*': plan.config['consumer.override.group.id']?.trim() || `connect-${plan.name}` };
  return Object.fromEntries(plan.topics.map((topic) => [topic, groupIdOf(plan, topic)]));
}

/** Only a dead letter queue makes a sink fed by events a producer. */
export function deadLetterTopicOf(plan: ConnectorPlan): string | null {
  const topic = plan.config['errors.deadletterqueue.topic.name'] ?? '';
  return topic === '' ? null : topic;
}

/** null = what the account has. */
export function reservedConcurrencyOf(plan: ConnectorPlan): number | null {
  return plan.lambda.get('lambda.reserved.concurrency') as number | null;
}
