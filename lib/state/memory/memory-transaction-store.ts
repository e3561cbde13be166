import { StateConflictException } from '../errors.ts';
import { needsStamp, requireLatest, stampOf } from '../fencing.ts';
import type { Lease } from '../lease-store.ts';
import { fromCanonicalJson } from '../offset-json.ts';
import { encodeStoredOffset } from '../stored-offset-json.ts';
import type { PendingTransaction, TransactionState, TransactionStore } from '../transaction-store.ts';
import type { MemoryState, MemoryTransactions } from './memory-state.ts';

/** The reference of {@link TransactionStore}. */
export class MemoryTransactionStore implements TransactionStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async load(lease: Lease): Promise<TransactionState | null> {
    const found = this.#state.of(lease.connector).transactions.get(lease.task);
    requireLatest(nameOf(lease), found?.stamp ?? null, lease);
    const item = needsStamp(found?.stamp ?? null, lease) ? this.#own(lease) : (found as MemoryTransactions);
    if (item.promoted === null) return null;
    const offsets = item.pending?.offsets.map(([partition, offset]) => ({
      partition: fromCanonicalJson(partition, nameOf(lease)),
      offset: offset === null ? null : fromCanonicalJson(offset, nameOf(lease)),
    }));
    return { promoted: item.promoted, pending: item.pending === null ? null : { number: item.pending.number, offsets: offsets ?? [] } };
  }

  async prepare(lease: Lease, { number, offsets }: PendingTransaction): Promise<void> {
    const encoded = offsets.map(encodeStoredOffset);
    const item = this.#own(lease);
    const promoted = item.promoted ?? 0;
    if (item.pending !== null || number !== promoted + 1) {
      throw new StateConflictException(
        `transaction ${number} of ${nameOf(lease)} not prepared: ${promoted} was promoted last, pending is ${item.pending?.number ?? 'none'}`,
      );
    }
    item.promoted = promoted;
    item.pending = { number, offsets: encoded };
  }

  async promoted(lease: Lease, number: number): Promise<void> {
    const item = this.#own(lease);
    if (item.pending === null && item.promoted === number) return;
    this.#requirePending(lease, item, number);
    item.promoted = number;
    item.pending = null;
  }

  async discard(lease: Lease, number: number): Promise<void> {
    const item = this.#own(lease);
    if (item.pending === null && (item.promoted ?? 0) < number) return;
    this.#requirePending(lease, item, number);
    item.pending = null;
  }

  #own(lease: Lease): MemoryTransactions {
    const { transactions } = this.#state.of(lease.connector);
    const item = transactions.get(lease.task) ?? { stamp: stampOf(lease), promoted: null, pending: null };
    requireLatest(nameOf(lease), item.stamp, lease);
    item.stamp = stampOf(lease);
    transactions.set(lease.task, item);
    return item;
  }

  #requirePending(lease: Lease, item: MemoryTransactions, number: number): void {
    if (item.pending?.number === number) return;
    throw new StateConflictException(
      `transaction ${number} of ${nameOf(lease)} is not pending: ${item.promoted ?? 0} was promoted last, ` +
        `pending is ${item.pending?.number ?? 'none'}`,
    );
  }
}

function nameOf(lease: Lease): string {
  return `${lease.connector}-${lease.task}`;
}
