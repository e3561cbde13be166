import { compressBlock, decompressBlock } from 'lz4js';

/**
 * LZ4 frames as Java's clients and brokers accept them (KIP-57): independent blocks of 64 KiB. lz4js writes frames of dependent
 * blocks, which the broker refuses, so only its block codec is used.
 */
const FRAME_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
const BLOCK_BYTES = 64 * 1024;
const UNCOMPRESSED = 0x8000_0000;
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 64 * 1024, 5: 256 * 1024, 6: 1024 * 1024, 7: 4 * 1024 * 1024 };

export function compressLz4(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [FRAME_HEADER];
  // an incompressible block grows by one byte per 255; beyond its own size it is stored as it is
  const scratch = Buffer.allocUnsafe(BLOCK_BYTES + BLOCK_BYTES / 128 + 64);
  const hashTable = new Uint32Array(1 << 16);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    hashTable.fill(0);
    const size = compressBlock(block, scratch, 0, block.length, hashTable);
    const stored = size === 0 || size >= block.length;
    const part = Buffer.allocUnsafe(4 + (stored ? block.length : size));
    part.writeUInt32LE(stored ? UNCOMPRESSED + block.length : size);
    part.set(stored ? block : scratch.subarray(0, size), 4);
    parts.push(part);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
}

export function decompressLz4(bytes: Buffer): Buffer {
  if (bytes.readUInt32LE(0) !== 0x184d2204) throw new RangeError('not an LZ4 frame');
  const flags = bytes.readUInt8(4);
  const maxBlock = BLOCK_SIZES[(bytes.readUInt8(5) >> 4) & 7];
  if (maxBlock === undefined) throw new RangeError(`unknown LZ4 block size ${bytes[5]}`);
  const blockChecksums = (flags & 0x10) !== 0;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8);
  let out = Buffer.allocUnsafe(Math.max(maxBlock, bytes.length * 4));
  let size = 0;
  for (let header = bytes.readUInt32LE(at); header !== 0; header = bytes.readUInt32LE(at)) {
    at += 4;
    const length = header & 0x7fff_ffff;
    if (size + maxBlock > out.length) {
      const grown = Buffer.allocUnsafe(Math.max(out.length * 2, size + maxBlock));
      grown.set(out.subarray(0, size));
      out = grown;
    }
    if (header >= UNCOMPRESSED) {
      out.set(bytes.subarray(at, at + length), size);
      size += length;
    } else {
      size = decompressBlock(bytes, out, at, length, size);
    }
    at += length + (blockChecksums ? 4 : 0);
  }
  return out.subarray(0, size);
}
