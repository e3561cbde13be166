import type { TickFigures } from '../state/status-store.ts';
import type { LoadedConnector } from './loaded-connector.ts';

/** When a task that FAILED `failures` times in a row is run again by a tick: `lambda.failure.backoff.ms`, doubled, at most `lambda.failure.backoff.max.ms`. */
export function retryAtMs(loaded: Pick<LoadedConnector, 'lambda'>, failures: number, nowMs: number): number {
  const first = Number(loaded.lambda.get('lambda.failure.backoff.ms'));
  const longest = Number(loaded.lambda.get('lambda.failure.backoff.max.ms'));
  return nowMs + Math.min(first * 2 ** Math.min(failures - 1, 32), longest);
}

/** Is a task to be left alone by this tick? */
export function isBackingOff(
  status: { readonly state: string; readonly lastTick: TickFigures | null } | undefined,
  nowMs: number,
): boolean {
  return status?.state === 'FAILED' && (status.lastTick?.retryAtMs ?? 0) > nowMs;
}
