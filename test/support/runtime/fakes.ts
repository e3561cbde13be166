import type { Converter, HeaderConverter } from '../../../lib/core/converter.ts';
import type { ConsumerRecord, ProducerRecord } from '../../../lib/core/kafka-record.ts';
import type { Logger } from '../../../lib/core/logger.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import type {
  CommittedPosition,
  FetchedPartition,
  FetchOptions,
  GroupMember,
  GroupOffsets,
  PartitionReader,
  ReadPosition,
} from '../../../lib/kafka/partition-reader.ts';
import type { RecordProducer, SendOptions, SendResult } from '../../../lib/kafka/record-producer.ts';
import type { DeadLetterQueueReporter } from '../../../lib/processing/error-reporters.ts';
import { RetryWithToleranceOperator } from '../../../lib/processing/retry-with-tolerance.ts';
import { SinkProcessor } from '../../../lib/processing/sink-processor.ts';
import { SourceProcessor } from '../../../lib/processing/source-processor.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { TransformationChain } from '../../../lib/processing/transformation-chain.ts';
import type { ManualClock } from './manual-clock.ts';

const silent = () => undefined;
/** A logger that says nothing. */
export const SILENT: Logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent, child: () => SILENT };

const text = new TextEncoder();
/** Texts as their UTF-8 bytes; null stays null. `bad` as a value cannot be converted. */
export class TextConverter implements Converter, HeaderConverter {
  configure(): void {}
  fromConnectData(_topic: string, _schema: unknown, value: unknown): Uint8Array | null {
    if (value === 'bad') throw new Error('this value cannot be converted');
    return value === null ? null : text.encode(String(value));
  }
  toConnectData(_topic: string, bytes: Uint8Array | null) {
    const value = bytes === null ? null : new TextDecoder().decode(bytes);
    if (value === 'bad') throw new Error('this value cannot be converted');
    return { schema: null, value };
  }
  fromConnectHeader(_topic: string, _key: string, _schema: unknown, value: unknown): Uint8Array | null {
    return value === null ? null : text.encode(String(value));
  }
  toConnectHeader(_topic: string, _key: string, bytes: Uint8Array | null) {
    return this.toConnectData('', bytes);
  }
}

function converters() {
  const named = { plugin: new TextConverter(), className: 'TextConverter' };
  return { key: named, value: named, header: named };
}

function operator<T>(
  clock: ManualClock,
  tolerance: 'none' | 'all',
  reporters: ConstructorParameters<typeof RetryWithToleranceOperator<T>>[0]['reporters'] = [],
) {
  return new RetryWithToleranceOperator<T>({
    policy: { tolerance, retryTimeoutMs: 0, retryDelayMaxMs: 60_000, outages: 'handed-back' },
    clock,
    random: () => 0.5,
    metrics: new TaskErrorMetrics(),
    reporters,
  });
}

export function sourceProcessor(clock: ManualClock, tolerance: 'none' | 'all' = 'none'): SourceProcessor {
  const op = operator<SourceRecord>(clock, tolerance);
  return new SourceProcessor({ operator: op, chain: new TransformationChain([], op), converters: converters() });
}

export function sinkProcessor(
  clock: ManualClock,
  tolerance: 'none' | 'all' = 'none',
  deadLetterQueue: DeadLetterQueueReporter | null = null,
): SinkProcessor {
  const op = operator<ConsumerRecord>(clock, tolerance, deadLetterQueue === null ? [] : [deadLetterQueue]);
  return new SinkProcessor({
    operator: op,
    chain: new TransformationChain([], op),
    converters: converters(),
    deadLetterQueue,
    errantRecords: deadLetterQueue !== null,
  });
}

/** Topics as arrays. Both sides of Kafka; faults are set by the test. */
export class FakeKafka implements RecordProducer, PartitionReader, GroupOffsets {
  readonly topics = new Map<string, ConsumerRecord[]>();
  readonly groups = new Map<string, number>();
  /** An offset that a test set otherwise is somebody else's. */
  readonly #lastCommits = new Map<string, CommittedPosition>();
  readonly #starts = new Map<string, number>();
  /** Called before each send; may throw or wait. */
  beforeSend: (records: readonly ProducerRecord[]) => void | Promise<void> = () => undefined;
  /** Refuses single records. */
  refuse: (record: ProducerRecord) => Error | null = () => null;
  beforeFetch: () => void | Promise<void> = () => undefined;
  sends = 0;
  /** Members of every group. */
  inGroup: GroupMember[] = [];

  append(topic: string, partition: number, value: string | null, key: string | null = null): ConsumerRecord {
    const log = this.log(topic, partition);
    const record: ConsumerRecord = {
      topic,
      partition,
      offset: log.length,
      timestamp: 1000 + log.length,
      timestampType: 'CREATE_TIME',
      key: key === null ? null : text.encode(key),
      value: value === null ? null : text.encode(value),
      headers: [],
    };
    log.push(record);
    return record;
  }

  log(topic: string, partition: number): ConsumerRecord[] {
    const key = topicPartitionKey(topic, partition);
    const log = this.topics.get(key) ?? [];
    this.topics.set(key, log);
    return log;
  }

  /** What is before is gone, as after retention. */
  retainFrom(topic: string, partition: number, offset: number): void {
    this.#starts.set(topicPartitionKey(topic, partition), offset);
  }

  values(topic: string, partition = 0): (string | null)[] {
    return this.log(topic, partition).map((record) => (record.value === null ? null : new TextDecoder().decode(record.value)));
  }

  async send(records: readonly ProducerRecord[], options?: SendOptions): Promise<SendResult> {
    this.sends++;
    await this.beforeSend(records);
    if (options?.signal?.aborted) throw new Error('aborted');
    const failed = new Map<number, Error>();
    for (const [i, record] of records.entries()) {
      const refused = this.refuse(record);
      if (refused !== null) failed.set(i, refused);
      else this.append(record.topic, record.partition ?? 0, record.value === null ? null : new TextDecoder().decode(record.value));
    }
    return {
      failed,
      metadata: (i) => (failed.has(i) ? null : { topic: (records[i] as ProducerRecord).topic, partition: 0, offset: -1, timestamp: null }),
    };
  }

  async fetch(): Promise<never>;
  async fetch(positions: readonly ReadPosition[], options: FetchOptions): Promise<FetchedPartition[]>;
  async fetch(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, number>>;
  async fetch(what?: readonly ReadPosition[] | string, more?: FetchOptions | readonly TopicPartition[]): Promise<unknown> {
    if (typeof what === 'string') {
      const found = new Map<string, number>();
      for (const { topic, partition } of more as readonly TopicPartition[]) {
        const offset = this.groups.get(`${what}/${topicPartitionKey(topic, partition)}`);
        if (offset !== undefined) found.set(topicPartitionKey(topic, partition), offset);
      }
      return found;
    }
    await this.beforeFetch();
    // A fetch costs a turn of the event loop, as a real one does.
    await new Promise((resolve) => setImmediate(resolve));
    return (what as readonly ReadPosition[]).map(({ topic, partition, offset }) => {
      const log = this.log(topic, partition);
      const outOfRange = offset > log.length || offset < this.#start(topic, partition);
      const records = outOfRange ? [] : log.slice(offset, offset + 10);
      return { topic, partition, records, nextOffset: offset + records.length, endOffset: log.length, outOfRange };
    });
  }

  async committed(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, CommittedPosition>> {
    const found = new Map<string, CommittedPosition>();
    for (const { topic, partition } of partitions) {
      const key = topicPartitionKey(topic, partition);
      const offset = this.groups.get(`${groupId}/${key}`);
      const last = this.#lastCommits.get(`${groupId}/${key}`);
      if (offset !== undefined) found.set(key, last?.offset === offset ? last : { offset, metadata: '' });
    }
    return found;
  }

  async commit(groupId: string, offsets: ReadonlyMap<string, number>, metadata = ''): Promise<void> {
    for (const [key, offset] of offsets) {
      this.groups.set(`${groupId}/${key}`, offset);
      this.#lastCommits.set(`${groupId}/${key}`, { offset, metadata });
    }
  }

  async remove(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) this.groups.delete(`${groupId}/${topicPartitionKey(topic, partition)}`);
  }

  async members(): Promise<GroupMember[]> {
    return this.inGroup;
  }

  async beginningOffsets(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return new Map(partitions.map(({ topic, partition }) => [topicPartitionKey(topic, partition), this.#start(topic, partition)]));
  }

  #start(topic: string, partition: number): number {
    return this.#starts.get(topicPartitionKey(topic, partition)) ?? 0;
  }

  async endOffsets(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return new Map(partitions.map(({ topic, partition }) => [topicPartitionKey(topic, partition), this.log(topic, partition).length]));
  }

  offsetsForTime(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return this.endOffsets(partitions);
  }

  async close(): Promise<void> {}
}

/** `count` records of one source partition; value = `r<n>`, offset {n: next}. */
export function numbered(from: number, count: number, partition = { table: 't' }): SourceRecord[] {
  return Array.from(
    { length: count },
    (_, i) => new SourceRecord({ sourcePartition: partition, sourceOffset: { n: from + i + 1 }, topic: 'out', value: `r${from + i}` }),
  );
}

export function valuesOf(records: readonly SinkRecord[]): unknown[] {
  return records.map((record) => record.value);
}

/** A store with some of its methods replaced. */
export function overridden<T extends object>(store: T, methods: Partial<T>): T {
  return new Proxy(store, {
    get(target, name) {
      const found = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}
