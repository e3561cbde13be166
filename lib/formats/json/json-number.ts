import { BigDecimal } from '../../core/data/big-decimal.ts';
import { parseFloat32 } from '../../core/data/java-numbers.ts';

/** The whole part of a number's text, as BigDecimal.toBigInteger has it, but only its low 64 bits (signed), which is all Java narrows to. */
export function wholePart(text: string): bigint {
  if (/^-?[0-9]+$/.test(text)) return BigInt.asIntN(64, BigInt(text));
  const decimal = BigDecimal.parse(text);
  // 10^64 is divisible by 2^64; and a number with more fraction than digits has no whole part. Both need not be written out.
  if (decimal.scale <= -64 || decimal.precision <= decimal.scale) return 0n;
  return BigInt.asIntN(64, decimal.toBigInt());
}

/** BigDecimal.doubleValue: a zero has no sign. */
export function toDouble(text: string): number {
  const value = Number(text);
  return value === 0 && !hasDigit(text) ? 0 : value;
}

/** BigDecimal.floatValue. */
export function toFloat(text: string): number {
  const value = parseFloat32(text);
  return value === 0 && !hasDigit(text) ? 0 : value;
}

/** Whether a digit other than 0 stands before the exponent. */
function hasDigit(text: string): boolean {
  return /^[^eE]*[1-9]/.test(text);
}
