import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { AcknowledgedOffsets } from '../../../lib/runtime/acknowledged-offsets.ts';

const record = (table: string | null, n: number) =>
  new SourceRecord({
    sourcePartition: table === null ? null : { table },
    sourceOffset: table === null ? null : { n },
    topic: 't',
    value: n,
  });

describe('AcknowledgedOffsets', () => {
  it('commits nothing for records of no source partition', () => {
    const offsets = new AcknowledgedOffsets();

    offsets.settle([record(null, 1), record('a', 2), record(null, 3)]);

    expect(offsets.take()).toEqual([{ partition: { table: 'a' }, offset: { n: 2 } }]);
  });

  it('takes partitions for equal by their members, in any order', () => {
    const offsets = new AcknowledgedOffsets();
    const first = new SourceRecord({ sourcePartition: { a: 1, b: 2 }, sourceOffset: { n: 1 }, topic: 't', value: 1 });
    const second = new SourceRecord({ sourcePartition: { b: 2, a: 1 }, sourceOffset: { n: 2 }, topic: 't', value: 2 });

    offsets.settle([first]);
    offsets.settle([second]);

    expect(offsets.take().map(({ offset }) => offset)).toEqual([{ n: 2 }]);
  });

  it('newer offsets win over those of a failed commit', () => {
    const offsets = new AcknowledgedOffsets();
    offsets.settle([record('a', 1)]);
    const taken = offsets.take();
    offsets.settle([record('a', 2)]);

    offsets.giveBack(taken);

    expect(offsets.take()).toEqual([{ partition: { table: 'a' }, offset: { n: 2 } }]);
  });

  it('law: what may be committed of a partition is the last record before its first unsettled one, whatever happens to other partitions', () => {
    const batch = fc.array(fc.record({ table: fc.constantFrom('a', 'b', 'c'), settled: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 6 }), (batches) => {
        const offsets = new AcknowledgedOffsets();
        const expected = new Map<string, number>();
        const blocked = new Set<string>();
        let n = 0;
        for (const entries of batches) {
          const records = entries.map(({ table }) => record(table, ++n));
          const unsettled = new Set(entries.flatMap(({ settled }, i) => (settled ? [] : [i])));
          for (const [i, { table, settled }] of entries.entries()) {
            if (!settled) blocked.add(table);
            if (!blocked.has(table)) expected.set(table, Number((records[i] as SourceRecord).sourceOffset?.n));
          }
          offsets.settle(records, unsettled.size === 0 ? null : unsettled);
        }

        expect(new Map(offsets.take().map(({ partition, offset }) => [partition.table, offset?.n]))).toEqual(expected);
      }),
    );
  });
});
