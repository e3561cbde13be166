import { validateConnector } from '../../../lib/config/validate-connector.ts';
import { canonicalJson } from '../../../lib/core/canonical-json.ts';
import type { Connector, ConnectorProps } from '../../../lib/core/connector.ts';
import { ConnectException, RetriableException } from '../../../lib/core/errors.ts';
import type { ConsumerRecord, ProducerRecord } from '../../../lib/core/kafka-record.ts';
import type { ConnectorManifest } from '../../../lib/core/manifest.ts';
import type { SinkConnector, SinkTask } from '../../../lib/core/sink.ts';
import type { SourceConnector, SourceTask } from '../../../lib/core/source.ts';
import type { SourceOffset, SourcePartition } from '../../../lib/core/source-record.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import type { DeadLetters } from '../../../lib/processing/error-reporters.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { createSinkProcessor, createSourceProcessor } from '../../../lib/runtime/record-path.ts';
import {
  createConnectorContext,
  createSinkTaskContext,
  createSourceTaskContext,
  MemoryLogger,
} from '../../../lib/testing/task-contexts.ts';

const PUT_RECORDS = 500;
const IDLE_MS = 5;
const resolver = createPluginResolver(REGISTRY);

/** A topic: its partitions, each a list of records. */
export type MemoryTopic = ConsumerRecord[][];

/** State of a connector or task. */
export interface State {
  state: 'RUNNING' | 'FAILED' | 'STOPPED';
  error: unknown;
}

/** Topics in memory. */
export class MemoryTopics {
  readonly all = new Map<string, MemoryTopic>();

  create(topic: string, partitions: number): MemoryTopic {
    const made: MemoryTopic = Array.from({ length: partitions }, () => []);
    this.all.set(topic, made);
    return made;
  }

  append({ topic, partition, key, value, timestamp, headers }: ProducerRecord): void {
    const records = (this.all.get(topic) ?? this.create(topic, 1))[partition ?? 0]!;
    records.push({
      topic,
      partition: partition ?? 0,
      offset: records.length,
      timestamp: timestamp ?? SYSTEM_CLOCK.now(),
      timestampType: 'CREATE_TIME',
      key,
      value,
      headers,
    });
  }
}

/**
 * One connector run as a Connect worker runs it, without Kafka and without leases: topics and offsets are in memory. What it shares with
 * the product is everything between the configuration and the bytes: validation, tasks, transformations, converters, error handling.
 */
export class InProcessWorker {
  readonly #name: string;
  readonly #topics: MemoryTopics;
  readonly #logger = new MemoryLogger();
  readonly #sourceOffsets = new Map<string, { partition: SourcePartition; offset: SourceOffset }>();
  readonly #sinkOffsets = new Map<string, number>();
  #props: ConnectorProps = {};
  #connector: Connector | null = null;
  #stopping = new AbortController();
  #running: Promise<void>[] = [];
  #replanning: Promise<void> | null = null;
  connector: State = { state: 'STOPPED', error: null };
  tasks: State[] = [];

  constructor(name: string, topics: MemoryTopics) {
    this.#name = name;
    this.#topics = topics;
  }

  get hasFailed(): boolean {
    return this.connector.state === 'FAILED' || this.tasks.some(({ state }) => state === 'FAILED');
  }

  /** Messages of every mistake; empty = none. */
  async validate(config: ConnectorProps): Promise<string[]> {
    const { problems } = await validateConnector({
      where: '',
      config: { ...config, name: this.#name },
      worker: {},
      resolver,
      providers: null,
      unknownKeys: 'warn',
      validatePlugin: async (manifest, props) => (await (await newConnector(manifest)).validate!(props)).values,
    });
    return problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  }

  async start(config: ConnectorProps): Promise<void> {
    this.#props = { ...config, name: this.#name };
    await this.resume();
  }

  async resume(): Promise<void> {
    this.#stopping = new AbortController();
    const manifest = resolver.connector(this.#props['connector.class']!);
    this.tasks = [];
    try {
      const connector = await newConnector(manifest);
      this.#connector = connector;
      const fake = createConnectorContext({ clock: SYSTEM_CLOCK, logger: this.#logger });
      connector.initialize({ ...fake, requestTaskReconfiguration: () => this.#replan(), raiseError: (error) => this.#raise(error) });
      await connector.start(this.#props);
      this.connector = { state: 'RUNNING', error: null };
      await this.#startTasks();
    } catch (error) {
      this.connector = { state: 'FAILED', error };
    }
  }

  async stop(): Promise<void> {
    await this.#replanning;
    await this.#stopTasks();
    await this.#connector?.stop();
    this.connector = { ...this.connector, state: 'STOPPED' };
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.resume();
  }

  get offsets(): { partition: SourcePartition; offset: SourceOffset }[] {
    return [...this.#sourceOffsets.values()];
  }

  setSourceOffset(partition: SourcePartition, offset: SourceOffset | null): void {
    if (offset === null) this.#sourceOffsets.delete(canonicalJson(partition));
    else this.#sourceOffsets.set(canonicalJson(partition), { partition, offset });
  }

  resetSourceOffsets(): void {
    this.#sourceOffsets.clear();
  }

  setSinkOffset(topic: string, partition: number, offset: number): void {
    this.#sinkOffsets.set(`${topic} ${partition}`, offset);
  }

  sinkOffset(topic: string, partition: number): number {
    return this.#sinkOffsets.get(`${topic} ${partition}`) ?? 0;
  }

  #raise(error: unknown): void {
    this.connector = { state: 'FAILED', error };
  }

  #replan(): void {
    this.#replanning = (async () => {
      await this.#stopTasks();
      this.#stopping = new AbortController();
      this.tasks = [];
      await this.#startTasks();
    })();
  }

  async #stopTasks(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    this.#running = [];
  }

  async #startTasks(): Promise<void> {
    const connector = this.#connector as SourceConnector | SinkConnector;
    const configs = await connector.taskConfigs(Number(this.#props['tasks.max'] ?? 1));
    this.tasks = configs.map(() => ({ state: 'RUNNING', error: null }));
    const { kind } = resolver.connector(this.#props['connector.class']!);
    this.#running = configs.map((config, index) => this.#run(kind, config, index));
  }

  async #run(kind: 'source' | 'sink', props: ConnectorProps, index: number): Promise<void> {
    const { signal } = this.#stopping;
    const state = this.tasks[index]!;
    try {
      const task = new ((this.#connector as SourceConnector).taskClass())();
      if (kind === 'source') await this.#runSource(task, props, index, signal);
      else await this.#runSink(task as unknown as SinkTask, props, index, signal);
    } catch (error) {
      state.error = error;
      state.state = 'FAILED';
    }
  }

  #path(index: number): Parameters<typeof createSourceProcessor>[0] {
    return {
      connector: this.#name,
      task: index,
      props: this.#props,
      worker: { 'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter' },
      resolver,
      clock: SYSTEM_CLOCK,
      random: () => 0.5,
      logger: this.#logger,
      metrics: new TaskErrorMetrics(),
    };
  }

  async #runSource(task: SourceTask, props: ConnectorProps, index: number, signal: AbortSignal): Promise<void> {
    const processor = await createSourceProcessor(this.#path(index));
    const context = createSourceTaskContext({ clock: SYSTEM_CLOCK, logger: this.#logger, props });
    for (const { partition, offset } of this.#sourceOffsets.values()) context.commit(partition, offset);
    task.initialize(context);
    try {
      await task.start(props);
      while (!signal.aborted) {
        context.forget();
        const records = await task.poll();
        if (records === null || records.length === 0) {
          const waitMs = (context.pollAgainAtMs ?? 0) - SYSTEM_CLOCK.now();
          await SYSTEM_CLOCK.sleep(Math.max(IDLE_MS, waitMs), signal);
          continue;
        }
        // Each record on its own: what came before a record that fails is sent.
        for (const record of records) {
          const processed = await processor.process([record]);
          for (const produced of processed.records) this.#topics.append(produced);
          if (record.sourcePartition !== null && processed.records.length > 0)
            this.setSourceOffset(record.sourcePartition, record.sourceOffset);
        }
      }
    } finally {
      await task.stop();
    }
  }

  async #runSink(task: SinkTask, props: ConnectorProps, index: number, signal: AbortSignal): Promise<void> {
    const deadLetterTopic = this.#props['errors.deadletterqueue.topic.name'] ?? '';
    if (deadLetterTopic !== '' && !this.#topics.all.has(deadLetterTopic)) this.#topics.create(deadLetterTopic, 1);
    const deadLetters: DeadLetters = {
      send: async (records) => {
        for (const record of records) this.#topics.append(record);
      },
    };
    const processor = await createSinkProcessor({ ...this.#path(index), deadLetters: () => deadLetters });
    const reporter = processor.reporter;
    const context = createSinkTaskContext({ clock: SYSTEM_CLOCK, logger: this.#logger, props, ...(reporter === null ? {} : { reporter }) });
    task.initialize(context);
    try {
      await task.start(props);
      while (!signal.aborted) {
        const consumed = this.#consume(index);
        const records = await processor.process(consumed);
        await putUntilDone(task, records, context, signal);
        await processor.settleReports();
        for (const { topic, partition, offset } of consumed) this.setSinkOffset(topic, partition, offset + 1);
        if (consumed.length === 0) await SYSTEM_CLOCK.sleep(IDLE_MS, signal);
      }
    } finally {
      await task.stop();
    }
  }

  #consume(index: number): ConsumerRecord[] {
    const consumed: ConsumerRecord[] = [];
    const tasks = this.tasks.length;
    const named = (this.#props.topics ?? '').split(',');
    const pattern = this.#props['topics.regex'] ? new RegExp(`^(?:${this.#props['topics.regex']})$`) : null;
    for (const [topic, partitions] of this.#topics.all) {
      if (!named.includes(topic) && !pattern?.test(topic)) continue;
      for (const [partition, records] of partitions.entries()) {
        const from = this.sinkOffset(topic, partition);
        if (partition % tasks === index) consumed.push(...records.slice(from, from + PUT_RECORDS));
      }
    }
    return consumed;
  }
}

/** As the worker: a RetriableException brings the same records again, anything else ends the task. */
async function putUntilDone(
  task: SinkTask,
  records: Parameters<SinkTask['put']>[0],
  context: ReturnType<typeof createSinkTaskContext>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await task.put(records);
    } catch (error) {
      if (!(error instanceof RetriableException)) {
        throw new ConnectException('Exiting WorkerSinkTask due to unrecoverable exception.', { cause: error });
      }
      if (signal.aborted) return;
      await SYSTEM_CLOCK.sleep(context.timeoutMs ?? 0, signal);
    }
  }
}

async function newConnector(manifest: ConnectorManifest): Promise<Connector> {
  return new (await manifest.load())() as Connector;
}
