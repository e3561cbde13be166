import type { ConnectorState } from '../config-store.ts';
import { StateConflictException } from '../errors.ts';
import { inFlight } from './in-flight.ts';
import { type Item, ItemReader } from './item.ts';
import { connectorPk, type ItemKey, keyText, OFFSET_PREFIX, WATERMARK_PREFIX } from './keys.ts';
import { offsetAttributes, offsetPk, storedOffsetOf } from './offset-item.ts';
import { updateByHand } from './stamp.ts';
import type { StateTable } from './state-table.ts';
import { watermarkAttributes, watermarkOf, watermarkPk } from './watermark-item.ts';

/** All items of a kind, shard by shard. */
export async function itemsInShards(table: StateTable, connector: string, shards: number, prefix: string): Promise<Item[]> {
  const pks = Array.from({ length: shards }, (_, shard) => connectorPk(connector, shard));
  return (await inFlight(pks, (pk) => table.query(pk, prefix))).flatMap(({ items }) => items);
}

/** False for what a change of shards that was killed half-way has left behind. */
export function isInPlace(connector: string, shards: number, item: Item): boolean {
  return pkOf(connector, shards, keyOf(item).sk) === item.pk?.S;
}

/** Removes what does not lie where it belongs; `others` = the number of shards there was, or will be. */
export async function removeMisplaced(table: StateTable, connector: string, shards: number, others: number): Promise<void> {
  const items = await allItems(table, connector, Math.max(shards, others));
  await inFlight(
    items.filter((item) => !isInPlace(connector, shards, item)),
    (item) => table.delete(keyOf(item)),
  );
}

/**
 * Copies offsets and watermarks of a stopped connector to where they lie with another number of shards. Each is stamped with the generation
 * first, so that an owner from before the stop can no longer write the original.
 */
export async function copyToShards(table: StateTable, connector: string, state: ConnectorState, shards: number): Promise<void> {
  const token = { generation: state.generation, epoch: 0 };
  await inFlight(await allItems(table, connector, state.shards), async (before) => {
    const key = keyOf(before);
    await write(table, key, token, {});
    // As it is since nobody else can write it.
    const item = await table.get(key);
    const pk = pkOf(connector, shards, key.sk);
    const attributes = item === null ? null : attributesOf(item);
    if (attributes !== null && pk !== key.pk) await write(table, { pk, sk: key.sk }, token, attributes);
  });
}

async function allItems(table: StateTable, connector: string, shards: number): Promise<Item[]> {
  const kinds = [OFFSET_PREFIX, WATERMARK_PREFIX];
  return (await inFlight(kinds, (prefix) => itemsInShards(table, connector, shards, prefix))).flat();
}

function keyOf(item: Item): ItemKey {
  return new ItemReader(item).key;
}

function pkOf(connector: string, shards: number, sk: string): string {
  return sk.startsWith(OFFSET_PREFIX) ? offsetPk(connector, shards, sk) : watermarkPk(connector, shards, sk);
}

/** What the item holds beside its stamp; null = nothing. */
function attributesOf(item: Item): Record<string, string | number | null> | null {
  if (keyOf(item).sk.startsWith(OFFSET_PREFIX)) {
    const stored = storedOffsetOf(item);
    return stored === null ? null : offsetAttributes(stored.json, item.offset?.S ?? null);
  }
  const watermark = watermarkOf(item);
  return watermark === null ? null : watermarkAttributes(watermark);
}

async function write(
  table: StateTable,
  key: ItemKey,
  token: { generation: number; epoch: number },
  set: Record<string, string | number | null>,
) {
  const later = await updateByHand(table, key, token, set);
  if (later === null) return;
  throw new StateConflictException(
    `${keyText(key)} not moved: generation ${later.generation} has written it, this one is ${token.generation}`,
  );
}
