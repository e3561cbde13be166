import { type ConverterRole, converterConfig } from '../config/converter-config.ts';
import { parseConnectorConfig } from '../config/parse-connector.ts';
import type { Clock, Random } from '../core/clock.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { Converter, HeaderConverter } from '../core/converter.ts';
import { ConfigException, ConnectException, javaClassOf } from '../core/errors.ts';
import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { Logger } from '../core/logger.ts';
import type { PluginManifest } from '../core/manifest.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import type { SourceRecord } from '../core/source-record.ts';
import type { Predicate, Transformation } from '../core/transformation.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { DeadLetterQueueReporter, type DeadLetters, type ErrorReporter, LogReporter } from '../processing/error-reporters.ts';
import type { NamedPlugin, RecordConverters } from '../processing/record-converters.ts';
import { type RetryPolicy, RetryWithToleranceOperator } from '../processing/retry-with-tolerance.ts';
import { SinkProcessor } from '../processing/sink-processor.ts';
import { SourceProcessor } from '../processing/source-processor.ts';
import type { TaskErrorMetrics } from '../processing/task-error-metrics.ts';
import { type ConfiguredTransformation, TransformationChain } from '../processing/transformation-chain.ts';

/** What a task's record path is made of. */
export interface RecordPathDeps {
  readonly connector: string;
  readonly task: number;
  /** The connector's configuration (not the task's), variables resolved. */
  readonly props: ConnectorProps;
  /** The worker's configuration, variables resolved. */
  readonly worker: ConnectorProps;
  readonly resolver: PluginResolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: TaskErrorMetrics;
}

/** The same for a sink. */
export interface SinkPathDeps extends RecordPathDeps {
  /** Asked for only where a dead letter queue is configured. */
  readonly deadLetters: () => DeadLetters | Promise<DeadLetters>;
}

/** Makes the path of a source task's records. Throws ConfigException or ConnectException as building the task in Connect does: the task is FAILED. */
export async function createSourceProcessor(deps: RecordPathDeps): Promise<SourceProcessor> {
  const parsed = parseConnectorConfig('source', deps.props, deps.resolver);
  const operator = new RetryWithToleranceOperator<SourceRecord>({
    policy: retryPolicy(parsed),
    clock: deps.clock,
    random: deps.random,
    metrics: deps.metrics,
    reporters: logReporters(parsed, deps),
  });
  const converters = await createConverters(deps);
  const chain = new TransformationChain(await createTransformations<SourceRecord>(parsed, deps), operator);
  return new SourceProcessor({ operator, chain, converters });
}

/** Makes the path of a sink task's records. Throws as {@link createSourceProcessor}. */
export async function createSinkProcessor(deps: SinkPathDeps): Promise<SinkProcessor> {
  const parsed = parseConnectorConfig('sink', deps.props, deps.resolver);
  const reporters: ErrorReporter<ConsumerRecord>[] = logReporters(parsed, deps);
  const topic = parsed.getText('errors.deadletterqueue.topic.name');
  let deadLetterQueue: DeadLetterQueueReporter | null = null;
  if (topic !== '') {
    deadLetterQueue = new DeadLetterQueueReporter({
      identity: deps,
      topic,
      contextHeaders: parsed.getBoolean('errors.deadletterqueue.context.headers.enable'),
      deadLetters: await deps.deadLetters(),
      logger: deps.logger,
      metrics: deps.metrics,
    });
    reporters.push(deadLetterQueue);
  }
  const operator = new RetryWithToleranceOperator<ConsumerRecord>({
    policy: retryPolicy(parsed),
    clock: deps.clock,
    random: deps.random,
    metrics: deps.metrics,
    reporters,
  });
  const converters = await createConverters(deps);
  const chain = new TransformationChain<ConsumerRecord, SinkRecord>(await createTransformations<SinkRecord>(parsed, deps), operator);
  return new SinkProcessor({ operator, chain, converters, deadLetterQueue, errantRecords: reporters.length > 0 });
}

/** The transformations of a configuration, configured, in order. Exported for the conformance cases. */
export async function createTransformations<R extends ConnectRecord>(
  parsed: ParsedConfig,
  { resolver, clock }: { readonly resolver: PluginResolver; readonly clock: Clock },
): Promise<ConfiguredTransformation<R>[]> {
  const configured: ConfiguredTransformation<R>[] = [];
  for (const alias of parsed.getList('transforms')) {
    try {
      configured.push(await createTransformation<R>(parsed, alias, resolver, clock));
    } catch (error) {
      // Connect wraps whatever happens here
      throw new ConnectException(describeError(error), { cause: error });
    }
  }
  return configured;
}

async function createTransformation<R extends ConnectRecord>(
  parsed: ParsedConfig,
  alias: string,
  resolver: PluginResolver,
  clock: Clock,
): Promise<ConfiguredTransformation<R>> {
  const { predicate: predicateAlias, negate, ...options } = parsed.withPrefix(`transforms.${alias}.`);
  const manifest = resolver.find('transformation', parsed.getText(`transforms.${alias}.type`)) as PluginManifest;
  const transformation = await instantiate<Transformation<R>>(manifest);
  transformation.configure(options, { clock });
  let predicate: Predicate<R> | null = null;
  if (predicateAlias !== undefined) {
    const prefix = `predicates.${predicateAlias}.`;
    if (!parsed.values.has(`${prefix}type`)) {
      const unknown = new ConfigException(`Unknown configuration '${prefix}plugin.version'`);
      throw new ConnectException(describeError(unknown), { cause: unknown, code: 'unknown-predicate' });
    }
    const found = resolver.find('predicate', parsed.getText(`${prefix}type`)) as PluginManifest;
    predicate = await instantiate<Predicate<R>>(found);
    predicate.configure(parsed.withPrefix(prefix));
  }
  return { transformation, className: manifest.className, predicate, negate: negate?.trim().toLowerCase() === 'true' };
}

async function createConverters(deps: RecordPathDeps): Promise<RecordConverters> {
  const key = await createConverter<Converter>('key', deps);
  key.plugin.configure(key.settings, true);
  const value = await createConverter<Converter>('value', deps);
  value.plugin.configure(value.settings, false);
  const header = await createConverter<HeaderConverter>('header', deps);
  header.plugin.configure(header.settings);
  return { key, value, header };
}

async function createConverter<P>(
  role: ConverterRole,
  { props, worker, resolver }: RecordPathDeps,
): Promise<NamedPlugin<P> & { readonly settings: Readonly<Record<string, string>> }> {
  const { className, settings, from } = converterConfig(role, props, worker);
  const key = `${role}.converter`;
  if (className === null) throw new ConfigException(`Missing required configuration "${key}" which has no default value.`);
  const manifest = resolver.find(role === 'header' ? 'header-converter' : 'converter', className);
  if (manifest === null) {
    throw ConfigException.invalid(
      key,
      className,
      `Class ${className} could not be found.${from === 'worker' ? ' It is set for the worker.' : ''}`,
    );
  }
  return { plugin: await instantiate<P>(manifest), className: manifest.className, settings };
}

async function instantiate<P>(manifest: PluginManifest): Promise<P> {
  const PluginOfManifest = await manifest.load();
  return new PluginOfManifest() as P;
}

function retryPolicy(parsed: ParsedConfig): RetryPolicy {
  return {
    tolerance: parsed.getText('errors.tolerance') as 'none' | 'all',
    retryTimeoutMs: Number(parsed.getLong('errors.retry.timeout')),
    retryDelayMaxMs: Number(parsed.getLong('errors.retry.delay.max.ms')),
    outages: 'handed-back',
  };
}

function logReporters<T>(parsed: ParsedConfig, deps: RecordPathDeps): ErrorReporter<T>[] {
  if (!parsed.getBoolean('errors.log.enable')) return [];
  const includeMessages = parsed.getBoolean('errors.log.include.messages');
  return [new LogReporter<T>({ identity: deps, includeMessages, logger: deps.logger, metrics: deps.metrics })];
}

function describeError(error: unknown): string {
  return `${javaClassOf(error)}: ${error instanceof Error ? error.message : String(error)}`;
}
