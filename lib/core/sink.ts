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
}

/**
 * Writes records to a target. Order of calls: initialize, start, open, then put … preCommit again and again, close, stop.
 * Calls never overlap.
 */
export interface SinkTask {
  version(): string;
  initialize(context: SinkTaskContext): void;
  start(props: ConnectorProps): void | Promise<void>;
  /** Before the first record of these partitions. */
  open?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * A batch, in order per partition; may be empty, which lets time-based sinks flush. RetriableException = the identical batch comes
   * again; any other error fails the task.
   */
  put(records: readonly SinkRecord[]): void | Promise<void>;
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
