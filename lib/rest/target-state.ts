import { exactlyOnceInForce } from '../config/exactly-once.ts';
import { type ConnectorState, type StoredConfig, type TargetState, tasksToRetire } from '../state/config-store.ts';
import { StateConflictException } from '../state/errors.ts';
import { manifestOf } from './connector-info.ts';
import { empty, type Route } from './exchange.ts';
import type { RestDeps } from './rest-deps.ts';
import { RestException } from './rest-exception.ts';

const ATTEMPTS = 10;

/** `/connectors/:connector/pause`, `resume` and `stop`. */
export function targetStateRoutes(deps: RestDeps): Route[] {
  const { configs } = deps.stores;
  const existing = async (name: string) => {
    const state = await configs.connector(name);
    if (state === null) throw new RestException(404, `Unknown connector ${name}`);
    return state;
  };
  const setting = (verb: string, target: TargetState): Route => ({
    method: 'PUT',
    path: `/connectors/:connector/${verb}`,
    handle: async ({ params }) => {
      const { name } = await existing(params.connector as string);
      await configs.setTargetState(name, target);
      await deps.runtime.changed(name, 'target-state');
      return empty(202);
    },
  });
  return [
    setting('pause', 'PAUSED'),
    setting('resume', 'STARTED'),
    {
      method: 'PUT',
      path: '/connectors/:connector/stop',
      handle: async ({ params }) => {
        const state = await existing(params.connector as string);
        await stopConnector(deps, state, await configs.config(state.name));
        return empty(204);
      },
    },
  ];
}

/**
 * Sets STOPPED and takes every task away: an empty generation, which also outranks whoever still runs one. Tasks of an exactly-once source are fenced by
 * whoever looks at it next. Answers the state that holds then.
 */
export async function stopConnector(deps: RestDeps, before: ConnectorState, stored: StoredConfig | null): Promise<ConnectorState> {
  const { clock, stores } = deps;
  const { name } = before;
  await stores.configs.setTargetState(name, 'STOPPED');
  const isSource = stored !== null && manifestOf(deps.plugins, stored)?.kind === 'source';
  const transactional =
    isSource && (exactlyOnceInForce(stored.config, deps.workerProps) || (await stores.transactions.list(name)).length > 0);
  for (let attempt = 1; ; attempt++) {
    const state = await stores.configs.connector(name);
    if (state === null || isEmptied(state)) {
      await deps.runtime.changed(name, 'target-state');
      return state ?? before;
    }
    try {
      // As if never planned: the tasks are planned anew when the connector is resumed.
      await stores.configs.openGeneration(name, {
        expectedGeneration: state.generation,
        plannedVersion: 0,
        taskConfigs: [],
        nowMs: clock.now(),
        ...(transactional ? { state: 'PREPARING' as const, retiring: tasksToRetire(state) } : {}),
      });
    } catch (error) {
      if (!(error instanceof StateConflictException) || attempt === ATTEMPTS) throw error;
    }
  }
}

function isEmptied(state: ConnectorState): boolean {
  return state.generation > 0 && state.plannedVersion === 0 && state.taskCount === 0;
}
