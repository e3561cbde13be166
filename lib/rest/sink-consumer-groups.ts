import type { TopicPartition } from '../core/topic-partition.ts';
import { parseTopicPartitionKey } from '../core/topic-partition.ts';
import type { CommittedPosition, GroupOffsets } from '../kafka/partition-reader.ts';

/** Consumer groups of one sink seen as one: each topic's offsets are those of the topic's group. */
export class SinkConsumerGroups {
  readonly #offsets: GroupOffsets;
  readonly #groupOf: (topic: string) => string;

  constructor(offsets: GroupOffsets, groupOf: (topic: string) => string) {
    this.#offsets = offsets;
    this.#groupOf = groupOf;
  }

  async committed(partitions: readonly TopicPartition[]): Promise<Map<string, CommittedPosition>> {
    const found = new Map<string, CommittedPosition>();
    for (const [group, members] of Map.groupBy(partitions, ({ topic }) => this.#groupOf(topic))) {
      for (const [key, position] of await this.#offsets.committed(group, members)) found.set(key, position);
    }
    return found;
  }

  /** Offsets by `topicPartitionKey`. */
  async commit(offsets: ReadonlyMap<string, number>, metadata: string): Promise<void> {
    for (const [group, members] of Map.groupBy(offsets, ([key]) => this.#groupOf(parseTopicPartitionKey(key).topic))) {
      await this.#offsets.commit(group, new Map(members), metadata);
    }
  }

  async remove(partitions: readonly TopicPartition[]): Promise<void> {
    for (const [group, members] of Map.groupBy(partitions, ({ topic }) => this.#groupOf(topic))) await this.#offsets.remove(group, members);
  }
}
