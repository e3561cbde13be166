/** `watermark#<topic>#<partition>`: what a sink has delivered of one Kafka partition. */
import { StateCorruptException } from '../errors.ts';
import type { LeaseToken } from '../lease-store.ts';
import type { Watermark } from '../offset-store.ts';
import { deliveredJson, keepLatest } from '../watermarks.ts';
import { type Item, ItemReader } from './item.ts';
import { connectorPk, encodeName, type ItemKey, WATERMARK_PREFIX } from './keys.ts';
import { handStamp } from './stamp.ts';
import type { ItemUpdate } from './state-table.ts';

export function watermarkKey(connector: string, shards: number, topic: string, partition: number): ItemKey {
  const sk = `${WATERMARK_PREFIX}${encodeName(topic)}#${partition}`;
  return { pk: watermarkPk(connector, shards, sk), sk };
}

/** Where the watermark of this sort key lies with so many shards. */
export function watermarkPk(connector: string, shards: number, sk: string): string {
  return connectorPk(connector, Number(sk.slice(sk.lastIndexOf('#') + 1)) % shards);
}

export function watermarkAttributes(watermark: Watermark) {
  const { nextOffset, delivered, topicId = null, groupAt = null } = keepLatest(watermark);
  return { nextOffset, delivered: deliveredJson(delivered), topicId, groupAt };
}

/** Conditional on the watermark still being what was loaded (null = there was none). `byHand` stamps it. */
export function watermarkUpdate(watermark: Watermark, previous: Watermark | null, byHand?: LeaseToken): ItemUpdate {
  const set = { ...watermarkAttributes(watermark), ...(byHand === undefined ? {} : handStamp(byHand)) };
  if (previous === null) return { set, when: ['attribute_not_exists(#nextOffset)'] };
  const { nextOffset, delivered } = watermarkAttributes(previous);
  return {
    set,
    when: ['#nextOffset = :loadedOffset AND #delivered = :loadedDelivered'],
    values: { loadedOffset: nextOffset, loadedDelivered: delivered },
  };
}

/** null = the item only fences. */
export function watermarkOf(item: Item): Watermark | null {
  const read = new ItemReader(item);
  if (!read.has('nextOffset')) return null;
  const [topic = '', partition = ''] = read.key.sk.slice(WATERMARK_PREFIX.length).split('#');
  const pairs = read.json<unknown>('delivered');
  if (!Array.isArray(pairs) || !pairs.every(isPair)) {
    throw new StateCorruptException(`${read} holds no list of [offset, crc] in 'delivered': correct or remove it`);
  }
  const topicId = read.textOrNull('topicId');
  return {
    topic: decodeURIComponent(topic),
    partition: Number(partition),
    nextOffset: read.number('nextOffset'),
    delivered: pairs.map(([offset, crc]) => ({ offset, crc })),
    ...(topicId === null ? {} : { topicId }),
    ...(read.has('groupAt') ? { groupAt: read.number('groupAt') } : {}),
  };
}

function isPair(pair: unknown): pair is [number, number] {
  return Array.isArray(pair) && pair.length === 2 && pair.every((member) => typeof member === 'number');
}
