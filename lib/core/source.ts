import type { Connector, ConnectorContext, ConnectorProps, PluginContext } from './connector.ts';
import type { RecordMetadata } from './record-metadata.ts';
import type { SourceOffset, SourcePartition, SourceRecord } from './source-record.ts';

/** Reads committed source offsets. */
export interface OffsetStorageReader {
  /** null = nothing was committed for this partition. Throws RetriableException when the state table cannot be reached. */
  offset(partition: SourcePartition): Promise<SourceOffset | null>;
  /** Answers in the order asked. */
  offsets(partitions: readonly SourcePartition[]): Promise<(SourceOffset | null)[]>;
}

/** Lets a task with `transaction.boundary=connector` say where transactions end (KIP-618). */
export interface TransactionContext {
  commitTransaction(after?: SourceRecord): void;
  abortTransaction(after?: SourceRecord): void;
}

/** What the runtime gives a source connector. */
export interface SourceConnectorContext extends ConnectorContext {
  offsetStorageReader(): OffsetStorageReader;
}

/** One message that started a run. */
export interface SourceMessage {
  readonly id: string;
  /** As the trigger has it; JSON for events of AWS. */
  readonly body: string;
}

/** What started a run instead of its schedule: what `poll` is to read, in order, before it says that it is caught up. */
export interface SourceEvent {
  readonly messages: readonly SourceMessage[];
  /** All records of a message were answered by `poll`: it does not come again once these are delivered. The others do. */
  completed(id: string): void;
}

/** What the runtime gives a source task. */
export interface SourceTaskContext extends PluginContext {
  /** Ours: what started this run; absent = nothing in particular, read whatever there is. */
  readonly event?: SourceEvent;
  /** The task's configuration, variables resolved. */
  configs(): ConnectorProps;
  offsetStorageReader(): OffsetStorageReader;
  /** null unless exactly-once with `transaction.boundary=connector`. */
  transactionContext(): TransactionContext | null;
  /**
   * Ours: says when `poll` has something to do again (wall clock ms), instead of sleeping inside `poll`. A runner without a deadline waits;
   * a tick waits if that lies before its deadline, else ends. Forgotten at the next `poll`.
   */
  pollAgainAt(timeMs: number): void;
  /** Ours: every source partition was asked once since the last record and had nothing: a tick may end. Forgotten at the next record. */
  caughtUp(): void;
  /** Ours: what a task remembers beside its offsets (last poll, position of a bulk read), kept in `progress#<n>`. null = nothing kept. */
  readonly progress: TaskProgress;
  /** Aborted when the task is to stop at once; a long `poll` should give up. */
  readonly signal: AbortSignal;
}

/** Small state of a task that is not a source offset. Fenced like offsets, written with the next commit. */
export interface TaskProgress {
  get(): Readonly<Record<string, string | number | boolean | null>> | null;
  set(progress: Readonly<Record<string, string | number | boolean | null>>): void;
}

/** A connector that brings records into Kafka. */
export interface SourceConnector extends Connector<SourceConnectorContext> {
  taskClass(): new () => SourceTask;
  /** null = does not say; consulted when `exactly.once.support=required`. */
  exactlyOnceSupport?(props: ConnectorProps): 'SUPPORTED' | 'UNSUPPORTED' | null;
  canDefineTransactionBoundaries?(props: ConnectorProps): 'SUPPORTED' | 'UNSUPPORTED';
  /** Consulted when offsets are altered by hand; null = reset. True = done; throws ConnectException to refuse. */
  alterOffsets?(props: ConnectorProps, offsets: ReadonlyMap<SourcePartition, SourceOffset | null>): boolean | Promise<boolean>;
}

/**
 * Reads one share of a source. Order of calls: initialize, start, then poll again and again, stop. Calls never overlap, but for
 * `commitRecord` and `commit`, which may come while `poll` runs.
 */
export interface SourceTask {
  version(): string;
  initialize(context: SourceTaskContext): void;
  start(props: ConnectorProps): void | Promise<void>;
  /** Records in the order their offsets advance; null or [] = nothing now. RetriableException = call again; any other error fails the task. */
  poll(): Promise<SourceRecord[] | null> | SourceRecord[] | null;
  /** After offsets were committed. Errors are logged only. */
  commit?(): void | Promise<void>;
  /** After Kafka acknowledged a record, or it was dropped (metadata null). `record` is the one `poll` gave. Errors are logged only. */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void | Promise<void>;
  stop(): void | Promise<void>;
}
