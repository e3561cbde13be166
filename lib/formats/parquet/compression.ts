import { Buffer } from 'node:buffer';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { compress as snappyCompress } from 'snappyjs';
import { lz4Block } from './lz4-block.ts';

/** A codec that can be written. */
export interface ParquetCodec {
  /** As Parquet's metadata number it. */
  readonly id: number;
  /** What it adds to the name of a file. */
  readonly extension: string;
  compress(bytes: Buffer): Uint8Array;
}

/** By their names in `parquet.codec`; `lzo` cannot be written. https://parquet.apache.org/docs/file-format/data-pages/compression/ */
export const PARQUET_CODECS: Readonly<Record<string, ParquetCodec>> = {
  none: { id: 0, extension: '', compress: (bytes) => bytes },
  snappy: { id: 1, extension: '.snappy', compress: (bytes) => snappyCompress(bytes) },
  gzip: { id: 2, extension: '.gz', compress: (bytes) => gzipSync(bytes) },
  brotli: { id: 4, extension: '.br', compress: (bytes) => brotliCompressSync(bytes) },
  lz4: { id: 5, extension: '.lz4hadoop', compress: hadoopLz4 },
  zstd: { id: 6, extension: '.zstd', compress: (bytes) => zstdCompressSync(bytes) },
  lz4_raw: { id: 7, extension: '.lz4raw', compress: lz4Block },
};

/** The deprecated codec: a block behind two lengths, as Hadoop frames it. */
function hadoopLz4(bytes: Buffer): Uint8Array {
  const block = lz4Block(bytes);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes.length, 0);
  head.writeUInt32BE(block.length, 4);
  return Buffer.concat([head, block]);
}
