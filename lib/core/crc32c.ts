/** Slicing-by-8 (Kounavis and Berry, 2005): table k holds the CRC of a byte that k zero bytes follow, so eight bytes go in one step. */
const SLICES = 8;
const TABLE = new Int32Array(256 * SLICES);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  TABLE[n] = c;
}
for (let n = 256; n < TABLE.length; n++) {
  const previous = TABLE[n - 256] as number;
  TABLE[n] = (previous >>> 8) ^ (TABLE[previous & 0xff] as number);
}

/** CRC-32C (Castagnoli) of `bytes`, unsigned; `seed` is the CRC of what came before, so that parts can be chained. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const t = TABLE;
  let crc = ~seed;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low =
      crc ^ ((bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24));
    crc =
      (t[1792 + (low & 0xff)] as number) ^
      (t[1536 + ((low >>> 8) & 0xff)] as number) ^
      (t[1280 + ((low >>> 16) & 0xff)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (bytes[i + 4] as number)] as number) ^
      (t[512 + (bytes[i + 5] as number)] as number) ^
      (t[256 + (bytes[i + 6] as number)] as number) ^
      (t[bytes[i + 7] as number] as number);
  }
  for (; i < bytes.length; i++) crc = (t[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
