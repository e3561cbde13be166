import type { DeploymentPolicy } from '../lib/config/deployment-policy.ts';
import { type CheckedPlan, deadLetterTopicOf, reservedConcurrencyOf } from './connector-plan.ts';

/** What the REST API of a deployment is not to change, beside what no deployment lets it change (`lib/rest/deployment-policy.ts`). */
export function deploymentPolicy(file: string, plans: readonly CheckedPlan[], worker: Readonly<Record<string, string>>): DeploymentPolicy {
  const usesIam = worker['sasl.mechanism'] === 'AWS_MSK_IAM';
  return { file, connectors: Object.fromEntries(plans.map((plan) => [plan.name, { fixedKeys: fixedKeysOf(plan, usesIam) }])) };
}

function fixedKeysOf(plan: CheckedPlan, usesIam: boolean): string[] {
  const isSink = plan.manifest.kind === 'sink';
  const byEvent = isSink && plan.trigger === 'event';
  const keys = [...(plan.manifest.targets ?? []), ...plan.plugins.flatMap(converterTargets)];
  // Rights to secrets follow the references, wherever they stand.
  for (const { actions, resourceFrom } of plan.manifest.permissions ?? [])
    if (!actions.every((action) => action.startsWith('secretsmanager:'))) keys.push(...resourceFrom);
  // One mapping per topic; its function has a slot per task.
  if (byEvent) keys.push('topics', 'topics.regex', ...(reservedConcurrencyOf(plan) === null ? ['tasks.max'] : []));
  // Only a dead letter queue gives such a function a Kafka client.
  if (byEvent && deadLetterTopicOf(plan) === null) keys.push('errors.deadletterqueue.topic.name');
  // With MSK IAM, AWS knows topics, groups and transactional ids by name.
  if (usesIam && isSink) keys.push('topics', 'topics.regex', 'errors.deadletterqueue.topic.name', 'consumer.override.group.id');
  if (usesIam && !isSink) keys.push('topic', 'topic.prefix', 'exactly.once.support');
  return [...new Set(keys)].sort();
}

function converterTargets({ kind, targets = [] }: CheckedPlan['plugins'][number]): string[] {
  return kind === 'converter' ? targets.flatMap((target) => [`key.converter.${target}`, `value.converter.${target}`]) : [];
}
