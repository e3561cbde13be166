import { floatingDecimalDigits, shortestFloatText } from './java-floating-decimal.ts';

/** `Double.toString` of Java 17: `5.0`, `1.0E21`, `1.0E-5`, `NaN`, `-0.0`. Not always the shortest text that reads back (Java 19 changed that). */
export function doubleToString(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return value < 0 ? '-Infinity' : 'Infinity';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (magnitude === 0) return `${sign}0.0`;
  if (magnitude < 1e7 && magnitude >= 1e-3) {
    // Here JavaScript's text is Java's but for powers of two, whose lower neighbour is nearer than Java assumes.
    if (Number.isInteger(magnitude)) return `${sign}${magnitude}.0`;
    if (!isPowerOfTwo(magnitude)) return `${sign}${magnitude}`;
  }
  const { digits, exponent } = floatingDecimalDigits(magnitude, false);
  return sign + layOut(digits, exponent);
}

/** `Float.toString` of Java 17; the value is rounded to a float first. */
export function floatToString(value: number): string {
  const float = Math.fround(value);
  if (Number.isNaN(float)) return 'NaN';
  const magnitude = Math.abs(float);
  if (magnitude === Number.POSITIVE_INFINITY) return float < 0 ? '-Infinity' : 'Infinity';
  const sign = float < 0 || Object.is(float, -0) ? '-' : '';
  if (magnitude === 0) return `${sign}0.0`;
  if (magnitude < 1e7 && magnitude >= 1e-3) {
    if (Number.isInteger(magnitude)) return `${sign}${magnitude}.0`;
    const text = isPowerOfTwo(magnitude) ? null : shortestFloatText(magnitude);
    if (text !== null) return sign + text;
  }
  const { digits, exponent } = floatingDecimalDigits(magnitude, true);
  return sign + layOut(digits, exponent);
}

/** Java's layout of 0.DIGITS × 10^exponent: plain between 10^-3 and 10^7, else with E; always one digit after the point. */
function layOut(digits: string, exponent: number): string {
  if (exponent > 0 && exponent < 8) {
    return digits.length > exponent ? `${digits.slice(0, exponent)}.${digits.slice(exponent)}` : `${digits.padEnd(exponent, '0')}.0`;
  }
  if (exponent <= 0 && exponent > -3) return `0.${'0'.repeat(-exponent)}${digits}`;
  return `${digits[0]}.${digits.length > 1 ? digits.slice(1) : '0'}E${exponent - 1}`;
}

const BITS = new DataView(new ArrayBuffer(8));

function isPowerOfTwo(magnitude: number): boolean {
  BITS.setFloat64(0, magnitude);
  return BITS.getUint32(4) === 0 && (BITS.getUint32(0) & 0xfffff) === 0;
}

/** Java's narrowing of a double to int: toward zero, saturating, NaN is 0. */
export function doubleToInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return value >= 2147483647 ? 2147483647 : value <= -2147483648 ? -2147483648 : value | 0;
}

const LONG_MAX = 2n ** 63n - 1n;
const LONG_MIN = -(2n ** 63n);

/** Java's narrowing of a double to long: toward zero, saturating, NaN is 0. */
export function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  return value >= 2 ** 63 ? LONG_MAX : value <= -(2 ** 63) ? LONG_MIN : BigInt(Math.trunc(value));
}

/** Java's `(byte)`, `(short)`, `(int)` of a whole number: the low bits, with sign. */
export function toByte(value: number | bigint): number {
  return (toInt(value) << 24) >> 24;
}
export function toShort(value: number | bigint): number {
  return (toInt(value) << 16) >> 16;
}
export function toInt(value: number | bigint): number {
  return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : value | 0;
}

/** Whether a whole number fits Java's long. */
export function fitsLong(value: bigint): boolean {
  return value <= LONG_MAX && value >= LONG_MIN;
}

/**
 * The float nearest to a decimal text that `Number` can read. `Math.fround(Number(text))` rounds twice; where the double lies exactly
 * between two floats, the text decides.
 */
export function parseFloat32(text: string): number {
  const double = Number(text);
  BITS.setFloat64(0, double);
  if ((BITS.getUint32(4) & 0x1fffffff) !== 0x10000000 || !Number.isFinite(double)) return Math.fround(double);
  const difference = compareDecimalWithDouble(text, double);
  if (difference === 0) return Math.fround(double);
  // One ulp to the side of the text is enough to leave the middle.
  const ulp = 2 ** (Math.floor(Math.log2(Math.abs(double))) - 52);
  return Math.fround(double + difference * ulp);
}

function compareDecimalWithDouble(text: string, double: number): number {
  const match = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?/.exec(text);
  if (match === null) return 0;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  let decimal = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}` || '0');
  const exponent = Number(exponentText) - fraction.length;
  BITS.setFloat64(0, double);
  const bits = BITS.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  let binary = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  if (double < 0) binary = -binary;
  const power = (biased === 0 ? 1 : biased) - 1075;
  if (exponent >= 0) decimal *= 10n ** BigInt(exponent);
  else binary *= 10n ** BigInt(-exponent);
  if (power >= 0) binary <<= BigInt(power);
  else decimal <<= BigInt(-power);
  return decimal < binary ? -1 : decimal > binary ? 1 : 0;
}
