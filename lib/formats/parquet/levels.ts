import type { ByteWriter } from './byte-writer.ts';

/** So many equal levels in a row, on average, make runs shorter than packed bits. */
const RUNS_FROM = 8;

/**
 * Writes levels in Parquet's hybrid of runs and packed bits, without their length.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function writeLevels(out: ByteWriter, levels: readonly number[], bitWidth: number): void {
  let runs = 1;
  for (let at = 1; at < levels.length; at++) if (levels[at] !== levels[at - 1]) runs++;
  if (levels.length / runs >= RUNS_FROM) writeRuns(out, levels);
  else writePacked(out, levels, bitWidth);
}

/** Levels fit a byte: no schema is nested 255 deep. */
function writeRuns(out: ByteWriter, levels: readonly number[]): void {
  for (let at = 0; at < levels.length; ) {
    const level = levels[at]!;
    let end = at + 1;
    while (end < levels.length && levels[end] === level) end++;
    out.varint((end - at) * 2);
    out.byte(level);
    at = end;
  }
}

function writePacked(out: ByteWriter, levels: readonly number[], bitWidth: number): void {
  const groups = Math.ceil(levels.length / 8);
  out.varint(groups * 2 + 1);
  let bits = 0;
  let count = 0;
  for (let at = 0; at < groups * 8; at++) {
    bits |= (levels[at] ?? 0) << count;
    count += bitWidth;
    while (count >= 8) {
      out.byte(bits & 0xff);
      bits >>>= 8;
      count -= 8;
    }
  }
}

/** Bits that hold every level up to this one. */
export function bitWidthOf(maxLevel: number): number {
  return 32 - Math.clz32(maxLevel);
}
