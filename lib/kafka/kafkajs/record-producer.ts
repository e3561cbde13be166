import type { ProducerRecord } from '../../core/kafka-record.ts';
import { partitionFor, StickyPartitioner } from '../default-partitioner.ts';
import { KafkaException } from '../errors.ts';
import { BATCH_HEADER_BYTES, recordSizeUpperBound } from '../protocol/record-batch-writer.ts';
import { NO_PRODUCER, type ProducerIdentity } from '../protocol/transactions.ts';
import type { RecordProducer, SendOptions, SendResult } from '../record-producer.ts';
import { BatchSender, type SenderIdentity, type SenderSettings } from './batch-sender.ts';
import { BatchLimits } from './batch-splitter.ts';
import type { Cluster } from './cluster.ts';
import { PendingSend } from './pending-send.ts';
import { initProducerId } from './producer-identity.ts';
import { retrying } from './retry.ts';

/** How a producer behaves, from `acks`, `max.request.size` and so on. */
export interface ProducerSettings extends SenderSettings {
  readonly idempotent: boolean;
  /** Bound of one batch: `batch.size` where it is set, else `max.request.size`. */
  readonly maxBatchBytes: number;
  /** `max.block.ms`: how long a topic without metadata is waited for. */
  readonly maxBlockMs: number;
}

/** 5 s at 100 ms each. */
const WARN_AFTER_FAILURES = 50;

/** Records of one partition, on their way into a batch. */
interface Gathering {
  indices: number[];
  sizeBytes: number;
}

/**
 * Sends batches to their partitions' leaders. Idempotent by default, as Java's producer is: it costs one request at the start and makes
 * several requests under way and repetitions safe (order kept, nothing stored twice). Connect switches it off for the sake of brokers
 * older than 2.8 that demand an ACL for it; here a broker that refuses the producer id gets one request at a time instead.
 *
 * Whole batches of the caller become batches of Kafka: up to `batch.size` where that is set, else up to `max.request.size`.
 */
export class KafkaRecordProducer implements RecordProducer {
  protected readonly cluster: Cluster;
  protected readonly sender: BatchSender;
  readonly #settings: ProducerSettings;
  readonly #limits: BatchLimits;
  readonly #sticky: StickyPartitioner;
  readonly #release: () => void;
  /** Sends enter one after the other: the order of calls is the order in each partition. */
  #admission: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(cluster: Cluster, settings: ProducerSettings, release: () => void, identity?: SenderIdentity) {
    this.cluster = cluster;
    this.#settings = settings;
    this.#release = release;
    this.#sticky = new StickyPartitioner(cluster.random);
    this.#limits = new BatchLimits(cluster, Math.min(settings.maxBatchBytes, settings.maxRequestBytes));
    this.sender = new BatchSender(cluster, '', settings, identity ?? idempotence(cluster, settings), (batch, size) =>
      this.#limits.split(batch, size),
    );
  }

  async send(records: readonly ProducerRecord[], options: SendOptions = {}): Promise<SendResult> {
    if (this.#closed) throw closedError();
    const { signal } = options;
    signal?.throwIfAborted();
    const pending = new PendingSend(records, this.cluster.clock.now());
    const onAbort = () => {
      pending.abort(signal?.reason);
      this.sender.forget(pending);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#admission = this.#admission.then(() => this.#admit(pending, signal)).catch((error: unknown) => pending.abort(error));
    try {
      return await pending.done;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.sender.close(closedError());
    this.#release();
  }

  async #admit(pending: PendingSend, signal: AbortSignal | undefined): Promise<void> {
    const gatherings = new Map<string, (Gathering | undefined)[]>();
    const leaders = new Map<string, readonly number[] | KafkaException>();
    for (const { topic } of pending.records) {
      if (!leaders.has(topic)) leaders.set(topic, await this.#leaders(topic, signal));
    }
    if (pending.aborted || this.#closed) {
      if (!pending.aborted) pending.abort(closedError());
      return;
    }
    const available = new Map<string, number[]>();
    for (let index = 0; index < pending.records.length; index++) {
      const record = pending.records[index] as ProducerRecord;
      const { topic } = record;
      const known = leaders.get(topic) as readonly number[] | KafkaException;
      const sizeBytes = recordSizeUpperBound(record);
      const problem = known instanceof KafkaException ? known : this.#refuse(record, known.length, sizeBytes);
      if (problem !== null || known instanceof KafkaException) {
        pending.fail([index], problem as KafkaException);
        continue;
      }
      let partition = record.partition;
      if (partition === null && record.key !== null) partition = partitionFor(record.key, known.length);
      if (partition === null) {
        let open = available.get(topic);
        if (open === undefined) {
          open = [...known.keys()].filter((id) => known[id] !== -1);
          if (open.length === 0) open = [...known.keys()];
          available.set(topic, open);
        }
        partition = this.#sticky.next(topic, sizeBytes, open);
      }
      let ofTopic = gatherings.get(topic);
      if (ofTopic === undefined) {
        ofTopic = [];
        gatherings.set(topic, ofTopic);
      }
      let gathering = ofTopic[partition];
      if (gathering !== undefined && gathering.sizeBytes + sizeBytes > this.#limits.of(topic)) {
        this.sender.append(pending, topic, partition, gathering.indices, gathering.sizeBytes);
        gathering = undefined;
      }
      if (gathering === undefined) {
        gathering = { indices: [], sizeBytes: BATCH_HEADER_BYTES };
        ofTopic[partition] = gathering;
      }
      gathering.indices.push(index);
      gathering.sizeBytes += sizeBytes;
    }
    for (const [topic, ofTopic] of gatherings) {
      ofTopic.forEach((gathering, partition) => {
        if (gathering !== undefined) this.sender.append(pending, topic, partition, gathering.indices, gathering.sizeBytes);
      });
    }
    this.sender.flush();
  }

  /** What Java's producer throws before it sends; null = nothing is wrong. */
  #refuse(record: ProducerRecord, partitions: number, sizeBytes: number): KafkaException | null {
    const { maxRequestBytes, maxBlockMs } = this.#settings;
    const serialized = BATCH_HEADER_BYTES + sizeBytes;
    if (serialized > maxRequestBytes) {
      return new KafkaException(
        `The message is ${serialized} bytes when serialized which is larger than ${maxRequestBytes}, which is the value of the max.request.size configuration.`,
        { kafkaCode: 'MESSAGE_TOO_LARGE', retriable: false, javaClass: 'org.apache.kafka.common.errors.RecordTooLargeException' },
      );
    }
    if (record.timestamp !== null && record.timestamp < 0) {
      return illegalArgument(`Invalid timestamp: ${record.timestamp}. Timestamp should always be non-negative or null.`);
    }
    if (record.partition === null) return null;
    if (record.partition < 0) {
      return illegalArgument(`Invalid partition: ${record.partition}. Partition number should always be non-negative or null.`);
    }
    if (record.partition < partitions) return null;
    return new KafkaException(
      `Partition ${record.partition} of topic ${record.topic} with partition count ${partitions} is not present in metadata after ${maxBlockMs} ms.`,
      { kafkaCode: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: false, javaClass: 'org.apache.kafka.common.errors.TimeoutException' },
    );
  }

  /** Connect's producers wait for a topic for ever (`max.block.ms`): without a word nobody would know what for. */
  #waitForTopic(topic: string, failures: number, error: unknown): number {
    if (failures === WARN_AFTER_FAILURES)
      this.cluster.logger.warn('still waiting for a topic to be there', { topic, error: String(error) });
    return 100;
  }

  /** Leaders by partition, or why the topic cannot be written to. Throws when no broker can be reached within `max.block.ms`. */
  async #leaders(topic: string, signal: AbortSignal | undefined): Promise<readonly number[] | KafkaException> {
    const { maxBlockMs } = this.#settings;
    const { clock } = this.cluster;
    try {
      return await retrying(
        {
          clock,
          withinMs: maxBlockMs,
          backoffMs: (failures, error) => this.#waitForTopic(topic, failures, error),
          ...(signal ? { signal } : {}),
        },
        async () => {
          const [metadata] = await this.cluster.topics([topic], true);
          if (metadata !== undefined && metadata.errorCode === 0 && metadata.leaders.length > 0) return metadata.leaders;
          throw new KafkaException(`Topic ${topic} not present in metadata after ${maxBlockMs} ms.`, {
            kafkaCode: 'UNKNOWN_TOPIC_OR_PARTITION',
            retriable: true,
            javaClass: 'org.apache.kafka.common.errors.TimeoutException',
          });
        },
      );
    } catch (error) {
      if (error instanceof KafkaException && error.kafkaCode !== 'NETWORK_EXCEPTION') return error;
      throw error;
    }
  }
}

/** The producer id of a producer without transactions; null where the broker forbids it, or idempotence is switched off. */
function idempotence(cluster: Cluster, settings: ProducerSettings): SenderIdentity {
  return {
    transactionalId: null,
    beforeWrite: async () => {},
    async acquire(): Promise<ProducerIdentity | null> {
      if (!settings.idempotent) return null;
      try {
        return await initProducerId(cluster, null, 0, NO_PRODUCER);
      } catch (error) {
        if (!(error instanceof KafkaException) || error.kafkaCode !== 'CLUSTER_AUTHORIZATION_FAILED') throw error;
        cluster.logger.info('the broker forbids idempotent writes: sending one request at a time');
        return null;
      }
    },
  };
}

function illegalArgument(message: string): KafkaException {
  return new KafkaException(message, { kafkaCode: null, retriable: false, javaClass: 'java.lang.IllegalArgumentException' });
}

function closedError(): KafkaException {
  return new KafkaException('Producer closed while send in progress', { kafkaCode: null, retriable: false, code: 'kafka-client-closed' });
}
