import type { Connector, ConnectorContext, ConnectorProps, PluginContext } from './connector.ts';
import type { SinkRecord } from './sink-record.ts';
import type { TopicPartition } from './topic-partition.ts';

/** Next offset to consume per partition of the original topic; keys are `topicPartitionKey`. */
export type SinkOffsets = ReadonlyMap<string, number>;

/** Takes records that the sink refused one by one (KIP-610). */
export interface ErrantRecordReporter {
  /**
   * Reports a record as bad data. Resolves when the report is safe (dead letter queue acknowledged); the runtime awaits all reports
   * before it commits. Throws ConnectException ("Tolerance exceeded in error handler") when `errors.tolerance=none`.
   */
  report(record: SinkRecord, error: unknown): Promise<void>;
}

/** How far a sink got in one partition, as a target keeps it that stores offsets in the transactions of its data. */
export interface KeptOffset extends TopicPartition {
  /** Next offset to deliver; negative = set back by hand to where `auto.offset.reset` says. */
  readonly nextOffset: number;
  /** What the runtime wants to remember with it, under 2 kB; the target stores it as it is. */
  readonly evidence: string;
}

/** Who writes. Of two owners of one name and generation the one with the higher epoch is later; a higher generation is later whatever its name. */
export interface SinkOwner {
  readonly name: string;
  readonly generation: number;
  /** null = without a lease (event triggers): of those that read the same state only the first may write. */
  readonly epoch: number | null;
  /** The owner before may still be alive: it must not be able to write once these offsets were read. */
  readonly fence: boolean;
}

/** What the runtime gives a sink task. */
export interface SinkTaskContext extends PluginContext {
  configs(): ConnectorProps;
  /** Rewinds or skips: the next `put` begins at this offset. In an event-triggered sink the batch decides; there this throws IllegalWorkerStateException. */
  offset(offsets: SinkOffsets): void;
  /** One-shot: wait so many ms before the batch that failed with RetriableException is put again. */
  timeout(ms: number): void;
  assignment(): readonly TopicPartition[];
  pause(...partitions: TopicPartition[]): void;
  resume(...partitions: TopicPartition[]): void;
  requestCommit(): void;
  /** null unless a dead letter queue is configured or `errors.log.enable=true`. */
  errantRecordReporter(): ErrantRecordReporter | null;
  readonly signal: AbortSignal;
}

/** A connector that takes records out of Kafka. */
export interface SinkConnector extends Connector<ConnectorContext> {
  taskClass(): new () => SinkTask;
  /** Consulted when offsets are altered by hand; null = reset. */
  alterOffsets?(props: ConnectorProps, offsets: ReadonlyMap<string, number | null>): boolean | Promise<boolean>;
  /** Offsets that the target keeps ({@link SinkTask.takeOffsets}), for who looks at them; null = as configured it keeps none. */
  keptOffsets?(props: ConnectorProps): Promise<readonly KeptOffset[] | null>;
  /** Sets them by hand, while no task runs; whoever read them before can write no more. May be called again with the same after a failure. */
  setKeptOffsets?(props: ConnectorProps, offsets: readonly KeptOffset[]): Promise<void>;
}

/**
 * Writes records to a target. Order of calls: initialize, start, open, then put … preCommit again and again, close, stop.
 * Calls never overlap.
 */
export interface SinkTask {
  version(): string;
  initialize(context: SinkTaskContext): void;
  start(props: ConnectorProps): void | Promise<void>;
  /**
   * For a target that keeps offsets in the transactions of its data (effectively once): takes these partitions for the owner and answers what is kept, by
   * `topicPartitionKey`; a partition without is new. null = as configured the target keeps none. Called after `start`, before `open`. Throws FencedException
   * where a later owner was there. From then on `put` is given what to keep, and the runtime keeps no watermarks of its own.
   */
  takeOffsets?(partitions: readonly TopicPartition[], owner: SinkOwner): Promise<ReadonlyMap<string, KeptOffset> | null>;
  /** Before the first record of these partitions. */
  open?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * A batch, in order per partition; may be empty, which lets time-based sinks flush. RetriableException = the identical batch comes
   * again; any other error fails the task. `kept` is given where the target keeps offsets: what it holds of these partitions after the batch, written in one
   * transaction with the records. It is written as it is, even where it goes back; records below what is kept already are not written.
   */
  put(records: readonly SinkRecord[], kept?: readonly KeptOffset[]): void | Promise<void>;
  /** Writes out what `put` buffered. Called by the default {@link preCommit}. */
  flush?(offsets: SinkOffsets): void | Promise<void>;
  /**
   * Which offsets are safe to commit; default: `flush`, then everything given. Returning less than was put is holding back
   * (manifest: `holdsRecords`).
   */
  preCommit?(offsets: SinkOffsets): SinkOffsets | Promise<SinkOffsets>;
  close?(partitions: readonly TopicPartition[]): void | Promise<void>;
  stop(): void | Promise<void>;
}
