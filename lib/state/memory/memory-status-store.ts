import { LeaseLostException } from '../errors.ts';
import type { Lease } from '../lease-store.ts';
import { cutAtBytes, TRACE_LIMIT_BYTES } from '../limits.ts';
import type { StatusStore, TaskStatus, TaskSummary } from '../status-store.ts';
import type { MemoryState } from './memory-state.ts';

/** The reference of {@link StatusStore}. */
export class MemoryStatusStore implements StatusStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async putTask(lease: Lease, status: Omit<TaskStatus, 'task' | 'generation'>): Promise<void> {
    const connector = this.#state.of(lease.connector);
    const token = connector.leases.get(lease.task)?.token;
    if (token?.generation !== lease.token.generation || token.epoch !== lease.token.epoch) {
      throw new LeaseLostException(`lost the lease of ${lease.connector}-${lease.task}: its status was not written`);
    }
    const trace = status.trace === null ? null : cutAtBytes(status.trace, TRACE_LIMIT_BYTES);
    connector.statuses.set(lease.task, { ...status, trace, task: lease.task, generation: lease.token.generation });
  }

  async tasks(connector: string): Promise<TaskStatus[]> {
    return [...this.#state.of(connector).statuses.values()].sort((a, b) => a.task - b.task);
  }

  async listTasks(): Promise<TaskSummary[]> {
    const found = [...this.#state.connectors].flatMap(([connector, { statuses }]) =>
      [...statuses.values()].map(({ task, state, workerId, generation, trace }) => {
        return { connector, task, state, workerId, generation, hasTrace: trace !== null };
      }),
    );
    return found.sort((a, b) => (a.connector === b.connector ? a.task - b.task : a.connector < b.connector ? -1 : 1));
  }

  async addTopics(connector: string, topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.#state.of(connector).topics.add(topic);
  }

  async topics(connector: string): Promise<string[]> {
    return [...this.#state.of(connector).topics].sort();
  }

  async resetTopics(connector: string): Promise<void> {
    this.#state.of(connector).topics.clear();
  }
}
