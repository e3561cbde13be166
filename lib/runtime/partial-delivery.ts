import { FencedException, isRetriable } from '../core/errors.ts';
import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { SinkTask } from '../core/sink.ts';
import { type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';
import type { SinkProcessor } from '../processing/sink-processor.ts';
import { LeaseLostException, StateConflictException } from '../state/errors.ts';
import { type BatchProgress, deliverSinkBatch, type SinkBatch } from './sink-batch.ts';

/** A batch of an event source mapping and what attempts at it are made with: a task that failed is not used again. */
export interface DeliveredBatchInit extends Omit<SinkBatch, 'task' | 'processor' | 'progress'> {
  readonly newTask: () => Promise<SinkTask>;
  readonly newProcessor: () => Promise<SinkProcessor>;
  /** The mapping understands an answer for a part of the batch (provisioned pollers). */
  readonly partialAnswers: boolean;
}

/** The first record of a partition that could not be delivered. */
export interface FailedRecord extends TopicPartition {
  readonly offset: number;
}

/** What became of a batch. */
export interface BatchOutcome {
  /** First undelivered offset by `topicPartitionKey`; partitions that are not in it were delivered. */
  readonly failedFrom: ReadonlyMap<string, number>;
  /** The first thing that failed; null = everything was delivered. */
  readonly failure: { readonly error: unknown; readonly at: FailedRecord } | null;
}

const DELIVERED: BatchOutcome = { failedFrom: new Map(), failure: null };

/**
 * Delivers a batch. Where something in it is bad data and the mapping understands partial answers, each partition is delivered by itself up to its first
 * record that fails. Throws outages and what another owner took: then the whole batch comes again, and what was delivered is recognised.
 */
export async function deliverInParts(init: DeliveredBatchInit): Promise<BatchOutcome> {
  const whole = await attempt(init, init.records);
  if (whole === null) return DELIVERED;
  const partitions = [...Map.groupBy(init.records, ({ partition, topic }) => topicPartitionKey(topic, partition))];
  const firstOf = (records: readonly ConsumerRecord[]) => (records[0] as ConsumerRecord).offset;
  if (!init.partialAnswers) return { failedFrom: new Map(partitions.map(([key, records]) => [key, firstOf(records)])), failure: whole };

  const failedFrom = new Map<string, number>();
  let failure: BatchOutcome['failure'] = null;
  for (const [key, records] of partitions) {
    const failed = partitions.length === 1 ? whole : await attempt(init, records);
    if (failed === null) continue;
    failure ??= failed;
    const before = records.filter(({ offset }) => offset < failed.at.offset);
    const failedBefore = failed.isConversion && before.length > 0 ? await attempt(init, before) : null;
    failedFrom.set(key, failedBefore?.at.offset ?? failed.at.offset);
  }
  return { failedFrom, failure };
}

/** null = delivered. `isConversion`: the failing record is known, and none of the batch was put. */
async function attempt(
  init: DeliveredBatchInit,
  records: readonly ConsumerRecord[],
): Promise<{ readonly error: unknown; readonly at: FailedRecord; readonly isConversion: boolean } | null> {
  const progress: BatchProgress = { firstFresh: null, failing: null };
  try {
    await deliverSinkBatch({ ...init, records, task: await init.newTask(), processor: await init.newProcessor(), progress });
    return null;
  } catch (error) {
    if (init.signal.aborted || isNobodysMistake(error)) throw error;
    const at = progress.failing ?? progress.firstFresh ?? (records[0] as ConsumerRecord);
    const { offset, partition, topic } = at;
    return { error, at: { topic, partition, offset }, isConversion: progress.failing !== null };
  }
}

/** An outage, or another invocation was quicker: trying the same again is right. */
export function isNobodysMistake(error: unknown): boolean {
  if (error instanceof StateConflictException || error instanceof LeaseLostException || error instanceof FencedException) return true;
  return isRetriable(error) || (error as { code?: unknown } | null)?.code === 'batch-not-delivered';
}
