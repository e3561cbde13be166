import { ConnectException, isRetriable } from '../core/errors.ts';
import type { ProducerRecord } from '../core/kafka-record.ts';
import type { RecordMetadata } from '../core/record-metadata.ts';
import type { SourceTask } from '../core/source.ts';
import type { SourceRecord } from '../core/source-record.ts';
import type { RecordProducer } from '../kafka/record-producer.ts';
import type { ProcessedSourceBatch, SourceProcessor } from '../processing/source-processor.ts';
import { LeaseLostException } from '../state/errors.ts';
import type { ProgressValues } from '../state/offset-store.ts';
import { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import { outageBackoffMs } from './backoff.ts';
import { EMPTY_POLL_PAUSE_MS } from './defaults.ts';
import { Halt } from './halt.ts';
import { type PolledBatch, RecordSender } from './record-sender.ts';
import type { RunContext } from './run-context.ts';
import { SourceContext } from './source-context.ts';
import type { TaskOutcome } from './task-outcome.ts';

/** Everything one run of a source task needs. */
export interface SourceRun extends RunContext {
  readonly task: SourceTask;
  readonly processor: SourceProcessor;
  readonly producer: RecordProducer;
  readonly ensureTopics: (records: readonly ProducerRecord[]) => Promise<void>;
  /** `offset.flush.timeout.ms`. */
  readonly flushTimeoutMs: number;
  /** `lambda.idle.ms`: how long `poll` must give nothing before a task that does not say so counts as caught up. */
  readonly idleMs: number;
}

/** Runs a source task: poll → transform → convert → produce → fenced offset commit. Never throws: what failed is in the outcome. */
export async function runSource(run: SourceRun): Promise<TaskOutcome> {
  return new SourceRunner(run).run();
}

class SourceRunner {
  readonly #run: SourceRun;
  readonly #halt: Halt;
  readonly #acknowledged = new AcknowledgedOffsets();
  readonly #sender: RecordSender;
  #progress: ProgressValues | null = null;
  /** Progress is about everything polled before it: once something stays unsettled, no later progress holds. */
  #unsettledBefore = false;
  #committing: Promise<void> | null = null;
  #nextCommitAt: number;
  #advanced = false;
  #emptySince: number | null = null;
  #pollFailures = 0;

  constructor(run: SourceRun) {
    this.#run = run;
    this.#halt = new Halt(run.stop, run.keeper, run.deadline, run.clock);
    this.#halt.signal.addEventListener('abort', () => run.processor.stop(), { once: true });
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

  async run(): Promise<TaskOutcome> {
    const { task, props, keeper, offsets, logger } = this.#run;
    let caughtUp = false;
    let failure: { error: unknown } | null = null;
    let initialized = false;
    try {
      const context = new SourceContext({
        props,
        logger,
        clock: this.#run.clock,
        random: this.#run.random,
        signal: this.#halt.signal,
        progress: await offsets.loadProgress(keeper.lease),
        offsets: {
          offset: async (partition) => (await offsets.load(keeper.lease, [partition], this.#run.fence))[0] ?? null,
          offsets: (partitions) => offsets.load(keeper.lease, partitions, this.#run.fence),
        },
      });
      initialized = true;
      task.initialize(context);
      await task.start(props);
      await this.#run.onStarted();
      caughtUp = await this.#loop(context);
    } catch (error) {
      failure = { error };
    }
    failure = await this.#finish(initialized, failure);
    this.#halt.dispose();
    if (keeper.lost || failure?.error instanceof LeaseLostException) {
      keeper.markLost();
      return { end: 'lease-lost', error: null, workLeft: false, advanced: this.#advanced };
    }
    if (failure !== null) return { end: 'failed', error: failure.error, workLeft: false, advanced: this.#advanced };
    const end = caughtUp ? 'caught-up' : (this.#halt.end ?? 'stopped');
    return { end, error: null, workLeft: end === 'deadline', advanced: this.#advanced };
  }

  /** Answers true when a tick is caught up, false when it was halted. */
  async #loop(context: SourceContext): Promise<boolean> {
    const { clock, figures } = this.#run;
    while (this.#halt.end === null) {
      if (this.#sender.failure !== null) throw this.#sender.failure.error;
      if (clock.monotonic() >= this.#nextCommitAt) this.#startCommit();
      const polled = await this.#poll(context);
      const progress = context.takeProgress();
      if (polled === null || polled.length === 0) {
        if (progress !== null) void this.#sender.submit({ polled: [], records: [], indexes: [], progress });
        if (await this.#rest(context)) return true;
        continue;
      }
      this.#emptySince = null;
      context.afterRecords();
      figures.recordsIn += polled.length;
      const processed = await this.#process(polled);
      if (processed === null) break;
      const full = this.#sender.submit({ polled, records: processed.records, indexes: processed.indexes, progress });
      if (full !== null) await this.#halt.orHalted(full);
    }
    return false;
  }

  /** Converts a batch; an outage (a registry that is down) repeats it. Null = halted meanwhile. A fatal record fails the run after what came before it is submitted. */
  async #process(polled: readonly SourceRecord[]): Promise<ProcessedSourceBatch | null> {
    const { clock, figures, logger, processor, random } = this.#run;
    for (let attempt = 1; this.#halt.end === null; attempt++) {
      try {
        const processing = processor.process(polled);
        return processing instanceof Promise ? await processing : processing;
      } catch (error) {
        const done = processor.processed;
        if (!isRetriable(error)) {
          const last = done.indexes.at(-1);
          if (last !== undefined) void this.#sender.submit({ polled: polled.slice(0, last + 1), ...done, progress: null });
          throw error;
        }
        figures.retries++;
        const waitMs = outageBackoffMs(attempt, random);
        logger.warn('cannot convert records for now; trying again', { error: String(error), attempt, waitMs });
        await clock.sleep(waitMs, this.#halt.signal);
      }
    }
    return null;
  }

  async #poll(context: SourceContext): Promise<SourceRecord[] | null> {
    const { clock, logger, random, task } = this.#run;
    context.beforePoll();
    try {
      const polling = task.poll();
      const polled = polling instanceof Promise ? await this.#halt.orHalted(polling) : { value: polling };
      this.#pollFailures = 0;
      return polled === null ? null : polled.value;
    } catch (error) {
      if (!isRetriable(error) || this.#halt.end !== null) throw error;
      this.#run.figures.retries++;
      const waitMs = outageBackoffMs(++this.#pollFailures, random);
      logger.warn('poll failed for now; trying again', { error: String(error), attempt: this.#pollFailures, waitMs });
      await clock.sleep(waitMs, this.#halt.signal);
      this.#emptySince = null;
      return null;
    }
  }

  /** After a poll without records: waits as the task asked. Answers true when a tick may end. */
  async #rest(context: SourceContext): Promise<boolean> {
    const { clock, deadline, idleMs, mode } = this.#run;
    if (this.#halt.end !== null || this.#pollFailures > 0) return false;
    const now = clock.monotonic();
    this.#emptySince ??= now;
    if (mode === 'tick') {
      if (context.isCaughtUp) return true;
      const waitMs = context.pollAgainAtMs === null ? null : context.pollAgainAtMs - clock.now();
      if (waitMs === null ? now - this.#emptySince >= idleMs : waitMs >= deadline.leftMs()) return true;
    }
    const again = context.pollAgainAtMs;
    const untilCommitMs = Math.max(1, this.#nextCommitAt - now);
    const pauseMs = again === null ? EMPTY_POLL_PAUSE_MS : Math.max(0, again - clock.now());
    for (let leftMs = pauseMs; leftMs > 0 && this.#halt.end === null && this.#sender.failure === null; ) {
      const stepMs = Math.min(leftMs, untilCommitMs);
      await clock.sleep(stepMs, this.#halt.signal);
      leftMs -= stepMs;
      if (clock.monotonic() >= this.#nextCommitAt) this.#startCommit();
    }
    return false;
  }

  #settled(batch: PolledBatch, unsettled: ReadonlySet<number> | null, metadataOf: (place: number) => RecordMetadata | null): void {
    const { figures, logger, task } = this.#run;
    figures.recordsOut += batch.records.length - (unsettled?.size ?? 0);
    for (const record of batch.records) figures.bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
    this.#acknowledged.settle(batch.polled, unsettled);
    this.#unsettledBefore ||= unsettled !== null;
    if (batch.progress !== null && !this.#unsettledBefore) this.#progress = batch.progress;
    if (task.commitRecord === undefined) return;
    for (const [place, record] of batch.polled.entries()) {
      if (unsettled?.has(place)) continue;
      const onError = (error: unknown) => logger.error('commitRecord failed', { error: String(error) });
      try {
        const committing = task.commitRecord(record, metadataOf(place));
        if (committing instanceof Promise) committing.catch(onError);
      } catch (error) {
        onError(error);
      }
    }
  }

  #startCommit(): void {
    const { clock, flushIntervalMs } = this.#run;
    this.#nextCommitAt = clock.monotonic() + flushIntervalMs;
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = null;
    });
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
    try {
      await task.commit?.();
    } catch (error) {
      logger.error('commit failed', { error: String(error) });
    }
  }

  /** Flushes what is in flight (bounded), commits, stops the task. Answers what failed the run, the first failure winning. */
  async #finish(initialized: boolean, failed: { error: unknown } | null): Promise<{ error: unknown } | null> {
    const { clock, flushTimeoutMs, keeper, logger, processor, task } = this.#run;
    let failure = failed;
    const giveUp = new AbortController();
    void clock.sleep(flushTimeoutMs, giveUp.signal).then(() => this.#sender.halt());
    await this.#sender.drain();
    giveUp.abort();
    failure ??= this.#sender.failure;
    if (!keeper.lost) {
      if (this.#committing !== null) await this.#committing;
      if (this.#acknowledged.pending || this.#progress !== null) await this.#commit();
      if (this.#acknowledged.pending && failure === null && !keeper.lost) {
        failure = {
          error: new ConnectException('offsets could not be committed before the end; the records will be sent again', {
            code: 'commit-failed',
          }),
        };
      }
    }
    if (initialized) {
      try {
        await task.stop();
      } catch (error) {
        logger.error('stop failed', { error: String(error) });
      }
    }
    await processor.close();
    return failure;
  }
}
