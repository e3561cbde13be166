import { findConnector } from './connector-info.ts';
import { connectorStateInfo } from './connector-state-info.ts';
import { json, type Route } from './exchange.ts';
import type { RestDeps } from './rest-deps.ts';
import { RestException } from './rest-exception.ts';

/** `/connectors/:connector/status`. */
export function connectorStatusRoutes(deps: RestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors/:connector/status',
      handle: async ({ params }) => {
        const name = params.connector as string;
        const known = await findConnector(deps.stores.configs, name);
        if (known === null) throw new RestException(404, `No status found for connector ${name}`);
        return json(200, await connectorStateInfo(deps, known));
      },
    },
  ];
}
