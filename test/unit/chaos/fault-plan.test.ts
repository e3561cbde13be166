import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, planFaults } from '../../support/chaos/fault-plan.ts';

describe('planFaults', () => {
  it('is decided by the seed', () => {
    expect(planFaults(1, 60_000)).toEqual(planFaults(1, 60_000));
    expect(planFaults(1, 60_000)).not.toEqual(planFaults(2, 60_000));
  });

  it('brings every kind within twenty minutes, within the time and in its order', () => {
    const plan = planFaults(3, 1_200_000);

    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    expect(plan.length).toBeGreaterThan(200);
    expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(plan.at(-1)?.atMs).toBeLessThan(1_200_000);
  });

  it('freezes for longer than a lease and a session', () => {
    const freezes = planFaults(4, 1_200_000, { kinds: ['worker-freeze'] });

    expect(freezes.every(({ forMs, kind }) => kind === 'worker-freeze' && forMs >= 7_000)).toBe(true);
  });
});
