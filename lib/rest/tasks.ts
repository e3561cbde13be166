import { findConnector, manifestOf, requireConnector } from './connector-info.ts';
import { connectorStateInfo } from './connector-state-info.ts';
import { httpError } from './error-response.ts';
import { empty, json, type Route } from './exchange.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException, RestException } from './rest-exception.ts';

const TASK_NUMBER = /^-?\d+$/;

/** `/connectors/:connector/tasks` and below. */
export function taskRoutes(deps: RestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors/:connector/tasks',
      handle: async ({ params }) => json(200, await list(deps, params.connector as string)),
    },
    { method: 'POST', path: '/connectors/:connector/tasks', handle: refuseInternal },
    { method: 'PUT', path: '/connectors/:connector/fence', handle: refuseInternal },
    {
      method: 'GET',
      path: '/connectors/:connector/tasks/:task/status',
      handle: async ({ params }) => {
        const { connector, task } = params as { connector: string; task: string };
        if (!TASK_NUMBER.test(task)) return httpError(404, 'Not Found');
        const known = await findConnector(deps.stores.configs, connector);
        const status = known === null ? undefined : (await connectorStateInfo(deps, known)).tasks.find(({ id }) => id === Number(task));
        if (status === undefined) throw new RestException(404, `No status found for task ${connector}-${Number(task)}`);
        return json(200, status);
      },
    },
    {
      method: 'POST',
      path: '/connectors/:connector/tasks/:task/restart',
      handle: async ({ params }) => {
        const { connector, task } = params as { connector: string; task: string };
        if (!TASK_NUMBER.test(task)) return httpError(404, 'Not Found');
        await restart(deps, connector, Number(task));
        return empty(204);
      },
    },
  ];
}

async function list(deps: RestDeps, name: string): Promise<unknown> {
  const { state, stored } = await requireConnector(deps.stores.configs, name);
  const taskClass = manifestOf(deps.plugins, stored)?.className.replace(/Connector$/, 'Task');
  return Promise.all(
    Array.from({ length: state.taskCount }, async (_, task) => ({
      id: { connector: name, task },
      config: {
        ...(taskClass === undefined ? {} : { 'task.class': taskClass }),
        ...(await deps.stores.configs.taskConfig(name, state.generation, task)),
      },
    })),
  );
}

async function restart(deps: RestDeps, connector: string, task: number): Promise<void> {
  const { configs, status } = deps.stores;
  const state = await configs.connector(connector);
  if (state === null) throw new RestException(404, `Unknown connector: ${connector}`);
  if (task >= 0 && task < state.taskCount) return deps.runtime.restartTask(connector, task);
  // Connect's odd answer for a task that a stopped connector had: nobody has it, so it looks for a leader that would know.
  if (state.targetState === 'STOPPED' && (await status.tasks(connector)).some((reported) => reported.task === task)) {
    throw new RestException(
      409,
      'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
    );
  }
  throw new RestException(404, `Unknown task: ${connector}-${task}`);
}

/** Endpoints that Apache's workers call each other by; ours share a table instead, so nobody can have signed a request. */
async function refuseInternal(): Promise<never> {
  throw new BadRequestException('Internal request missing required signature');
}
