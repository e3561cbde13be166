import { BUNDLE_VARIABLE, CONNECTOR_VARIABLE, TABLE_VARIABLE, WORKER_VARIABLE } from '../functions/function-environment.ts';
import type { ConfigProblem } from '../lib/config/problems.ts';
import { type CheckedPlan, deadLetterTopicOf, groupsOf } from './connector-plan.ts';
import { mappingRefusals } from './mapping-refusals.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk-configure.html */
const EVENT_TIMEOUT_LIMIT_MS = 840_000;
/** Of all variables of a function, names included. */
const ENVIRONMENT_LIMIT_BYTES = 4096;
/** Table name, bundle hash and NODE_OPTIONS. */
const ENVIRONMENT_OTHERS_BYTES = 240;
/** Work time that is worth a start. */
const LEAST_WORK_MS = 1_000;
/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html */
const FILTER_LIMIT = 5;
/** Kafka's own rule. */
const KAFKA_TOPIC = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;
/** CloudFormation's pattern for a mapping's topic. */
const TOPIC = /^[^.][A-Za-z0-9\-_.]+$/;
const GROUP = /^[A-Za-z0-9\-/*:_+=.@]{1,200}$/;

/** Notes one mistake; `value` is what the configuration says, unless told otherwise. */
export type Refuse = (key: string, message: string, remedy: string | null, value?: unknown) => void;

/** What AWS cannot do as it is asked to, with the reason and what to do instead. */
export function refusals(plan: CheckedPlan, nowMs: number): ConfigProblem[] {
  const { config, manifest, trigger, timeoutMs } = plan;
  const problems: ConfigProblem[] = [];
  const refuse: Refuse = (key, message, remedy, value = config[key]) => {
    problems.push({ severity: 'error', where: '', key, value: value === undefined ? null : String(value), message, remedy });
  };

  if (typeof manifest.notDeployable === 'string') refuse('connector.class', manifest.notDeployable, null);
  if (!manifest.triggers.includes(trigger)) {
    refuse('lambda.trigger', `this connector cannot be started by '${trigger}'`, `allowed: ${manifest.triggers.join(', ')}`, trigger);
  }
  if (timeoutMs % 1000 !== 0) refuse('lambda.timeout.ms', `${timeoutMs} is no whole second`, 'Lambda takes whole seconds; round it');
  const bufferMs = plan.lambda.getNumber('lambda.shutdown.buffer.ms');
  if (timeoutMs - bufferMs < LEAST_WORK_MS) {
    refuse(
      'lambda.shutdown.buffer.ms',
      `of ${timeoutMs} ms, ${bufferMs} are kept back for the end and ${Math.max(0, timeoutMs - bufferMs)} are left to work`,
      'raise lambda.timeout.ms or lower it',
      String(bufferMs),
    );
  }
  resourceRefusals(plan, refuse);
  topicRefusals(plan, refuse);
  const bytes = environmentBytes(plan);
  if (bytes > ENVIRONMENT_LIMIT_BYTES) {
    const remedy = 'keep certificates in Secrets Manager and refer to them';
    refuse('worker', `the worker keys make an environment of ${bytes} bytes, a function has ${ENVIRONMENT_LIMIT_BYTES}`, remedy, null);
  }
  if (trigger === 'schedule') scheduleRefusals(plan, refuse);
  else if (manifest.kind === 'sink') eventSinkRefusals(plan, nowMs, refuse);
  return problems;
}

/** What a permission is for must be named by its ARN, but for buckets and keys of KMS. */
function resourceRefusals({ needs }: CheckedPlan, refuse: Refuse): void {
  for (const { actions, prefix, resourceFrom, resources, values, why } of needs) {
    const [name = ''] = resourceFrom;
    const key = `${prefix}${name}`;
    const value = values[name] ?? '';
    if (
      resources !== undefined ||
      value === '' ||
      actions.some((action) => /^(s3|secretsmanager):/.test(action)) ||
      /^arn:|^[0-9a-f-]{36}$/.test(value)
    )
      continue;
    refuse(key, `the right to ${actions.join(', ')} (${why}) cannot be granted on '${value}'`, 'write its ARN', value);
  }
}

/** Names that Kafka itself would refuse. */
function topicRefusals(plan: CheckedPlan, refuse: Refuse): void {
  const { config } = plan;
  const bad = (key: string, topic: string): void =>
    refuse(key, `Kafka does not accept the topic '${topic}'`, 'allowed: up to 249 letters, digits, dots, dashes and underscores');
  if (plan.manifest.kind === 'source' && config.topic !== undefined && !KAFKA_TOPIC.test(config.topic)) bad('topic', config.topic);
  const dead = deadLetterTopicOf(plan);
  if (dead === null) return;
  if (!KAFKA_TOPIC.test(dead)) bad('errors.deadletterqueue.topic.name', dead);
  if (plan.topics.includes(dead)) {
    refuse(
      'errors.deadletterqueue.topic.name',
      `'${dead}' is also read, and each bad record would come again for ever`,
      'name another topic',
    );
  }
}

function scheduleRefusals({ lambda, tasksMax }: CheckedPlan, refuse: Refuse): void {
  const reserved = lambda.get('lambda.reserved.concurrency') as number | null;
  if (reserved !== null && reserved < tasksMax + 1) {
    const message = `${tasksMax} tasks and the tick that starts them need ${tasksMax + 1} concurrent invocations, not ${reserved}`;
    refuse('lambda.reserved.concurrency', message, 'raise it or lower tasks.max');
  }
}

function eventSinkRefusals(plan: CheckedPlan, nowMs: number, refuse: Refuse): void {
  const { config, lambda, manifest, timeoutMs } = plan;
  if (timeoutMs > EVENT_TIMEOUT_LIMIT_MS) {
    refuse(
      'lambda.timeout.ms',
      `behind a Kafka event source mapping a function runs at most ${EVENT_TIMEOUT_LIMIT_MS} ms, not ${timeoutMs}`,
      'lower it',
    );
  }
  if (manifest.holdsRecords === true) {
    const message = 'this connector holds records back, and a batch that was answered does not come again';
    refuse('lambda.trigger', message, 'set lambda.trigger=schedule', 'event');
  }
  if (config['topics.regex'] !== undefined) {
    refuse('topics.regex', 'an event source mapping reads one named topic', 'name them in topics, or set lambda.trigger=schedule');
  } else if (plan.topics.length === 0) refuse('topics', 'a sink needs at least one topic', 'name it');
  for (const topic of plan.topics) {
    if (TOPIC.test(topic) && KAFKA_TOPIC.test(topic)) continue;
    const allowed = 'two or more letters, digits, dots, dashes and underscores, no dot first';
    refuse('topics', `AWS does not accept the topic '${topic}'`, `allowed: ${allowed}; rename it, or set lambda.trigger=schedule`);
  }
  for (const group of Object.values(groupsOf(plan))) {
    if (GROUP.test(group)) continue;
    refuse(
      'name',
      `AWS does not accept the consumer group '${group}'`,
      'allowed: up to 200 of letters, digits and - / * : _ + = . @',
      plan.name,
    );
  }
  mappingRefusals(plan, nowMs, refuse);
  const windowMs = lambda.getNumber('lambda.batch.window.ms');
  if (windowMs !== 500 && windowMs % 1000 !== 0) {
    refuse('lambda.batch.window.ms', `Lambda does not wait for ${windowMs} ms`, 'allowed: 500 and whole seconds');
  }
  const min = lambda.get('lambda.pollers.min') as number | null;
  const max = lambda.get('lambda.pollers.max') as number | null;
  if (min !== null && max !== null && min > max)
    refuse('lambda.pollers.min', `${min} is more than lambda.pollers.max (${max})`, 'lower it');
  destinationRefusals(plan, min === null && max === null, refuse);
  const filter = lambda.getString('lambda.filter');
  const patterns: unknown = filter === null ? [] : JSON.parse(filter);
  if (Array.isArray(patterns) && patterns.length > FILTER_LIMIT) {
    refuse(
      'lambda.filter',
      `${patterns.length} patterns are more than Lambda takes`,
      `allowed: ${FILTER_LIMIT}; one pattern can hold several values`,
    );
  }
}

function destinationRefusals({ lambda, topics }: CheckedPlan, onDemand: boolean, refuse: Refuse): void {
  const key = 'lambda.on.failure.destination';
  const destination = lambda.getString(key);
  if (destination === null) return;
  if (onDemand) {
    const message = 'without provisioned pollers Lambda repeats a batch until its records expire and never hands one over';
    refuse(key, message, 'set lambda.pollers.max, or use errors.deadletterqueue.topic.name');
  }
  if (destination.endsWith('.fifo')) refuse(key, 'Lambda hands failed batches to no FIFO queue or topic', 'name a standard one');
  if (/^arn:[^:]+:lambda:/.test(destination)) {
    refuse(
      key,
      'an event source mapping of Kafka hands failed batches to no function',
      'allowed: an SQS queue, an SNS topic, an S3 bucket, kafka://TOPIC',
    );
  }
  if (topics.includes(destination.replace(/^kafka:\/\//, ''))) {
    refuse(key, 'failed batches would come again for ever: this topic is also read', 'name another topic');
  }
}

function environmentBytes({ name, worker }: CheckedPlan): number {
  const names = [TABLE_VARIABLE, CONNECTOR_VARIABLE, WORKER_VARIABLE, BUNDLE_VARIABLE, 'NODE_OPTIONS'];
  return Buffer.byteLength(names.join('') + name + JSON.stringify(worker)) + ENVIRONMENT_OTHERS_BYTES;
}
