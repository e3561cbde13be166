import type { Journal } from '../storage/journal.ts';

/** A group's place in one partition. */
export interface CommittedOffset {
  readonly offset: number;
  /** −1 = the client named none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** A partition and where the group is in it. */
export interface PartitionOffset extends CommittedOffset {
  readonly topic: string;
  readonly partition: number;
}

/** Committed offsets of all groups; each commit is stored before it is answered. */
export class CommittedOffsets {
  readonly #journal: Journal<CommittedOffset>;
  /** Group → partition key → offset. */
  readonly #groups = new Map<string, Map<string, PartitionOffset>>();

  constructor(journal: Journal<CommittedOffset>) {
    this.#journal = journal;
    for (const [key, committed] of journal.entries) {
      const [groupId, topic, partition] = JSON.parse(key) as [string, string, number];
      this.#of(groupId).set(partitionKey(topic, partition), { topic, partition, ...committed });
    }
  }

  groups(): string[] {
    return [...this.#groups.keys()];
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId);
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(groupId)?.get(partitionKey(topic, partition));
  }

  all(groupId: string): PartitionOffset[] {
    return [...(this.#groups.get(groupId)?.values() ?? [])];
  }

  commit(groupId: string, committed: PartitionOffset): void {
    const { topic, partition, ...value } = committed;
    this.#journal.put(JSON.stringify([groupId, topic, partition]), value);
    this.#of(groupId).set(partitionKey(topic, partition), committed);
  }

  delete(groupId: string, topic: string, partition: number): void {
    const partitions = this.#groups.get(groupId);
    if (partitions?.delete(partitionKey(topic, partition)) !== true) return;
    this.#journal.put(JSON.stringify([groupId, topic, partition]), null);
    if (partitions.size === 0) this.#groups.delete(groupId);
  }

  deleteGroup(groupId: string): void {
    for (const { topic, partition } of this.all(groupId)) this.#journal.put(JSON.stringify([groupId, topic, partition]), null);
    this.#groups.delete(groupId);
  }

  /** A topic created again starts without the offsets of the one before, as in Kafka. */
  deleteTopic(topic: string): void {
    for (const [groupId, partitions] of this.#groups) {
      for (const [key, committed] of partitions) {
        if (committed.topic !== topic) continue;
        partitions.delete(key);
        this.#journal.put(JSON.stringify([groupId, topic, committed.partition]), null);
      }
      if (partitions.size === 0) this.#groups.delete(groupId);
    }
  }

  #of(groupId: string): Map<string, PartitionOffset> {
    let partitions = this.#groups.get(groupId);
    if (partitions === undefined) {
      partitions = new Map();
      this.#groups.set(groupId, partitions);
    }
    return partitions;
  }
}

/** One string per partition; topic names hold no colon. */
function partitionKey(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
