import { describe, expect, it } from 'vitest';
import { renameProblem } from '../../../lib/config/connector-renames.ts';

describe('renameProblem', () => {
  it.each([
    ['nothing changes', ['a', 'b'], ['b', 'a']],
    ['one is added', ['a'], ['a', 'b']],
    ['one is removed', ['a', 'b'], ['a']],
    ['the first are deployed', [], ['a']],
    ['all are removed', ['a'], []],
  ])('is none when %s', (_what, before, after) => {
    expect(renameProblem(before, after)).toBeNull();
  });

  it('names both sides and the way out', () => {
    expect(renameProblem(['orders', 'kept'], ['kept', 'all-orders'])).toBe(
      'orders would leave the pipeline while all-orders would enter it: a connector that was renamed begins anew, its offsets stay with the old name; deploy with --context renames=confirmed if that is meant, or remove and add in two deployments',
    );
  });
});
