import type { SourceOffset, SourcePartition } from '../../core/source-record.ts';
import { topicPartitionKey } from '../../core/topic-partition.ts';
import { StateConflictException } from '../errors.ts';
import { needsStamp, requireLatest } from '../fencing.ts';
import type { Lease, LeaseToken } from '../lease-store.ts';
import type { OffsetStore, ProgressValues, StoredOffset, Watermark, WatermarkWriter } from '../offset-store.ts';
import { encodeOffset } from '../stored-offset-json.ts';
import { inFlight } from './in-flight.ts';
import { type Item, ItemReader, type Scalar } from './item.ts';
import { type ItemKey, keyText, OFFSET_PREFIX, PROGRESS_PREFIX, taskKey, WATERMARK_PREFIX } from './keys.ts';
import { isInPlace, itemsInShards } from './move-shards.ts';
import { encodePartition, offsetAttributes, offsetOf, storedOffsetOf } from './offset-item.ts';
import { OwnItems } from './own-items.ts';
import { readItems } from './read-items.ts';
import type { ShardCounts } from './shard-counts.ts';
import { fencedUpdate, stampIn, stampItem, updateByHand } from './stamp.ts';
import type { StateTable } from './state-table.ts';
import { watermarkAttributes, watermarkKey, watermarkOf, watermarkUpdate } from './watermark-item.ts';

type KafkaPartition = { readonly topic: string; readonly partition: number };

/** Offsets, watermarks and progress as items of one table. */
export class DynamoOffsetStore implements OffsetStore {
  readonly #table: StateTable;
  readonly #shards: ShardCounts;
  readonly #own = new OwnItems();
  #order = 0;

  constructor(table: StateTable, shards: ShardCounts) {
    this.#table = table;
    this.#shards = shards;
  }

  async load(lease: Lease, partitions: readonly SourcePartition[], fence: boolean): Promise<(SourceOffset | null)[]> {
    const shards = await this.#shards.of(lease.connector);
    const keys = partitions.map((partition) => encodePartition(lease.connector, shards, partition).key);
    return this.#read(lease, keys, OFFSET_PREFIX, fence, offsetOf);
  }

  async commit(lease: Lease, offsets: readonly StoredOffset[]): Promise<void> {
    const writes = await this.#encode(lease.connector, offsets);
    await this.#write(
      lease,
      writes.map(({ key, json, offset }) => ({ key, set: offsetAttributes(json, offset) })),
    );
  }

  async list(connector: string): Promise<StoredOffset[]> {
    const items = await this.#all(connector, OFFSET_PREFIX);
    return items
      .map(storedOffsetOf)
      .filter((stored) => stored !== null)
      .sort((a, b) => (a.json < b.json ? -1 : 1))
      .map(({ partition, offset }) => ({ partition, offset }));
  }

  async alter(connector: string, token: LeaseToken, offsets: readonly StoredOffset[]): Promise<void> {
    await inFlight(await this.#encode(connector, offsets), async ({ key, json, offset }) => {
      const later = await updateByHand(this.#table, key, token, offsetAttributes(json, offset));
      if (later === null) return;
      throw new StateConflictException(
        `offset of ${json} not altered: generation ${later.generation} has written it, this one is ${token.generation}`,
      );
    });
  }

  async loadWatermarks(connector: string, partitions: readonly KafkaPartition[]): Promise<Map<string, Watermark>> {
    const keys = await this.#watermarkKeys(connector, partitions);
    const items = await readItems(this.#table, keys, WATERMARK_PREFIX);
    // A query brings others along.
    return byTopicPartition(keys.map((key) => items.get(key.sk)).map((item) => (item === undefined ? null : watermarkOf(item))));
  }

  async commitWatermarks(connector: string, by: WatermarkWriter, watermarks: readonly Watermark[]): Promise<void> {
    const keys = await this.#watermarkKeys(connector, watermarks);
    const writes = watermarks.map((watermark, at) => ({ key: keys[at] as ItemKey, watermark }));
    if ('lease' in by) {
      await this.#write(
        by.lease,
        writes.map(({ key, watermark }) => ({ key, set: watermarkAttributes(watermark) })),
      );
      return;
    }
    await inFlight(writes, async ({ key, watermark }) => {
      const name = topicPartitionKey(watermark.topic, watermark.partition);
      const outcome = await this.#table.update(key, watermarkUpdate(watermark, by.previous.get(name) ?? null, by.byHand));
      if (!('refused' in outcome)) return;
      throw new StateConflictException(`watermark of ${name} of ${connector} was changed by somebody else since it was loaded`);
    });
  }

  async fenceWatermarks(lease: Lease, partitions: readonly KafkaPartition[]): Promise<Map<string, Watermark>> {
    const keys = await this.#watermarkKeys(lease.connector, partitions);
    const watermarks = await this.#read(lease, keys, WATERMARK_PREFIX, false, watermarkOf);
    return byTopicPartition(watermarks);
  }

  async listWatermarks(connector: string): Promise<Watermark[]> {
    const found = (await this.#all(connector, WATERMARK_PREFIX)).map(watermarkOf).filter((watermark) => watermark !== null);
    return found.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  }

  async loadProgress(lease: Lease): Promise<ProgressValues | null> {
    const key = taskKey(PROGRESS_PREFIX, lease.connector, lease.task);
    const [progress] = await this.#read(lease, [key], PROGRESS_PREFIX, false, progressOf);
    return progress ?? null;
  }

  async saveProgress(lease: Lease, progress: ProgressValues): Promise<void> {
    const key = taskKey(PROGRESS_PREFIX, lease.connector, lease.task);
    await this.#write(lease, [{ key, set: { progress: JSON.stringify(progress) } }]);
  }

  /** Partitions and offsets as they are stored, the last where one is named twice. All are checked before the first is written. */
  async #encode(connector: string, offsets: readonly StoredOffset[]) {
    const shards = await this.#shards.of(connector);
    const encoded = new Map<string, { key: ItemKey; json: string; offset: string | null }>();
    for (const { partition, offset } of offsets) {
      const { key, json } = encodePartition(connector, shards, partition);
      encoded.set(key.sk, { key, json, offset: encodeOffset(json, offset) });
    }
    return [...encoded.values()];
  }

  async #watermarkKeys(connector: string, partitions: readonly KafkaPartition[]): Promise<ItemKey[]> {
    const shards = await this.#shards.of(connector);
    return partitions.map(({ topic, partition }) => watermarkKey(connector, shards, topic, partition));
  }

  async #write(lease: Lease, writes: readonly { readonly key: ItemKey; readonly set: Readonly<Record<string, Scalar | null>> }[]) {
    const order = ++this.#order;
    for (const { key } of writes) this.#own.forget(lease, key.sk);
    await inFlight(writes, async ({ key, set }) => {
      try {
        this.#own.keep(lease, await fencedUpdate(this.#table, key, lease, order, set));
      } catch (error) {
        this.#own.forget(lease, key.sk);
        throw error;
      }
    });
  }

  /**
   * What `decode` makes of the items, in the order of their keys, each one stamped where an owner that may still be alive could write it.
   * An item that cannot be decoded is not remembered, so that a correction of it is seen.
   */
  async #read<T>(lease: Lease, keys: readonly ItemKey[], prefix: string, fence: boolean, decode: (item: Item) => T): Promise<T[]> {
    const known = new Map<string, T>();
    const unknown: ItemKey[] = [];
    for (const key of keys) {
      const own = fence ? undefined : this.#own.get(lease, key.sk);
      if (own === undefined) unknown.push(key);
      else known.set(key.sk, decode(own));
    }
    // Where all are stamped anyway, the stamp brings the item along.
    const stampAll = fence || lease.fencedFromEpoch === lease.token.epoch;
    const found = stampAll ? new Map<string, Item>() : await readItems(this.#table, unknown, prefix);
    await inFlight(unknown, async (key) => {
      const item = found.get(key.sk);
      const stamp = item === undefined ? null : stampIn(item);
      requireLatest(keyText(key), stamp, lease);
      const isOpen = fence || item === undefined || needsStamp(stamp, lease);
      const current = isOpen ? await stampItem(this.#table, key, lease) : item;
      known.set(key.sk, decode(current));
      this.#own.keep(lease, current);
    });
    return keys.map((key) => known.get(key.sk) as T);
  }

  async #all(connector: string, prefix: string): Promise<Item[]> {
    const shards = await this.#shards.of(connector);
    return (await itemsInShards(this.#table, connector, shards, prefix)).filter((item) => isInPlace(connector, shards, item));
  }
}

function byTopicPartition(watermarks: readonly (Watermark | null)[]): Map<string, Watermark> {
  const found = watermarks.filter((watermark) => watermark !== null);
  return new Map(found.map((watermark) => [topicPartitionKey(watermark.topic, watermark.partition), watermark]));
}

function progressOf(item: Item): ProgressValues | null {
  const read = new ItemReader(item);
  return read.has('progress') ? read.json<ProgressValues>('progress') : null;
}
