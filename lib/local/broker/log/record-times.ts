import { decompress } from '../../../kafka/protocol/compression/codecs.ts';
import { BATCH_HEADER_BYTES, type BatchHeader } from './record-batch.ts';

/** One record's place in time; all that a search by timestamp needs. */
export interface RecordTime {
  readonly offset: number;
  readonly timestamp: number;
}

/** First record of a batch at or after a timestamp; null = none. Decompresses: only ListOffsets by timestamp calls it. */
export async function firstRecordSince(batch: Buffer, header: BatchHeader, timestamp: number): Promise<RecordTime | null> {
  if (header.logAppendTime) {
    return header.maxTimestamp >= timestamp ? { offset: header.baseOffset, timestamp: header.maxTimestamp } : null;
  }
  const stored = batch.subarray(BATCH_HEADER_BYTES);
  const records = header.compression === 0 ? stored : await decompress(header.compression, stored);
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = records[at++];
      if (byte === undefined) throw new RangeError(`the records of the batch at offset ${header.baseOffset} end in a length`);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
    }
  };
  for (let left = header.count; left > 0; left--) {
    const length = varint();
    const next = at + length;
    at++;
    const recordTime = header.baseTimestamp + varint();
    const offset = header.baseOffset + varint();
    if (recordTime >= timestamp) return { offset, timestamp: recordTime };
    at = next;
  }
  return null;
}
