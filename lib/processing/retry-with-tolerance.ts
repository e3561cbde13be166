import type { Clock, Random } from '../core/clock.ts';
import type { MaybePromise } from '../core/converter.ts';
import { ConnectException, isRetriable, RetriableException } from '../core/errors.ts';
import type { Stage } from '../core/stage.ts';
import type { ErrorReporter } from './error-reporters.ts';
import type { Operation } from './operation.ts';
import type { ProcessingContext } from './processing-context.ts';
import type { TaskErrorMetrics } from './task-error-metrics.ts';

/** First wait before a retry; it doubles with every attempt. */
const RETRY_DELAY_MIN_MS = 300;
/** Beyond 2^52 ms a delay is no longer a wait anybody sees the end of; Java's shift would wrap around here. */
const MAX_DOUBLINGS = 40;

/** `errors.*` of a connector, as the operator needs them. */
export interface RetryPolicy {
  /** `errors.tolerance` */
  readonly tolerance: 'none' | 'all';
  /** `errors.retry.timeout`; −1 = for ever. */
  readonly retryTimeoutMs: number;
  /** `errors.retry.delay.max.ms` */
  readonly retryDelayMaxMs: number;
  /**
   * What becomes of an error that is still retriable when no more retries are allowed. `tolerated` is Connect's: an error like any other, so
   * with tolerance `all` a good record is dropped or dead-lettered because something was down. `handed-back` throws a retriable
   * ConnectException without reporting the record, so that the same records come again later.
   */
  readonly outages: 'tolerated' | 'handed-back';
}

/** What an operator works with. */
export interface RetryWithToleranceDeps<T> {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: TaskErrorMetrics;
  readonly reporters: readonly ErrorReporter<T>[];
}

/**
 * Runs the operations of a record's path with Connect's error handling (KIP-298): retries what is retriable, reports what failed, and either
 * drops the record (`errors.tolerance=all`) or fails the task. One per task; operations of a task never overlap.
 */
export class RetryWithToleranceOperator<T> {
  readonly #policy: RetryPolicy;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #metrics: TaskErrorMetrics;
  readonly #reporters: readonly ErrorReporter<T>[];
  readonly #stop = new AbortController();
  #failures = 0;

  constructor(deps: RetryWithToleranceDeps<T>) {
    this.#policy = deps.policy;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#metrics = deps.metrics;
    this.#reporters = deps.reporters;
  }

  /**
   * Calls the operation. Answers its result, or null when the record failed now or before and that is tolerated (`context.failed` tells it from
   * a result that is null). Answers directly while the operation does and nothing has to wait.
   * Throws ConnectException "Tolerance exceeded in error handler" or "Unhandled exception in error handler"; retriable only for an outage handed back.
   */
  execute<I, O>(context: ProcessingContext<T>, operation: Operation<I, O>, input: I): MaybePromise<O | null> {
    if (context.failed) return null;
    // the clock is asked only where somebody will look at the answer
    const start = this.#policy.retryTimeoutMs === 0 ? 0 : this.#clock.now();
    let result: MaybePromise<O>;
    try {
      result = operation.call(input);
    } catch (error) {
      return this.#handle(context, operation, input, error, start);
    }
    return result instanceof Promise ? this.#settle(context, operation, input, result, start) : result;
  }

  /**
   * Takes a failure that happened elsewhere (a sink refused a record, Kafka refused a produced one). Resolves when every reporter is done.
   * Throws ConnectException "Tolerance exceeded in error handler" with `errors.tolerance=none`, after reporting.
   */
  executeFailed(context: ProcessingContext<T>, stage: Stage, executingClass: string, error: unknown): Promise<void> {
    context.fail(stage, executingClass, error);
    this.#markAsFailed();
    this.#metrics.recordFailures++;
    const reported = this.#report(context);
    if (this.withinToleranceLimits()) return reported;
    this.#metrics.recordErrors++;
    throw new ConnectException('Tolerance exceeded in error handler', { cause: error });
  }

  /** `errors.tolerance=all` */
  get toleratesAll(): boolean {
    return this.#policy.tolerance === 'all';
  }

  /** False once something failed and nothing is tolerated. */
  withinToleranceLimits(): boolean {
    return this.toleratesAll || this.#failures === 0;
  }

  /** Ends a back-off that is under way, and every later one: what waited is given up. Called when the task stops. */
  stop(): void {
    this.#stop.abort();
  }

  async #settle<I, O>(
    context: ProcessingContext<T>,
    operation: Operation<I, O>,
    input: I,
    result: Promise<O>,
    start: number,
  ): Promise<O | null> {
    try {
      return await result;
    } catch (error) {
      return this.#handle(context, operation, input, error, start);
    }
  }

  #handle<I, O>(
    context: ProcessingContext<T>,
    operation: Operation<I, O>,
    input: I,
    error: unknown,
    start: number,
  ): MaybePromise<O | null> {
    if (!this.#isRetried(error)) return this.#giveUp(context, operation, error, 1);
    this.#metrics.recordFailures++;
    if (this.#policy.retryTimeoutMs === 0) return this.#giveUp(context, operation, error, 1);
    return this.#retry(context, operation, input, error, start);
  }

  async #retry<I, O>(
    context: ProcessingContext<T>,
    operation: Operation<I, O>,
    input: I,
    first: unknown,
    start: number,
  ): Promise<O | null> {
    const timeoutMs = this.#policy.retryTimeoutMs;
    const deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : start + timeoutMs;
    let error = first;
    for (let attempt = 1; ; attempt++) {
      if (this.#clock.now() >= deadline) return this.#giveUp(context, operation, error, attempt);
      await this.#clock.sleep(this.#delay(attempt, deadline), this.#stop.signal);
      this.#metrics.retries++;
      if (this.#stop.signal.aborted) return this.#abandon(context, operation, error, attempt);
      try {
        return await operation.call(input);
      } catch (next) {
        error = next;
      }
      if (!this.#isRetried(error)) return this.#giveUp(context, operation, error, attempt + 1);
      this.#metrics.recordFailures++;
    }
  }

  /** Connect retries its own RetriableException only; a client's retriable error is an outage to us, but just an error to Connect. */
  #isRetried(error: unknown): boolean {
    return this.#policy.outages === 'handed-back' ? isRetriable(error) : error instanceof RetriableException;
  }

  /** 300 ms doubled per attempt; above the cap anything below the cap at random; never past the deadline. */
  #delay(attempt: number, deadline: number): number {
    let delay = RETRY_DELAY_MIN_MS * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS);
    const max = this.#policy.retryDelayMaxMs;
    if (delay > max) delay = Math.floor(this.#random() * max);
    return Math.max(0, Math.min(delay, deadline - this.#clock.now()));
  }

  #giveUp(context: ProcessingContext<T>, operation: Operation<never, unknown>, error: unknown, attempt: number): null {
    const { stage, executingClass } = operation;
    context.fail(stage, executingClass, error);
    context.attempt = attempt;
    if (this.#policy.outages === 'handed-back' && isRetriable(error)) throw handBack(error);
    this.#metrics.recordFailures++;
    this.#markAsFailed();
    this.#metrics.recordErrors++;
    void this.#report(context);
    if (!isTolerable(stage, error)) throw new ConnectException('Unhandled exception in error handler', { cause: error });
    if (!this.withinToleranceLimits()) throw new ConnectException('Tolerance exceeded in error handler', { cause: error });
    this.#metrics.recordsSkipped++;
    return null;
  }

  /** The task stops while a record waits for its next try: Connect drops the record whatever is tolerated. */
  #abandon(context: ProcessingContext<T>, operation: Operation<never, unknown>, error: unknown, attempt: number): null {
    context.fail(operation.stage, operation.executingClass, error);
    context.attempt = attempt;
    if (this.#policy.outages === 'handed-back') throw handBack(error);
    this.#markAsFailed();
    this.#metrics.recordsSkipped++;
    this.#metrics.recordErrors++;
    void this.#report(context);
    return null;
  }

  #markAsFailed(): void {
    this.#failures++;
    this.#metrics.lastErrorTimestamp = this.#clock.now();
  }

  /** Never rejects unheard: reporters that can fail keep their failure until they are asked whether everything is safe. */
  #report(context: ProcessingContext<T>): Promise<void> {
    const reported = Promise.all(this.#reporters.map((reporter) => reporter.report(context))).then(() => undefined);
    reported.catch(() => undefined);
    return reported;
  }
}

/** Connect tolerates anything in transformations and converters, elsewhere only what may succeed later. */
function isTolerable(stage: Stage, error: unknown): boolean {
  return (
    stage === 'TRANSFORMATION' ||
    stage === 'KEY_CONVERTER' ||
    stage === 'VALUE_CONVERTER' ||
    stage === 'HEADER_CONVERTER' ||
    error instanceof RetriableException
  );
}

function handBack(cause: unknown): ConnectException {
  return new ConnectException('Tolerance exceeded in error handler', { cause }, undefined, 'outage', true);
}
