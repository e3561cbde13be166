import { DELIVERED_LIMIT } from './limits.ts';
import type { DeliveredBatch, Watermark } from './offset-store.ts';

/** A copy that keeps only as much evidence as is stored. */
export function keepLatest(watermark: Watermark): Watermark {
  const { topic, partition, nextOffset, delivered } = watermark;
  return { topic, partition, nextOffset, delivered: delivered.slice(-DELIVERED_LIMIT).map(({ offset, crc }) => ({ offset, crc })) };
}

export function deliveredJson(delivered: readonly DeliveredBatch[]): string {
  return JSON.stringify(delivered.map(({ offset, crc }) => [offset, crc]));
}

/** Nothing was written between these two reads. null = there was none. */
export function sameWatermark(a: Watermark | null, b: Watermark | null): boolean {
  if (a === null || b === null) return a === b;
  return a.nextOffset === b.nextOffset && deliveredJson(a.delivered) === deliveredJson(b.delivered);
}
