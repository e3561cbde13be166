/** `trace#<n>`: the stack trace of a FAILED task, apart from the item that each renewal writes. */
import { compareTokens } from '../fencing.ts';
import type { LeaseToken } from '../lease-store.ts';
import { cutAtBytes, TRACE_LIMIT_BYTES } from '../limits.ts';
import { type Item, ItemReader } from './item.ts';
import { TRACE_PREFIX } from './keys.ts';
import { stampIn } from './stamp.ts';

export function traceAttributes(trace: string): { trace: string } {
  return { trace: cutAtBytes(trace, TRACE_LIMIT_BYTES) };
}

/** The trace that this owner wrote; one of another owner belongs to another status. */
export function traceOf(item: Item | undefined, token: LeaseToken): string | null {
  const stamp = item === undefined ? null : stampIn(item);
  return item !== undefined && stamp !== null && compareTokens(stamp, token) === 0 ? new ItemReader(item).text('trace') : null;
}

export function traceTask(item: Item): number {
  return Number(item.sk?.S?.slice(TRACE_PREFIX.length));
}
