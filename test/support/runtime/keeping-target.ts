import { FencedException } from '../../../lib/core/errors.ts';
import type { KeptOffset, SinkOwner, SinkTask } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../lib/core/topic-partition.ts';

interface Row {
  readonly kept: KeptOffset;
  readonly holder: string;
  readonly version: number;
}

/** A target whose transactions hold records and offsets. */
export class KeepingTarget {
  readonly values: string[] = [];
  readonly rows = new Map<string, Row>();
  /** False: it lets everybody write. */
  fences = true;

  at(topic: string, partition: number): number | undefined {
    return this.rows.get(topicPartitionKey(topic, partition))?.kept.nextOffset;
  }
}

/** A sink task that keeps its offsets in a {@link KeepingTarget}: the contract as simply as it can be met. */
export class KeepingTask implements SinkTask {
  readonly #target: KeepingTarget;
  readonly #onPut: (records: readonly SinkRecord[]) => void;
  readonly #seen = new Map<string, Row | undefined>();
  #holder = '';

  constructor(target: KeepingTarget, onPut: (records: readonly SinkRecord[]) => void = () => undefined) {
    this.#target = target;
    this.#onPut = onPut;
  }

  version = () => '1';
  initialize = () => undefined;
  start = () => undefined;
  stop = () => undefined;
  open: () => void | Promise<void> = () => undefined;
  close = () => undefined;

  async takeOffsets(partitions: readonly TopicPartition[], owner: SinkOwner): Promise<Map<string, KeptOffset>> {
    this.#holder = `${owner.name} ${owner.generation}.${owner.epoch}`;
    const found = new Map<string, KeptOffset>();
    for (const { partition, topic } of partitions) {
      const key = topicPartitionKey(topic, partition);
      const row = this.#target.rows.get(key);
      if (row !== undefined) found.set(key, row.kept);
      if (owner.fence && row !== undefined) this.#target.rows.set(key, { ...row, holder: this.#holder, version: row.version + 1 });
      this.#seen.set(key, this.#target.rows.get(key));
    }
    return found;
  }

  async put(records: readonly SinkRecord[], kept: readonly KeptOffset[] = []): Promise<void> {
    this.#onPut(records);
    for (const { partition, topic } of kept) {
      const key = topicPartitionKey(topic, partition);
      const row = this.#target.rows.get(key);
      if (this.#target.fences && row !== this.#seen.get(key)) throw new FencedException(`${this.#holder} lost ${key} to ${row?.holder}`);
    }
    for (const one of kept) {
      const key = topicPartitionKey(one.topic, one.partition);
      const row = { kept: one, holder: this.#holder, version: (this.#target.rows.get(key)?.version ?? 0) + 1 };
      this.#target.rows.set(key, row);
      this.#seen.set(key, row);
    }
    this.#target.values.push(...records.map(({ value }) => String(value)));
  }
}
