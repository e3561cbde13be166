import { NumberFormatException } from '../../../core/java/exceptions.ts';
import type { Instant } from '../instant.ts';

/** Micro- or nanoseconds since the epoch (INT64, or their digits as STRING) as a moment: `timestamp.fields.list`. */
export function epochInstant(value: unknown, precision: 'microseconds' | 'nanoseconds'): Instant {
  const nanos = wholeNumber(value) * (precision === 'nanoseconds' ? 1n : 1000n);
  const withinSecond = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (nanos - withinSecond) / 1_000_000_000n;
  return { epochMs: Number(seconds) * 1000 + Math.trunc(Number(withinSecond) / 1_000_000), nanos: Number(withinSecond) };
}

function wholeNumber(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (/^[+-]?\d+$/.test(String(value))) return BigInt(String(value).replace(/^\+/, ''));
  throw new NumberFormatException(`For input string: "${String(value)}"`);
}
