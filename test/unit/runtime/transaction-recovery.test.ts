import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateConnector } from '../../../lib/config/validate-connector.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { recoveryOf } from '../../../lib/runtime/transaction-recovery.ts';
import { transactionalIdOf } from '../../../lib/runtime/transactional-id.ts';

const numbers = { transactionalId: 'shop-orders-0', topic: 'seq', connector: 'orders-0' };
const of = (promoted: number, pending: number | null, committed: number | null) => recoveryOf({ ...numbers, promoted, pending, committed });

describe('the recovery table', () => {
  it.each([
    ['Kafka is where the table is', 7, null, 7, 'none'],
    ['prepared, not committed', 7, 8, 7, 'discard'],
    ['committed, not promoted', 7, 8, 8, 'promote'],
    ['the group offset expired, nothing pending', 7, null, null, 'none'],
    ['a task that never ran', 0, null, null, 'none'],
    ['the first transaction, not committed', 0, 1, null, 'discard'],
    ['the first transaction, committed', 0, 1, 1, 'promote'],
  ] as const)('%s', (_row, promoted, pending, committed, outcome) => {
    expect(of(promoted, pending, committed)).toBe(outcome);
  });

  it('the group offset expired with a transaction pending: FAILED, with both ways out', () => {
    expect(() => of(7, 8, null)).toThrow(
      /no longer knows.*--to-offset 8 --execute if its records are there, --to-offset 7 if they are not.*alter its offsets/s,
    );
  });

  it.each([
    ['the table was restored', 5, null, 7],
    ['the table was restored to before a pending one', 5, 6, 9],
    ['the cluster was restored', 7, null, 5],
    ['the cluster was restored below a pending one', 7, 8, 6],
    ['the table was emptied', 0, null, 7],
    ['the item was edited', 7, 9, 7],
  ])('%s: FAILED', (_row, promoted, pending, committed) => {
    expect(() => of(promoted, pending, committed)).toThrow(/do not agree.*Way out 1.*Way out 2/s);
  });
});

describe('transactional ids', () => {
  it("are Connect's where the group has no dash", () => {
    expect(transactionalIdOf('shop', 'orders-source', 3)).toBe('shop-orders-source-3');
  });

  it('never meet, and begin with the group', () => {
    const ids = [
      transactionalIdOf('a-b', 'c', 0),
      transactionalIdOf('a', 'b-c', 0),
      transactionalIdOf('a', 'b-c-0.3', 0),
      transactionalIdOf('a-b-c', 'd', 0),
      transactionalIdOf('a-b', 'c-d', 0),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('a-b-c-0.3');
  });
});

describe('docs/exactly-once.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/exactly-once.md'), 'utf8');

  it('has the recovery table', () => {
    const rows = [...page.matchAll(/^\| (\d+) \| (none|\d+) \| (absent|\d+) \| (\w+) \|$/gm)];
    expect(rows).toHaveLength(9);
    for (const [, promoted, pending, committed, outcome] of rows) {
      const recovery = () =>
        of(Number(promoted), pending === 'none' ? null : Number(pending), committed === 'absent' ? null : Number(committed));
      if (outcome === 'FAILED') expect(recovery, `${promoted} ${pending} ${committed}`).toThrow(/Way out 1.*Way out 2/s);
      else expect(recovery()).toBe(outcome);
    }
  });

  it('has an example that is right', async () => {
    const { connectors, worker } = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '');
    const { problems } = await validateConnector({
      where: '',
      config: { name: connectors[0].name, ...connectors[0].config },
      worker,
      resolver: createPluginResolver(REGISTRY),
      providers: new Map(),
      unknownKeys: 'refuse',
      loadConnector: async (manifest) => new (await manifest.load())() as never,
    });
    expect(problems).toEqual([]);
  });
});
