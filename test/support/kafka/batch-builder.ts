import { gzipSync, zstdCompressSync } from 'node:zlib';
import { crc32c } from '../../../lib/core/crc32c.ts';

/** A record of a batch; `null` value = tombstone. */
export interface BuiltRecord {
  readonly key?: string | null;
  readonly value: string | null;
  readonly timestamp?: number;
}

/** What a batch's header says about its producer. */
export interface BatchOptions {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly compression?: 'none' | 'gzip' | 'zstd';
}

const CODES = { none: 0, gzip: 1, zstd: 4 } as const;

/** A record batch as a producer sends it (base offset 0). */
export function buildBatch(records: readonly BuiltRecord[], options: BatchOptions = {}): Buffer {
  const baseTimestamp = records[0]?.timestamp ?? 1_700_000_000_000;
  let maxTimestamp = baseTimestamp;
  const encoded = records.map(({ key = null, value, timestamp = baseTimestamp }, offset) => {
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    const body = Buffer.concat([
      Buffer.from([0]),
      varint(timestamp - baseTimestamp),
      varint(offset),
      nullable(key),
      nullable(value),
      varint(0),
    ]);
    return Buffer.concat([varint(body.length), body]);
  });
  const compression = options.compression ?? 'none';
  const plain = Buffer.concat(encoded);
  const body = compression === 'gzip' ? gzipSync(plain) : compression === 'zstd' ? zstdCompressSync(plain) : plain;
  const batch = Buffer.alloc(61 + body.length);
  batch.writeInt32BE(batch.length - 12, 8);
  batch[16] = 2;
  batch.writeInt16BE(CODES[compression] | (options.transactional ? 0x10 : 0) | (options.control ? 0x20 : 0), 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(baseTimestamp), 27);
  batch.writeBigInt64BE(BigInt(maxTimestamp), 35);
  batch.writeBigInt64BE(BigInt(options.producerId ?? -1), 43);
  batch.writeInt16BE(options.producerEpoch ?? -1, 51);
  batch.writeInt32BE(options.baseSequence ?? -1, 53);
  batch.writeInt32BE(records.length, 57);
  body.copy(batch, 61);
  return sealBatch(batch);
}

/** Makes the checksum fit again after a change. */
export function sealBatch(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function nullable(text: string | null): Buffer {
  if (text === null) return varint(-1);
  const bytes = Buffer.from(text);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  let zigzag = value >= 0 ? BigInt(value) * 2n : BigInt(-value) * 2n - 1n;
  const bytes: number[] = [];
  while (zigzag >= 0x80n) {
    bytes.push(Number(zigzag & 0x7fn) | 0x80);
    zigzag >>= 7n;
  }
  bytes.push(Number(zigzag));
  return Buffer.from(bytes);
}
