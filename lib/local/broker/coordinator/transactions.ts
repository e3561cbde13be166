import type { Journal } from '../storage/journal.ts';
import type { Timers } from '../timers.ts';
import { BrokerError, ErrorCode } from '../wire/error-code.ts';
import type { PartitionOffset } from './committed-offsets.ts';

/** Names as in Kafka's transaction log. */
type TransactionState = 'Empty' | 'Ongoing' | 'PrepareCommit' | 'PrepareAbort' | 'CompleteCommit' | 'CompleteAbort';

interface Transaction {
  readonly producerId: number;
  readonly epoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
  readonly groups: readonly string[];
  /** Commits of consumer offsets that wait for the end. */
  readonly offsets: readonly (PartitionOffset & { readonly groupId: string })[];
  readonly startedMs: number;
}

/** A producer's identity for the brokers. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What happens to the partitions and groups when a transaction ends. */
export interface TransactionEffects {
  /** Writes the marker; after a crash in the middle of an end possibly once more, which readers do not notice. */
  writeMarker(partition: { topic: string; partition: number }, producer: ProducerIdentity, commit: boolean): void;
  commitOffset(groupId: string, offset: PartitionOffset): void;
}

/** The broker's `transaction.max.timeout.ms`. */
const MAX_TIMEOUT_MS = 900_000;
/** The last epoch is kept for fencing; then the transactional id gets a new producer id. */
const LAST_EPOCH = 32_766;
const PRODUCER_ID_BLOCK = 1_000;

/** The transaction coordinator: who owns a transactional id, and what belongs to its open transaction. */
export class Transactions {
  readonly #journal: Journal<Transaction>;
  readonly #producerIds: Journal<number>;
  readonly #effects: TransactionEffects;
  readonly #timers: Timers;
  readonly #transactions: Map<string, Transaction>;
  readonly #timeouts = new Map<string, () => void>();
  #nextProducerId: number;
  #reservedProducerIds: number;

  constructor(journal: Journal<Transaction>, producerIds: Journal<number>, effects: TransactionEffects, timers: Timers) {
    this.#journal = journal;
    this.#producerIds = producerIds;
    this.#effects = effects;
    this.#timers = timers;
    this.#transactions = new Map(journal.entries);
    this.#nextProducerId = producerIds.entries.get('next') ?? 0;
    this.#reservedProducerIds = this.#nextProducerId;
    for (const [id, transaction] of this.#transactions) {
      if (transaction.state === 'PrepareCommit' || transaction.state === 'PrepareAbort') this.#finish(id, transaction);
      else if (transaction.state === 'Ongoing') this.#startTimeout(id, transaction);
    }
  }

  /** An identity for an idempotent producer without transactions. */
  newProducer(): ProducerIdentity {
    if (this.#nextProducerId === this.#reservedProducerIds) {
      // Blocks, so that not every producer costs a write; a restart skips the rest of a block.
      this.#reservedProducerIds += PRODUCER_ID_BLOCK;
      this.#producerIds.put('next', this.#reservedProducerIds);
    }
    return { producerId: this.#nextProducerId++, producerEpoch: 0 };
  }

  /**
   * Makes the caller the owner of a transactional id: aborts what the one before left open and fences it.
   *
   * @param expected what the caller believes to be (KIP-360); null = it starts anew
   * @throws {BrokerError} INVALID_REQUEST, INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED
   */
  init(id: string, timeoutMs: number, expected: ProducerIdentity | null): ProducerIdentity {
    if (id === '') throw new BrokerError(ErrorCode.INVALID_REQUEST, 'the transactional id is empty');
    if (timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS) {
      throw new BrokerError(
        ErrorCode.INVALID_TRANSACTION_TIMEOUT,
        `a transaction timeout of ${timeoutMs} ms is outside of 1 … ${MAX_TIMEOUT_MS} (transaction.max.timeout.ms)`,
      );
    }
    const before = this.#transactions.get(id);
    if (before === undefined) return this.#own(id, { ...this.newProducer(), timeoutMs });
    if (expected !== null && (expected.producerId !== before.producerId || expected.producerEpoch !== before.epoch)) {
      throw new BrokerError(ErrorCode.PRODUCER_FENCED, `producer ${expected.producerId} no longer owns the transactional id '${id}'`);
    }
    const latest = before.state === 'Ongoing' ? this.#abortFenced(id, before) : before;
    const next = latest.epoch >= LAST_EPOCH ? this.newProducer() : { producerId: latest.producerId, producerEpoch: latest.epoch + 1 };
    return this.#own(id, { ...next, timeoutMs });
  }

  /** @throws {BrokerError} INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED */
  addPartitions(id: string, producer: ProducerIdentity, partitions: readonly { topic: string; partition: number }[]): void {
    const transaction = this.#begun(this.#owned(id, producer));
    const known = new Set(transaction.partitions.map(({ topic, partition }) => `${topic}:${partition}`));
    const added = partitions.filter(({ topic, partition }) => !known.has(`${topic}:${partition}`));
    this.#save(id, { ...transaction, partitions: [...transaction.partitions, ...added] });
  }

  /** @throws {BrokerError} INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED */
  addGroup(id: string, producer: ProducerIdentity, groupId: string): void {
    const transaction = this.#begun(this.#owned(id, producer));
    this.#save(id, { ...transaction, groups: [...new Set([...transaction.groups, groupId])] });
  }

  /** Keeps offsets until the transaction ends. @throws {BrokerError} as `addGroup`, INVALID_TXN_STATE */
  addOffsets(id: string, producer: ProducerIdentity, groupId: string, offsets: readonly PartitionOffset[]): void {
    const transaction = this.#owned(id, producer);
    if (transaction.state !== 'Ongoing' || !transaction.groups.includes(groupId)) {
      throw new BrokerError(ErrorCode.INVALID_TXN_STATE, `group '${groupId}' was not added to the transaction of '${id}'`);
    }
    this.#save(id, { ...transaction, offsets: [...transaction.offsets, ...offsets.map((each) => ({ ...each, groupId }))] });
  }

  /** Refuses a transactional batch outside of its producer's transaction. @throws {BrokerError} INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE */
  checkProduce(id: string | null, producer: ProducerIdentity, topic: string, partition: number): void {
    const transaction = id === null ? undefined : this.#transactions.get(id);
    if (transaction === undefined || transaction.producerId !== producer.producerId) {
      throw new BrokerError(ErrorCode.INVALID_PRODUCER_ID_MAPPING, `producer ${producer.producerId} has no transactional id '${id}'`);
    }
    if (transaction.epoch !== producer.producerEpoch) {
      throw new BrokerError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `epoch ${producer.producerEpoch} of '${id}' is not the current epoch ${transaction.epoch}`,
      );
    }
    const added = transaction.partitions.some((each) => each.topic === topic && each.partition === partition);
    if (transaction.state !== 'Ongoing' || !added) {
      throw new BrokerError(ErrorCode.INVALID_TXN_STATE, `${topic}-${partition} was not added to the transaction of '${id}'`);
    }
  }

  /** Commits or aborts. A repetition of the last end is answered as done. @throws {BrokerError} as `addPartitions`, INVALID_TXN_STATE */
  end(id: string, producer: ProducerIdentity, commit: boolean): void {
    const transaction = this.#owned(id, producer);
    if (transaction.state === 'Ongoing') {
      this.#finish(id, this.#save(id, { ...transaction, state: commit ? 'PrepareCommit' : 'PrepareAbort' }));
      return;
    }
    const repeated = transaction.state === (commit ? 'CompleteCommit' : 'CompleteAbort');
    if (!repeated) throw new BrokerError(ErrorCode.INVALID_TXN_STATE, `'${id}' has no open transaction (${transaction.state})`);
  }

  /** True while an open transaction may still change a group's offset of a partition. */
  isOffsetPending(groupId: string, topic: string, partition: number): boolean {
    for (const { state, offsets } of this.#transactions.values()) {
      if (state !== 'Ongoing') continue;
      if (offsets.some((each) => each.groupId === groupId && each.topic === topic && each.partition === partition)) return true;
    }
    return false;
  }

  close(): void {
    for (const cancel of this.#timeouts.values()) cancel();
  }

  #own(id: string, owner: ProducerIdentity & { timeoutMs: number }): ProducerIdentity {
    const { producerId, producerEpoch, timeoutMs } = owner;
    this.#save(id, {
      producerId,
      epoch: producerEpoch,
      timeoutMs,
      state: 'Empty',
      partitions: [],
      groups: [],
      offsets: [],
      startedMs: -1,
    });
    return { producerId, producerEpoch };
  }

  #owned(id: string, producer: ProducerIdentity): Transaction {
    const transaction = this.#transactions.get(id);
    if (transaction === undefined || transaction.producerId !== producer.producerId) {
      throw new BrokerError(ErrorCode.INVALID_PRODUCER_ID_MAPPING, `producer ${producer.producerId} has no transactional id '${id}'`);
    }
    if (transaction.epoch !== producer.producerEpoch) {
      throw new BrokerError(ErrorCode.PRODUCER_FENCED, `a newer producer owns the transactional id '${id}'`);
    }
    return transaction;
  }

  #begun(transaction: Transaction): Transaction {
    if (transaction.state === 'Ongoing') return transaction;
    return { ...transaction, state: 'Ongoing', partitions: [], groups: [], offsets: [], startedMs: this.#timers.now() };
  }

  #save(id: string, transaction: Transaction): Transaction {
    const began = transaction.state === 'Ongoing' && this.#transactions.get(id)?.state !== 'Ongoing';
    this.#journal.put(id, transaction);
    this.#transactions.set(id, transaction);
    if (began) this.#startTimeout(id, transaction);
    return transaction;
  }

  /** Markers and offsets first, then the final state: after a crash in between the prepared state is finished again. */
  #finish(id: string, transaction: Transaction): Transaction {
    this.#timeouts.get(id)?.();
    this.#timeouts.delete(id);
    const commit = transaction.state === 'PrepareCommit';
    const producer = { producerId: transaction.producerId, producerEpoch: transaction.epoch };
    for (const partition of transaction.partitions) this.#effects.writeMarker(partition, producer, commit);
    if (commit) for (const { groupId, ...offset } of transaction.offsets) this.#effects.commitOffset(groupId, offset);
    const state = commit ? 'CompleteCommit' : 'CompleteAbort';
    return this.#save(id, { ...transaction, state, partitions: [], groups: [], offsets: [] });
  }

  /** The higher epoch in the markers keeps the old producer from writing on. */
  #abortFenced(id: string, transaction: Transaction): Transaction {
    const epoch = Math.min(transaction.epoch + 1, LAST_EPOCH + 1);
    return this.#finish(id, this.#save(id, { ...transaction, epoch, state: 'PrepareAbort' }));
  }

  #startTimeout(id: string, transaction: Transaction): void {
    const leftMs = Math.max(0, transaction.startedMs + transaction.timeoutMs - this.#timers.now());
    this.#timeouts.set(
      id,
      this.#timers.after(leftMs, () => {
        const current = this.#transactions.get(id);
        if (current?.state === 'Ongoing') this.#abortFenced(id, current);
      }),
    );
  }
}
