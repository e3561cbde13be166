import type { ConnectorState, StoredConfig } from '../state/config-store.ts';
import type { TaskStatus, TaskSummary } from '../state/status-store.ts';
import type { KnownConnector } from './connector-info.ts';
import { type ConnectorStateInfo, connectorStateInfo } from './connector-state-info.ts';
import type { RestDeps } from './rest-deps.ts';

/**
 * The statuses of all connectors, by name, from two listings of the index: no read per connector, but one of each whose configuration is new
 * to this process, and of those that have a stack trace to show.
 */
export class StatusListing {
  readonly #deps: RestDeps;
  /** Configurations by name: what never changes within a version. */
  #configs = new Map<string, StoredConfig>();

  constructor(deps: RestDeps) {
    this.#deps = deps;
  }

  async read(): Promise<Map<string, ConnectorStateInfo>> {
    const { configs, status } = this.#deps.stores;
    const [states, summaries] = await Promise.all([configs.list(), status.listTasks()]);
    const byConnector = Map.groupBy(summaries, ({ connector }) => connector);
    const known = await Promise.all(states.map((state) => this.#withConfig(state)));
    this.#configs = new Map(known.flatMap((each) => (each === null ? [] : [[each.state.name, each.stored] as const])));
    const infos = await Promise.all(
      known.map(async (each) => {
        if (each === null) return null;
        const tasks = byConnector.get(each.state.name) ?? [];
        return connectorStateInfo(this.#deps, each, tasks.some(({ hasTrace }) => hasTrace) ? undefined : tasks.map(statusOf));
      }),
    );
    return new Map(infos.flatMap((info) => (info === null ? [] : [[info.name, info] as const])));
  }

  /** null = deleted meanwhile. */
  async #withConfig(state: ConnectorState): Promise<KnownConnector | null> {
    const before = this.#configs.get(state.name);
    const stored =
      before !== undefined && before.version >= state.configVersion ? before : await this.#deps.stores.configs.config(state.name);
    return stored === null ? null : { state, stored };
  }
}

function statusOf({ generation, state, task, workerId }: TaskSummary): TaskStatus {
  return { task, state, workerId, generation, trace: null, lastTick: null };
}
