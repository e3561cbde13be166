import {
  adminSettings,
  type ClientOwner,
  consumerSettings,
  deadLetterAdminSettings,
  deadLetterProducerSettings,
  producerSettings,
} from '../config/client-settings.ts';
import { DEFAULT_SEQUENCE_TOPIC, exactlyOnceInForce } from '../config/exactly-once.ts';
import { LAMBDA_CONFIG_DEF } from '../config/lambda-keys.ts';
import { parseConnectorConfig } from '../config/parse-connector.ts';
import { topicCreationGroups, usesTopicCreation } from '../config/topic-creation.ts';
import { parseWorkerConfig } from '../config/worker-config.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import type { Connector, ConnectorProps } from '../core/connector.ts';
import { ConfigException, ConnectException } from '../core/errors.ts';
import { JavaPattern } from '../core/java/regex.ts';
import type { Logger } from '../core/logger.ts';
import type { SinkConnector, SinkTask } from '../core/sink.ts';
import type { SourceConnector, SourceTask } from '../core/source.ts';
import type { TopicPartition } from '../core/topic-partition.ts';
import type { ClientSettings } from '../kafka/kafka-clients.ts';
import type { NewTopic, TopicAdmin } from '../kafka/topic-admin.ts';
import type { SinkProcessor } from '../processing/sink-processor.ts';
import type { SourceProcessor } from '../processing/source-processor.ts';
import { TaskErrorMetrics } from '../processing/task-error-metrics.ts';
import type { StoredConfig } from '../state/config-store.ts';
import { KafkaDeadLetters } from './dead-letters.ts';
import { createSinkProcessor, createSourceProcessor } from './record-path.ts';
import type { TopicsNow } from './remembered-topics.ts';
import type { RuntimeDeps } from './runtime-deps.ts';
import type { OffsetReset } from './sink-positions.ts';
import { transactionalIdOf } from './transactional-id.ts';

/** The topics of a sink as of now, and their partitions. */
export interface SinkTopics extends TopicsNow {
  readonly partitions: readonly TopicPartition[];
  /** Topics the configuration names that do not exist yet; a sink waits for them, as Connect's does. */
  readonly missing: readonly string[];
  /** Further topics may appear at any time (`topics.regex`). */
  readonly open: boolean;
}

/** A connector's configuration with everything the runtime reads from it, for one version of the configuration. */
export interface LoadedConnector {
  readonly name: string;
  readonly kind: 'source' | 'sink';
  readonly stored: StoredConfig;
  /** The configuration with variables resolved. Holds secrets. */
  readonly resolved: ConnectorProps;
  readonly tasksMax: number;
  readonly enforceTasksMax: boolean;
  readonly flushIntervalMs: number;
  readonly flushTimeoutMs: number;
  /** `lambda.*`, parsed. */
  readonly lambda: ParsedConfig;
  readonly leaseMs: number;
  readonly replanMs: number;
  /** How often a worker that runs without end asks the connector for its tasks: `lambda.replan.ms`, or less where the connector watches its source. */
  readonly watchMs: number;
  /** Namespace of what its tasks log: the class's full name, as in Java. */
  readonly loggerName: string;
  readonly idleMs: number;
  /** Consumer group of a sink. */
  readonly groupId: string;
  readonly offsetReset: OffsetReset;
  readonly maxPutRecords: number;
  /** A source whose records are sent in transactions: the worker's or the connector's key says so. */
  readonly exactlyOnce: boolean;
  readonly transactionBoundary: 'poll' | 'interval' | 'connector';
  /** `transaction.boundary.interval.ms`, else `offset.flush.interval.ms`. */
  readonly transactionIntervalMs: number;
  /** `lambda.sequence.topic`. */
  readonly sequenceTopic: string;
  /** How topics of a source are created; null = left to the broker. */
  readonly newTopic: ((topic: string) => NewTopic) | null;
  newConnector(): Promise<Connector>;
  newTask(): Promise<SourceTask | SinkTask>;
  /** Whose Kafka clients a task's are; `lib/config/client-settings.ts` makes settings of it. */
  clientOwner(task: number): ClientOwner;
  /** Throws ConfigException where nothing names the worker's group. */
  transactionalId(task: number): string;
  /** Settings of an exactly-once task's producer, and of the clients that must be of its cluster. */
  transactionalSettings(task: number): ClientSettings;
  /** Settings of a sink task's consumer. */
  consumerSettings(task: number): ClientSettings;
  sourceProcessor(task: number, logger: Logger): Promise<SourceProcessor>;
  sinkProcessor(task: number, logger: Logger, onDeadLetter: () => void): Promise<SinkProcessor>;
  /** Creates the dead letter topic where one is configured and not there, as Connect does when a task starts. Throws ConnectException. */
  createDeadLetterTopic(task: number): Promise<void>;
  /** Partitions of every topic the sink reads, as of now. */
  sinkTopics(): Promise<SinkTopics>;
}

/**
 * Resolves variables, finds the plug-in, parses the framework's keys. Throws ConfigException with Connect's message for the first mistake,
 * and ConnectException for a class that does not exist.
 */
export async function loadConnector(deps: RuntimeDeps, stored: StoredConfig): Promise<LoadedConnector> {
  const resolved = await deps.resolveVariables(stored.config);
  const className = resolved['connector.class'];
  if (className === undefined) throw new ConfigException('Missing required configuration "connector.class" which has no default value.');
  const manifest = deps.plugins.connector(className);
  const { kind } = manifest;
  const config = parseConnectorConfig(kind, resolved, deps.plugins);
  const workerProps = await deps.resolveVariables(deps.workerProps);
  const worker = parseWorkerConfig(workerProps, deps.plugins);
  const lambda = LAMBDA_CONFIG_DEF.parse(resolved);
  const owner = (task: number): ClientOwner => ({ connector: stored.name, task, props: resolved, worker: workerProps });
  const consumer: ClientSettings = kind === 'sink' ? consumerSettings(owner(0)) : {};
  const name = stored.name;
  const deadLetters = (task: number, onSent: () => void) =>
    new KafkaDeadLetters({
      topic: config.getText('errors.deadletterqueue.topic.name'),
      replicationFactor: config.getNumber('errors.deadletterqueue.topic.replication.factor'),
      producer: async () => (await deps.kafka()).producer(deadLetterProducerSettings(owner(task))),
      admin: async () => (await deps.kafka()).admin(deadLetterAdminSettings(owner(task))),
      onSent,
    });
  const intervalMs = Number(
    (kind === 'source' ? config.get('transaction.boundary.interval.ms') : null) ?? worker.getLong('offset.flush.interval.ms'),
  );
  const path = (task: number, logger: Logger) => ({
    connector: name,
    task,
    props: resolved,
    worker: workerProps,
    resolver: deps.plugins,
    clock: deps.clock,
    random: deps.random,
    logger,
    metrics: new TaskErrorMetrics(),
  });

  return {
    name,
    kind,
    stored,
    resolved,
    tasksMax: config.getNumber('tasks.max'),
    enforceTasksMax: config.getBoolean('tasks.max.enforce'),
    flushIntervalMs: Number(worker.getLong('offset.flush.interval.ms')),
    flushTimeoutMs: Number(worker.getLong('offset.flush.timeout.ms')),
    lambda,
    leaseMs: Number(lambda.get('lambda.lease.ms')),
    replanMs: Number(lambda.get('lambda.replan.ms')),
    watchMs: Math.min(Number(lambda.get('lambda.replan.ms')), manifest.watchMs?.(resolved) ?? Number.POSITIVE_INFINITY),
    loggerName: manifest.className,
    idleMs: Number(lambda.get('lambda.idle.ms')),
    groupId: consumer['group.id'] ?? `connect-${name}`,
    offsetReset: (consumer['auto.offset.reset'] ?? 'earliest') as OffsetReset,
    maxPutRecords: Number(consumer['max.poll.records'] ?? 5_000),
    exactlyOnce: kind === 'source' && exactlyOnceInForce(resolved, workerProps),
    transactionBoundary: (kind === 'source'
      ? config.getText('transaction.boundary').toLowerCase()
      : 'poll') as LoadedConnector['transactionBoundary'],
    transactionIntervalMs: intervalMs,
    sequenceTopic: (lambda.get('lambda.sequence.topic') as string | null) ?? DEFAULT_SEQUENCE_TOPIC,
    transactionalId(task) {
      const group = (worker.get('group.id') as string | null) ?? deps.deployment;
      if (group !== undefined) return transactionalIdOf(group, name, task);
      throw new ConfigException(
        'exactly-once delivery needs group.id in the configuration of the worker: it begins the transactional ids, by which one deployment is told from another',
        { code: 'group-id-missing' },
      );
    },
    transactionalSettings: (task) => ({
      'transaction.timeout.ms': String(transactionTimeoutMs(intervalMs)),
      ...producerSettings(owner(task)),
    }),
    newTopic: newTopicOf(config, resolved, worker),
    newConnector: async () => new (await manifest.load())() as Connector,
    async newTask() {
      const connector = new (await manifest.load())() as SourceConnector | SinkConnector;
      return new (connector.taskClass())();
    },
    clientOwner: owner,
    consumerSettings: (task) => consumerSettings(owner(task)),
    sourceProcessor: (task, logger) => createSourceProcessor(path(task, logger)),
    sinkProcessor: (task, logger, onDeadLetter) =>
      createSinkProcessor({
        ...path(task, logger),
        deadLetters: () => deadLetters(task, onDeadLetter),
      }),
    createDeadLetterTopic: async (task) => {
      if (config.getText('errors.deadletterqueue.topic.name') !== '') await deadLetters(task, () => undefined).createTopic();
    },
    sinkTopics: async () => sinkTopics((await deps.kafka()).admin(adminSettings(owner(0))), config),
  };
}

/**
 * Twice the time between commits, so that a slow commit does not end its own transaction; at least Kafka's default, at most what brokers allow unless
 * configured otherwise (`transaction.max.timeout.ms`, 15 minutes).
 */
function transactionTimeoutMs(intervalMs: number): number {
  return Math.min(Math.max(60_000, 2 * intervalMs), 900_000);
}

function newTopicOf(config: ParsedConfig, props: ConnectorProps, worker: ParsedConfig): ((topic: string) => NewTopic) | null {
  if (!usesTopicCreation(props) || !worker.getBoolean('topic.creation.enable')) return null;
  const groups = topicCreationGroups(config);
  const orBrokerDefault = (value: number) => (value === -1 ? null : value);
  return (topic) => {
    const spec = (groups.find((group) => group.matches(topic)) ?? groups.at(-1))?.newTopic(topic);
    if (spec === undefined) throw new ConnectException(`no group of topic.creation.groups is for the topic ${topic}`);
    return {
      topic,
      partitions: orBrokerDefault(spec.partitions),
      replicationFactor: orBrokerDefault(spec.replicationFactor),
      configs: spec.configs,
    };
  };
}

async function sinkTopics(admin: TopicAdmin, config: ParsedConfig): Promise<SinkTopics> {
  try {
    const regex = config.getString('topics.regex') ?? '';
    const named = config.getList('topics');
    const pattern = regex === '' ? null : new JavaPattern(regex);
    const topics = pattern === null ? named : (await admin.listTopics()).filter((topic) => pattern.matches(topic));
    const described = await admin.describeTopics(topics);
    const partitions = [...described.values()].flatMap(({ topic, partitions: count }) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
    return {
      partitions,
      topics: described,
      missing: named.filter((topic) => !described.has(topic)),
      open: pattern !== null,
      reads: (topic) => (pattern === null ? named.includes(topic) : pattern.matches(topic)),
    };
  } finally {
    await admin.close();
  }
}
