import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaybePromise } from '../../../lib/core/converter.ts';
import { DataException } from '../../../lib/core/errors.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { consumed, sinkPath, transform } from '../../support/processing/record-path.ts';

/** What a transformation does with one record. */
type Deed = 'keep' | 'drop' | 'fail' | 'keep later' | 'drop later' | 'fail later';
const DEED = fc.constantFrom<Deed>('keep', 'drop', 'fail', 'keep later', 'drop later', 'fail later');

function act(deed: Deed, record: SinkRecord): MaybePromise<SinkRecord | null> {
  if (deed === 'fail') throw new DataException('bad');
  if (deed === 'fail later') return Promise.reject(new DataException('bad'));
  const result = deed.startsWith('keep') ? record : null;
  return deed.endsWith('later') ? Promise.resolve(result) : result;
}

describe('record path', () => {
  it('answers the same whether plug-ins answer now or later, and accounts for every record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(DEED, DEED), { maxLength: 20 }), async (deeds) => {
        const step = (which: 0 | 1) => transform<SinkRecord>((record) => act((deeds[record.kafkaOffset] as [Deed, Deed])[which], record));
        const { processor, requests, metrics } = sinkPath([step(0), step(1)], { policy: { tolerance: 'all' } });
        const records = await processor.process(deeds.map((_, offset) => consumed(offset, { offset })));
        await processor.settleReports();
        const outcomeOf = ([first, second]: [Deed, Deed]) => (first.startsWith('keep') ? second : first).split(' ')[0];
        const placesOf = (outcome: string) => deeds.flatMap((pair, i) => (outcomeOf(pair) === outcome ? [i] : []));
        expect(records.map((record) => record.kafkaOffset)).toEqual(placesOf('keep'));
        const dead = requests
          .flat()
          .map((record) => (JSON.parse(Buffer.from(record.value as Uint8Array).toString()) as { offset: number }).offset);
        expect(dead).toEqual(placesOf('fail'));
        expect(metrics.recordsSkipped).toBe(placesOf('fail').length);
      }),
    );
  });
});
