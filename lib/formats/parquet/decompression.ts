import { Buffer } from 'node:buffer';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { uncompress } from 'snappyjs';

/** Every codec of Parquet but LZO. https://parquet.apache.org/docs/file-format/data-pages/compression/ */
export const DECOMPRESSORS: Compressors = {
  SNAPPY: (bytes) => uncompress(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
  LZ4_RAW: lz4Unblock,
  LZ4: hadoopLz4,
};

/** One LZ4 block without frame. https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md RangeError for what is none. */
function lz4Unblock(source: Uint8Array, length: number): Uint8Array {
  const target = new Uint8Array(length);
  let at = 0;
  let out = 0;
  const extended = (first: number): number => {
    let total = first;
    for (let byte = first === 15 ? 255 : 0; byte === 255; total += byte) byte = byteAt(source, at++);
    return total;
  };
  while (at < source.length) {
    const token = byteAt(source, at++);
    const literals = extended(token >> 4);
    if (at + literals > source.length || out + literals > length)
      throw new RangeError('the LZ4 block is broken: its literals pass its end');
    target.set(source.subarray(at, at + literals), out);
    at += literals;
    out += literals;
    if (at === source.length) break;
    const distance = byteAt(source, at++) | (byteAt(source, at++) << 8);
    const matched = extended(token & 15) + 4;
    if (distance === 0 || distance > out || out + matched > length) throw new RangeError('the LZ4 block is broken: a match lies outside');
    for (const end = out + matched; out < end; out++) target[out] = target[out - distance]!;
  }
  return target.subarray(0, out);
}

function byteAt(source: Uint8Array, at: number): number {
  const byte = source[at];
  if (byte === undefined) throw new RangeError('the LZ4 block is broken: it ends too early');
  return byte;
}

/** The deprecated codec: blocks behind two lengths each, as Hadoop frames them; some writers leave the lengths out. */
function hadoopLz4(bytes: Uint8Array, length: number): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  let out = 0;
  for (let at = 0; at < source.length; ) {
    const size = at + 8 <= source.length ? source.readUInt32BE(at) : length + 1;
    const packed = at + 8 <= source.length ? source.readUInt32BE(at + 4) : 0;
    if (out + size > length || at + 8 + packed > source.length) return lz4Unblock(bytes, length);
    blocks.push(lz4Unblock(source.subarray(at + 8, at + 8 + packed), size));
    at += 8 + packed;
    out += size;
  }
  return Buffer.concat(blocks);
}
