import { findConnector } from './connector-info.ts';
import { connectorStateInfo } from './connector-state-info.ts';
import { empty, json, type Route } from './exchange.ts';
import { isTrue } from './query.ts';
import type { RestDeps } from './rest-deps.ts';
import { RestException } from './rest-exception.ts';

/** `/connectors/:connector/restart` (KIP-745). */
export function restartRoutes(deps: RestDeps): Route[] {
  return [
    {
      method: 'POST',
      path: '/connectors/:connector/restart',
      handle: async ({ params, query }) => {
        const name = params.connector as string;
        const known = await findConnector(deps.stores.configs, name);
        if (known === null) throw new RestException(404, `Unknown connector: ${name}`);
        const includeTasks = isTrue(query, 'includeTasks', false);
        const onlyFailed = isTrue(query, 'onlyFailed', false);
        if (!includeTasks && !onlyFailed) {
          await startAnew(deps, name);
          return empty(204);
        }
        const info = await connectorStateInfo(deps, known);
        const isMeant = ({ state }: { readonly state: string }) => !onlyFailed || state === 'FAILED';
        const connector = isMeant(info.connector);
        const tasks = includeTasks ? info.tasks.filter(isMeant) : [];
        const restarting = async () => {
          if (connector) await deps.runtime.restartConnector(name);
          await Promise.all(tasks.map(({ id }) => deps.runtime.restartTask(name, id)));
        };
        // The answer is the plan; how the start went is in the status.
        await restarting().catch((error: unknown) => deps.logger.warn('restart failed', { connector: name, error: String(error) }));
        return json(202, {
          ...info,
          connector: connector ? { ...info.connector, state: 'RESTARTING' } : info.connector,
          tasks: info.tasks.map((task) => (tasks.includes(task) ? { ...task, state: 'RESTARTING' } : task)),
        });
      },
    },
  ];
}

async function startAnew(deps: RestDeps, name: string): Promise<void> {
  try {
    await deps.runtime.restartConnector(name);
  } catch (error) {
    throw new RestException(500, `Failed to start connector: ${name}`, { cause: error });
  }
}
