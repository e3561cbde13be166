import { inFlight } from './in-flight.ts';
import type { Item } from './item.ts';
import type { ItemKey } from './keys.ts';
import type { StateTable } from './state-table.ts';

/** Up to here single reads are at most one unit each and as quick as one query. */
const SINGLE_READS = 3;
/** A query is paid by size, a read by key at least one unit (4 kB): about this many small items cost the same. */
const ITEMS_PER_UNIT = 16;

/**
 * The items of these keys, by sort key, at the least cost: single reads for a few; for many a query of the connector's items of this kind,
 * bounded so that it never costs much more than reading by key, which is done for what lies beyond it.
 */
export async function readItems(table: StateTable, keys: readonly ItemKey[], prefix: string): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  const keep = (item: Item) => found.set(item.sk?.S ?? '', item);
  if (keys.length <= SINGLE_READS) {
    for (const item of await inFlight(keys, (key) => table.get(key))) if (item !== null) keep(item);
    return found;
  }
  const wanted = Map.groupBy(keys, (key) => key.pk);
  const beyond: ItemKey[] = [];
  await inFlight([...wanted], async ([pk, inShard]) => {
    const { items, more } = await table.query(pk, prefix, { limit: inShard.length * ITEMS_PER_UNIT });
    items.forEach(keep);
    if (more) beyond.push(...inShard.filter((key) => !found.has(key.sk)));
  });
  for (const item of await table.getMany(beyond)) keep(item);
  return found;
}
