import { canonicalJson } from '../core/canonical-json.ts';
import type { SourcePartition, SourceRecord } from '../core/source-record.ts';
import type { StoredOffset } from '../state/offset-store.ts';

/**
 * Which source offsets may be committed: per source partition the offset of the last record of the acknowledged prefix. Batches are
 * recorded in the order they were polled; a record that was neither acknowledged nor dropped blocks its source partition, and only that.
 */
export class AcknowledgedOffsets {
  /** Identity first: a task gives the same partition object again and again. */
  readonly #keys = new WeakMap<object, string>();
  readonly #blocked = new Set<string>();
  #committable = new Map<string, StoredOffset>();

  /** True when something is waiting to be committed. */
  get pending(): boolean {
    return this.#committable.size > 0;
  }

  /**
   * Records the fate of a polled batch. `unsettled` holds the places of records that are neither acknowledged nor dropped for good;
   * null = all are settled.
   */
  settle(records: readonly SourceRecord[], unsettled: ReadonlySet<number> | null = null): void {
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as SourceRecord;
      // A record of no source partition (a bulk read) has no position to come back to.
      if (record.sourcePartition === null) continue;
      if (unsettled === null) {
        // Only the last record of a run with one partition object moves the offset.
        const next = records[i + 1];
        if (next !== undefined && next.sourcePartition === record.sourcePartition) continue;
      }
      const key = this.#keyOf(record.sourcePartition);
      if (unsettled?.has(i)) this.#blocked.add(key);
      if (this.#blocked.has(key)) continue;
      this.#committable.set(key, { partition: record.sourcePartition, offset: record.sourceOffset });
    }
  }

  /** A blocked record was sent after all (the whole rest of its batch is settled again by the caller). */
  unblock(): void {
    this.#blocked.clear();
  }

  /** Takes what is committable now; give it back with {@link AcknowledgedOffsets.giveBack} if the commit fails. */
  take(): StoredOffset[] {
    const taken = [...this.#committable.values()];
    this.#committable = new Map();
    return taken;
  }

  /** Puts offsets of a failed commit back; newer ones win. */
  giveBack(offsets: readonly StoredOffset[]): void {
    for (const stored of offsets) {
      const key = this.#keyOf(stored.partition);
      if (!this.#committable.has(key)) this.#committable.set(key, stored);
    }
  }

  #keyOf(partition: SourcePartition): string {
    let key = this.#keys.get(partition);
    if (key === undefined) {
      key = canonicalJson(partition);
      this.#keys.set(partition, key);
    }
    return key;
  }
}
