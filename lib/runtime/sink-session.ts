import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConnectException, FencedException, isRetriable } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { SinkOffsets, SinkOwner, SinkTask } from '../core/sink.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import type { TopicPartition } from '../core/topic-partition.ts';
import type { SinkProcessor } from '../processing/sink-processor.ts';
import { keptOffset, watermarkOf } from '../state/kept-offsets.ts';
import type { Watermark } from '../state/offset-store.ts';
import { outageBackoffMs } from './backoff.ts';
import { SinkContext } from './sink-context.ts';
import type { TaskFigures } from './task-outcome.ts';

/** What a sink session needs. */
export interface SinkSessionInit {
  readonly task: SinkTask;
  readonly props: ConnectorProps;
  readonly processor: SinkProcessor;
  readonly seekable: boolean;
  readonly signal: AbortSignal;
  /** No `put` begins while this is false: the lease could not be renewed in time. */
  readonly mayPut: () => boolean;
  readonly figures: TaskFigures;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The life of a sink task in one run: initialize, start, open, put …, preCommit, close, stop. */
export class SinkSession {
  readonly context: SinkContext;
  readonly #init: SinkSessionInit;
  #started = false;
  #keepsOffsets = false;

  constructor(init: SinkSessionInit) {
    this.#init = init;
    this.context = new SinkContext({ ...init, reporter: init.processor.reporter });
    init.signal.addEventListener('abort', () => init.processor.stop(), { once: true });
  }

  /**
   * Offsets that the target keeps, by `topicPartitionKey`; null = it keeps none. Comes before {@link SinkSession.start}. Throws FencedException where a later
   * owner has the partitions.
   */
  async takeOffsets(partitions: readonly TopicPartition[], owner: SinkOwner): Promise<Map<string, Watermark> | null> {
    const { task } = this.#init;
    if (task.takeOffsets === undefined) return null;
    await this.#startTask();
    const kept = await task.takeOffsets(partitions, owner);
    if (kept === null) return null;
    this.#keepsOffsets = true;
    return new Map([...kept].map(([key, offset]) => [key, watermarkOf(offset)]));
  }

  /** The target keeps the offsets: `put` is given them. */
  get keepsOffsets(): boolean {
    return this.#keepsOffsets;
  }

  async start(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#startTask();
    this.context.assign(partitions);
    await this.#init.task.open?.(partitions);
  }

  async #startTask(): Promise<void> {
    if (this.#started) return;
    const { props, task } = this.#init;
    this.#started = true;
    task.initialize(this.context);
    await task.start(props);
  }

  /** Has the target keep these offsets; there are no records to write them with. Throws what `put` throws. */
  async keep(watermarks: readonly Watermark[]): Promise<void> {
    if (watermarks.length > 0) await this.#init.task.put([], watermarks.map(keptOffset));
  }

  /**
   * Puts a batch; on RetriableException the identical batch again, after `context.timeout` or a back-off. Answers false when the run was
   * halted or `giveUpAtMs` (monotonic) came first: the batch may or may not have reached the target, its offsets are not committed.
   * Throws what failed the task, wrapped as Connect does, and FencedException where the target has another owner. `kept`: the watermarks after the batch,
   * where the target keeps them.
   */
  async put(
    records: readonly SinkRecord[],
    giveUpAtMs = Number.POSITIVE_INFINITY,
    kept: readonly Watermark[] | null = null,
  ): Promise<boolean> {
    const { clock, figures, logger, mayPut, random, signal, task } = this.#init;
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) return false;
      let reason: unknown = null;
      if (mayPut()) {
        try {
          const putting = kept === null ? task.put(records) : task.put(records, kept.map(keptOffset));
          if (putting instanceof Promise) await putting;
          figures.recordsOut += records.length;
          return true;
        } catch (error) {
          if (error instanceof FencedException) throw error;
          if (!isRetriable(error)) {
            throw new ConnectException('Exiting WorkerSinkTask due to unrecoverable exception.', { cause: error });
          }
          reason = error;
        }
      }
      const waitMs = this.context.takeTimeoutMs() ?? outageBackoffMs(attempt, random);
      if (clock.monotonic() + waitMs > giveUpAtMs) {
        if (reason !== null) throw reason;
        return false;
      }
      figures.retries++;
      logger.warn('the target refused a batch for now; putting it again', {
        error: String(reason ?? 'lease not renewed'),
        attempt,
        waitMs,
      });
      await clock.sleep(waitMs, signal);
    }
  }

  /** What may be committed of `consumed` (next offset per partition). Reports of errant records are safe before the task is asked. */
  async preCommit(consumed: SinkOffsets): Promise<SinkOffsets> {
    const { processor, task } = this.#init;
    await processor.settleReports();
    if (task.preCommit !== undefined) return task.preCommit(consumed);
    await task.flush?.(consumed);
    return consumed;
  }

  async close(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#init.task.close?.(partitions);
  }

  /** Stops what was started; errors are logged only. */
  async stop(): Promise<void> {
    const { logger, processor, task } = this.#init;
    try {
      if (this.#started) await task.stop();
    } catch (error) {
      logger.error('stop failed', { error: String(error) });
    }
    await processor.close();
  }
}
