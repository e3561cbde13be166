import { ConnectException } from '../../../core/errors.ts';
import type { OffsetValue, SourceOffset } from '../../../core/source-record.ts';
import { type Instant, instantOfMs } from '../instant.ts';

/** How far a table has been read; a member is null where the mode has none or nothing was read. */
export interface ReadOffset {
  readonly incrementing: bigint | null;
  readonly timestamp: Instant | null;
}

/** Before the first row: ids above -1, times after the epoch. */
export const START: { readonly incrementing: bigint; readonly timestamp: Instant } = { incrementing: -1n, timestamp: instantOfMs(0) };

/** Reads a committed offset; foreign members are ignored. Throws ConnectException where a member is no number. */
export function readOffsetOf(offset: SourceOffset | null): ReadOffset {
  const incrementing = wholeNumber(offset, 'incrementing');
  const timestamp = wholeNumber(offset, 'timestamp');
  if (timestamp === null) return { incrementing, timestamp: null };
  const nanos = wholeNumber(offset, 'timestamp_nanos');
  const ofMs = instantOfMs(Number(timestamp));
  return { incrementing, timestamp: nanos === null ? ofMs : { epochMs: ofMs.epochMs, nanos: Number(nanos) } };
}

function wholeNumber(offset: SourceOffset | null, key: string): bigint | null {
  const value = offset?.[key] ?? null;
  if (value === null) return null;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return BigInt(value);
  throw new ConnectException(
    `the committed offset has '${key}' = ${String(value)}, which is no whole number; alter or reset the connector's offsets`,
  );
}

/** As Confluent's connector writes it. */
export function sourceOffset({ incrementing, timestamp }: ReadOffset): SourceOffset {
  const offset: Record<string, OffsetValue> = {};
  if (incrementing !== null) offset.incrementing = offsetNumber(incrementing);
  if (timestamp !== null) {
    offset.timestamp = timestamp.epochMs;
    offset.timestamp_nanos = timestamp.nanos;
  }
  return offset;
}

/** Whole numbers beyond 2^53 stay bigint. */
export function offsetNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
