import { asciiDigits } from '../java/digits.ts';
import { NumberFormatException } from '../java/exceptions.ts';
import { doubleToString, parseFloat32 } from './java-numbers.ts';

const INTEGER_MAX = 2147483647;
/** Beyond this many digits a conversion would only fill the memory; Java's own limit lies in the same region. */
const MAX_POWER = 1_000_000;

/** Java's BigDecimal as far as Connect needs it: unscaled × 10^-scale. Immutable; 1.0 and 1.00 differ but compare equal. */
export class BigDecimal {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /** Reads `[+-]digits[.digits][E[+-]digits]`; anything else throws NumberFormatException. */
  static parse(text: string): BigDecimal {
    const decimal = BigDecimal.tryParse(text);
    if (decimal === null)
      throw new NumberFormatException(`Character array is missing "exponent" mark 'e' or 'E', or is no number: ${text}`);
    return decimal;
  }

  /** The same without an error, which costs much where many texts are no numbers: null for anything else. */
  static tryParse(text: string): BigDecimal | null {
    const match = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(asciiDigits(text));
    if (match === null) return null;
    const [, sign, whole = '', fraction = '', exponent = '0'] = match;
    const scale = fraction.length - Number(exponent);
    if (scale > INTEGER_MAX || scale < -INTEGER_MAX - 1) return null;
    const unscaled = BigInt(whole + fraction);
    return new BigDecimal(sign === '-' ? -unscaled : unscaled, scale);
  }

  /** From a double by its Java text, so that 0.1 is 0.1. NumberFormatException for NaN and infinities. */
  static valueOf(value: number): BigDecimal {
    if (!Number.isFinite(value)) throw new NumberFormatException('Infinite or NaN');
    return BigDecimal.parse(doubleToString(value));
  }

  static ofLong(value: bigint): BigDecimal {
    return new BigDecimal(value, 0);
  }

  /** How many decimal digits the unscaled value has. */
  get precision(): number {
    return digitsOf(this.unscaled).length;
  }

  get signum(): number {
    return this.unscaled === 0n ? 0 : this.unscaled < 0n ? -1 : 1;
  }

  /** Same unscaled value and same scale. */
  equals(other: unknown): boolean {
    return other instanceof BigDecimal && other.scale === this.scale && other.unscaled === this.unscaled;
  }

  /** -1, 0 or 1 by value, whatever the scales. */
  compareTo(other: BigDecimal): number {
    const sign = this.signum;
    if (sign !== other.signum) return sign < other.signum ? -1 : 1;
    if (sign === 0) return 0;
    const magnitude = this.precision - this.scale;
    const otherMagnitude = other.precision - other.scale;
    if (magnitude !== otherMagnitude) return (magnitude < otherMagnitude ? -1 : 1) * sign;
    const left = this.scale < other.scale ? this.unscaled * powerOfTen(other.scale - this.scale) : this.unscaled;
    const right = other.scale < this.scale ? other.unscaled * powerOfTen(this.scale - other.scale) : other.unscaled;
    return left === right ? 0 : left < right ? -1 : 1;
  }

  /** The same value with another scale; digits that do not fit are cut toward zero. */
  setScale(scale: number): BigDecimal {
    if (scale === this.scale) return this;
    if (scale > this.scale) return new BigDecimal(this.unscaled * powerOfTen(scale - this.scale), scale);
    const drop = this.scale - scale;
    return new BigDecimal(drop > this.precision ? 0n : this.unscaled / powerOfTen(drop), scale);
  }

  /** The whole part, toward zero. RangeError where it has more than a million digits. */
  toBigInt(): bigint {
    return this.setScale(0).unscaled;
  }

  toNumber(): number {
    return Number(this.toString());
  }

  /** The nearest float. */
  toFloat(): number {
    return parseFloat32(this.toString());
  }

  /** True when there is no fraction but zeros. */
  isWhole(): boolean {
    if (this.scale <= 0 || this.unscaled === 0n) return true;
    return this.scale < this.precision && this.unscaled % powerOfTen(this.scale) === 0n;
  }

  /** As Java: plain where the exponent would be small, else `1.25E+10`. */
  toString(): string {
    if (this.scale === 0) return String(this.unscaled);
    const digits = digitsOf(this.unscaled);
    const sign = this.unscaled < 0n ? '-' : '';
    const adjusted = digits.length - 1 - this.scale;
    if (this.scale > 0 && adjusted >= -6) return sign + withPoint(digits, this.scale);
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}${adjusted === 0 ? '' : `E${adjusted > 0 ? '+' : ''}${adjusted}`}`;
  }

  /** Without exponent, however long. */
  toPlainString(): string {
    const digits = digitsOf(this.unscaled);
    const sign = this.unscaled < 0n ? '-' : '';
    if (this.scale > 0) return sign + withPoint(digits, this.scale);
    return this.unscaled === 0n ? '0' : sign + digits + '0'.repeat(-this.scale);
  }
}

function digitsOf(unscaled: bigint): string {
  return String(unscaled < 0n ? -unscaled : unscaled);
}

function withPoint(digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

function powerOfTen(power: number): bigint {
  if (power > MAX_POWER)
    throw new RangeError(`a decimal with ${power} more digits is too large to be written out; the limit is ${MAX_POWER}`);
  return 10n ** BigInt(power);
}
