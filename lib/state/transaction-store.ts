import type { Lease } from './lease-store.ts';
import type { StoredOffset } from './offset-store.ts';

/** Offsets that are to become the task's when Kafka has committed the transaction of this number. */
export interface PendingTransaction {
  readonly number: number;
  readonly offsets: readonly StoredOffset[];
}

/** Where an exactly-once task stands. */
export interface TransactionState {
  /** Of the last transaction whose offsets are the task's; 0 = none yet. */
  readonly promoted: number;
  /** Its number is `promoted` + 1. Whether Kafka has committed it only Kafka knows. */
  readonly pending: PendingTransaction | null;
}

/** {@link TransactionState} as an onlooker sees it. */
export interface TransactionSummary {
  readonly task: number;
  /** Of the last promoted transaction; null = the task only began, and never prepared one. */
  readonly promoted: number | null;
  /** Number of the pending transaction; null = none. */
  readonly pending: number | null;
}

/**
 * What an exactly-once source writes beside Kafka's transaction, so that after a kill at any instant offsets and records agree: `prepare`
 * before the Kafka commit, after it `OffsetStore.commit` of the pending offsets and then `promoted`; where Kafka has not committed,
 * `discard`. Each call can be repeated. All but reading throw LeaseLostException once a later owner has loaded.
 *
 * A planner that retires a task acquires its lease under the new generation and resolves it like any owner.
 */
export interface TransactionStore {
  /** null = this task never prepared a transaction. Stamps the lease's token, so that an earlier owner can no longer prepare or promote. */
  load(lease: Lease): Promise<TransactionState | null>;
  /**
   * Writes pending offsets, as a whole or not at all. Throws StateConflictException unless `number` is the one after `promoted` and nothing
   * is pending; DataException for an offset that cannot be stored.
   */
  prepare(lease: Lease, transaction: PendingTransaction): Promise<void>;
  /** The pending offsets are the task's now. Throws StateConflictException when another number is pending. */
  promoted(lease: Lease, number: number): Promise<void>;
  /** Kafka has not committed it. Throws StateConflictException when another number is pending. */
  discard(lease: Lease, number: number): Promise<void>;
  /** Every task that ever began to deliver exactly once, by number. Stamps nothing: decide by {@link TransactionStore.load}. */
  list(connector: string): Promise<TransactionSummary[]>;
}
