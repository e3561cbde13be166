import type { ProducerRecord } from '../core/kafka-record.ts';
import type { RecordMetadata } from '../core/record-metadata.ts';

/** The outcome of one `send`. Index = place in the batch. */
export interface SendResult {
  /** Records that Kafka did not take, with the reason; empty = all acknowledged. KafkaException says bad data or outage (`retriable`). */
  readonly failed: ReadonlyMap<number, Error>;
  /** Where Kafka put an acknowledged record; null for a failed one. Made on demand. */
  metadata(index: number): RecordMetadata | null;
}

/** Options of one `send`. */
export interface SendOptions {
  /** Nothing is sent, nor sent again, once this is aborted (the lease ended, the task is cancelled). */
  readonly signal?: AbortSignal;
}

/** Sends batches with acks=all. Used by source tasks and dead letter queues. */
export interface RecordProducer {
  /**
   * Sends a batch, split by `max.request.size` and each topic's `max.message.bytes`; keeps the order per partition: when a record fails,
   * later ones of its partition in the batch are reported failed too, unless the failure is of that record alone (too large).
   * Resolves when every record is acknowledged or failed for good; rejects only when nothing can be known (aborted, unreachable).
   */
  send(records: readonly ProducerRecord[], options?: SendOptions): Promise<SendResult>;
  close(): Promise<void>;
}

/** A producer whose batches and offsets become visible together (exactly-once sources). */
export interface TransactionalProducer extends RecordProducer {
  /** InitProducerId: fences every older producer of this transactional id. Must be the first call; a later owner's call fences this one. */
  fence(): Promise<void>;
  begin(): void;
  /** Adds a consumer group offset to the open transaction (KIP-98 sendOffsetsToTransaction). */
  sendOffset(groupId: string, topic: string, partition: number, offset: number): Promise<void>;
  /** Throws ProducerFencedException when a later owner exists, or UnknownCommitOutcomeException when no answer came. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}
