import type { ConnectorProps } from '../../core/connector.ts';
import type { ConnectorState, StoredConfig } from '../config-store.ts';
import type { Stamp } from '../fencing.ts';
import type { LeaseToken } from '../lease-store.ts';
import type { LoggerLevel } from '../logger-store.ts';
import type { ProgressValues, Watermark } from '../offset-store.ts';
import type { RestartRequest } from '../restart-store.ts';
import type { TaskStatus } from '../status-store.ts';
import type { WorkerHeartbeat } from '../worker-store.ts';

/** A task's lease as it is kept. */
export interface MemoryLease {
  owner: string;
  token: LeaseToken;
  leaseUntilMs: number;
  renewals: number;
  released: boolean;
  fencedFromEpoch: number;
}

/** A value with the token of who wrote it; null = the item only fences. */
export interface Stamped<T> {
  stamp: Stamp | null;
  value: T | null;
}

/** Where an exactly-once task stands; the pending offsets as JSON. */
export interface MemoryTransactions {
  readonly stamp: Stamp;
  /** null = the task never prepared one. */
  readonly promoted: number | null;
  readonly pending: { readonly number: number; readonly offsets: readonly (readonly [string, string | null])[] } | null;
}

/** What is kept of one connector. */
export class MemoryConnector {
  /** null = deleted. */
  state: ConnectorState | null = null;
  config: StoredConfig | null = null;
  /** Survive deletion. */
  lastGeneration = 0;
  lastConfigVersion = 0;
  plan: { generation: number; taskConfigs: readonly ConnectorProps[] } = { generation: 0, taskConfigs: [] };
  readonly leases = new Map<number, MemoryLease>();
  readonly statuses = new Map<number, TaskStatus>();
  /** By canonical JSON of the partition; the value is the offset as JSON. */
  readonly offsets = new Map<string, Stamped<string>>();
  /** By `topic-partition`. */
  readonly watermarks = new Map<string, Stamped<Watermark>>();
  readonly progress = new Map<number, Stamped<ProgressValues>>();
  readonly transactions = new Map<number, MemoryTransactions>();
  readonly restarts = new Map<number | null, RestartRequest>();
  readonly topics = new Set<string>();
}

/** Everything the in-memory stores share. Each method of a store runs in one go, so no write is ever seen half done. */
export class MemoryState {
  readonly connectors = new Map<string, MemoryConnector>();
  readonly workers = new Map<string, WorkerHeartbeat>();
  readonly loggers = new Map<string, LoggerLevel>();

  of(name: string): MemoryConnector {
    let connector = this.connectors.get(name);
    if (connector === undefined) {
      connector = new MemoryConnector();
      this.connectors.set(name, connector);
    }
    return connector;
  }
}
