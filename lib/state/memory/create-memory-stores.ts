import type { StateStores } from '../state-stores.ts';
import { MemoryConfigStore } from './memory-config-store.ts';
import { MemoryLeaseStore } from './memory-lease-store.ts';
import { MemoryLoggerStore } from './memory-logger-store.ts';
import { MemoryOffsetStore } from './memory-offset-store.ts';
import { MemoryRestartStore } from './memory-restart-store.ts';
import { MemoryState } from './memory-state.ts';
import { MemoryStatusStore } from './memory-status-store.ts';
import { MemoryTransactionStore } from './memory-transaction-store.ts';
import { MemoryWorkerStore } from './memory-worker-store.ts';

/** State that lives as long as this process (`--state memory`, tests). Stores over one `state` are as different processes over one table. */
export function createMemoryStores(state = new MemoryState()): StateStores {
  return {
    leases: new MemoryLeaseStore(state),
    offsets: new MemoryOffsetStore(state),
    status: new MemoryStatusStore(state),
    configs: new MemoryConfigStore(state),
    transactions: new MemoryTransactionStore(state),
    restarts: new MemoryRestartStore(state),
    workers: new MemoryWorkerStore(state),
    loggers: new MemoryLoggerStore(state),
  };
}
