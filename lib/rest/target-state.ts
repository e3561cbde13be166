import type { ConnectorState, TargetState } from '../state/config-store.ts';
import { StateConflictException } from '../state/errors.ts';
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
      void deps.runtime.look(name);
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
        await stopConnector(deps, await existing(params.connector as string));
        return empty(204);
      },
    },
  ];
}

/** Sets STOPPED and takes every task away: an empty generation, which also outranks whoever still runs one. Answers the state that holds then. */
export async function stopConnector(deps: RestDeps, before: ConnectorState): Promise<ConnectorState> {
  const { clock, stores } = deps;
  const { name } = before;
  await stores.configs.setTargetState(name, 'STOPPED');
  for (let attempt = 1; ; attempt++) {
    const state = await stores.configs.connector(name);
    if (state === null || isEmptied(state)) {
      void deps.runtime.look(name);
      return state ?? before;
    }
    try {
      // As if never planned: the tasks are planned anew when the connector is resumed.
      await stores.configs.openGeneration(name, {
        expectedGeneration: state.generation,
        plannedVersion: 0,
        taskConfigs: [],
        nowMs: clock.now(),
      });
    } catch (error) {
      if (!(error instanceof StateConflictException) || attempt === ATTEMPTS) throw error;
    }
  }
}

function isEmptied(state: ConnectorState): boolean {
  return state.generation > 0 && state.plannedVersion === 0 && state.taskCount === 0;
}
