import { S3SinkTask } from '../../../lib/connectors/s3/sink/sink-task.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { ErrantRecordReporter, SinkTaskContext } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import { MemoryLogger } from '../../../lib/testing/task-contexts.ts';
import type { TestS3 } from './test-s3.ts';

/** A sink task with what a worker would be to it: committed offsets that outlive the task, rewinds, pauses. */
export class SinkDriver {
  readonly committed = new Map<string, number>();
  readonly #s3: TestS3;
  readonly #config: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  readonly #reporter: ErrantRecordReporter | null;

  constructor(s3: TestS3, config: Readonly<Record<string, string>>, clock: Clock, reporter: ErrantRecordReporter | null = null) {
    this.#s3 = s3;
    this.#config = config;
    this.#clock = clock;
    this.#reporter = reporter;
  }

  /** Starts a task on these partitions, which is to be fed from the committed offsets on. */
  async begin(partitions: readonly TopicPartition[], signal: AbortSignal = new AbortController().signal): Promise<SinkRun> {
    const positions = new Map<string, number>();
    for (const { topic, partition } of partitions) {
      const key = topicPartitionKey(topic, partition);
      positions.set(key, this.committed.get(key) ?? 0);
    }
    const paused = new Set<string>();
    const context: SinkTaskContext = {
      logger: new MemoryLogger(),
      clock: this.#clock,
      random: () => 0.5,
      signal,
      configs: () => this.#config,
      offset: (offsets) => {
        for (const [key, offset] of offsets) positions.set(key, offset);
      },
      timeout: () => undefined,
      assignment: () => partitions,
      pause: (...tps) => {
        for (const tp of tps) paused.add(topicPartitionKey(tp.topic, tp.partition));
      },
      resume: (...tps) => {
        for (const tp of tps) paused.delete(topicPartitionKey(tp.topic, tp.partition));
      },
      requestCommit: () => undefined,
      errantRecordReporter: () => this.#reporter,
    };
    const task = new S3SinkTask();
    task.initialize(context);
    await task.start({
      's3.bucket.name': this.#s3.bucket,
      'storage.class': 'io.confluent.connect.s3.storage.S3Storage',
      'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
      'store.url': this.#s3.url,
      'aws.access.key.id': 'test-key',
      'aws.secret.access.key': 'test-secret',
      's3.retry.backoff.ms': '1',
      ...this.#config,
    });
    task.open(partitions);
    return new SinkRun(task, positions, paused, this.committed);
  }
}

/** One task from its start to its end. */
export class SinkRun {
  readonly task: S3SinkTask;
  /** Where to read next. */
  readonly positions: Map<string, number>;
  readonly paused: ReadonlySet<string>;
  readonly #committed: Map<string, number>;

  constructor(task: S3SinkTask, positions: Map<string, number>, paused: ReadonlySet<string>, committed: Map<string, number>) {
    this.task = task;
    this.positions = positions;
    this.paused = paused;
    this.#committed = committed;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    for (const record of records) {
      this.positions.set(topicPartitionKey(record.originalTopic, record.originalKafkaPartition), record.originalKafkaOffset + 1);
    }
    await this.task.put(records);
  }

  commit(): void {
    for (const [key, offset] of this.task.preCommit()) this.#committed.set(key, offset);
  }

  async end(): Promise<void> {
    await this.task.close();
    this.task.stop();
  }
}
