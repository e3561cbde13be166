import type { ConsumerRecord } from '../../core/kafka-record.ts';
import { topicPartitionKey } from '../../core/topic-partition.ts';

/** Lambda's limit of a synchronous payload: a batch ends there, whatever its size is set to. */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

/** Members of a record in the event beside key, value and headers, with their names. */
const RECORD_OVERHEAD_BYTES = 160;

/** Upper bound of what a record takes in the event's JSON: base64 of key and value, header bytes as numbers of up to three digits. */
export function eventBytesOf(record: ConsumerRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + record.topic.length * 2 + base64Length(record.key) + base64Length(record.value);
  for (const header of record.headers) bytes += header.key.length * 2 + 16 + (header.value?.length ?? 0) * 4;
  return bytes;
}

function base64Length(bytes: Uint8Array | null): number {
  return bytes === null ? 4 : Math.ceil(bytes.length / 3) * 4;
}

/** Records on their way to a function, and which of them are settled: delivered, or given up. */
export class Batch {
  readonly records: readonly ConsumerRecord[];
  readonly #unsettled: Set<ConsumerRecord>;

  constructor(records: readonly ConsumerRecord[]) {
    this.records = records;
    this.#unsettled = new Set(records);
  }

  settle(records: Iterable<ConsumerRecord>): void {
    for (const record of records) this.#unsettled.delete(record);
  }

  /** Per partition the offset before which everything is settled: what may be committed. Partitions that did not advance are absent. */
  commitable(): Map<string, number> {
    const end = new Map<string, number>();
    const blocked = new Set<string>();
    for (const record of this.records) {
      const key = topicPartitionKey(record.topic, record.partition);
      if (blocked.has(key)) continue;
      if (this.#unsettled.has(record)) blocked.add(key);
      else end.set(key, record.offset + 1);
    }
    return end;
  }
}
