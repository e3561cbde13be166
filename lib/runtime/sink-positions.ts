import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';
import type { CommittedPosition, GroupOffsets, PartitionReader } from '../kafka/partition-reader.ts';
import type { Watermark } from '../state/offset-store.ts';
import { GROUP_MARK, isOwnPosition, RESET_POSITION } from '../state/watermarks.ts';

/** `auto.offset.reset` of the consumer; Connect's default is earliest. */
export type OffsetReset = 'earliest' | 'latest' | 'none';

/** What is needed to find where a sink task goes on. */
export interface StartPositionsRequest {
  readonly partitions: readonly TopicPartition[];
  readonly watermarks: ReadonlyMap<string, Watermark>;
  readonly groupId: string;
  readonly groupOffsets: GroupOffsets;
  readonly reader: PartitionReader;
  readonly reset: OffsetReset;
  readonly logger: Logger;
}

/** Where a sink task begins. */
export interface StartPositions {
  /** Next offset by `topicPartitionKey`. */
  readonly positions: Map<string, number>;
  /** Where somebody else has left the group. */
  readonly foreign: Map<string, number>;
}

/**
 * Next offset per partition: our watermark unless it was reset; the group's committed offset where somebody else moved it (an operator, an Apache Connect that
 * ran meanwhile) or where there is no watermark; else `auto.offset.reset`.
 */
export async function startPositions(request: StartPositionsRequest): Promise<StartPositions> {
  const { groupId, groupOffsets, logger, partitions, watermarks } = request;
  const group = await groupOffsets.committed(groupId, partitions);
  const positions = new Map<string, number>();
  const foreign = new Map<string, number>();
  const unknown: TopicPartition[] = [];
  for (const tp of partitions) {
    const key = topicPartitionKey(tp.topic, tp.partition);
    const watermark = watermarks.get(key);
    const committed = group.get(key);
    if (committed !== undefined && committed.metadata !== GROUP_MARK) foreign.set(key, committed.offset);
    if (watermark === undefined && committed === undefined) unknown.push(tp);
    else if (watermark === undefined) positions.set(key, (committed as CommittedPosition).offset);
    else if (committed === undefined || isOwnPosition(watermark, committed)) {
      if (watermark.nextOffset === RESET_POSITION) unknown.push(tp);
      else positions.set(key, watermark.nextOffset);
    } else {
      logger.warn('the consumer group was moved by somebody else; going on from there', {
        group: groupId,
        topic: tp.topic,
        partition: tp.partition,
        watermark: watermark.nextOffset,
        groupOffset: committed.offset,
      });
      positions.set(key, committed.offset);
    }
  }
  for (const [key, offset] of await resetOffsets(request.reader, unknown, request.reset)) positions.set(key, offset);
  return { positions, foreign };
}

/** Where `auto.offset.reset` sends partitions without a usable offset. Throws ConnectException for `none`. */
export async function resetOffsets(
  reader: PartitionReader,
  partitions: readonly TopicPartition[],
  reset: OffsetReset,
): Promise<Map<string, number>> {
  if (partitions.length === 0) return new Map();
  if (reset === 'none') {
    const names = partitions.map(({ topic, partition }) => topicPartitionKey(topic, partition)).join(', ');
    throw new ConnectException(
      `no usable offset for ${names} and auto.offset.reset=none; set the offsets (serverless-connect offsets set) or allow earliest or latest`,
      { code: 'no-offset' },
    );
  }
  return reset === 'latest' ? reader.endOffsets(partitions) : reader.beginningOffsets(partitions);
}

/** The partitions of one of `taskCount` tasks: contiguous ranges per topic, as Kafka's range assignor gives its members. */
export function rangeAssignment(partitions: readonly TopicPartition[], task: number, taskCount: number): TopicPartition[] {
  const byTopic = Map.groupBy(partitions, (tp) => tp.topic);
  const assigned: TopicPartition[] = [];
  for (const topic of [...byTopic.keys()].sort()) {
    const all = (byTopic.get(topic) as TopicPartition[]).toSorted((a, b) => a.partition - b.partition);
    const each = Math.floor(all.length / taskCount);
    const extra = all.length % taskCount;
    const start = task * each + Math.min(task, extra);
    assigned.push(...all.slice(start, start + each + (task < extra ? 1 : 0)));
  }
  return assigned;
}
