const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Java's `Utils.murmur2`: the 32-bit hash (signed) by which Kafka's default partitioner spreads keys. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k = (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length - whole;
  if (rest > 0) {
    if (rest === 3) h ^= (bytes[whole + 2] as number) << 16;
    if (rest >= 2) h ^= (bytes[whole + 1] as number) << 8;
    h = Math.imul(h ^ (bytes[whole] as number), M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
