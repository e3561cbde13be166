import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import { topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import type { GroupOffsets, PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import type { TopicAdmin } from '../../../lib/kafka/topic-admin.ts';

/** A topic in memory behind the ports a mapping uses. */
export class FakeTopic {
  readonly topic: string;
  readonly logs: ConsumerRecord[][];
  readonly committed = new Map<string, number>();
  exists = true;

  constructor(topic: string, partitions: number) {
    this.topic = topic;
    this.logs = Array.from({ length: partitions }, () => []);
  }

  add(partition: number, ...values: string[]): void {
    const log = this.logs[partition] as ConsumerRecord[];
    for (const value of values) {
      log.push({
        topic: this.topic,
        partition,
        offset: log.length,
        timestamp: Date.now(),
        timestampType: 'CREATE_TIME',
        key: null,
        value: Buffer.from(value),
        headers: [],
      });
    }
  }

  readonly reader: PartitionReader = {
    fetch: async (positions, { maxWaitMs }) => {
      const answer = positions.map(({ topic, partition, offset }) => {
        const records = (this.logs[partition] ?? []).slice(offset, offset + 7);
        return {
          topic,
          partition,
          records,
          nextOffset: offset + records.length,
          endOffset: this.logs[partition]?.length ?? 0,
          outOfRange: false,
        };
      });
      if (answer.every((part) => part.records.length === 0)) await new Promise((resolve) => setTimeout(resolve, Math.min(5, maxWaitMs)));
      return answer;
    },
    beginningOffsets: async (partitions) => new Map(partitions.map((p) => [topicPartitionKey(p.topic, p.partition), 0])),
    endOffsets: async (partitions) =>
      new Map(partitions.map((p) => [topicPartitionKey(p.topic, p.partition), this.logs[p.partition]?.length ?? 0])),
    offsetsForTime: async (partitions, timestampMs) =>
      new Map(
        partitions.map((p) => {
          const log = this.logs[p.partition] ?? [];
          const found = log.findIndex((record) => record.timestamp >= timestampMs);
          return [topicPartitionKey(p.topic, p.partition), found < 0 ? log.length : found];
        }),
      ),
    close: async () => undefined,
  };

  readonly groupOffsets: GroupOffsets = {
    fetch: async () => new Map(this.committed),
    commit: async (_group, offsets) => {
      for (const [key, offset] of offsets) this.committed.set(key, offset);
    },
    committed: async () => new Map([...this.committed].map(([key, offset]) => [key, { offset, metadata: '' }])),
    remove: async () => undefined,
    members: async () => [],
  };

  readonly admin: TopicAdmin = {
    describeTopics: async () => new Map(this.exists ? [[this.topic, { topic: this.topic, partitions: this.logs.length }]] : []),
    listTopics: async () => [this.topic],
    createTopic: async () => false,
    close: async () => undefined,
  };
}
