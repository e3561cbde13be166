/** The stamp of items that are written in a lease's name: offsets, watermarks, progress, traces. */

import { BY_HAND, requireLatest, type Stamp } from '../fencing.ts';
import type { Lease, LeaseToken } from '../lease-store.ts';
import { type Item, ItemReader, type Scalar } from './item.ts';
import { type ItemKey, keyText } from './keys.ts';
import type { StateTable } from './state-table.ts';

const OF_ANOTHER = [
  'attribute_not_exists(#generation)',
  '#generation < :generation',
  '#generation = :generation AND #task <> :task',
  '#generation = :generation AND #epoch < :epoch',
];
const MAY_WRITE = [...OF_ANOTHER, '#generation = :generation AND #epoch = :epoch AND #order < :order'];

/** null = nobody has written in a lease's name. */
export function stampIn(item: Item): Stamp | null {
  const read = new ItemReader(item);
  if (!read.has('generation')) return null;
  return { generation: read.number('generation'), task: read.number('task'), epoch: read.number('epoch') };
}

/**
 * Puts the lease's stamp on an item, creating it where there is none, and gives the item as it is then. Before any write of this owner: a
 * stamp must not outrank one that is under way. Throws LeaseLostException where a later owner has written.
 */
export async function stampItem(table: StateTable, key: ItemKey, lease: Lease): Promise<Item> {
  const { generation, epoch } = lease.token;
  const stamp = { generation, task: lease.task, epoch };
  for (;;) {
    const outcome = await table.update(key, { set: { ...stamp, order: 0 }, when: OF_ANOTHER, values: stamp, returns: 'ALL_NEW' });
    if ('written' in outcome) return outcome.written as Item;
    const item = 'landed' in outcome ? outcome.landed : outcome.refused;
    const found = item === null ? null : stampIn(item);
    requireLatest(keyText(key), found, lease);
    if (item !== null && found?.generation === generation && found.task === lease.task && found.epoch === epoch) return item;
    // Removed or given another stamp between refusal and read; each round needs another write by somebody else.
  }
}

/** A condition beyond the stamp. */
export interface Demand {
  /** A conjunction, without parentheses. */
  readonly and: string;
  readonly values: Readonly<Record<string, Scalar>>;
  /** Thrown where it does not hold. */
  readonly conflict: (item: Item | null) => Error;
}

/**
 * Writes attributes in a lease's name and gives the item as it is then. `order` grows with each write of this process: a try that was
 * thought lost and lands late cannot undo the write after it. Throws LeaseLostException where a later owner has written.
 */
export async function fencedUpdate(
  table: StateTable,
  key: ItemKey,
  lease: Lease,
  order: number,
  set: Readonly<Record<string, Scalar | null>>,
  demand?: Demand,
): Promise<Item> {
  const { generation, epoch } = lease.token;
  const stamp = { generation, task: lease.task, epoch, order };
  const when = demand === undefined ? MAY_WRITE : MAY_WRITE.map((one) => `${one} AND ${demand.and}`);
  const update = { set: { ...set, ...stamp }, when, values: { ...stamp, ...demand?.values }, returns: 'ALL_NEW' as const };
  for (;;) {
    const outcome = await table.update(key, update);
    if ('written' in outcome) return outcome.written as Item;
    if ('landed' in outcome) return outcome.landed;
    const found = outcome.refused === null ? null : stampIn(outcome.refused);
    requireLatest(keyText(key), found, lease);
    if (demand !== undefined) throw demand.conflict(outcome.refused);
    // A later write of this very owner has landed first: nothing of this one is left to do.
    if (outcome.refused !== null && found?.generation === generation && found.task === lease.task && found.epoch === epoch) {
      return outcome.refused;
    }
    // Removed or given another stamp between refusal and read; each round needs another write by somebody else.
  }
}

/** What marks an item as written by hand in the name of a whole generation. */
export function handStamp({ epoch, generation }: LeaseToken): Readonly<Record<string, number>> {
  return { generation, epoch, task: BY_HAND, order: 0 };
}

/** Writes attributes by hand in the name of a whole generation. The item where a later generation has written, else null. */
export async function updateByHand(
  table: StateTable,
  key: ItemKey,
  token: { readonly generation: number; readonly epoch: number },
  set: Readonly<Record<string, Scalar | null>>,
): Promise<Stamp | null> {
  const outcome = await table.update(key, {
    set: { ...set, ...handStamp(token) },
    when: ['attribute_not_exists(#generation)', '#generation <= :generation'],
    values: { generation: token.generation },
  });
  return 'refused' in outcome && outcome.refused !== null ? stampIn(outcome.refused) : null;
}
