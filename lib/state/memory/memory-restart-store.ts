import type { RestartRequest, RestartStore } from '../restart-store.ts';
import type { MemoryState } from './memory-state.ts';

/** The reference of {@link RestartStore}. */
export class MemoryRestartStore implements RestartStore {
  readonly #state: MemoryState;
  #ids = 0;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async request(connector: string, task: number | null, nowMs: number): Promise<RestartRequest> {
    const request = { task, id: `${nowMs}-${++this.#ids}`, requestedAtMs: nowMs };
    this.#state.of(connector).restarts.set(task, request);
    return request;
  }

  async list(connector: string): Promise<RestartRequest[]> {
    return [...this.#state.of(connector).restarts.values()].sort((a, b) => (a.task ?? -1) - (b.task ?? -1));
  }

  async connectors(): Promise<string[]> {
    const open = [...this.#state.connectors].filter(([, { restarts }]) => restarts.size > 0);
    return open.map(([name]) => name).sort();
  }

  async done(connector: string, request: RestartRequest): Promise<void> {
    const { restarts } = this.#state.of(connector);
    if (restarts.get(request.task)?.id === request.id) restarts.delete(request.task);
  }
}
