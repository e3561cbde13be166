import type { Random } from '../core/clock.ts';
import { OUTAGE_BACKOFF_MAX_MS, OUTAGE_BACKOFF_MS } from './defaults.ts';

/** Wait before attempt `attempt` (1 = the first repetition): exponential with full jitter, so that many tasks do not knock in step. */
export function outageBackoffMs(attempt: number, random: Random): number {
  const ceiling = Math.min(OUTAGE_BACKOFF_MS * 2 ** Math.min(attempt - 1, 16), OUTAGE_BACKOFF_MAX_MS);
  return Math.ceil(ceiling * (0.5 + random() / 2));
}
