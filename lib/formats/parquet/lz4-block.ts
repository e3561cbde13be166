import { Buffer } from 'node:buffer';

const HASH_BITS = 14;
const MIN_MATCH = 4;
const MAX_DISTANCE = 65_535;
/** The last match begins before these, and the last bytes are literals: the format's rules for its end. */
const MATCH_LIMIT = 12;
const LAST_LITERALS = 5;

/**
 * Compresses into one LZ4 block of any size, without frame. https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 * (lz4js writes blocks beyond 64 kB that other readers refuse.)
 */
export function lz4Block(source: Buffer): Uint8Array {
  const { length } = source;
  const target = Buffer.allocUnsafe(length + Math.ceil(length / 255) + 16);
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  let out = 0;
  let literalsFrom = 0;
  const sequence = (literalsTo: number, distance: number, matchLength: number) => {
    const literals = literalsTo - literalsFrom;
    const token = out++;
    target[token] = Math.min(literals, 15) << 4;
    if (literals >= 15) out = extend(target, out, literals - 15);
    source.copy(target, out, literalsFrom, literalsTo);
    out += literals;
    if (matchLength === 0) return;
    target.writeUInt16LE(distance, out);
    out += 2;
    const rest = matchLength - MIN_MATCH;
    target[token] = target[token]! | Math.min(rest, 15);
    if (rest >= 15) out = extend(target, out, rest - 15);
  };
  for (let at = 0; at < length - MATCH_LIMIT; ) {
    const four = source.readInt32LE(at);
    const slot = Math.imul(four, -1_640_531_535) >>> (32 - HASH_BITS);
    const candidate = table[slot]!;
    table[slot] = at;
    if (candidate < 0 || at - candidate > MAX_DISTANCE || source.readInt32LE(candidate) !== four) {
      at++;
      continue;
    }
    let matchLength = MIN_MATCH;
    while (at + matchLength < length - LAST_LITERALS && source[candidate + matchLength] === source[at + matchLength]) matchLength++;
    sequence(at, at - candidate, matchLength);
    at += matchLength;
    literalsFrom = at;
  }
  sequence(length, 0, 0);
  return target.subarray(0, out);
}

function extend(target: Buffer, from: number, length: number): number {
  let out = from;
  let rest = length;
  for (; rest >= 255; rest -= 255) target[out++] = 255;
  target[out++] = rest;
  return out;
}
