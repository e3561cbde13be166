import type { Clock, Random } from '../core/clock.ts';
import { ConnectException, isRetriable } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { topicPartitionKey } from '../core/topic-partition.ts';
import { KafkaException, UnknownCommitOutcomeException } from '../kafka/errors.ts';
import type { GroupOffsets } from '../kafka/partition-reader.ts';
import type { TransactionalProducer } from '../kafka/record-producer.ts';
import type { TopicAdmin } from '../kafka/topic-admin.ts';
import type { Lease } from '../state/lease-store.ts';
import type { OffsetStore, StoredOffset } from '../state/offset-store.ts';
import type { TransactionState, TransactionStore } from '../state/transaction-store.ts';
import { outageBackoffMs } from './backoff.ts';
import { recoveryOf } from './transaction-recovery.ts';

/** The one partition of the sequence topic that is used. */
const SEQUENCE_PARTITION = 0;

/** The transaction was not committed, for an outage or by the broker's time-out: the task starts again from its committed offsets. */
export class TransactionAbortedException extends ConnectException {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options, 'org.apache.kafka.common.errors.TransactionAbortedException', 'transaction-aborted');
  }
}

/** What a sequence needs. Producer, group and admin are of the same cluster. */
export interface TransactionSequenceDeps {
  readonly connector: string;
  readonly transactionalId: string;
  /** The sequence topic; created where it is not there. */
  readonly topic: string;
  /** The lease as it is now: renewals replace it. */
  readonly lease: () => Lease;
  readonly producer: TransactionalProducer;
  readonly groupOffsets: GroupOffsets;
  readonly admin: () => TopicAdmin;
  readonly transactions: TransactionStore;
  readonly offsets: OffsetStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Outages are waited for until this aborts. */
  readonly signal: AbortSignal;
}

/**
 * The transactions of one task, numbered: number *q* and its source offsets are written to the table first, then Kafka commits *q* together with
 * the records, then the offsets become the task's. After a crash Kafka's number says which of the two the pending one is.
 *
 * Throws LeaseLostException and ProducerFencedException when another owner acts for the task: end quietly.
 */
export class TransactionSequence {
  readonly #deps: TransactionSequenceDeps;
  #promoted = 0;
  #topicIsThere = false;

  constructor(deps: TransactionSequenceDeps) {
    this.#deps = deps;
  }

  /** Fences every older owner and settles what it left pending. Answers what became of that. Throws ConnectException where nobody can know. */
  async acquire(): Promise<'none' | 'promote' | 'discard'> {
    const { connector, topic, transactionalId } = this.#deps;
    const state = await this.#fence();
    const committed = await this.#committed();
    const pending = state?.pending ?? null;
    const promoted = state?.promoted ?? 0;
    const recovery = recoveryOf({ connector, transactionalId, topic, promoted, pending: pending?.number ?? null, committed });
    this.#promoted = promoted;
    if (pending !== null && recovery === 'promote') await this.#promote(pending.number, pending.offsets);
    if (pending !== null && recovery === 'discard') await this.#discard(pending.number);
    return recovery;
  }

  /** As {@link acquire}; where nobody can know, what is pending is dropped and Kafka's number set to the table's: the offsets are set by hand next. */
  async acquireByHand(): Promise<void> {
    const { connector, groupOffsets, topic, transactionalId } = this.#deps;
    const state = await this.#fence();
    const committed = await this.#committed();
    const pending = state?.pending ?? null;
    this.#promoted = state?.promoted ?? 0;
    const numbers = { connector, transactionalId, topic, promoted: this.#promoted, pending: pending?.number ?? null, committed };
    let recovery: ReturnType<typeof recoveryOf> | null = null;
    try {
      recovery = recoveryOf(numbers);
    } catch (error) {
      this.#deps.logger.warn('nobody knows whether the pending transaction was committed; its offsets are dropped', {
        error: String(error),
      });
    }
    if (pending !== null && recovery === 'promote') await this.#promote(pending.number, pending.offsets);
    else if (pending !== null) await this.#discard(pending.number);
    if (recovery === null && committed !== null) {
      const agreed = new Map([[topicPartitionKey(topic, SEQUENCE_PARTITION), this.#promoted]]);
      await this.#persisting('setting the number of the last transaction', () => groupOffsets.commit(transactionalId, agreed));
    }
  }

  /** Commits the producer's open transaction with these offsets. Throws TransactionAbortedException when it turns out not to be committed. */
  async commit(offsets: readonly StoredOffset[]): Promise<void> {
    const { producer, topic, transactionalId } = this.#deps;
    const number = this.#promoted + 1;
    await this.#prepare(number, offsets);
    try {
      await producer.sendOffset(transactionalId, topic, SEQUENCE_PARTITION, number);
      await producer.commit();
    } catch (error) {
      if (error instanceof UnknownCommitOutcomeException) return this.#findOut(number, error);
      if (isTransactionLost(error)) throw new TransactionAbortedException(`transaction ${number} could not be committed`, { cause: error });
      throw error;
    }
    await this.#promote(number, offsets);
  }

  async #findOut(number: number, unknown: unknown): Promise<void> {
    this.#deps.logger.warn('no answer to the commit of a transaction; asking Kafka what became of it', { number, error: String(unknown) });
    if ((await this.acquire()) === 'promote') return;
    throw new TransactionAbortedException(`transaction ${number} was not committed`, { cause: unknown });
  }

  /** The table first: from then on an older owner can neither prepare nor promote; then Kafka, from when on it cannot commit. */
  async #fence(): Promise<TransactionState | null> {
    const { lease, producer, transactions } = this.#deps;
    const state = await this.#persisting('reading transactions', () => transactions.load(lease()));
    await this.#persisting('fencing older owners', () => producer.fence());
    return state;
  }

  /** Read only once older owners are fenced; stable, so that no transaction can still change it. */
  async #committed(): Promise<number | null> {
    const { groupOffsets, topic, transactionalId } = this.#deps;
    await this.#persisting('creating the sequence topic', () => this.#ensureTopic());
    const partition = { topic, partition: SEQUENCE_PARTITION };
    const found = await this.#persisting('reading the last transaction', () => groupOffsets.fetch(transactionalId, [partition]));
    return found.get(topicPartitionKey(topic, SEQUENCE_PARTITION)) ?? null;
  }

  async #ensureTopic(): Promise<void> {
    if (this.#topicIsThere) return;
    const { logger, topic } = this.#deps;
    const admin = this.#deps.admin();
    try {
      if (!(await admin.describeTopics([topic])).has(topic)) {
        const created = await admin.createTopic({ topic, partitions: 1, replicationFactor: null, configs: {} });
        if (created) logger.info('created the topic whose group offsets carry transaction numbers', { topic });
      }
      this.#topicIsThere = true;
    } catch (error) {
      if (isRetriable(error)) throw error;
      throw new ConnectException(
        `the sequence topic ${topic} is not there and cannot be created; create it with one partition, or name another in lambda.sequence.topic`,
        { cause: error, code: 'sequence-topic' },
      );
    } finally {
      await admin.close();
    }
  }

  /** A try whose answer was lost may have landed: then this number is pending, and nobody but us could have written it. */
  async #prepare(number: number, offsets: readonly StoredOffset[]): Promise<void> {
    const { lease, transactions } = this.#deps;
    let tried = false;
    await this.#persisting('preparing a transaction', async () => {
      if (tried && (await transactions.load(lease()))?.pending?.number === number) return;
      tried = true;
      await transactions.prepare(lease(), { number, offsets });
    });
  }

  async #promote(number: number, offsets: readonly StoredOffset[]): Promise<void> {
    const { lease, offsets: store, transactions } = this.#deps;
    if (offsets.length > 0) await this.#persisting('committing offsets', () => store.commit(lease(), offsets));
    await this.#persisting('promoting a transaction', () => transactions.promoted(lease(), number));
    this.#promoted = number;
  }

  async #discard(number: number): Promise<void> {
    const { lease, transactions } = this.#deps;
    await this.#persisting('discarding a transaction', () => transactions.discard(lease(), number));
  }

  /** Repeats a call during an outage, until there is no more time: then what is pending is left for the next owner. */
  async #persisting<T>(what: string, call: () => Promise<T>): Promise<T> {
    const { clock, logger, random, signal } = this.#deps;
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw new TransactionAbortedException(`${what}: stopped before it succeeded`);
      try {
        return await call();
      } catch (error) {
        if (!isRetriable(error)) throw error;
        const waitMs = outageBackoffMs(attempt, random);
        logger.warn(`${what} failed for now; trying again`, { error: String(error), attempt, waitMs });
        await clock.sleep(waitMs, signal);
      }
    }
  }
}

/** What Kafka says of a transaction that it has given up itself (time-out, expired transactional id): nothing of it is committed. */
const GIVEN_UP = new Set([
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'TRANSACTION_ABORTABLE',
]);

/** True where the task may simply start again from its committed offsets: an outage, or a transaction that Kafka gave up. */
export function isTransactionLost(error: unknown): boolean {
  return isRetriable(error) || (error instanceof KafkaException && GIVEN_UP.has(error.kafkaCode ?? ''));
}
