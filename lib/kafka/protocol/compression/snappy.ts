import { compress, uncompress } from 'snappyjs';

/** snappy-java's stream format, which Java's clients and brokers write and read: a header, then blocks with their length in front. */
const HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const MAGIC = HEADER.subarray(0, 8);
const BLOCK_BYTES = 32 * 1024;

export function compressSnappy(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [HEADER];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = compress(Buffer.from(bytes.subarray(at, at + BLOCK_BYTES)));
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** Takes the stream format, and one bare block, as librdkafka and others may send it. */
export function decompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return uncompress(bytes);
  const parts: Buffer[] = [];
  for (let at = HEADER.length; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    parts.push(uncompress(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(parts);
}
