import type { SourceOffset, SourcePartition } from '../../core/source-record.ts';
import { topicPartitionKey } from '../../core/topic-partition.ts';
import { StateConflictException } from '../errors.ts';
import { BY_HAND, needsStamp, requireLatest, stampOf } from '../fencing.ts';
import type { Lease, LeaseToken } from '../lease-store.ts';
import { fromCanonicalJson } from '../offset-json.ts';
import type { OffsetStore, ProgressValues, StoredOffset, Watermark, WatermarkWriter } from '../offset-store.ts';
import { encodePartition, encodeStoredOffset } from '../stored-offset-json.ts';
import { keepLatest, sameWatermark } from '../watermarks.ts';
import type { MemoryState, Stamped } from './memory-state.ts';

/** The reference of {@link OffsetStore}. */
export class MemoryOffsetStore implements OffsetStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async load(lease: Lease, partitions: readonly SourcePartition[], fence: boolean): Promise<(SourceOffset | null)[]> {
    const items = this.#state.of(lease.connector).offsets;
    return partitions.map((partition) => {
      const json = read(items, encodePartition(partition), lease, fence);
      return json === null ? null : fromCanonicalJson(json, 'memory');
    });
  }

  async commit(lease: Lease, offsets: readonly StoredOffset[]): Promise<void> {
    const items = this.#state.of(lease.connector).offsets;
    for (const [partition, offset] of offsets.map(encodeStoredOffset)) write(items, partition, offset, lease);
  }

  async list(connector: string): Promise<StoredOffset[]> {
    return [...this.#state.of(connector).offsets]
      .filter(([, item]) => item.value !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([partition, item]) => ({
        partition: fromCanonicalJson(partition, 'memory'),
        offset: fromCanonicalJson(item.value as string, 'memory'),
      }));
  }

  async alter(connector: string, token: LeaseToken, offsets: readonly StoredOffset[]): Promise<void> {
    const items = this.#state.of(connector).offsets;
    for (const [partition, value] of offsets.map(encodeStoredOffset)) {
      const stamp = items.get(partition)?.stamp ?? null;
      if (stamp !== null && stamp.generation > token.generation) {
        throw new StateConflictException(
          `offset of ${partition} not altered: generation ${stamp.generation} has written it, this one is ${token.generation}`,
        );
      }
      items.set(partition, { stamp: { ...token, task: BY_HAND }, value });
    }
  }

  async loadWatermarks(connector: string, partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, Watermark>> {
    const found = new Map<string, Watermark>();
    for (const { topic, partition } of partitions) {
      const key = topicPartitionKey(topic, partition);
      const watermark = this.#state.of(connector).watermarks.get(key)?.value ?? null;
      if (watermark !== null) found.set(key, watermark);
    }
    return found;
  }

  async commitWatermarks(connector: string, by: WatermarkWriter, watermarks: readonly Watermark[]): Promise<void> {
    const items = this.#state.of(connector).watermarks;
    for (const watermark of watermarks) {
      const key = topicPartitionKey(watermark.topic, watermark.partition);
      if ('lease' in by) {
        write(items, key, keepLatest(watermark), by.lease);
        continue;
      }
      const item = items.get(key);
      if (!sameWatermark(item?.value ?? null, by.previous.get(key) ?? null)) {
        throw new StateConflictException(`watermark of ${key} of ${connector} was changed by somebody else since it was loaded`);
      }
      const stamp = by.byHand === undefined ? (item?.stamp ?? null) : { ...by.byHand, task: BY_HAND };
      items.set(key, { stamp, value: keepLatest(watermark) });
    }
  }

  async fenceWatermarks(lease: Lease, partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, Watermark>> {
    const items = this.#state.of(lease.connector).watermarks;
    for (const { topic, partition } of partitions) read(items, topicPartitionKey(topic, partition), lease, false);
    return this.loadWatermarks(lease.connector, partitions);
  }

  async listWatermarks(connector: string): Promise<Watermark[]> {
    return [...this.#state.of(connector).watermarks.values()]
      .map((item) => item.value)
      .filter((watermark) => watermark !== null)
      .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  }

  async loadProgress(lease: Lease): Promise<ProgressValues | null> {
    return read(this.#state.of(lease.connector).progress, lease.task, lease, false);
  }

  async saveProgress(lease: Lease, progress: ProgressValues): Promise<void> {
    write(this.#state.of(lease.connector).progress, lease.task, { ...progress }, lease);
  }
}

function read<K, T>(items: Map<K, Stamped<T>>, key: K, lease: Lease, fence: boolean): T | null {
  const item = items.get(key);
  const stamp = item?.stamp ?? null;
  requireLatest(String(key), stamp, lease);
  if (fence || needsStamp(stamp, lease)) write(items, key, item?.value ?? null, lease);
  return item?.value ?? null;
}

function write<K, T>(items: Map<K, Stamped<T>>, key: K, value: T | null, lease: Lease): void {
  requireLatest(String(key), items.get(key)?.stamp ?? null, lease);
  items.set(key, { stamp: stampOf(lease), value });
}
