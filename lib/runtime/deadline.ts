import type { Clock } from '../core/clock.ts';
import { ConnectException } from '../core/errors.ts';
import { LEAST_WORK_MS } from './defaults.ts';

/** Until when an invocation may start new work; null = it runs until it is stopped. */
export interface Deadline {
  /** Milliseconds left for work; Infinity without a deadline. */
  leftMs(): number;
}

/** No deadline: standalone and worker mode. */
export const NO_DEADLINE: Deadline = { leftMs: () => Number.POSITIVE_INFINITY };

/**
 * Work time of an invocation = remaining time − shutdown buffer, by the monotonic clock.
 * Throws ConnectException, with all numbers, when too little is left to begin.
 */
export function invocationDeadline(remainingMs: number, shutdownBufferMs: number, clock: Clock): Deadline {
  const workMs = remainingMs - shutdownBufferMs;
  if (workMs < LEAST_WORK_MS) {
    throw new ConnectException(
      `too little time to begin: ${remainingMs} ms remain, lambda.shutdown.buffer.ms keeps ${shutdownBufferMs} ms for stopping, ${LEAST_WORK_MS} ms of work are needed; raise lambda.timeout.ms or lower the buffer`,
      { code: 'too-little-time' },
    );
  }
  const end = clock.monotonic() + workMs;
  return { leftMs: () => end - clock.monotonic() };
}
