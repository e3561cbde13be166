import type { SourceOffset, SourcePartition } from '../core/source-record.ts';
import { OFFSET_LIMIT_BYTES, PARTITION_LIMIT_BYTES, requireFits } from './limits.ts';
import { toCanonicalJson } from './offset-json.ts';
import type { StoredOffset } from './offset-store.ts';

/** Throws DataException for a partition that cannot be stored. */
export function encodePartition(partition: SourcePartition): string {
  const json = toCanonicalJson(partition);
  requireFits('source partition', json, PARTITION_LIMIT_BYTES);
  return json;
}

/** The offset's JSON; null = reset. Throws DataException for one that cannot be stored. */
export function encodeOffset(partitionJson: string, offset: SourceOffset | null): string | null {
  if (offset === null) return null;
  const json = toCanonicalJson(offset);
  requireFits(`source offset of ${partitionJson.slice(0, 200)}`, json, OFFSET_LIMIT_BYTES);
  return json;
}

/** Partition and offset as they are stored. */
export function encodeStoredOffset({ partition, offset }: StoredOffset): [partition: string, offset: string | null] {
  const json = encodePartition(partition);
  return [json, encodeOffset(json, offset)];
}
