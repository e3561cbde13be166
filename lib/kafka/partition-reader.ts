import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { TopicPartition } from '../core/topic-partition.ts';

/** Where to read one partition from. */
export interface ReadPosition extends TopicPartition {
  readonly offset: number;
}

/** What one fetch brought of one partition. */
export interface FetchedPartition extends TopicPartition {
  readonly records: readonly ConsumerRecord[];
  /** Where to go on: behind the last batch, control batches and compacted gaps included, even when `records` is empty. */
  readonly nextOffset: number;
  /** End offset at the reader's isolation level (last stable offset for read_committed). */
  readonly endOffset: number;
  /** OFFSET_OUT_OF_RANGE: retention outran the position or the topic was re-created; `nextOffset` is the position asked for. */
  readonly outOfRange: boolean;
}

/** Options of a fetch. */
export interface FetchOptions {
  /** How long the broker may wait for a first record. 0 = answer at once. */
  readonly maxWaitMs: number;
  /** Bound of the whole answer; a single larger batch still arrives. */
  readonly maxBytes: number;
  readonly maxBytesPerPartition?: number;
  readonly signal?: AbortSignal;
}

/** Reads partitions without a consumer group. */
export interface PartitionReader {
  fetch(positions: readonly ReadPosition[], options: FetchOptions): Promise<FetchedPartition[]>;
  /** First offset still there, per `topicPartitionKey`. */
  beginningOffsets(partitions: readonly TopicPartition[]): Promise<Map<string, number>>;
  /** End offset at the reader's isolation level. */
  endOffsets(partitions: readonly TopicPartition[]): Promise<Map<string, number>>;
  /** First offset whose timestamp is at or after `timestampMs`; the end offset where there is none. */
  offsetsForTime(partitions: readonly TopicPartition[], timestampMs: number): Promise<Map<string, number>>;
  close(): Promise<void>;
}

/** Reads and commits offsets of a consumer group without being a member of it. */
export interface GroupOffsets {
  /** Partitions without a committed offset are absent. */
  fetch(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, number>>;
  /** Throws KafkaException (`UNKNOWN_MEMBER_ID`) when the group has members. */
  commit(groupId: string, offsets: ReadonlyMap<string, number>): Promise<void>;
}
