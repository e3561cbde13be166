/**
 * `txn#<task>`: number of the last promoted transaction and, while one is pending, its offsets. What does not fit goes to
 * `txn#<task>#<part>`, written before; the parts belong to what is pending by its id.
 */
import { StateConflictException, StateCorruptException } from '../errors.ts';
import type { Lease } from '../lease-store.ts';
import { parseKeepingIntegers } from '../offset-json.ts';
import type { StoredOffset } from '../offset-store.ts';
import { encodeStoredOffset } from '../stored-offset-json.ts';
import { type Item, ItemReader } from './item.ts';
import { type ItemKey, TRANSACTION_PREFIX, taskKey } from './keys.ts';
import type { Demand } from './stamp.ts';

/** One offset of the largest size with its partition fits, and an item stays under DynamoDB's 400 kB. */
const PART_LIMIT_BYTES = 395_000;

export function transactionKey(lease: Lease, part = 0): ItemKey {
  const key = taskKey(TRANSACTION_PREFIX, lease.connector, lease.task);
  return part === 0 ? key : { pk: key.pk, sk: `${key.sk}#${part}` };
}

/** The task of a head; null = the item is a further part. */
export function taskOfHead(item: Item): number | null {
  const rest = (item.sk?.S ?? '').slice(TRANSACTION_PREFIX.length);
  return rest.includes('#') ? null : Number(rest);
}

/** What an item says without its offsets; promoted null = only the stamp is there. */
export interface TransactionHead {
  readonly promoted: number | null;
  readonly pending: { readonly number: number; readonly id: string; readonly parts: number } | null;
}

export function headOf(item: Item): TransactionHead {
  const read = new ItemReader(item);
  const pending = read.has('pending') ? { number: read.number('pending'), id: read.text('pendingId'), parts: read.number('parts') } : null;
  return { promoted: read.has('promoted') ? read.number('promoted') : null, pending };
}

/** The offsets as JSON texts, each of which fits an item; at least one. */
export function partsOf(offsets: readonly StoredOffset[]): string[] {
  const parts: string[] = [];
  let entries: string[] = [];
  let sizeBytes = 2;
  for (const stored of offsets) {
    const [partition, offset] = encodeStoredOffset(stored);
    const entry = `[${partition},${offset}]`;
    const entryBytes = Buffer.byteLength(entry) + 1;
    if (entries.length > 0 && sizeBytes + entryBytes > PART_LIMIT_BYTES) {
      parts.push(`[${entries.join(',')}]`);
      entries = [];
      sizeBytes = 2;
    }
    entries.push(entry);
    sizeBytes += entryBytes;
  }
  parts.push(`[${entries.join(',')}]`);
  return parts;
}

/** The inverse for one item. Throws StateCorruptException. */
export function partOffsets(item: Item, id: string): StoredOffset[] {
  const read = new ItemReader(item);
  if (read.text('pendingId') !== id)
    throw new StateCorruptException(`${read} belongs to another transaction than its head: correct or remove both`);
  let pairs: unknown;
  try {
    pairs = parseKeepingIntegers(read.text('offsets'));
  } catch (cause) {
    throw new StateCorruptException(`${read} holds offsets that are not JSON: correct or remove it`, { cause });
  }
  if (!Array.isArray(pairs)) throw new StateCorruptException(`${read} holds no list of offsets: correct or remove it`);
  return pairs.map(([partition, offset]) => ({ partition, offset }));
}

/** Nothing is pending and `number` comes next. */
export function mayPrepare(lease: Lease, number: number): Demand {
  const isFirst = number === 1;
  return {
    and: `attribute_not_exists(#pending) AND ${isFirst ? 'NOT #promoted > :before' : '#promoted = :before'}`,
    values: { before: number - 1 },
    conflict: (item) => transactionConflict(lease, number, item, 'not prepared'),
  };
}

export function isPending(lease: Lease, number: number): Demand {
  return {
    and: '#pending = :pendingNumber',
    values: { pendingNumber: number },
    conflict: (item) => transactionConflict(lease, number, item, 'is not pending'),
  };
}

export function transactionConflict(lease: Lease, number: number, item: Item | null, what: string): StateConflictException {
  const head = item === null ? null : headOf(item);
  return new StateConflictException(
    `transaction ${number} of ${lease.connector}-${lease.task} ${what}: ${head?.promoted ?? 0} was promoted last, ` +
      `pending is ${head?.pending?.number ?? 'none'}`,
  );
}

export const NOT_PENDING = { pending: null, pendingId: null, parts: null, offsets: null } as const;
