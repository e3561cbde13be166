import type { ProducerRecord } from '../../core/kafka-record.ts';
import { topicPartitionKey } from '../../core/topic-partition.ts';
import { KafkaException, ProducerFencedException, UnknownCommitOutcomeException } from '../errors.ts';
import { exceptionOf } from '../protocol/error-codes.ts';
import { decodeOffsetCommit } from '../protocol/group-offsets.ts';
import {
  ADD_OFFSETS_TO_TXN,
  ADD_PARTITIONS_TO_TXN,
  decodeAddPartitionsToTxn,
  decodeErrorCode,
  END_TXN,
  encodeAddOffsetsToTxn,
  encodeAddPartitionsToTxn,
  encodeEndTxn,
  encodeTxnOffsetCommit,
  type ProducerIdentity,
  TXN_OFFSET_COMMIT,
} from '../protocol/transactions.ts';
import type { SendOptions, SendResult, TransactionalProducer } from '../record-producer.ts';
import type { Cluster } from './cluster.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { initProducerId, transactionBackoffMs } from './producer-identity.ts';
import { KafkaRecordProducer, type ProducerSettings } from './record-producer.ts';
import { retrying } from './retry.ts';

/** What the coordinator is told of a transaction, and in which state it is. */
class Transaction {
  readonly #cluster: Cluster;
  readonly #id: string;
  readonly #timeoutMs: number;
  readonly #answerWithinMs: number;
  /** null = not acquired, or lost. */
  identity: ProducerIdentity | null = null;
  open = false;
  /** Partitions and groups that the coordinator knows to be part of the open transaction. */
  readonly #added = new Set<string>();
  #adding: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, id: string, timeoutMs: number, answerWithinMs: number) {
    this.#cluster = cluster;
    this.#id = id;
    this.#timeoutMs = timeoutMs;
    this.#answerWithinMs = answerWithinMs;
  }

  /** InitProducerId: explicitly, for kafkajs would do it at the first transaction only, and until then the zombie may commit. */
  async acquire(current?: ProducerIdentity): Promise<ProducerIdentity> {
    this.#added.clear();
    this.open = false;
    this.identity = null;
    this.identity = await initProducerId(this.#cluster, this.#id, this.#timeoutMs, current);
    return this.identity;
  }

  begin(): void {
    this.#owner();
    if (this.open) throw illegalState(`a transaction of ${this.#id} is open already: commit or abort it first`);
    this.open = true;
  }

  async addPartitions(queues: readonly PartitionQueue[]): Promise<void> {
    this.#adding = this.#adding.catch(() => {}).then(() => this.#addPartitions(queues));
    await this.#adding;
  }

  async addOffset(groupId: string, topic: string, partition: number, offset: number): Promise<void> {
    const producer = this.#owner();
    this.#demandOpen();
    const group = `group ${groupId}`;
    if (!this.#added.has(group)) {
      await this.#coordinated('adding a group to the transaction', async () => {
        const connection = await this.#cluster.toCoordinator('transaction', this.#id);
        return decodeErrorCode(
          await connection.request({ ...ADD_OFFSETS_TO_TXN, body: encodeAddOffsetsToTxn(this.#id, producer, groupId) }),
        );
      });
      this.#added.add(group);
    }
    await this.#retrying(async () => {
      const connection = await this.#cluster.toCoordinator('group', groupId);
      const body = encodeTxnOffsetCommit(this.#id, producer, groupId, { topic, partition, offset });
      const [answer] = decodeOffsetCommit(await connection.request({ ...TXN_OFFSET_COMMIT, body }));
      if (answer?.errorCode === 0) return;
      // the coordinator may have moved since it was looked up; kafkajs would give up here
      this.#cluster.forgetCoordinator('group', groupId);
      throw exceptionOf(
        answer?.errorCode ?? -1,
        `adding offset ${offset} of ${topic}-${partition} to the transaction of ${this.#id} failed`,
      );
    });
  }

  /** EndTxn. Sent again when no answer came: the coordinator takes a repetition of the same outcome. */
  async end(commit: boolean): Promise<void> {
    const producer = this.#owner();
    this.#demandOpen();
    if (this.#added.size === 0) {
      this.open = false;
      return;
    }
    let unanswered = false;
    try {
      await this.#coordinated(commit ? 'committing the transaction' : 'aborting the transaction', async () => {
        const connection = await this.#cluster.toCoordinator('transaction', this.#id);
        try {
          return decodeErrorCode(await connection.request({ ...END_TXN, body: encodeEndTxn(this.#id, producer, commit) }));
        } catch (error) {
          unanswered = true;
          throw error;
        }
      });
      this.#added.clear();
      this.open = false;
    } catch (error) {
      this.identity = null;
      if (!commit || !unanswered || error instanceof ProducerFencedException) throw error;
      throw new UnknownCommitOutcomeException(
        `the commit of a transaction of ${this.#id} was not answered: it may or may not have happened`,
        {
          cause: error,
        },
      );
    }
  }

  #owner(): ProducerIdentity {
    if (this.identity === null) throw illegalState(`${this.#id} is not acquired: call fence() first`);
    return this.identity;
  }

  #demandOpen(): void {
    if (!this.open) throw illegalState(`no transaction of ${this.#id} is open: call begin() first`);
  }

  async #addPartitions(queues: readonly PartitionQueue[]): Promise<void> {
    const fresh = queues.filter(({ topic, partition }) => !this.#added.has(topicPartitionKey(topic, partition)));
    if (fresh.length === 0) return;
    const producer = this.#owner();
    await this.#coordinated('adding partitions to the transaction', async () => {
      const connection = await this.#cluster.toCoordinator('transaction', this.#id);
      const body = encodeAddPartitionsToTxn(this.#id, producer, fresh);
      const answers = decodeAddPartitionsToTxn(await connection.request({ ...ADD_PARTITIONS_TO_TXN, body }));
      // where one partition is refused, the others say OPERATION_NOT_ATTEMPTED
      const refused = answers.filter(({ errorCode }) => errorCode !== 0);
      return (refused.find(({ errorCode }) => errorCode !== 55) ?? refused[0])?.errorCode ?? 0;
    });
    for (const { topic, partition } of fresh) this.#added.add(topicPartitionKey(topic, partition));
  }

  /** A request to the transaction's coordinator, until it says something else than "not now" or "not me". */
  async #coordinated(what: string, request: () => Promise<number>): Promise<void> {
    await this.#retrying(async () => {
      try {
        const code = await request();
        if (code !== 0) throw exceptionOf(code, `${what} of ${this.#id} failed`);
      } catch (error) {
        const concurrent = error instanceof KafkaException && error.kafkaCode === 'CONCURRENT_TRANSACTIONS';
        if (!concurrent) this.#cluster.forgetCoordinator('transaction', this.#id);
        throw error;
      }
    });
  }

  #retrying(attempt: () => Promise<void>): Promise<void> {
    return retrying({ clock: this.#cluster.clock, withinMs: this.#answerWithinMs, backoffMs: transactionBackoffMs }, attempt);
  }
}

/** A producer for exactly-once sources: batches and offsets of one transaction become visible together, or not at all (KIP-98). */
export class KafkaTransactionalProducer extends KafkaRecordProducer implements TransactionalProducer {
  readonly #transaction: Transaction;

  /** `transactionTimeoutMs`: after it the broker aborts an open transaction; at most its `transaction.max.timeout.ms`. */
  constructor(cluster: Cluster, transactionalId: string, transactionTimeoutMs: number, settings: ProducerSettings, release: () => void) {
    const transaction = new Transaction(cluster, transactionalId, transactionTimeoutMs, settings.requestTimeoutMs);
    super(cluster, settings, release, {
      transactionalId,
      beforeWrite: (queues) => transaction.addPartitions(queues),
      acquire: async () => {
        throw illegalState(`a batch of the transaction of ${transactionalId} was given up: abort the transaction`);
      },
    });
    this.#transaction = transaction;
  }

  async fence(): Promise<void> {
    this.sender.adopt(await this.#transaction.acquire());
  }

  begin(): void {
    if (this.sender.spoiled) throw illegalState('a batch was given up: abort the transaction first');
    this.#transaction.begin();
  }

  override async send(records: readonly ProducerRecord[], options?: SendOptions): Promise<SendResult> {
    if (!this.#transaction.open) throw illegalState('no transaction is open: call begin() first');
    return super.send(records, options);
  }

  async sendOffset(groupId: string, topic: string, partition: number, offset: number): Promise<void> {
    await this.#transaction.addOffset(groupId, topic, partition, offset);
  }

  async commit(): Promise<void> {
    if (this.sender.spoiled) throw illegalState('a batch of the transaction was given up: it can only be aborted');
    await this.#transaction.end(true);
  }

  /** After a batch whose fate is unknown, the epoch is raised as well: a late arrival of it would land in the next transaction. */
  async abort(): Promise<void> {
    const { identity } = this.#transaction;
    if (this.sender.spoiled && identity !== null) this.sender.adopt(await this.#transaction.acquire(identity));
    else await this.#transaction.end(false);
  }
}

function illegalState(message: string): KafkaException {
  return new KafkaException(message, { kafkaCode: null, retriable: false, javaClass: 'java.lang.IllegalStateException' });
}
