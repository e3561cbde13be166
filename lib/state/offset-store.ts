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
}

/** Small state of a task beside its offsets. */
export type ProgressValues = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Offsets, watermarks and progress. Writes are fenced: one in the name of a lease that a later token has overtaken throws
 * LeaseLostException and changes nothing. Reads that are followed by work fence first ({@link OffsetStore.load} with `fence`).
 */
export interface OffsetStore {
  /**
   * Offsets of these partitions, in order; null = none. With `fence` the lease's token is stamped on each item (created where there is
   * none), so that an older owner can no longer commit it: needed where the lease was not released cleanly or the generation changed.
   */
  load(lease: Lease, partitions: readonly SourcePartition[], fence: boolean): Promise<(SourceOffset | null)[]>;
  /** One conditional write per source partition. Stops at the first that is refused with LeaseLostException. */
  commit(lease: Lease, offsets: readonly StoredOffset[]): Promise<void>;
  /** Every offset of a connector, for REST and CLI. Items that only fence are left out. */
  list(connector: string): Promise<StoredOffset[]>;
  /** Sets offsets by hand under a new generation (connector stopped, leases released or expired). null = reset. */
  alter(connector: string, token: LeaseToken, offsets: readonly StoredOffset[]): Promise<void>;

  loadWatermarks(connector: string, partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, Watermark>>;
  /**
   * One conditional write per partition. With a lease (scheduled sinks): fenced by its token. Without (event sinks): conditional on the
   * watermark not having changed since it was loaded (`previous`, null = there was none); throws StateConflictException.
   */
  commitWatermarks(
    connector: string,
    by: { readonly lease: Lease } | { readonly previous: ReadonlyMap<string, Watermark | null> },
    watermarks: readonly Watermark[],
  ): Promise<void>;
  /** With a lease: stamps its token on the watermark items, as `load` with `fence` does. */
  fenceWatermarks(lease: Lease, partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, Watermark>>;
  listWatermarks(connector: string): Promise<Watermark[]>;

  loadProgress(lease: Lease): Promise<ProgressValues | null>;
  saveProgress(lease: Lease, progress: ProgressValues): Promise<void>;
}
