import type { SourceOffset, SourcePartition } from '../core/source-record.ts';
import type { Lease, LeaseToken } from './lease-store.ts';

/** A committed source offset. */
export interface StoredOffset {
  readonly partition: SourcePartition;
  /** null = reset: as if never committed. */
  readonly offset: SourceOffset | null;
}

/** One answer of a sink: the first record of a batch that was delivered. */
export interface DeliveredBatch {
  readonly offset: number;
  /** CRC-32C of key, value and timestamp of the record at `offset`. */
  readonly crc: number;
}

/** What a sink remembers of one Kafka partition. */
export interface Watermark {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to deliver. */
  readonly nextOffset: number;
  /** The last 8 answers, oldest first: evidence by which a redelivery is recognised. */
  readonly delivered: readonly DeliveredBatch[];
  /** Kafka's id of the topic that the offsets are of; absent = not known (event sinks, positions set by hand, clusters before Kafka 2.8). */
  readonly topicId?: string;
  /** Where somebody else had left the consumer group when this was written, and which it does not follow any more; absent = nowhere. */
  readonly groupAt?: number;
}

/** In whose name watermarks are written. */
export type WatermarkWriter =
  | { readonly lease: Lease }
  | { readonly previous: ReadonlyMap<string, Watermark | null>; readonly byHand?: LeaseToken };

/** Small state of a task beside its offsets. */
export type ProgressValues = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Offsets, watermarks and progress. Writes are fenced: one in the name of a lease that a later token has overtaken throws
 * LeaseLostException and changes nothing. Reads that are followed by work fence first ({@link OffsetStore.load} with `fence`).
 */
export interface OffsetStore {
  /**
   * Offsets of these partitions, in order; null = none. An item that an owner from before {@link Lease.fencedFromEpoch} or of an older
   * generation could still write is stamped with the lease's token (created where there is none), so that reading is fencing; with
   * `fence` every item is, whatever its stamp. After a clean release nothing is left to stamp, and loading writes nothing.
   * Throws LeaseLostException when it meets an item that a later owner has stamped (what this lease has read before is not read again), StateCorruptException, StateUnavailableException.
   */
  load(lease: Lease, partitions: readonly SourcePartition[], fence: boolean): Promise<(SourceOffset | null)[]>;
  /**
   * One conditional write per source partition. Stops at the first that is refused with LeaseLostException. Throws DataException, before
   * anything is written, for an offset over 350 kB or one that holds anything but strings, numbers, bigints, booleans and nulls.
   */
  commit(lease: Lease, offsets: readonly StoredOffset[]): Promise<void>;
  /** Every offset of a connector, ordered by partition, for REST and CLI. Items that only fence are left out. */
  list(connector: string): Promise<StoredOffset[]>;
  /**
   * Sets offsets by hand under a new generation (connector stopped, leases released or expired). null = reset. Throws
   * StateConflictException when an item carries a later generation.
   */
  alter(connector: string, token: LeaseToken, offsets: readonly StoredOffset[]): Promise<void>;

  loadWatermarks(connector: string, partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, Watermark>>;
  /**
   * One conditional write per partition. With a lease (scheduled sinks): fenced by its token. Without (event sinks): conditional on the
   * watermark not having changed since it was loaded (`previous`, null = there was none); throws StateConflictException. With `byHand` too (a stopped
   * connector's) it is stamped: no lease of an earlier generation can write it any more.
   */
  commitWatermarks(connector: string, by: WatermarkWriter, watermarks: readonly Watermark[]): Promise<void>;
  /** With a lease: {@link OffsetStore.loadWatermarks} that stamps its token where an older owner could still write, as `load` does. */
  fenceWatermarks(lease: Lease, partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, Watermark>>;
  listWatermarks(connector: string): Promise<Watermark[]>;

  /** What this task saved last, in any generation; null = nothing. Stamps the lease's token as {@link OffsetStore.load} does. */
  loadProgress(lease: Lease): Promise<ProgressValues | null>;
  saveProgress(lease: Lease, progress: ProgressValues): Promise<void>;
}
