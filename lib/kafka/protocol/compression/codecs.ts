import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';

/** `compression.type` of Kafka's producer. */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** In the order of the codec's number in a batch's attributes. */
export const COMPRESSION_TYPES: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

interface Codec {
  compress(bytes: Uint8Array): Buffer | Promise<Buffer>;
  decompress(bytes: Buffer): Buffer | Promise<Buffer>;
}

/** gzip and zstd run in libuv's threads; snappy and lz4 load on first use. */
const CODECS: Readonly<Record<Exclude<CompressionType, 'none'>, () => Promise<Codec>>> = {
  gzip: async () => ({ compress: promisify(gzip), decompress: promisify(gunzip) }),
  zstd: async () => ({ compress: promisify(zstdCompress), decompress: promisify(zstdDecompress) }),
  snappy: async () => {
    const { compressSnappy, decompressSnappy } = await import('./snappy.ts');
    return { compress: compressSnappy, decompress: decompressSnappy };
  },
  lz4: async () => {
    const { compressLz4, decompressLz4 } = await import('./lz4.ts');
    return { compress: compressLz4, decompress: decompressLz4 };
  },
};

export async function compress(type: Exclude<CompressionType, 'none'>, bytes: Uint8Array): Promise<Buffer> {
  return (await CODECS[type]()).compress(bytes);
}

/** `codec` = the lowest three bits of a batch's attributes, not 0. Throws where the bytes are not of that codec. */
export async function decompress(codec: number, bytes: Buffer): Promise<Buffer> {
  const type = COMPRESSION_TYPES[codec];
  if (type === undefined || type === 'none') throw new RangeError(`unknown compression codec ${codec}`);
  return (await CODECS[type]()).decompress(bytes);
}
