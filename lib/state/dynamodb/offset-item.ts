/** `offset#<SHA-256 of the partition's canonical JSON>`: one source partition, its offset, and who wrote it. */
import { createHash } from 'node:crypto';
import type { SourceOffset, SourcePartition } from '../../core/source-record.ts';
import { StateCorruptException } from '../errors.ts';
import { fromCanonicalJson } from '../offset-json.ts';
import type { StoredOffset } from '../offset-store.ts';
import { encodePartition as partitionJson } from '../stored-offset-json.ts';
import { type Item, ItemReader } from './item.ts';
import { connectorPk, type ItemKey, OFFSET_PREFIX } from './keys.ts';

/** A source partition under its key. */
export interface EncodedPartition {
  readonly key: ItemKey;
  readonly json: string;
}

export function encodePartition(connector: string, shards: number, partition: SourcePartition): EncodedPartition {
  const json = partitionJson(partition);
  const sk = OFFSET_PREFIX + createHash('sha256').update(json).digest('hex');
  return { key: { pk: offsetPk(connector, shards, sk), sk }, json };
}

/** Where the offset of this sort key lies with so many shards. */
export function offsetPk(connector: string, shards: number, sk: string): string {
  return connectorPk(connector, shards === 1 ? 0 : Number.parseInt(sk.slice(OFFSET_PREFIX.length, OFFSET_PREFIX.length + 8), 16) % shards);
}

/** The attributes of an item with this partition and offset. */
export function offsetAttributes(partitionJson: string, offsetJson: string | null): Record<string, string | null> {
  return { partition: partitionJson, offset: offsetJson };
}

/** null = the item only fences. */
export function offsetOf(item: Item): SourceOffset | null {
  const read = new ItemReader(item);
  const json = read.textOrNull('offset');
  return json === null ? null : fromCanonicalJson(json, read.toString());
}

/** null = the item only fences. */
export function storedOffsetOf(item: Item): (StoredOffset & { readonly json: string }) | null {
  const read = new ItemReader(item);
  const offset = read.textOrNull('offset');
  if (offset === null) return null;
  const json = read.text('partition');
  const digest = createHash('sha256').update(json).digest('hex');
  if (read.key.sk !== OFFSET_PREFIX + digest) {
    throw new StateCorruptException(
      `${read} holds source partition ${json.slice(0, 200)}, whose key is offset#${digest}: correct or remove it`,
    );
  }
  return { partition: fromCanonicalJson(json, read.toString()), offset: fromCanonicalJson(offset, read.toString()), json };
}
