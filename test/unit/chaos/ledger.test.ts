import { describe, expect, it } from 'vitest';
import { type Delivery, ledgerOf, type PathInput, printLedger } from '../../support/chaos/ledger.ts';

const KILL = { kind: 'worker-kill', atMs: 1_000, untilMs: 2_000 };

function deliveries(...items: readonly (readonly [item: number, writer: string])[]): Delivery[] {
  return items.map(([item, writer], position) => ({ group: 'p0', item, writer, atMs: 1_500 + position }));
}

function input(init: Partial<PathInput>): PathInput {
  return {
    path: 'path',
    promise: 'at-least-once',
    promiseText: 'at least once',
    expected: new Map([['p0', new Set([1, 2, 3])]]),
    deliveries: [],
    faults: [KILL],
    ...init,
  };
}

describe('ledgerOf', () => {
  it('finds nothing wrong where each item came once and in order', () => {
    const ledger = ledgerOf(input({ promise: 'strict', deliveries: deliveries([1, 'a'], [2, 'a'], [3, 'b']) }));

    expect(ledger).toMatchObject({ produced: 3, delivered: 3, lost: 0, duplicates: {}, outOfOrder: {}, broken: [] });
  });

  it('counts what never came as lost', () => {
    const ledger = ledgerOf(input({ deliveries: deliveries([1, 'a'], [3, 'a']) }));

    expect(ledger).toMatchObject({ delivered: 2, lost: 1, broken: ['1 lost, first item 2 of p0'] });
  });

  it('counts what nothing was expected of as delivered: a state that was overwritten later', () => {
    const ledger = ledgerOf(input({ deliveries: deliveries([0, 'a'], [1, 'a'], [2, 'a'], [3, 'a']) }));

    expect(ledger).toMatchObject({ produced: 3, delivered: 4, lost: 0, broken: [] });
  });

  it('lays a duplicate of a successor at the door of the fault before it', () => {
    const ledger = ledgerOf(input({ deliveries: deliveries([1, 'a'], [2, 'a'], [2, 'b'], [3, 'b']) }));

    expect(ledger).toMatchObject({ duplicates: { 'redelivered after worker-kill': 1 }, outOfOrder: {}, broken: [] });
  });

  it('tells an older writer that comes after a newer one: a zombie', () => {
    const ledger = ledgerOf(input({ deliveries: deliveries([1, 'a'], [3, 'b'], [1, 'a'], [2, 'a']) }));

    expect(ledger).toMatchObject({ duplicates: { zombie: 1 }, outOfOrder: { 'reordered by zombie': 1 }, broken: [] });
  });

  it('accepts neither where the promise is strict', () => {
    const ledger = ledgerOf(input({ promise: 'strict', deliveries: deliveries([1, 'a'], [3, 'b'], [1, 'a'], [2, 'a']) }));

    expect(ledger.broken).toHaveLength(2);
  });

  it('does not accept a duplicate that no fault explains, nor another order without a zombie', () => {
    const ledger = ledgerOf(input({ faults: [{ ...KILL, atMs: 5_000 }], deliveries: deliveries([1, 'a'], [3, 'a'], [2, 'a'], [2, 'b']) }));

    expect(ledger).toMatchObject({ duplicates: { unexplained: 1 }, outOfOrder: { unexplained: 1 } });
    expect(ledger.broken).toHaveLength(2);
  });

  it('judges order within a group only', () => {
    const [one, two] = deliveries([5, 'a'], [1, 'a']) as [Delivery, Delivery];
    const ledger = ledgerOf(input({ expected: new Map(), deliveries: [one, { ...two, group: 'p1' }] }));

    expect(ledger.broken).toEqual([]);
  });
});

describe('printLedger', () => {
  it('prints a line per path, causes by how often they were', () => {
    const ledger = ledgerOf(input({ deliveries: deliveries([1, 'a'], [2, 'a'], [3, 'a'], [2, 'b'], [3, 'b'], [1, 'a']) }));

    expect(printLedger([ledger]).split('\n')).toEqual([
      'path  promise        produced  delivered  lost  duplicates by cause                        out of order by cause',
      'path  at least once  3         3          0     2 redelivered after worker-kill, 1 zombie  0',
    ]);
  });
});
