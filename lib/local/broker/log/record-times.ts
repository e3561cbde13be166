import { createRequire } from 'node:module';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { BATCH_HEADER_BYTES, type BatchHeader } from './record-batch.ts';

/** One record's place in time; all that a search by timestamp needs. */
export interface RecordTime {
  readonly offset: number;
  readonly timestamp: number;
}

/** First record of a batch at or after a timestamp; null = none. Decompresses: only ListOffsets by timestamp calls it. */
export function firstRecordSince(batch: Buffer, header: BatchHeader, timestamp: number): RecordTime | null {
  if (header.logAppendTime) {
    return header.maxTimestamp >= timestamp ? { offset: header.baseOffset, timestamp: header.maxTimestamp } : null;
  }
  const records = decompress(batch.subarray(BATCH_HEADER_BYTES), header.compression);
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

// Both packages are CommonJS and needed by a few clients only.
const require = createRequire(import.meta.url);

function decompress(data: Buffer, compression: number): Uint8Array {
  switch (compression) {
    case 1:
      return gunzipSync(data);
    case 2:
      return unsnappy(data);
    case 3:
      return (require('lz4js') as { decompress(data: Uint8Array): Uint8Array }).decompress(data);
    case 4:
      return zstdDecompressSync(data);
    default:
      return data;
  }
}

/** Java and kafkajs frame snappy as snappy-java's stream: a magic of 8 bytes, two versions, then blocks with their length. */
function unsnappy(data: Buffer): Uint8Array {
  const { uncompress } = require('snappyjs') as { uncompress(data: Uint8Array): Uint8Array };
  if (data.length < 16 || data.readInt8(0) !== -126 || data.toString('latin1', 1, 7) !== 'SNAPPY') return uncompress(data);
  const blocks: Uint8Array[] = [];
  for (let at = 16; at < data.length; ) {
    const length = data.readInt32BE(at);
    blocks.push(uncompress(data.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}
