import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/core/clock.ts';
import { awaitLease } from '../../../lib/host/await-lease.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

const LEASE_MS = 30_000;
const HOURS = 3_600_000;

/** A machine whose wall clock is wrong by so much. */
function skewed(clock: Clock, byMs: number): Clock {
  return { now: () => clock.now() + byMs, monotonic: () => clock.monotonic() + 5, sleep: (ms, signal) => clock.sleep(ms, signal) };
}

describe.each([6 * HOURS, -6 * HOURS])('a worker whose clock is off by %i ms', (off) => {
  const setUp = () => {
    const clock = new ManualClock();
    const { leases } = createMemoryStores();
    const at = { connector: 'c', task: 0, generation: 1, leaseMs: LEASE_MS };
    const other = skewed(clock, off);
    const take = async (signal: AbortSignal) => {
      const observed = await awaitLease(leases, { ...at, owner: 'other' }, other, signal);
      return observed === null ? null : leases.acquire({ ...at, owner: 'other', nowMs: other.now(), observed });
    };
    return { at, clock, leases, take };
  };

  it('never takes a lease that is renewed, for hours', async () => {
    const { at, clock, leases, take } = setUp();
    const outcome = await leases.acquire({ ...at, owner: 'one', nowMs: clock.now() });
    if (!('acquired' in outcome)) throw new Error('held');
    const stop = new AbortController();
    const taking = take(stop.signal);
    let lease = outcome.acquired;
    for (let renewals = 0; renewals < 360; renewals++) {
      await clock.sleep(LEASE_MS / 3);
      lease = await leases.renew(lease, LEASE_MS, clock.now());
    }
    stop.abort();
    expect(await taking).toBeNull();
  });

  it('takes one that stood still for a lease, and not sooner; a released one at once', async () => {
    const { at, clock, leases, take } = setUp();
    await leases.acquire({ ...at, owner: 'one', nowMs: clock.now() });
    const began = clock.now();
    const taken = await take(new AbortController().signal);
    expect(clock.now() - began).toBeGreaterThanOrEqual(LEASE_MS);
    expect(clock.now() - began).toBeLessThan(LEASE_MS + 2_000);
    if (taken === null || !('acquired' in taken)) throw new Error('not taken');
    expect(taken.acquired.token).toEqual({ generation: 1, epoch: 2 });
    await leases.release(taken.acquired);
    const released = clock.now();
    expect(await take(new AbortController().signal)).toMatchObject({ acquired: { token: { epoch: 3 } } });
    expect(clock.now()).toBe(released);
  });
});
