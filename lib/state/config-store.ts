import type { ConnectorProps } from '../core/connector.ts';

/** What an operator wants of a connector. `STARTED` shows as RUNNING. */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED';

/** The `connector` item: what runs, at which generation. */
export interface ConnectorState {
  readonly name: string;
  readonly targetState: TargetState;
  /** Never goes back, not even when a deleted connector is created again. Never planned where `plannedVersion` is 0. A generation is a set of task configurations; tokens compare it first. */
  readonly generation: number;
  /** PREPARING while an exactly-once source's old tasks are fenced; no task loads offsets before READY. */
  readonly generationState: 'PREPARING' | 'READY';
  /** While PREPARING: how many tasks earlier generations had, all of which are to be fenced first. Not in listings. */
  readonly retiring: number;
  readonly taskCount: number;
  /** Version of the last configuration written, as far as this item knows (one write behind after a kill); 0 = none. */
  readonly configVersion: number;
  /** Over how many shards offsets and watermarks are spread. */
  readonly shards: number;
  /** Version of the configuration that the plan was made from; 0 = none. */
  readonly plannedVersion: number;
  readonly plannedAtMs: number;
  /** FAILED connector: trace of the error of `start` or `taskConfigs`, cut at 2 kB; null = fine. */
  readonly error: string | null;
  readonly consecutiveFailures: number;
}

/** The `config` item. */
export interface StoredConfig {
  readonly name: string;
  readonly config: ConnectorProps;
  /** Counted from 1, also across deletion; every write is conditional on version = read + 1. */
  readonly version: number;
  /** Of the file or deployment last applied; null when only REST wrote. */
  readonly appliedHash: string | null;
  /** e.g. `file orders.json`, `deployment orders`, `REST`. */
  readonly writer: string;
  readonly writtenAtMs: number;
}

/** Configurations, target states and task plans. */
export interface ConfigStore {
  /** Names and states of all connectors, by name. Of the index: may lag behind a write by moments; never decide by it. */
  list(): Promise<ConnectorState[]>;
  /** null = no such connector. */
  connector(name: string): Promise<ConnectorState | null>;
  config(name: string): Promise<StoredConfig | null>;
  /** Creates (version 0 expected) or replaces a configuration. Throws StateConflictException when the version is not `expectedVersion`. */
  putConfig(
    name: string,
    write: {
      config: ConnectorProps;
      expectedVersion: number;
      appliedHash: string | null;
      writer: string;
      nowMs: number;
      initialState?: TargetState;
      /** Of a connector that is created; 1 where absent. */
      shards?: number;
    },
  ): Promise<StoredConfig>;
  /** Throws NotFoundException, as every write below, when there is no such connector. */
  setTargetState(name: string, state: TargetState): Promise<void>;
  /**
   * Opens a generation and writes its plan; conditional on the generation still being `expectedGeneration` and, unless the
   * plan is empty (STOP), on no later configuration than `plannedVersion`. Throws StateConflictException when another planner was faster.
   */
  openGeneration(
    name: string,
    plan: {
      expectedGeneration: number;
      plannedVersion: number;
      taskConfigs: readonly ConnectorProps[];
      nowMs: number;
      state?: 'PREPARING' | 'READY';
      /** With PREPARING: {@link ConnectorState.retiring}; see {@link tasksToRetire}. */
      retiring?: number;
    },
  ): Promise<ConnectorState>;
  /** Every task of earlier generations is fenced. Throws StateConflictException when a later generation was opened meanwhile. */
  markReady(name: string, generation: number): Promise<void>;
  /** The plan was looked at and is unchanged: no new generation until the next interval. */
  touchPlan(name: string, generation: number, plannedVersion: number, nowMs: number): Promise<void>;
  /** Task configuration of a generation; null = this plan is gone or half-written: plan again. */
  taskConfig(name: string, generation: number, task: number): Promise<ConnectorProps | null>;
  /** FAILED (trace) or fine (null); counts consecutive failures. */
  setError(name: string, trace: string | null): Promise<void>;
  /**
   * Spreads offsets and watermarks over another number of shards (`lambda.state.shards`). Throws StateConflictException unless the connector
   * is STOPPED. Stamps its generation on every item, so that owners from before the stop can no longer write. Can be repeated after a kill.
   */
  setShards(name: string, shards: number): Promise<void>;
  /**
   * Removes every item of a connector; `keepOffsets` leaves its source offsets, watermarks and pending transactions, as Connect does. What remains is a mark of
   * the last generation, so that a late owner of a deleted connector never outranks one of its successor of the same name. Can be repeated.
   */
  delete(name: string, options?: { readonly keepOffsets?: boolean }): Promise<void>;
}

/** How many tasks the generation after this one has to fence: those of the current one, and those that it has not fenced yet itself. */
export function tasksToRetire(state: ConnectorState): number {
  return Math.max(state.taskCount, state.generationState === 'PREPARING' ? state.retiring : 0);
}
