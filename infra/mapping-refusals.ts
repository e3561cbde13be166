import { startTimeMs } from '../lib/config/lambda-keys.ts';
import type { CheckedPlan } from './connector-plan.ts';
import type { Refuse } from './refusals.ts';
import { pollerRegistry } from './schema-registry.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html */
const GROUP_POLLERS = 2000;
const GROUP_MAPPINGS = 100;
/** Keys that mean nothing without pollers of one's own. */
const PROVISIONED_KEYS = ['lambda.pollers.group', 'lambda.schema.registry.url'];

/** What event source mappings of Kafka cannot do as they are asked to: where they begin, what their pollers share, which registry they ask. */
export function mappingRefusals(plan: CheckedPlan, nowMs: number, refuse: Refuse): void {
  startRefusals(plan, nowMs, refuse);
  const onDemand = plan.lambda.get('lambda.pollers.min') === null && plan.lambda.get('lambda.pollers.max') === null;
  for (const key of PROVISIONED_KEYS) {
    if (onDemand && plan.lambda.getString(key) !== null)
      refuse(key, 'Lambda does this with provisioned pollers only', 'set lambda.pollers.max, or leave it out');
  }
  const most = maximumPollersOf(plan) * plan.topics.length;
  if (plan.lambda.getString('lambda.pollers.group') !== null && (most > GROUP_POLLERS || plan.topics.length > GROUP_MAPPINGS)) {
    const message = `${plan.topics.length} mappings with ${most} pollers are more than one group has`;
    refuse('lambda.pollers.group', message, `allowed: ${GROUP_MAPPINGS} mappings, ${GROUP_POLLERS} pollers; lower lambda.pollers.max`);
  }
  registryRefusals(plan, refuse);
}

/** Most pollers of each mapping of a sink. */
export function maximumPollersOf({ lambda, tasksMax }: Pick<CheckedPlan, 'lambda' | 'tasksMax'>): number {
  const min = lambda.get('lambda.pollers.min') as number | null;
  return (lambda.get('lambda.pollers.max') as number | null) ?? Math.max(tasksMax, min ?? 1);
}

function startRefusals({ lambda }: CheckedPlan, nowMs: number, refuse: Refuse): void {
  const start = lambda.getText('lambda.start.position');
  const time = lambda.getString('lambda.start.timestamp');
  if (start === 'LATEST') {
    refuse('lambda.start.position', 'records sent before the mapping is ready would be lost without a trace', 'use TRIM_HORIZON');
  }
  if (start === 'AT_TIMESTAMP' && time === null)
    refuse('lambda.start.position', 'AT_TIMESTAMP needs a time', 'set lambda.start.timestamp, e.g. 2026-01-31T06:00:00Z');
  if (start !== 'AT_TIMESTAMP' && time !== null)
    refuse('lambda.start.timestamp', `it means nothing with lambda.start.position=${start}`, 'set lambda.start.position=AT_TIMESTAMP');
  if (time !== null && (startTimeMs(time) as number) > nowMs)
    refuse('lambda.start.timestamp', `Lambda does not begin in the future, as ${time} is`, 'name a time that has passed');
}

function registryRefusals(plan: CheckedPlan, refuse: Refuse): void {
  const registry = pollerRegistry(plan);
  if (registry === null) return;
  const { access, attributes, recordFormat, uri } = registry;
  if (uri.startsWith('arn:') && access.length > 0) {
    const message = 'Glue is asked with the rights of the function, not with a secret';
    refuse('lambda.schema.registry.url', message, 'leave out lambda.schema.registry.basic.auth, certificate and ca');
  }
  const logins = access.filter(({ type }) => type !== 'SERVER_ROOT_CA_CERTIFICATE');
  if (logins.length > 1)
    refuse('lambda.schema.registry.basic.auth', 'Lambda logs in to a registry in one way', 'leave out lambda.schema.registry.certificate');
  if (recordFormat === null) {
    const covered = attributes.map((attribute) => `${attribute.toLowerCase()}.converter`).join(' and ');
    refuse(
      'lambda.schema.registry.url',
      `Lambda takes the schema's id off each record, and ${covered} could not read what is left`,
      'use JsonConverter with schemas.enable=false (Lambda decodes to JSON) or ByteArrayConverter; or leave it out: converters ask the registry themselves',
    );
  }
}
