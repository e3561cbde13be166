import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  doubleToInt,
  doubleToLong,
  doubleToString,
  floatToString,
  parseFloat32,
  toByte,
  toInt,
  toShort,
} from '../../../../lib/core/data/java-numbers.ts';

const RECORDED = readFileSync(`${import.meta.dirname}/../../../fixtures/java-17-numbers.txt`, 'utf8')
  .split('\n')
  .filter((line) => /^[DF] /.test(line))
  .map((line) => line.split(' ') as [string, string, string]);

function printed(kind: string, bits: string): string {
  const view = new DataView(new ArrayBuffer(8));
  if (kind === 'F') {
    view.setUint32(0, Number(bits));
    return floatToString(view.getFloat32(0));
  }
  view.setBigUint64(0, BigInt(bits));
  return doubleToString(view.getFloat64(0));
}

describe("Java's numbers", () => {
  it('prints doubles and floats as Java 17 did', () => {
    expect(RECORDED.length).toBeGreaterThanOrEqual(900);
    const wrong = RECORDED.filter(([kind, bits, text]) => printed(kind, bits) !== text);
    expect(wrong).toEqual([]);
  });

  it('prints what has no digits', () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0].map(doubleToString)).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
      '-0.0',
    ]);
    expect([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e39].map(floatToString)).toEqual(['NaN', 'Infinity', '-0.0', 'Infinity']);
  });

  it('narrows doubles by saturation and whole numbers by wrapping', () => {
    expect([1e10, -1e10, Number.NaN, -1.9].map(doubleToInt)).toEqual([2147483647, -2147483648, 0, -1]);
    expect([1e20, -1e20, Number.NaN, 1.9].map(doubleToLong)).toEqual([2n ** 63n - 1n, -(2n ** 63n), 0n, 1n]);
    expect([toByte(300), toByte(-129n), toShort(40000), toInt(2n ** 32n + 5n), toInt(2 ** 31)]).toEqual([44, 127, -25536, 5, -2147483648]);
  });

  it('reads floats rounding once', () => {
    // 1 + 2^-24 is the middle between two floats; as a double it is exact, and so is a text a little above it to 16 digits.
    expect(parseFloat32('1.000000059604644775390625')).toBe(1);
    expect(parseFloat32('1.0000000596046447753906250000001')).toBe(1 + 2 ** -23);
    expect(parseFloat32('1.0000000596046447753906249999999')).toBe(1);
    expect(parseFloat32('-1.0000000596046447753906250000001')).toBe(-1 - 2 ** -23);
    expect(parseFloat32('3.5e38')).toBe(Number.POSITIVE_INFINITY);
  });
});
