import { randomBytes } from 'node:crypto';
import { CommittedOffsets } from './coordinator/committed-offsets.ts';
import { Groups } from './coordinator/groups.ts';
import { Transactions } from './coordinator/transactions.ts';
import { type BatchHeader, controlBatch, readBatchHeader } from './log/record-batch.ts';
import type { Storage } from './storage/storage.ts';
import type { Timers } from './timers.ts';
import { Topics } from './topics.ts';

/** Settings of a broker, named as in Kafka's server.properties where it has them. */
export interface BrokerSettings {
  /** `auto.create.topics.enable` */
  readonly autoCreateTopics: boolean;
  /** `num.partitions` */
  readonly defaultPartitions: number;
  /** `group.min.session.timeout.ms` */
  readonly minSessionTimeoutMs: number;
}

/** Everything the requests work on. */
export interface BrokerState {
  readonly settings: BrokerSettings;
  readonly clusterId: string;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly offsets: CommittedOffsets;
  readonly transactions: Transactions;
  readonly timers: Timers;
  close(): void;
}

/** The only node's id. */
export const NODE_ID = 1;

/** Opens what the storage holds; unfinished ends of transactions are finished. */
export function openBrokerState(storage: Storage, settings: BrokerSettings, timers: Timers): BrokerState {
  const cluster = storage.journal<string>('cluster');
  const clusterId = cluster.entries.get('id') ?? randomBytes(16).toString('base64url');
  cluster.put('id', clusterId);
  const topics = new Topics(storage);
  const offsets = new CommittedOffsets(storage.journal('offsets'));
  const groups = new Groups(timers);
  const effects = {
    writeMarker: (
      { topic, partition }: { topic: string; partition: number },
      producer: { producerId: number; producerEpoch: number },
      commit: boolean,
    ) => {
      const log = topics.partition(topic, partition);
      if (log === undefined) return;
      const marker = controlBatch({ ...producer, commit, nowMs: timers.now() });
      log.append(marker, readBatchHeader(marker) as BatchHeader);
    },
    commitOffset: offsets.commit.bind(offsets),
  };
  const transactions = new Transactions(storage.journal('transactions'), storage.journal('producer-ids'), effects, timers);
  return {
    settings,
    clusterId,
    topics,
    groups,
    offsets,
    transactions,
    timers,
    close: () => {
      groups.close();
      transactions.close();
      topics.close();
      storage.close();
    },
  };
}
