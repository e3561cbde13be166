import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerRecord } from '../../core/kafka-record.ts';
import { parseTopicPartitionKey } from '../../core/topic-partition.ts';
import type { PartitionReader } from '../../kafka/partition-reader.ts';
import { Batch, eventBytesOf, PAYLOAD_LIMIT_BYTES } from './batch.ts';
import { type DeliveryOptions, deliver } from './delivery.ts';

export interface PollerOptions {
  readonly topic: string;
  /** Next offset to read per `topicPartitionKey`; the poller's own. */
  readonly positions: Map<string, number>;
  readonly reader: PartitionReader;
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly commit: (offsets: ReadonlyMap<string, number>) => Promise<void>;
  readonly redeliver: (batch: number) => boolean;
  readonly onError: (error: unknown) => void;
  readonly counters: { records: number; batches: number; redelivered: number };
  readonly delivery: DeliveryOptions;
}

export interface Poller {
  /** Polls until the signal aborts and the batch in flight is done. */
  run(signal: AbortSignal): Promise<void>;
}

/** A broker answers one request of a connection after the other: a longer wait would hold up the commit behind it. */
const FETCH_WAIT_MS = 50;
const FETCH_BYTES = 4 * 1024 * 1024;
const RETRY_PAUSE_MS = 200;

/** One of a mapping's pollers: its partitions, one batch in flight. The next records are fetched while the function works. */
export function createPoller(options: PollerOptions): Poller {
  const { positions, reader } = options;
  const waiting: ConsumerRecord[] = [];
  let pending: Promise<void> | null = null;

  const fetchMore = (signal: AbortSignal): Promise<void> => {
    pending ??= fetchOnce(signal).finally(() => {
      pending = null;
    });
    return pending;
  };

  const fetchOnce = async (signal: AbortSignal): Promise<void> => {
    const asked = [...positions].map(([key, offset]) => ({ ...parseTopicPartitionKey(key), offset }));
    try {
      const fetched = await reader.fetch(asked, { maxWaitMs: FETCH_WAIT_MS, maxBytes: FETCH_BYTES, signal });
      for (const part of fetched) {
        const key = `${part.topic}-${part.partition}`;
        if (part.outOfRange) {
          const begin = await reader.beginningOffsets([part]);
          positions.set(key, begin.get(key) ?? 0);
          continue;
        }
        for (const record of part.records) waiting.push(record);
        positions.set(key, part.nextOffset);
      }
    } catch (error) {
      if (signal.aborted) return;
      options.onError(error);
      await delay(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  // A batch ends at its size, at 6 MB, or when its window has passed since the first record.
  const nextBatch = async (signal: AbortSignal): Promise<Batch | null> => {
    let closesAt = Number.POSITIVE_INFINITY;
    while (!signal.aborted) {
      if (waiting.length > 0) closesAt = Math.min(closesAt, performance.now() + options.batchWindowMs);
      const { count, full } = fitting(waiting, options.batchSize);
      if (full || performance.now() >= closesAt) return new Batch(waiting.splice(0, count));
      const left = closesAt - performance.now();
      if (left < FETCH_WAIT_MS) await Promise.race([fetchMore(signal), delay(left, undefined, { signal }).catch(() => undefined)]);
      else await fetchMore(signal);
    }
    return null;
  };

  const commit = async (batch: Batch, signal: AbortSignal): Promise<void> => {
    const offsets = batch.commitable();
    while (offsets.size > 0) {
      try {
        return await options.commit(offsets);
      } catch (error) {
        options.onError(error);
        // What is not committed is delivered again after the next start, which is what at-least-once means.
        if (signal.aborted) return;
        await delay(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  return {
    async run(signal) {
      for (let batch = await nextBatch(signal); batch !== null; batch = await nextBatch(signal)) {
        options.counters.batches++;
        options.counters.records += batch.records.length;
        if (waiting.length < options.batchSize) void fetchMore(signal);
        const isRepeated = options.redeliver(options.counters.batches - 1);
        await deliver(batch, options.delivery, signal);
        if (isRepeated && !signal.aborted) {
          options.counters.redelivered += batch.records.length;
          await deliver(new Batch(batch.records), options.delivery, signal);
        }
        await commit(batch, signal);
      }
      await pending;
    },
  };
}

function fitting(records: readonly ConsumerRecord[], batchSize: number): { count: number; full: boolean } {
  let bytes = 0;
  for (let count = 0; count < records.length; count++) {
    if (count === batchSize) return { count, full: true };
    bytes += eventBytesOf(records[count] as ConsumerRecord);
    if (bytes > PAYLOAD_LIMIT_BYTES && count > 0) return { count, full: true };
  }
  return { count: records.length, full: records.length === batchSize };
}
