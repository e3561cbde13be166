/** A worker process that shares the connectors of a table. */
export interface WorkerHeartbeat {
  readonly id: string;
  /** Counts heartbeats: an observer sees life by its change, without comparing clocks. */
  readonly beats: number;
  /** Wall clock of the worker; shown, never decided by. */
  readonly beatAtMs: number;
  readonly startedAtMs: number;
  /** Of its REST listener; null = it has none. */
  readonly url: string | null;
  /** Takes tasks; false while it starts. */
  readonly joined: boolean;
  /** `connector-task` of what it holds, FAILED tasks included. */
  readonly tasks: readonly string[];
  /** Connectors that its files define, each with the hash of its configuration. */
  readonly files: Readonly<Record<string, string>>;
  readonly version: string;
}

/** Which worker processes there are. */
export interface WorkerStore {
  /** Writes the heartbeat and counts it. */
  beat(worker: Omit<WorkerHeartbeat, 'beats'>): Promise<WorkerHeartbeat>;
  /** By id, those that died included: who stands still for long enough is dead. */
  list(): Promise<WorkerHeartbeat[]>;
  /** On shutdown, or of a dead one. */
  remove(id: string): Promise<void>;
}
