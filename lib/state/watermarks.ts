import { DELIVERED_LIMIT } from './limits.ts';
import type { DeliveredBatch, Watermark } from './offset-store.ts';

/** A copy that keeps only as much evidence as is stored. */
export function keepLatest(watermark: Watermark): Watermark {
  const { topic, partition, nextOffset, delivered, topicId, groupAt } = watermark;
  const latest = delivered.slice(-DELIVERED_LIMIT).map(({ offset, crc }) => ({ offset, crc }));
  return {
    topic,
    partition,
    nextOffset,
    delivered: latest,
    ...(topicId === undefined ? {} : { topicId }),
    ...(groupAt === undefined ? {} : { groupAt }),
  };
}

export function deliveredJson(delivered: readonly DeliveredBatch[]): string {
  return JSON.stringify(delivered.map(({ offset, crc }) => [offset, crc]));
}

/** Nothing was written between these two reads. null = there was none. */
export function sameWatermark(a: Watermark | null, b: Watermark | null): boolean {
  if (a === null || b === null) return a === b;
  return a.nextOffset === b.nextOffset && deliveredJson(a.delivered) === deliveredJson(b.delivered);
}

/** The `nextOffset` of a watermark that was reset by hand: as if nothing was ever read, though the group may still have an offset. */
export const RESET_POSITION = -1;

/** What we leave beside the offsets that we commit to a consumer group: an offset without it is somebody else's. */
export const GROUP_MARK = 'serverless-connect';

/**
 * Is a group's offset our own doing? It is when it has our mark, equals the watermark, or is what the watermark was written in place of: the
 * group is written after the watermark, and a kill in between leaves it behind. Otherwise somebody else moved the group.
 */
export function isOwnPosition(watermark: Watermark, committed: { readonly offset: number; readonly metadata: string }): boolean {
  return committed.metadata === GROUP_MARK || committed.offset === watermark.nextOffset || committed.offset === watermark.groupAt;
}
