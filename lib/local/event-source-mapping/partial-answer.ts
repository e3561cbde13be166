import type { ConsumerRecord } from '../../core/kafka-record.ts';
import { topicPartitionKey } from '../../core/topic-partition.ts';

/**
 * What AWS does with records that follow a reported one in the same partition is not documented for Kafka. `from-lowest` delivers
 * everything from the lowest reported offset on again; `exactly-reported` only the reported ones. A sink must be right under both.
 */
export type PartialReading = 'from-lowest' | 'exactly-reported';

/** Records of a batch to deliver again after an answer; 'all' = the answer names what was not in the batch, or cannot be read. */
export function unfinished(
  payload: string,
  records: readonly ConsumerRecord[],
  reading: PartialReading,
): readonly ConsumerRecord[] | 'all' {
  const reported = reportedOffsets(payload);
  if (reported === null) return 'all';
  const known = new Set(records.map((record) => `${topicPartitionKey(record.topic, record.partition)}@${record.offset}`));
  const lowest = new Map<string, number>();
  for (const { partition, offset } of reported) {
    if (!known.has(`${partition}@${offset}`)) return 'all';
    lowest.set(partition, Math.min(lowest.get(partition) ?? offset, offset));
  }
  if (reading === 'exactly-reported') {
    const exactly = new Set(reported.map(({ partition, offset }) => `${partition}@${offset}`));
    return records.filter((record) => exactly.has(`${topicPartitionKey(record.topic, record.partition)}@${record.offset}`));
  }
  return records.filter(
    (record) => record.offset >= (lowest.get(topicPartitionKey(record.topic, record.partition)) ?? Number.POSITIVE_INFINITY),
  );
}

/** null = not an answer of the documented form; no failures (or null, or {}) = everything succeeded. */
function reportedOffsets(payload: string): { partition: string; offset: number }[] | null {
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return null;
  const offsets = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return offsets.every(isIdentifier) ? offsets : null;
}

function isIdentifier(value: unknown): value is { partition: string; offset: number } {
  const found = value as { partition?: unknown; offset?: unknown } | null | undefined;
  return typeof found?.partition === 'string' && typeof found.offset === 'number';
}
