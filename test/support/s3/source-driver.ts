import { S3SourceTask } from '../../../lib/connectors/s3/source/source-task.ts';
import { canonicalJson } from '../../../lib/core/canonical-json.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { TaskProgress } from '../../../lib/core/source.ts';
import type { SourceOffset, SourceRecord } from '../../../lib/core/source-record.ts';
import { MemoryLogger } from '../../../lib/testing/task-contexts.ts';
import type { TestS3 } from './test-s3.ts';

/** A source task with what a worker would be to it: committed offsets and progress that outlive the task. */
export class SourceDriver {
  readonly committed = new Map<string, SourceOffset>();
  readonly logger = new MemoryLogger();
  progress: Parameters<TaskProgress['set']>[0] | null = null;
  readonly #s3: TestS3;
  readonly #config: Readonly<Record<string, string>>;
  readonly #clock: Clock;

  constructor(s3: TestS3, config: Readonly<Record<string, string>>, clock: Clock) {
    this.#s3 = s3;
    this.#config = config;
    this.#clock = clock;
  }

  get props(): Record<string, string> {
    return {
      name: 'restore',
      's3.bucket.name': this.#s3.bucket,
      'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
      'store.url': this.#s3.url,
      'aws.access.key.id': 'test-key',
      'aws.secret.access.key': 'test-secret',
      's3.retry.backoff.ms': '1',
      ...this.#config,
    };
  }

  async begin(signal: AbortSignal = new AbortController().signal): Promise<SourceTaskRun> {
    const state = { caughtUp: false, pollAgainAt: null as number | null };
    const task = new S3SourceTask();
    const load = (partition: Readonly<Record<string, unknown>>) => this.committed.get(canonicalJson(partition)) ?? null;
    task.initialize({
      logger: this.logger,
      clock: this.#clock,
      random: () => 0.5,
      signal,
      configs: () => this.props,
      offsetStorageReader: () => ({
        offset: async (partition) => load(partition),
        offsets: async (partitions) => partitions.map(load),
      }),
      transactionContext: () => null,
      pollAgainAt: (timeMs) => {
        state.pollAgainAt = timeMs;
      },
      caughtUp: () => {
        state.caughtUp = true;
      },
      progress: {
        get: () => this.progress,
        set: (progress) => {
          this.progress = progress;
        },
      },
    });
    await task.start(this.props);
    return { task, state, commit: (record) => this.#commit(record) };
  }

  /** Polls until the task says that it has caught up; every record is committed. */
  async readAll(): Promise<SourceRecord[]> {
    const { task, state, commit } = await this.begin();
    const records: SourceRecord[] = [];
    try {
      while (!state.caughtUp) {
        for (const record of (await task.poll()) ?? []) {
          records.push(record);
          commit(record);
        }
      }
    } finally {
      await task.stop();
    }
    return records;
  }

  #commit({ sourcePartition, sourceOffset }: SourceRecord): void {
    this.committed.set(canonicalJson(sourcePartition), sourceOffset as SourceOffset);
  }
}

/** One task from its start to its end. */
export interface SourceTaskRun {
  readonly task: S3SourceTask;
  readonly state: { caughtUp: boolean; readonly pollAgainAt: number | null };
  readonly commit: (record: SourceRecord) => void;
}
