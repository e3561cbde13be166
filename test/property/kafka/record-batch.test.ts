import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProducerRecord } from '../../../lib/core/kafka-record.ts';
import { KafkaException } from '../../../lib/kafka/errors.ts';
import { COMPRESSION_TYPES } from '../../../lib/kafka/protocol/compression/codecs.ts';
import { decodeRecordBatches } from '../../../lib/kafka/protocol/record-batch-reader.ts';
import { encodeRecordBatch, recordSizeUpperBound } from '../../../lib/kafka/protocol/record-batch-writer.ts';

const bytes = fc.option(fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constantFrom(Buffer.alloc(70_000, 'ab'), Buffer.alloc(130))));
const record: fc.Arbitrary<ProducerRecord> = fc.record({
  topic: fc.constant('t'),
  partition: fc.constant(null),
  key: bytes,
  value: bytes,
  timestamp: fc.option(fc.oneof(fc.nat({ max: 100 }), fc.integer({ min: 0, max: 4_000_000_000_000 }))),
  headers: fc.array(fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 5 }), value: fc.option(fc.uint8Array({ maxLength: 9 })) }), {
    maxLength: 3,
  }),
});
const records = fc.array(record, { minLength: 1, maxLength: 20 });
const compression = fc.constantFrom(...COMPRESSION_TYPES);
const NOBODY = { producerId: -1n, producerEpoch: -1, firstSequence: -1, transactional: false };
const NOW = 1_700_000_000_000;

const hex = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString('hex'));
const plain = ({ key, value, timestamp, headers }: Pick<ProducerRecord, 'key' | 'value' | 'timestamp' | 'headers'>) => ({
  key: hex(key),
  value: hex(value),
  timestamp: timestamp ?? NOW,
  headers: headers.map((header) => [header.key, hex(header.value)]),
});
const all = (list: readonly ProducerRecord[]) => list.map((_, i) => i);

function placed(batch: Buffer, baseOffset: number): Buffer {
  const copy = Buffer.from(batch);
  copy.writeBigInt64BE(BigInt(baseOffset), 0); // outside of the CRC, since the broker sets it
  return copy;
}

describe('record batches', () => {
  it('keep what is in them, within the bound that was computed', async () => {
    await fc.assert(
      fc.asyncProperty(records, compression, fc.nat(2 ** 33), async (list, codec, baseOffset) => {
        const batch = await encodeRecordBatch(list, all(list), NOBODY, codec, NOW);
        if (codec === 'none')
          expect(batch.length).toBeLessThanOrEqual(61 + list.reduce((sum, item) => sum + recordSizeUpperBound(item), 0));
        const decoded = await decodeRecordBatches(placed(batch, baseOffset), 't', 3, baseOffset, null, true);
        expect(decoded.records.map(plain)).toEqual(list.map(plain));
        expect(decoded.records.map(({ offset, partition }) => [offset, partition])).toEqual(list.map((_, i) => [baseOffset + i, 3]));
        expect(decoded.nextOffset).toBe(baseOffset + list.length);
      }),
    );
  });

  it('are read from any position in them, up to the last whole one', async () => {
    await fc.assert(
      fc.asyncProperty(records, records, compression, fc.nat(39), fc.nat(200), async (first, second, codec, position, cutBytes) => {
        const one = placed(await encodeRecordBatch(first, all(first), NOBODY, codec, NOW), 0);
        const two = placed(await encodeRecordBatch(second, all(second), NOBODY, codec, NOW), first.length);
        const cut = Math.min(cutBytes, two.length);
        const decoded = await decodeRecordBatches(
          Buffer.concat([one, two]).subarray(0, one.length + two.length - cut),
          't',
          0,
          position,
          null,
          true,
        );
        const whole = cut === 0 ? [...first, ...second] : first;
        expect(decoded.records.map(plain)).toEqual(whole.slice(position).map(plain));
        expect(decoded.nextOffset).toBe(Math.max(position, whole.length));
      }),
    );
  });

  it('that are damaged end in a KafkaException, or in fewer batches, never in other records', async () => {
    await fc.assert(
      fc.asyncProperty(records, compression, fc.nat(), fc.integer({ min: 1, max: 255 }), async (list, codec, place, flip) => {
        const batch = await encodeRecordBatch(list, all(list), NOBODY, codec, NOW);
        // offset and leader epoch are not under the CRC
        const at = 16 + (place % (batch.length - 16));
        batch[at] = (batch[at] as number) ^ flip;
        await expect(decodeRecordBatches(batch, 't', 0, 0, null, true)).rejects.toBeInstanceOf(KafkaException);
        // without the CRC whatever comes out, it ends
        await decodeRecordBatches(batch, 't', 0, 0, null, false).catch((error: unknown) => expect(error).toBeInstanceOf(KafkaException));
      }),
    );
  });

  it('of aborted transactions are left out, up to the marker of their producer', async () => {
    const transactional = (producerId: bigint) => ({ producerId, producerEpoch: 0, firstSequence: 0, transactional: true });
    const one = (text: string) => [{ topic: 't', partition: null, key: null, value: Buffer.from(text), timestamp: 1, headers: [] }];
    const marker = async (producerId: bigint, abort: boolean): Promise<Buffer> => {
      const key = Buffer.from([0, 0, 0, abort ? 0 : 1]);
      const batch = await encodeRecordBatch([{ ...one('')[0]!, key, value: Buffer.alloc(6) }], [0], transactional(producerId), 'none', NOW);
      batch.writeInt16BE(0x30, 21); // transactional, control
      return batch;
    };
    const log = [
      await encodeRecordBatch(one('aborted of 1'), [0], transactional(1n), 'none', NOW),
      await encodeRecordBatch(one('committed of 2'), [0], transactional(2n), 'none', NOW),
      await marker(1n, true),
      await encodeRecordBatch(one('committed of 1'), [0], transactional(1n), 'none', NOW),
      await marker(1n, false),
      await encodeRecordBatch(one('plain'), [0], NOBODY, 'none', NOW),
      await marker(2n, false),
    ].map(placed);
    const aborted = [{ producerId: 1n, firstOffset: 0 }];
    const committed = await decodeRecordBatches(Buffer.concat(log), 't', 0, 0, aborted, false);
    expect(committed.records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
      'committed of 2',
      'committed of 1',
      'plain',
    ]);
    expect(committed.nextOffset).toBe(7);
    const everything = await decodeRecordBatches(Buffer.concat(log), 't', 0, 0, null, false);
    expect(everything.records.map(({ offset }) => offset)).toEqual([0, 1, 3, 5]);
  });
});
