declare module 'snappyjs' {
  export function compress(bytes: Buffer): Buffer;
  export function uncompress(bytes: Buffer): Buffer;
}

declare module 'lz4js' {
  /** Returns the compressed size; 0 = nothing gained. `hashTable` has 65,536 entries, zeroed. */
  export function compressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceStart: number,
    sourceLength: number,
    hashTable: Uint32Array,
  ): number;
  /** Returns the end of what was written in `target`. */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceStart: number,
    sourceLength: number,
    targetStart: number,
  ): number;
}
