import type { ConfigStore } from './config-store.ts';
import type { LeaseStore } from './lease-store.ts';
import type { LoggerStore } from './logger-store.ts';
import type { OffsetStore } from './offset-store.ts';
import type { RestartStore } from './restart-store.ts';
import type { StatusStore } from './status-store.ts';
import type { TransactionStore } from './transaction-store.ts';
import type { WorkerStore } from './worker-store.ts';

/** All stores over one table (or one memory). */
export interface StateStores {
  readonly leases: LeaseStore;
  readonly offsets: OffsetStore;
  readonly status: StatusStore;
  readonly configs: ConfigStore;
  readonly transactions: TransactionStore;
  readonly restarts: RestartStore;
  readonly workers: WorkerStore;
  readonly loggers: LoggerStore;
}
