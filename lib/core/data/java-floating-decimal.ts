/**
 * The digits of a double or float as Java 17's FloatingDecimal develops them (Steele and White's free-format algorithm with its known
 * deviations from the shortest text: powers of two, integers beyond 2^53, at least two digits in E-form). After Java 19 changed the
 * algorithm only this reproduces what a Java 17 worker wrote.
 */
export interface DecimalDigits {
  /** Without trailing zeros, at least one. */
  readonly digits: string;
  /** The value is 0.digits × 10^exponent. */
  readonly exponent: number;
}

/** What 2^i (by index, beyond the precision) leaves undetermined: digits of an integer that Java drops. */
const INSIGNIFICANT_DIGITS = [
  0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 11, 11, 11, 12, 12, 12,
  12, 13, 13, 13, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 17, 17, 17, 18, 18, 18, 19,
];
const BITS = new DataView(new ArrayBuffer(8));

/** Digits of a positive finite number; `single` = it is a float and has a float's precision. */
export function floatingDecimalDigits(value: number, single: boolean): DecimalDigits {
  BITS.setFloat64(0, value);
  const bits = BITS.getBigUint64(0);
  const biased = Number(bits >> 52n);
  let fraction = bits & 0xfffffffffffffn;
  let binaryExponent = biased - 1023;
  let significantBits = 53;
  if (biased === 0) {
    const length = fraction.toString(2).length;
    fraction <<= BigInt(53 - length);
    binaryExponent = length - 53 - 1022;
    significantBits = length;
  } else fraction |= 1n << 52n;
  if (single) significantBits = binaryExponent >= -126 ? 24 : 24 + (binaryExponent + 126);

  let tailZeros = 0;
  while ((fraction & 1n) === 0n) {
    fraction >>= 1n;
    tailZeros++;
  }
  const fractionBits = 53 - tailZeros;
  const tinyBits = Math.max(0, fractionBits - binaryExponent - 1);
  if (tinyBits === 0 && binaryExponent <= 62) {
    return wholeDigits(fraction << BigInt(binaryExponent - fractionBits + 1), binaryExponent - significantBits);
  }
  return developDigits(value, fraction, fractionBits, binaryExponent, tinyBits, significantBits);
}

function wholeDigits(whole: bigint, excessBits: number): DecimalDigits {
  const insignificant = excessBits > 0 && excessBits - 1 > 1 ? (INSIGNIFICANT_DIGITS[excessBits - 1] ?? 0) : 0;
  let rounded = whole;
  if (insignificant > 0) {
    const power = 10n ** BigInt(insignificant);
    rounded = whole / power + (whole % power >= power >> 1n ? 1n : 0n);
  }
  const text = String(rounded);
  return { digits: text.replace(/0+$/, ''), exponent: text.length + insignificant };
}

function developDigits(
  value: number,
  fraction: bigint,
  fractionBits: number,
  binaryExponent: number,
  tinyBits: number,
  significantBits: number,
): DecimalDigits {
  let decimalExponent = estimateDecimalExponent(value, fraction, fractionBits, binaryExponent);
  const b5 = Math.max(0, -decimalExponent);
  const s5 = Math.max(0, decimalExponent);
  let b2 = b5 + tinyBits + binaryExponent;
  let s2 = s5 + tinyBits;
  let m2 = b2 - significantBits;
  b2 -= fractionBits - 1;
  const common = Math.min(b2, s2);
  b2 -= common;
  s2 -= common;
  m2 -= common;
  if (fractionBits === 1) m2 -= 1;
  if (m2 < 0) {
    b2 -= m2;
    s2 -= m2;
    m2 = 0;
  }
  const s = (5n ** BigInt(s5)) << BigInt(s2);
  const tens = s * 10n;
  let b = (fraction * 5n ** BigInt(b5)) << BigInt(b2);
  let m = ((5n ** BigInt(b5)) << BigInt(m2)) * 10n;
  // Java computes in int, long or big integers, whichever it thinks will do; the first two overflow now and then, and that shows.
  const width = machineWidth(fractionBits + b2 + bitsOfPowerOf5(b5), s2 + 1 + bitsOfPowerOf5(s5 + 1));
  let quotient = b / s;
  b = 10n * (b % s);
  let low = b < m;
  let high = exceeds(b + m, tens, width);
  const digits: number[] = [];
  if (quotient === 0n && !high) decimalExponent -= 1;
  else digits.push(Number(quotient));
  if (decimalExponent < -3 || decimalExponent >= 8) {
    low = false;
    high = false;
  }
  while (!low && !high) {
    quotient = b / s;
    b = 10n * (b % s);
    m = width === 0 ? m * 10n : BigInt.asIntN(width, m * 10n);
    low = m <= 0n || b < m;
    high = m <= 0n || exceeds(b + m, tens, width);
    digits.push(Number(quotient));
  }
  const difference = width === 0 ? 2n * b - tens : BigInt.asIntN(width, 2n * b - tens);
  if (high && (!low || difference > 0n || (difference === 0n && (digits.at(-1)! & 1) !== 0))) {
    if (roundUp(digits)) decimalExponent += 1;
  }
  return { digits: digits.join('').replace(/0+$/, '') || '0', exponent: decimalExponent + 1 };
}

/** Bits of the integers Java uses: 32, 64, or 0 for big ones. */
function machineWidth(bitsOfB: number, bitsOfTens: number): 0 | 32 | 64 {
  const bits = Math.max(bitsOfB, bitsOfTens);
  return bits < 32 ? 32 : bits < 64 ? 64 : 0;
}

/** With machine integers Java asks for more than the bound, with big ones for the bound or more. */
function exceeds(sum: bigint, bound: bigint, width: 0 | 32 | 64): boolean {
  return width === 0 ? sum >= bound : BigInt.asIntN(width, sum) > bound;
}

function bitsOfPowerOf5(power: number): number {
  return power === 0 ? 0 : power < 27 ? Math.floor(power * Math.log2(5)) + 1 : power * 3;
}

function estimateDecimalExponent(value: number, fraction: bigint, fractionBits: number, binaryExponent: number): number {
  const mantissa = value >= 2.3e-308 ? value / 2 ** binaryExponent : Number(fraction) / 2 ** (fractionBits - 1);
  return Math.floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + binaryExponent * 0.301029995663981);
}

/** Adds one in the last place; true when that gave one digit more. */
function roundUp(digits: number[]): boolean {
  let at = digits.length - 1;
  while (at >= 0 && digits[at] === 9) digits[at--] = 0;
  if (at >= 0) {
    digits[at]! += 1;
    return false;
  }
  digits[0] = 1;
  return true;
}

/**
 * The text of a float that is no power of two, plain and with a fraction; null where Java's choice between two texts equally near must
 * be worked out by {@link floatingDecimalDigits}.
 */
export function shortestFloatText(value: number): string | null {
  for (let precision = 2; precision < 10; precision++) {
    const text = value.toPrecision(precision);
    if (Math.fround(Number(text)) !== value) continue;
    const exact = value.toPrecision(precision + 1);
    return exact.endsWith('5') && Number(exact) === value && Number(text) !== value ? null : String(Number(text));
  }
  return null;
}
