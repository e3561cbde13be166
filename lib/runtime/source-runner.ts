import { isRetriable } from '../core/errors.ts';
import type { ProducerRecord } from '../core/kafka-record.ts';
import type { SourceEvent, SourceTask } from '../core/source.ts';
import type { SourceRecord } from '../core/source-record.ts';
import { ProducerFencedException } from '../kafka/errors.ts';
import type { RecordProducer } from '../kafka/record-producer.ts';
import type { ProcessedSourceBatch, SourceProcessor } from '../processing/source-processor.ts';
import { LeaseLostException } from '../state/errors.ts';
import type { ProgressValues } from '../state/offset-store.ts';
import { AtLeastOnceDelivery } from './at-least-once-delivery.ts';
import { outageBackoffMs } from './backoff.ts';
import { EMPTY_POLL_PAUSE_MS } from './defaults.ts';
import { ExactlyOnceDelivery, type ExactlyOnceSettings } from './exactly-once-delivery.ts';
import { Halt } from './halt.ts';
import type { RunContext } from './run-context.ts';
import { SourceContext } from './source-context.ts';
import type { SourceDelivery } from './source-delivery.ts';
import type { TaskOutcome } from './task-outcome.ts';
import { TransactionAbortedException } from './transaction-sequence.ts';

/** Everything one run of a source task needs. */
export interface SourceRun extends RunContext {
  readonly task: SourceTask;
  readonly processor: SourceProcessor;
  readonly producer: RecordProducer;
  readonly ensureTopics: (records: readonly ProducerRecord[]) => Promise<void>;
  /** `offset.flush.timeout.ms`. */
  readonly flushTimeoutMs: number;
  /** null or absent = at least once. */
  readonly exactlyOnce?: ExactlyOnceSettings | null;
  /** What started the run; absent = its schedule. */
  readonly event?: SourceEvent | undefined;
  /** `lambda.idle.ms`: how long `poll` must give nothing before a task that does not say so counts as caught up. */
  readonly idleMs: number;
  /** The task is started anew: it remembers its offsets only. */
  readonly forgetProgress?: boolean;
}

/** Runs a source task: poll → transform → convert → produce → fenced offset commit. Never throws: what failed is in the outcome. */
export async function runSource(run: SourceRun): Promise<TaskOutcome> {
  return new SourceRunner(run).run();
}

class SourceRunner {
  readonly #run: SourceRun;
  readonly #halt: Halt;
  readonly #delivery: SourceDelivery;
  #emptySince: number | null = null;
  #pollFailures = 0;

  constructor(run: SourceRun) {
    this.#run = run;
    this.#halt = new Halt(run.stop, run.keeper, run.deadline, run.clock);
    this.#halt.signal.addEventListener('abort', () => run.processor.stop(), { once: true });
    this.#delivery = run.exactlyOnce == null ? new AtLeastOnceDelivery(run) : new ExactlyOnceDelivery(run, run.exactlyOnce);
  }

  async run(): Promise<TaskOutcome> {
    const { task, props, keeper, offsets, logger } = this.#run;
    let caughtUp = false;
    let failure: { error: unknown } | null = null;
    let initialized = false;
    try {
      await this.#delivery.open();
      const context = new SourceContext({
        props,
        logger,
        clock: this.#run.clock,
        random: this.#run.random,
        signal: this.#halt.signal,
        event: this.#run.event,
        transactions: this.#delivery.transactionContext,
        progress: await this.#loadProgress(),
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
    const { advanced } = this.#delivery;
    if (keeper.lost || failure?.error instanceof LeaseLostException) {
      keeper.markLost();
      return { end: 'lease-lost', error: null, workLeft: false, advanced };
    }
    if (failure !== null && isQuiet(failure.error)) {
      logger.warn('the transaction is lost; the task goes on from its committed offsets', { error: String(failure.error) });
      return { end: this.#halt.end === 'stopped' ? 'stopped' : 'aborted', error: null, workLeft: this.#halt.end === 'deadline', advanced };
    }
    if (failure !== null) return { end: 'failed', error: failure.error, workLeft: false, advanced };
    const end = caughtUp ? 'caught-up' : (this.#halt.end ?? 'stopped');
    return { end, error: null, workLeft: end === 'deadline', advanced };
  }

  /** Answers true when a tick is caught up, false when it was halted. */
  async #loop(context: SourceContext): Promise<boolean> {
    const { clock, figures } = this.#run;
    while (this.#halt.end === null) {
      if (this.#delivery.failure !== null) throw this.#delivery.failure.error;
      if (clock.monotonic() >= this.#delivery.nextCommitAt) this.#delivery.commit();
      const polled = await this.#poll(context);
      const progress = context.takeProgress();
      if (polled === null || polled.length === 0) {
        this.#delivery.idle(progress);
        if (await this.#rest(context)) return true;
        continue;
      }
      this.#emptySince = null;
      context.afterRecords();
      figures.recordsIn += polled.length;
      const processed = await this.#process(polled);
      if (processed === null) break;
      const full = this.#delivery.deliver({ polled, records: processed.records, indexes: processed.indexes, progress });
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
          if (last !== undefined) this.#delivery.deliverBroken({ polled: polled.slice(0, last + 1), ...done, progress: null });
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

  async #loadProgress(): Promise<ProgressValues | null> {
    const { forgetProgress, keeper, offsets } = this.#run;
    const progress = await offsets.loadProgress(keeper.lease);
    if (progress === null || forgetProgress !== true) return progress;
    await offsets.saveProgress(keeper.lease, {});
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
    const untilCommitMs = Math.max(1, this.#delivery.nextCommitAt - now);
    const pauseMs = again === null ? EMPTY_POLL_PAUSE_MS : Math.max(0, again - clock.now());
    for (let leftMs = pauseMs; leftMs > 0 && this.#halt.end === null && this.#delivery.failure === null; ) {
      const stepMs = Math.min(leftMs, untilCommitMs);
      await clock.sleep(stepMs, this.#halt.signal);
      leftMs -= stepMs;
      if (clock.monotonic() >= this.#delivery.nextCommitAt) this.#delivery.commit();
    }
    return false;
  }

  /** Flushes what is in flight (bounded), commits, stops the task. Answers what failed the run, the first failure winning. */
  async #finish(initialized: boolean, failed: { error: unknown } | null): Promise<{ error: unknown } | null> {
    const { logger, processor, task } = this.#run;
    const failure = await this.#delivery.finish(failed);
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

/** Another producer has the task, or its transaction came to nothing: neither is a failure of the task. */
function isQuiet(error: unknown): boolean {
  return error instanceof ProducerFencedException || error instanceof TransactionAbortedException;
}
