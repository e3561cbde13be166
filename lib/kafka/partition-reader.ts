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

/** Where a group stands in one partition. */
export interface CommittedPosition {
  readonly offset: number;
  /** Free text of whoever committed; Kafka's tools and Apache Connect leave none. */
  readonly metadata: string;
}

/** A consumer that is in a group at the moment. */
export interface GroupMember {
  readonly memberId: string;
  readonly clientId: string;
  /** Address as the broker sees it. */
  readonly host: string;
}

/** Reads and commits offsets of a consumer group without being a member of it. */
export interface GroupOffsets {
  /** Partitions without a committed offset are absent. */
  fetch(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, number>>;
  /** {@link GroupOffsets.fetch} with what the committer left beside each offset. */
  committed(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, CommittedPosition>>;
  /** Throws KafkaException (`UNKNOWN_MEMBER_ID`) when the group has members. @default metadata '' */
  commit(groupId: string, offsets: ReadonlyMap<string, number>, metadata?: string): Promise<void>;
  /** Forgets what the group has committed of these partitions. Throws KafkaException (`NON_EMPTY_GROUP`) when the group has members. */
  remove(groupId: string, partitions: readonly TopicPartition[]): Promise<void>;
  /** Who is in the group now; nobody where there is no such group. */
  members(groupId: string): Promise<GroupMember[]>;
}
