import type { Lease } from './lease-store.ts';

/** Connect's states of a task (and of a connector, which has no UNASSIGNED of its own here). */
export type TaskState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'RESTARTING' | 'STOPPED' | 'DESTROYED';

/** What a task last did; figures of one tick or, where it runs continuously, since its start. */
export interface TickFigures {
  readonly records: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly retries: number;
  readonly durationMs: number;
  readonly endedAtMs: number;
  /** How often in a row the task FAILED in ticks; absent = not. */
  readonly failures?: number;
  /** A FAILED task is not run again before, unless somebody restarts it. */
  readonly retryAtMs?: number;
  /** How long ticks in a row worked up to their deadline without a commit; absent = the last one committed. */
  readonly fruitlessMs?: number;
  /** Event sinks, by `topicPartitionKey`: an offset that could not be delivered and how often in a row. */
  readonly failing?: Readonly<Record<string, readonly [offset: number, failures: number]>>;
}

/** Status of one task. */
export interface TaskStatus {
  readonly task: number;
  readonly state: TaskState;
  /** Who ran it last: host:port of a worker, function and request of an invocation. */
  readonly workerId: string;
  readonly generation: number;
  /** Java-like trace of a FAILED task (at most 16 kB); null otherwise. */
  readonly trace: string | null;
  readonly lastTick: TickFigures | null;
}

/** A task in a listing of all connectors: without its trace and figures. */
export interface TaskSummary {
  readonly connector: string;
  readonly task: number;
  readonly state: TaskState;
  readonly workerId: string;
  readonly generation: number;
  /** {@link StatusStore.tasks} has a trace of it. */
  readonly hasTrace: boolean;
}

/** What tasks report. */
export interface StatusStore {
  /** Written on change only, fenced by the lease. Throws LeaseLostException. */
  putTask(lease: Lease, status: Omit<TaskStatus, 'task' | 'generation'>): Promise<void>;
  /** Every task that ever reported, by number, of any generation: the caller knows which are current. */
  tasks(connector: string): Promise<TaskStatus[]>;
  /** Tasks of all connectors, by connector and number. Of the index: may lag behind a write by moments. */
  listTasks(): Promise<TaskSummary[]>;
  /** Topics a connector has touched (KIP-558). */
  addTopics(connector: string, topics: readonly string[]): Promise<void>;
  /** Sorted. */
  topics(connector: string): Promise<string[]>;
  resetTopics(connector: string): Promise<void>;
}
