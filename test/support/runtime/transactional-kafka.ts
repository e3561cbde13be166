import type { ConsumerRecord, ProducerRecord } from '../../../lib/core/kafka-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import { KafkaException, ProducerFencedException } from '../../../lib/kafka/errors.ts';
import type { GroupOffsets } from '../../../lib/kafka/partition-reader.ts';
import type { SendOptions, SendResult, TransactionalProducer } from '../../../lib/kafka/record-producer.ts';
import { FakeKafka } from './fakes.ts';

/** What the coordinator knows of one transactional id. */
interface Coordinated {
  epoch: number;
  /** The open transaction; null = none. */
  open: { readonly records: ConsumerRecord[]; readonly offsets: Map<string, number> } | null;
}

/**
 * Kafka with transactions, as far as a producer and a reader of committed records can tell: epochs fence, an abort or a fence hides what was sent,
 * records and group offsets of a commit appear together, stable offsets wait for open transactions.
 */
export class TransactionalKafka extends FakeKafka {
  /** False = a broken Kafka that lets older owners go on: a test of the tests. */
  fencing = true;
  /** Called when a commit arrived and before it is answered; may throw, as a lost answer does. */
  afterCommit: (id: string) => void = () => undefined;
  /** Called before each call of a transactional producer but `begin`; may throw. */
  beforeCall: (call: 'fence' | 'send' | 'sendOffset' | 'commit' | 'abort', id: string) => void | Promise<void> = () => undefined;
  readonly #ids = new Map<string, Coordinated>();
  /** Not committed (yet): a reader of committed records does not get these. */
  readonly #hidden = new Set<ConsumerRecord>();
  commits = 0;

  /** What a `read_committed` consumer gets of a partition, in order. */
  committedValues(topic: string, partition = 0): string[] {
    return this.log(topic, partition)
      .filter((record) => !this.#hidden.has(record))
      .map((record) => new TextDecoder().decode(record.value ?? new Uint8Array()));
  }

  transactional(id: string): TransactionalProducer {
    let epoch: number | null = null;
    let begun = false;
    const coordinated = () => {
      let found = this.#ids.get(id);
      if (found === undefined) {
        found = { epoch: 0, open: null };
        this.#ids.set(id, found);
      }
      return found;
    };
    const owned = (): Coordinated => {
      if (epoch === null) throw new Error('call fence() first');
      const found = coordinated();
      if (found.epoch === epoch || !this.fencing) return found;
      throw new ProducerFencedException(`epoch ${epoch} of ${id} is not the latest`, { kafkaCode: 'INVALID_PRODUCER_EPOCH' });
    };
    const joined = () => {
      if (!begun) throw new Error('call begin() first');
      const found = owned();
      found.open ??= { records: [], offsets: new Map() };
      return found.open;
    };
    // Without fencing each producer has a transaction of its own: nobody ends that of another.
    let unfenced: NonNullable<Coordinated['open']> = { records: [], offsets: new Map() };
    const current = () => (this.fencing ? joined() : unfenced);
    const end = (commit: boolean) => {
      if (!begun) throw new Error('call begin() first');
      const found = owned();
      const open = this.fencing ? found.open : unfenced;
      begun = false;
      found.open = null;
      unfenced = { records: [], offsets: new Map() };
      if (!commit || open === null) return;
      this.commits++;
      for (const record of open.records) this.#hidden.delete(record);
      for (const [key, offset] of open.offsets) this.groups.set(key, offset);
    };
    return {
      fence: async () => {
        await this.beforeCall('fence', id);
        const found = coordinated();
        // What was open stays hidden for good.
        found.open = null;
        epoch = ++found.epoch;
        begun = false;
      },
      begin: () => {
        if (epoch === null) throw new Error('call fence() first');
        if (begun) throw new Error('a transaction is open already');
        begun = true;
      },
      send: async (records: readonly ProducerRecord[], options?: SendOptions): Promise<SendResult> => {
        await this.beforeCall('send', id);
        if (options?.signal?.aborted) throw new Error('aborted');
        const failed = new Map<number, Error>();
        try {
          const { records: sent } = current();
          for (const [place, { partition, topic, value }] of records.entries()) {
            const refused = this.refuse(records[place] as ProducerRecord);
            if (refused !== null) {
              failed.set(place, refused);
              continue;
            }
            const record = this.append(topic, partition ?? 0, value === null ? null : new TextDecoder().decode(value));
            this.#hidden.add(record);
            sent.push(record);
          }
        } catch (error) {
          if (!(error instanceof ProducerFencedException)) throw error;
          for (const place of records.keys()) failed.set(place, error);
        }
        return {
          failed,
          metadata: (i) =>
            failed.has(i) ? null : { topic: (records[i] as ProducerRecord).topic, partition: 0, offset: i, timestamp: null },
        };
      },
      sendOffset: async (groupId, topic, partition, offset) => {
        await this.beforeCall('sendOffset', id);
        current().offsets.set(`${groupId}/${topicPartitionKey(topic, partition)}`, offset);
      },
      commit: async () => {
        await this.beforeCall('commit', id);
        end(true);
        this.afterCommit(id);
      },
      abort: async () => {
        await this.beforeCall('abort', id);
        end(false);
      },
      close: async () => undefined,
    };
  }

  /** Group offsets as `require_stable` gives them. */
  stableOffsets(): GroupOffsets {
    return {
      fetch: async (groupId: string, partitions: readonly TopicPartition[]) => {
        for (const { topic, partition } of partitions) {
          const key = `${groupId}/${topicPartitionKey(topic, partition)}`;
          for (const { open } of this.#ids.values()) {
            if (open?.offsets.has(key))
              throw new KafkaException(`${key} is not stable`, { kafkaCode: 'UNSTABLE_OFFSET_COMMIT', retriable: true });
          }
        }
        return this.fetch(groupId, partitions);
      },
      committed: (groupId, partitions) => this.committed(groupId, partitions),
      commit: (groupId, offsets, metadata) => this.commit(groupId, offsets, metadata),
      remove: (groupId, partitions) => this.remove(groupId, partitions),
      members: () => this.members(),
    };
  }
}
