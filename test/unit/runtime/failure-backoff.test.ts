import { describe, expect, it } from 'vitest';
import { LAMBDA_CONFIG_DEF } from '../../../lib/config/lambda-keys.ts';
import { isBackingOff, retryAtMs } from '../../../lib/runtime/failure-backoff.ts';

const FIGURES = { records: 0, bytes: 0, deadLetters: 0, retries: 0, durationMs: 1, endedAtMs: 1 };

describe('the back-off of a task that keeps failing', () => {
  it('doubles up to its limit', () => {
    const waits = (keys: Record<string, string>) =>
      [1, 2, 3, 7, 100].map((failures) => retryAtMs({ lambda: LAMBDA_CONFIG_DEF.parse(keys) }, failures, 0));
    expect(waits({})).toEqual([60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
    expect(waits({ 'lambda.failure.backoff.ms': '0' })).toEqual([0, 0, 0, 0, 0]);
  });

  it('is over at its time, and for whom is not FAILED', () => {
    const failed = { state: 'FAILED', lastTick: { ...FIGURES, failures: 1, retryAtMs: 100 } };
    expect(isBackingOff(failed, 99)).toBe(true);
    expect(isBackingOff(failed, 100)).toBe(false);
    expect(isBackingOff({ ...failed, state: 'RUNNING' }, 99)).toBe(false);
    expect(isBackingOff({ state: 'FAILED', lastTick: null }, 99)).toBe(false);
    expect(isBackingOff(undefined, 99)).toBe(false);
  });
});
