import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignTasks } from '../../../lib/host/assign-tasks.ts';

const tasks = (count: number) => Array.from({ length: count }, (_, at) => `c-${at}`);

describe('assignTasks', () => {
  it('moves as little as possible', () => {
    const members = [
      { id: 'a', tasks: ['c-0', 'c-1', 'c-2'] },
      { id: 'b', tasks: ['c-3', 'c-4'] },
      { id: 'joins', tasks: [] },
    ];
    expect(assignTasks(tasks(5), members)).toEqual(
      new Map([
        ['a', new Set(['c-0', 'c-1'])],
        ['b', new Set(['c-3', 'c-4'])],
        ['joins', new Set(['c-2'])],
      ]),
    );
  });

  it('gives every task to one worker, evenly, whoever asks and in whatever order', () => {
    const state = fc.record({
      count: fc.nat(30),
      workers: fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), held: fc.array(fc.nat(40)) }), {
        minLength: 1,
        maxLength: 6,
        selector: ({ id }) => id,
      }),
    });
    fc.assert(
      fc.property(state, ({ count, workers }) => {
        const members = workers.map(({ id, held }) => ({ id, tasks: held.map((task) => `c-${task}`) }));
        const assigned = assignTasks(tasks(count), members);
        const all = [...assigned.values()].flatMap((own) => [...own]);
        expect(all.sort()).toEqual(tasks(count).sort());
        const sizes = [...assigned.values()].map((own) => own.size);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(assignTasks(tasks(count).reverse(), [...members].reverse())).toEqual(assigned);
        // Once everybody holds what it was given, nothing moves any more.
        expect(
          assignTasks(
            tasks(count),
            [...assigned].map(([id, own]) => ({ id, tasks: [...own] })),
          ),
        ).toEqual(assigned);
      }),
    );
  });
});
