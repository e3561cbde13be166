import { BigDecimal } from './big-decimal.ts';
import { FarDate } from './epoch-millis.ts';
import { StructValue } from './struct-value.ts';

/** Equality of two data values by content, as Java's `equals` has it: NaN equals NaN, 0.0 and -0.0 differ, maps compare in any order. */
export function valuesEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof StructValue) return a.equals(b);
  if (a instanceof Date) return b instanceof Date && datesEqual(a, b);
  if (a instanceof BigDecimal) return a.equals(b);
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((element, index) => valuesEqual(element, b[index]));
  if (a instanceof Map) return b instanceof Map && mapsEqual(a, b);
  return false;
}

function datesEqual(a: Date, b: Date): boolean {
  return a instanceof FarDate ? b instanceof FarDate && a.epochMillis === b.epochMillis : a.getTime() === b.getTime();
}

function mapsEqual(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!valuesEqual(value, b.get(key))) return false;
    } else if (![...b].some(([otherKey, otherValue]) => valuesEqual(key, otherKey) && valuesEqual(value, otherValue))) return false;
  }
  return true;
}
