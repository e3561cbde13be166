import { compareTokens } from '../fencing.ts';
import type { Lease, LeaseToken } from '../lease-store.ts';
import type { Item } from './item.ts';

/** More items of one task than this, or larger ones, are read anew each time. */
const ITEMS_LIMIT = 10_000;
const ITEM_LIMIT_CHARS = 4_096;

/**
 * Items that this process read or wrote in the name of the last lease of each task, by sort key. They hold for the lease itself and for the
 * next one that follows a clean release of it, because in between nobody had the right to write. A warm function thereby begins an idle
 * tick without reading its offsets, however many there are.
 */
export class OwnItems {
  readonly #tasks = new Map<string, { token: LeaseToken; items: Map<string, Item> }>();

  get(lease: Lease, sk: string): Item | undefined {
    return this.#of(lease).get(sk);
  }

  keep(lease: Lease, item: Item): void {
    const items = this.#of(lease);
    const known = items.get(item.sk?.S ?? '');
    // A read that began before a write may end after it.
    if (known !== undefined && writeOrder(known, item) > 0) return;
    const chars = Object.values(item).reduce((sum, value) => sum + (value.S?.length ?? 0), 0);
    if (items.size < ITEMS_LIMIT && chars <= ITEM_LIMIT_CHARS) items.set(item.sk?.S ?? '', item);
  }

  /** A write is under way, or its answer was lost. */
  forget(lease: Lease, sk: string): void {
    this.#of(lease).delete(sk);
  }

  #of(lease: Lease): Map<string, Item> {
    const task = `${lease.task} ${lease.connector}`;
    const known = this.#tasks.get(task);
    const isOwn = known !== undefined && compareTokens(known.token, lease.token) === 0;
    const follows = known !== undefined && lease.previous !== null && compareTokens(known.token, lease.previous) === 0;
    if (isOwn || follows) {
      known.token = lease.token;
      return known.items;
    }
    // A lease that was lost, and wakes up late, must not drive out what its successor knows.
    if (known !== undefined && compareTokens(known.token, lease.token) > 0) return new Map();
    const items = new Map<string, Item>();
    this.#tasks.set(task, { token: lease.token, items });
    return items;
  }
}

/** Positive where `a` was written after `b`. */
function writeOrder(a: Item, b: Item): number {
  const difference = (name: string) => Number(a[name]?.N ?? 0) - Number(b[name]?.N ?? 0);
  return difference('generation') || difference('epoch') || difference('order');
}
