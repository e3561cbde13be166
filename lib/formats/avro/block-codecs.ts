import { crc32, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { compress, uncompress } from 'snappyjs';
import { DataException } from '../../core/errors.ts';

/** How the blocks of a container file are compressed. */
export interface BlockCodec {
  readonly name: string;
  compress(block: Uint8Array): Uint8Array;
  /** Throws whatever the library throws for bytes that are not its own. */
  decompress(block: Uint8Array): Uint8Array;
}

const CODECS: readonly BlockCodec[] = [
  { name: 'null', compress: (block) => block, decompress: (block) => block },
  { name: 'deflate', compress: (block) => deflateRawSync(block), decompress: (block) => inflateRawSync(block) },
  { name: 'snappy', compress: compressSnappy, decompress: decompressSnappy },
  { name: 'zstandard', compress: (block) => zstdCompressSync(block), decompress: (block) => zstdDecompressSync(block) },
];

/** Names of the codecs, as `avro.codec` and the header of a file have them. */
export const AVRO_CODECS: readonly string[] = CODECS.map(({ name }) => name);

/** The codec of a name. DataException for another one: bzip2 and xz have no implementation here. */
export function blockCodec(name: string): BlockCodec {
  const found = CODECS.find((codec) => codec.name === name);
  if (found === undefined) throw new DataException(`unknown Avro codec ${name}: allowed are ${AVRO_CODECS.join(', ')}`);
  return found;
}

/** Snappy blocks end with the CRC-32 of what they hold. */
function compressSnappy(block: Uint8Array): Uint8Array {
  const compressed = compress(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
  const bytes = Buffer.alloc(compressed.length + 4);
  bytes.set(compressed);
  bytes.writeUInt32BE(crc32(block), compressed.length);
  return bytes;
}

function decompressSnappy(block: Uint8Array): Uint8Array {
  const body = block.subarray(0, block.length - 4);
  const content = uncompress(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  const sum = Buffer.from(block.buffer, block.byteOffset, block.byteLength).readUInt32BE(body.length);
  if (crc32(content) !== sum) throw new DataException('the checksum of a snappy block does not match its content');
  return content;
}
