import { topicPartitionKey } from '../core/topic-partition.ts';
import type { TickFigures } from '../state/status-store.ts';
import type { FailedRecord } from './partial-delivery.ts';

/** How many partitions' failures the status remembers: it stays small. */
const REMEMBERED_PARTITIONS = 3;

/** The figures after one more failure at this record, and how often in a row it has failed now. */
export function countFailure(before: TickFigures | null, at: FailedRecord, nowMs: number): { figures: TickFigures; failures: number } {
  const key = topicPartitionKey(at.topic, at.partition);
  const { [key]: known, ...others } = before?.failing ?? {};
  const failures = known !== undefined && known[0] === at.offset ? known[1] + 1 : 1;
  const kept = Object.entries(others).slice(1 - REMEMBERED_PARTITIONS);
  return {
    failures,
    figures: { ...NOTHING, endedAtMs: nowMs, failures, failing: { ...Object.fromEntries(kept), [key]: [at.offset, failures] } },
  };
}

/** The figures once these partitions were delivered up to these offsets; the same object where that changes nothing. */
export function withoutDelivered(before: TickFigures | null, delivered: ReadonlyMap<string, number>): TickFigures | null {
  const failing = Object.entries(before?.failing ?? {});
  const left = failing.filter(([key, [offset]]) => (delivered.get(key) ?? -1) <= offset);
  if (before === null || left.length === failing.length) return before;
  return left.length === 0 ? null : { ...before, failing: Object.fromEntries(left) };
}

const NOTHING = { records: 0, bytes: 0, deadLetters: 0, retries: 0, durationMs: 0 };
