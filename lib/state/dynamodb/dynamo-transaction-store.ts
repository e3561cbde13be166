import { StateCorruptException } from '../errors.ts';
import { needsStamp, requireLatest } from '../fencing.ts';
import type { Lease } from '../lease-store.ts';
import type { PendingTransaction, TransactionState, TransactionStore, TransactionSummary } from '../transaction-store.ts';
import { inFlight } from './in-flight.ts';
import type { Item } from './item.ts';
import { connectorPk, keyText, TRANSACTION_PREFIX } from './keys.ts';
import { fencedUpdate, stampIn, stampItem } from './stamp.ts';
import type { StateTable } from './state-table.ts';
import {
  headOf,
  isPending,
  mayPrepare,
  NOT_PENDING,
  partOffsets,
  partsOf,
  type TransactionHead,
  taskOfHead,
  transactionConflict,
  transactionKey,
} from './transaction-item.ts';

/** Pending offsets of exactly-once sources as items of one table. */
export class DynamoTransactionStore implements TransactionStore {
  readonly #table: StateTable;
  #order = 0;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async load(lease: Lease): Promise<TransactionState | null> {
    const item = await this.#head(lease);
    const { promoted, pending } = headOf(item);
    if (promoted === null) return null;
    if (pending === null) return { promoted, pending: null };
    const keys = Array.from({ length: pending.parts - 1 }, (_, at) => transactionKey(lease, at + 1));
    const rest = await inFlight(keys, async (key) => {
      const part = await this.#table.get(key);
      if (part === null) throw new StateCorruptException(`${keyText(key)} is missing, a part of pending transaction ${pending.number}`);
      return part;
    });
    const offsets = [item, ...rest].flatMap((part) => partOffsets(part, pending.id));
    return { promoted, pending: { number: pending.number, offsets } };
  }

  async prepare(lease: Lease, { number, offsets }: PendingTransaction): Promise<void> {
    const [first = '[]', ...rest] = partsOf(offsets);
    const pendingId = this.#table.newId();
    const order = ++this.#order;
    if (rest.length > 0) {
      // The parts of a transaction that is pending must not be written over.
      const item = await this.#head(lease);
      const { promoted, pending } = headOf(item);
      if (pending !== null || number !== (promoted ?? 0) + 1) throw transactionConflict(lease, number, item, 'not prepared');
      const parts = rest.map((json, at) => ({ key: transactionKey(lease, at + 1), json }));
      await inFlight(parts, ({ key, json }) => fencedUpdate(this.#table, key, lease, order, { pendingId, offsets: json }));
    }
    const head = { promoted: number - 1, pending: number, pendingId, parts: rest.length + 1, offsets: first };
    await fencedUpdate(this.#table, transactionKey(lease), lease, order, head, mayPrepare(lease, number));
  }

  async promoted(lease: Lease, number: number): Promise<void> {
    await this.#resolve(lease, number, { ...NOT_PENDING, promoted: number }, (head) => head.promoted === number);
  }

  async discard(lease: Lease, number: number): Promise<void> {
    await this.#resolve(lease, number, NOT_PENDING, (head) => (head.promoted ?? 0) < number);
  }

  async list(connector: string): Promise<TransactionSummary[]> {
    const { items } = await this.#table.query(connectorPk(connector), TRANSACTION_PREFIX);
    const heads = items.flatMap((item) => {
      const task = taskOfHead(item);
      return task === null ? [] : [{ task, head: headOf(item) }];
    });
    return heads
      .map(({ task, head }) => ({ task, promoted: head.promoted, pending: head.pending?.number ?? null }))
      .sort((a, b) => a.task - b.task);
  }

  /** Ends what is pending; `isDone` tells from an item where nothing is whether that has happened before. */
  async #resolve(lease: Lease, number: number, set: Record<string, number | null>, isDone: (head: TransactionHead) => boolean) {
    const item = await this.#head(lease);
    const { pending } = headOf(item);
    if (pending === null && isDone(headOf(item))) return;
    if (pending === null) throw transactionConflict(lease, number, item, 'is not pending');
    await fencedUpdate(this.#table, transactionKey(lease), lease, ++this.#order, set, isPending(lease, number));
    const parts = Array.from({ length: pending.parts - 1 }, (_, at) => transactionKey(lease, at + 1));
    await inFlight(parts, (key) => this.#table.delete(key, { name: 'pendingId', value: pending.id }));
  }

  /** The head, stamped where an owner that may still be alive could write it. */
  async #head(lease: Lease): Promise<Item> {
    const key = transactionKey(lease);
    const found = await this.#table.get(key);
    const stamp = found === null ? null : stampIn(found);
    requireLatest(keyText(key), stamp, lease);
    return found === null || needsStamp(stamp, lease) ? stampItem(this.#table, key, lease) : found;
  }
}
