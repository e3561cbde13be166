import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { IllegalWorkerStateException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ErrantRecordReporter, SinkOffsets, SinkTaskContext } from '../core/sink.ts';
import { type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';

/** What a sink task's context is made of. */
export interface SinkContextInit {
  readonly props: ConnectorProps;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly reporter: ErrantRecordReporter | null;
  /** False behind an event source mapping: the batch decides what comes, a task cannot move its position. */
  readonly seekable: boolean;
}

/** The context a sink task is given, with the requests it left for the runner. */
export class SinkContext implements SinkTaskContext {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly #init: SinkContextInit;
  #assignment: readonly TopicPartition[] = [];
  readonly #paused = new Set<string>();
  #offsets = new Map<string, number>();
  #timeoutMs: number | null = null;
  #commitRequested = false;

  constructor(init: SinkContextInit) {
    this.#init = init;
    this.logger = init.logger;
    this.clock = init.clock;
    this.random = init.random;
    this.signal = init.signal;
  }

  configs(): ConnectorProps {
    return this.#init.props;
  }

  offset(offsets: SinkOffsets): void {
    if (!this.#init.seekable) {
      throw new IllegalWorkerStateException(
        'a sink behind an event source mapping cannot change its position: the batch decides; use lambda.trigger=schedule',
        {
          code: 'not-seekable',
        },
      );
    }
    for (const [key, offset] of offsets) this.#offsets.set(key, offset);
  }

  timeout(ms: number): void {
    this.#timeoutMs = ms;
  }

  assignment(): readonly TopicPartition[] {
    return this.#assignment;
  }

  pause(...partitions: TopicPartition[]): void {
    for (const key of this.#assigned(partitions, 'pause')) this.#paused.add(key);
  }

  resume(...partitions: TopicPartition[]): void {
    for (const key of this.#assigned(partitions, 'resume')) this.#paused.delete(key);
  }

  requestCommit(): void {
    this.#commitRequested = true;
  }

  errantRecordReporter(): ErrantRecordReporter | null {
    return this.#init.reporter;
  }

  #assigned(partitions: readonly TopicPartition[], verb: string): string[] {
    const known = new Set(this.#assignment.map(({ topic, partition }) => topicPartitionKey(topic, partition)));
    return partitions.map(({ topic, partition }) => {
      const key = topicPartitionKey(topic, partition);
      if (!known.has(key))
        throw new IllegalWorkerStateException(`SinkTasks may not ${verb} partitions that are not currently assigned to them: ${key}`);
      return key;
    });
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#assignment = partitions;
  }

  isPaused(key: string): boolean {
    return this.#paused.has(key);
  }

  /** Positions the task asked for since the last call; null = none. */
  takeOffsets(): SinkOffsets | null {
    if (this.#offsets.size === 0) return null;
    const taken = this.#offsets;
    this.#offsets = new Map();
    return taken;
  }

  /** The one-shot wait before a batch is put again; null = not set. */
  takeTimeoutMs(): number | null {
    const taken = this.#timeoutMs;
    this.#timeoutMs = null;
    return taken;
  }

  takeCommitRequest(): boolean {
    const taken = this.#commitRequested;
    this.#commitRequested = false;
    return taken;
  }
}
