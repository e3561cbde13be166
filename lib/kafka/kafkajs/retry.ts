import type { Clock } from '../../core/clock.ts';
import { isRetriable } from '../../core/errors.ts';

/** How long and how often to try again. */
export interface RetryOptions {
  readonly clock: Clock;
  /** After this time from the first attempt, the last error is thrown. */
  readonly withinMs: number;
  /** Pause after the n-th failure (from 1). */
  readonly backoffMs: (failures: number, error: unknown) => number;
  readonly signal?: AbortSignal;
}

/** Calls `attempt` until it succeeds, throws an error that is not retriable, or the time is over. Throws the signal's reason once it aborts. */
export async function retrying<T>(options: RetryOptions, attempt: (failures: number) => Promise<T>): Promise<T> {
  const { clock, signal } = options;
  const start = clock.monotonic();
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return await attempt(failures);
    } catch (error) {
      failures++;
      const pause = options.backoffMs(failures, error);
      if (!isRetriable(error) || clock.monotonic() - start + pause > options.withinMs) throw error;
      await clock.sleep(pause, signal);
    }
  }
}

/** 100, 200, 400 … 1,000 ms: `retry.backoff.ms` and `retry.backoff.max.ms` of Java's clients (KIP-580). */
export function exponentialBackoffMs(failures: number): number {
  return Math.min(100 * 2 ** (failures - 1), 1_000);
}
