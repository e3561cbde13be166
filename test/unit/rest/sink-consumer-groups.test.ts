import { expect, it } from 'vitest';
import { topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import type { GroupOffsets } from '../../../lib/kafka/partition-reader.ts';
import { SinkConsumerGroups } from '../../../lib/rest/sink-consumer-groups.ts';

it("reads, sets and forgets each topic's offsets in the group of the topic", async () => {
  const stored = new Map<string, Map<string, { offset: number; metadata: string }>>();
  const of = (group: string) => stored.get(group) ?? new Map<string, { offset: number; metadata: string }>();
  const offsets: Pick<GroupOffsets, 'committed' | 'commit' | 'remove'> = {
    committed: async (group, partitions) => {
      const keys = partitions.map(({ partition, topic }) => topicPartitionKey(topic, partition));
      return new Map([...of(group)].filter(([key]) => keys.includes(key)));
    },
    commit: async (group, set, metadata = '') => {
      stored.set(group, new Map([...of(group), ...[...set].map(([key, offset]) => [key, { offset, metadata }] as const)]));
    },
    remove: async (group, partitions) => {
      for (const { partition, topic } of partitions) of(group).delete(topicPartitionKey(topic, partition));
    },
  };
  const groups = new SinkConsumerGroups(offsets as GroupOffsets, (topic) => `connect-out-${topic}`);
  const orders = topicPartitionKey('orders', 0);
  const refunds = topicPartitionKey('refunds', 3);

  await groups.commit(
    new Map([
      [orders, 5],
      [refunds, 7],
    ]),
    'x',
  );
  expect([...stored.keys()].sort()).toEqual(['connect-out-orders', 'connect-out-refunds']);

  await groups.remove([{ topic: 'orders', partition: 0 }]);
  const both = [
    { topic: 'orders', partition: 0 },
    { topic: 'refunds', partition: 3 },
  ];
  expect(await groups.committed(both)).toEqual(new Map([[refunds, { offset: 7, metadata: 'x' }]]));
});
