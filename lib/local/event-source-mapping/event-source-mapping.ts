import { setTimeout as delay } from 'node:timers/promises';
import { topicPartitionKey } from '../../core/topic-partition.ts';
import type { GroupOffsets, PartitionReader } from '../../kafka/partition-reader.ts';
import type { TopicAdmin } from '../../kafka/topic-admin.ts';
import type { DeliveryOptions, ErrorControls, FailedBatch } from './delivery.ts';
import type { PartialReading } from './partial-answer.ts';
import { createPoller, type Poller } from './poller.ts';

export interface EventSourceMappingOptions extends ErrorControls, Pick<DeliveryOptions, 'toEvent' | 'invoke'> {
  readonly topic: string;
  readonly groupId: string;
  /** Read-committed or not is the reader's matter (AWS does not say which its pollers are). The mapping closes none of the three. */
  readonly reader: PartitionReader;
  readonly groupOffsets: GroupOffsets;
  readonly admin: TopicAdmin;
  /** @default 100 */
  readonly batchSize?: number;
  /** How long a batch may fill after its first record. @default 500 */
  readonly batchWindowMs?: number;
  /** Where a group without offsets begins. @default TRIM_HORIZON */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST' | { readonly timestampMs: number };
  /** Partitions are shared among so many pollers, each with one batch in flight. @default 1 */
  readonly pollers?: number;
  readonly onFailure?: (failed: FailedBatch) => Promise<void>;
  /** @default from-lowest */
  readonly partialReading?: PartialReading;
  /** @default 100 */
  readonly backoffMs?: number;
  /** True: a batch that was answered well is delivered again before its offsets are committed, as after a crash of the poller. */
  readonly redeliver?: (batch: number) => boolean;
  readonly onError?: (error: unknown) => void;
}

export interface EventSourceMappingStats {
  readonly records: number;
  readonly batches: number;
  readonly invocations: number;
  readonly failedInvocations: number;
  readonly throttled: number;
  readonly redelivered: number;
  readonly dropped: number;
}

/** Lambda's Kafka poller on this machine. */
export interface EventSourceMapping {
  /** Begins, or goes on from the group's offsets. */
  enable(): void;
  /** Resolves when no batch is in flight; a batch that keeps failing is left uncommitted. */
  disable(): Promise<void>;
  readonly enabled: boolean;
  stats(): EventSourceMappingStats;
  /** Records behind the end of the topic that were not committed yet; null while the topic does not exist. */
  lag(): Promise<number | null>;
}

const TOPIC_CHECK_MS = 250;

/**
 * Reads one topic and feeds a function: batch size and window, 6 MB, order per partition, retries, and where asked for the error controls
 * of provisioned pollers. Offsets are committed to the group after a batch is settled, so that delivery is at least once.
 */
export function createEventSourceMapping(options: EventSourceMappingOptions): EventSourceMapping {
  const counters = { records: 0, batches: 0, invocations: 0, failedInvocations: 0, throttled: 0, redelivered: 0, dropped: 0 };
  const { topic, groupId, reader, groupOffsets, admin } = options;
  let running: { stop: AbortController; done: Promise<void> } | null = null;

  const partitionsOf = async (): Promise<{ topic: string; partition: number }[] | null> => {
    const description = (await admin.describeTopics([topic])).get(topic);
    if (description === undefined) return null;
    return Array.from({ length: description.partitions }, (_, partition) => ({ topic, partition }));
  };

  const startOffsets = async (partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, number>> => {
    const offsets = new Map(await groupOffsets.fetch(groupId, partitions));
    const without = partitions.filter(({ partition }) => !offsets.has(topicPartitionKey(topic, partition)));
    if (without.length === 0) return offsets;
    const start = options.startingPosition ?? 'TRIM_HORIZON';
    const begin =
      start === 'TRIM_HORIZON'
        ? reader.beginningOffsets(without)
        : start === 'LATEST'
          ? reader.endOffsets(without)
          : reader.offsetsForTime(without, start.timestampMs);
    for (const [key, offset] of await begin) offsets.set(key, offset);
    return offsets;
  };

  const poller = (positions: Map<string, number>): Poller =>
    createPoller({
      topic,
      positions,
      reader,
      batchSize: options.batchSize ?? 100,
      batchWindowMs: options.batchWindowMs ?? 500,
      commit: (offsets) => groupOffsets.commit(groupId, offsets),
      redeliver: options.redeliver ?? (() => false),
      onError: options.onError ?? (() => undefined),
      counters,
      delivery: {
        ...options,
        partialReading: options.partialReading ?? 'from-lowest',
        backoffMs: options.backoffMs ?? 100,
        sleep,
        onError: options.onError ?? (() => undefined),
        count: (what, by) => {
          counters[what] += by;
        },
      },
    });

  // Failures to reach Kafka do not end a mapping; it tries again, as the service does.
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        const partitions = await partitionsOf();
        if (partitions !== null) {
          const offsets = await startOffsets(partitions);
          const count = Math.min(options.pollers ?? 1, partitions.length);
          const shares = Array.from({ length: count }, () => new Map<string, number>());
          for (const { partition } of partitions) {
            const key = topicPartitionKey(topic, partition);
            shares[partition % count]?.set(key, offsets.get(key) ?? 0);
          }
          await Promise.all(shares.map((share) => poller(share).run(signal)));
          return;
        }
      } catch (error) {
        options.onError?.(error);
      }
      await sleep(TOPIC_CHECK_MS, signal);
    }
  };

  return {
    get enabled() {
      return running !== null;
    },
    enable() {
      if (running !== null) return;
      const stop = new AbortController();
      running = { stop, done: run(stop.signal) };
    },
    async disable() {
      running?.stop.abort();
      await running?.done;
      running = null;
    },
    stats: () => ({ ...counters }),
    async lag() {
      const partitions = await partitionsOf();
      if (partitions === null) return null;
      const [committed, ends, begins] = await Promise.all([
        groupOffsets.fetch(groupId, partitions),
        reader.endOffsets(partitions),
        reader.beginningOffsets(partitions),
      ]);
      let lag = 0;
      for (const [key, end] of ends) lag += Math.max(0, end - (committed.get(key) ?? begins.get(key) ?? 0));
      return lag;
    },
  };
}

/** Resolves early when the signal aborts; never rejects. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
