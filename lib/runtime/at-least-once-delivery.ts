import { ConnectException } from '../core/errors.ts';
import type { RecordMetadata } from '../core/record-metadata.ts';
import { LeaseLostException } from '../state/errors.ts';
import type { ProgressValues } from '../state/offset-store.ts';
import { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import { taskCommit, taskCommitRecord } from './commit-callbacks.ts';
import { type PolledBatch, RecordSender } from './record-sender.ts';
import type { SourceDelivery } from './source-delivery.ts';
import type { SourceRun } from './source-runner.ts';

/** Records first, offsets of the acknowledged prefix after them, every `offset.flush.interval.ms` and at the end. */
export class AtLeastOnceDelivery implements SourceDelivery {
  readonly transactionContext = null;
  readonly #run: SourceRun;
  readonly #acknowledged = new AcknowledgedOffsets();
  readonly #sender: RecordSender;
  #progress: ProgressValues | null = null;
  /** Progress is about everything polled before it: once something stays unsettled, no later progress holds. */
  #unsettledBefore = false;
  #committing: Promise<void> | null = null;
  #nextCommitAt: number;
  #advanced = false;

  constructor(run: SourceRun) {
    this.#run = run;
    this.#nextCommitAt = run.clock.monotonic() + run.flushIntervalMs;
    this.#sender = new RecordSender({
      producer: run.producer,
      keeper: run.keeper,
      clock: run.clock,
      random: run.random,
      logger: run.logger,
      figures: run.figures,
      ensureTopics: run.ensureTopics,
      onSettled: (batch, unsettled, metadataOf) => this.#settled(batch, unsettled, metadataOf),
      onRefused: (record, error) => run.processor.produceFailed(record, error),
    });
  }

  get failure(): { error: unknown } | null {
    return this.#sender.failure;
  }

  get advanced(): boolean {
    return this.#advanced;
  }

  get nextCommitAt(): number {
    return this.#nextCommitAt;
  }

  async open(): Promise<void> {}

  deliver(batch: PolledBatch): Promise<void> | null {
    return this.#sender.submit(batch);
  }

  deliverBroken(batch: PolledBatch): void {
    void this.#sender.submit(batch);
  }

  idle(progress: ProgressValues | null): void {
    if (progress !== null) void this.#sender.submit({ polled: [], records: [], indexes: [], progress });
  }

  commit(): void {
    const { clock, flushIntervalMs } = this.#run;
    this.#nextCommitAt = clock.monotonic() + flushIntervalMs;
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = null;
    });
  }

  async finish(failed: { error: unknown } | null): Promise<{ error: unknown } | null> {
    const { clock, flushTimeoutMs, keeper } = this.#run;
    const giveUp = new AbortController();
    void clock.sleep(flushTimeoutMs, giveUp.signal).then(() => this.#sender.halt());
    await this.#sender.drain();
    giveUp.abort();
    const failure = failed ?? this.#sender.failure;
    if (keeper.lost) return failure;
    if (this.#committing !== null) await this.#committing;
    if (this.#acknowledged.pending || this.#progress !== null) await this.#commit();
    if (!this.#acknowledged.pending || failure !== null || keeper.lost) return failure;
    return {
      error: new ConnectException('offsets could not be committed before the end; the records will be sent again', {
        code: 'commit-failed',
      }),
    };
  }

  #settled(batch: PolledBatch, unsettled: ReadonlySet<number> | null, metadataOf: (place: number) => RecordMetadata | null): void {
    const { figures, logger, task } = this.#run;
    figures.recordsOut += batch.records.length - (unsettled?.size ?? 0);
    for (const record of batch.records) figures.bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
    this.#acknowledged.settle(batch.polled, unsettled);
    this.#unsettledBefore ||= unsettled !== null;
    if (batch.progress !== null && !this.#unsettledBefore) this.#progress = batch.progress;
    taskCommitRecord(task, batch.polled, unsettled, metadataOf, logger);
  }

  /** One fenced commit of what is acknowledged. A lost lease ends the run; an outage leaves the offsets for the next commit. */
  async #commit(): Promise<void> {
    const { keeper, logger, offsets, task } = this.#run;
    const taken = this.#acknowledged.take();
    const progress = this.#progress;
    try {
      if (taken.length > 0) {
        await offsets.commit(keeper.lease, taken);
        this.#advanced = true;
      }
      if (progress !== null) {
        await offsets.saveProgress(keeper.lease, progress);
        if (this.#progress === progress) this.#progress = null;
      }
    } catch (error) {
      if (error instanceof LeaseLostException) return keeper.markLost();
      this.#acknowledged.giveBack(taken);
      logger.error('cannot commit offsets; the next commit includes them', { error: String(error) });
      return;
    }
    await taskCommit(task, logger);
  }
}
