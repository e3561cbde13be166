import type { WorkerHeartbeat, WorkerStore } from '../worker-store.ts';
import type { MemoryState } from './memory-state.ts';

/** The reference of {@link WorkerStore}. */
export class MemoryWorkerStore implements WorkerStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async beat(worker: Omit<WorkerHeartbeat, 'beats'>): Promise<WorkerHeartbeat> {
    const beats = (this.#state.workers.get(worker.id)?.beats ?? 0) + 1;
    const heartbeat = { ...worker, tasks: [...worker.tasks], files: { ...worker.files }, beats };
    this.#state.workers.set(worker.id, heartbeat);
    return heartbeat;
  }

  async list(): Promise<WorkerHeartbeat[]> {
    return [...this.#state.workers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async remove(id: string): Promise<void> {
    this.#state.workers.delete(id);
  }
}
