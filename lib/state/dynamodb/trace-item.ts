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

/** The trace of the status that this write brought; one of another write belongs to another status. */
export function traceOf(item: Item | undefined, writtenBy: LeaseToken & { readonly order: number }): string | null {
  if (item === undefined) return null;
  const stamp = stampIn(item);
  const read = new ItemReader(item);
  const belongs = stamp !== null && compareTokens(stamp, writtenBy) === 0 && read.numberOr('order', 0) === writtenBy.order;
  return belongs ? read.text('trace') : null;
}

export function traceTask(item: Item): number {
  return Number(item.sk?.S?.slice(TRACE_PREFIX.length));
}
