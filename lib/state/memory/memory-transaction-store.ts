import { StateConflictException } from '../errors.ts';
import { needsStamp, requireLatest, stampOf } from '../fencing.ts';
import type { Lease } from '../lease-store.ts';
import { fromCanonicalJson } from '../offset-json.ts';
import { encodeStoredOffset } from '../stored-offset-json.ts';
import type { PendingTransaction, TransactionState, TransactionStore, TransactionSummary } from '../transaction-store.ts';
import type { MemoryState, MemoryTransactions } from './memory-state.ts';

/** The reference of {@link TransactionStore}. */
export class MemoryTransactionStore implements TransactionStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async load(lease: Lease): Promise<TransactionState | null> {
    const item = this.#stamped(lease);
    if (item.promoted === null) return null;
    const offsets = item.pending?.offsets.map(([partition, offset]) => ({
      partition: fromCanonicalJson(partition, nameOf(lease)),
      offset: offset === null ? null : fromCanonicalJson(offset, nameOf(lease)),
    }));
    return { promoted: item.promoted, pending: item.pending === null ? null : { number: item.pending.number, offsets: offsets ?? [] } };
  }

  async prepare(lease: Lease, { number, offsets }: PendingTransaction): Promise<void> {
    const encoded = offsets.map(encodeStoredOffset);
    const found = this.#find(lease);
    const promoted = found?.promoted ?? 0;
    const pending = found?.pending ?? null;
    if (pending !== null || number !== promoted + 1) {
      throw new StateConflictException(
        `transaction ${number} of ${nameOf(lease)} not prepared: ${promoted} was promoted last, pending is ${pending?.number ?? 'none'}`,
      );
    }
    this.#put(lease, { stamp: stampOf(lease), promoted, pending: { number, offsets: encoded } });
  }

  async promoted(lease: Lease, number: number): Promise<void> {
    const item = this.#stamped(lease);
    if (item.pending === null && item.promoted === number) return;
    this.#requirePending(lease, item, number);
    this.#put(lease, { stamp: stampOf(lease), promoted: number, pending: null });
  }

  async discard(lease: Lease, number: number): Promise<void> {
    const item = this.#stamped(lease);
    if (item.pending === null && (item.promoted ?? 0) < number) return;
    this.#requirePending(lease, item, number);
    this.#put(lease, { ...item, stamp: stampOf(lease), pending: null });
  }

  async list(connector: string): Promise<TransactionSummary[]> {
    return [...this.#state.of(connector).transactions]
      .map(([task, { promoted, pending }]) => ({ task, promoted, pending: pending?.number ?? null }))
      .sort((a, b) => a.task - b.task);
  }

  #find(lease: Lease): MemoryTransactions | null {
    const item = this.#state.of(lease.connector).transactions.get(lease.task) ?? null;
    requireLatest(nameOf(lease), item?.stamp ?? null, lease);
    return item;
  }

  /** The item, stamped where an owner that may still be alive could write it. */
  #stamped(lease: Lease): MemoryTransactions {
    const item = this.#find(lease);
    if (item !== null && !needsStamp(item.stamp, lease)) return item;
    return this.#put(lease, { promoted: null, pending: null, ...item, stamp: stampOf(lease) });
  }

  #put(lease: Lease, item: MemoryTransactions): MemoryTransactions {
    this.#state.of(lease.connector).transactions.set(lease.task, item);
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
