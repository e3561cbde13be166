import { connectorInfo, requireConnector } from './connector-info.ts';
import { connectorPath, withName } from './connectors.ts';
import { json, type Route } from './exchange.ts';
import { readTextMap } from './json-body.ts';
import type { RestDeps } from './rest-deps.ts';
import { connectorNotFound } from './rest-exception.ts';
import { requireValid } from './validation.ts';
import { replaceConfig } from './write-config.ts';

/** `/connectors/:connector/config`. */
export function connectorConfigRoutes(deps: RestDeps): Route[] {
  const path = '/connectors/:connector/config';
  return [
    {
      method: 'GET',
      path,
      handle: async ({ params }) => json(200, (await requireConnector(deps.stores.configs, params.connector as string)).stored.config),
    },
    {
      method: 'PUT',
      path,
      handle: async ({ body, params }) => {
        const name = params.connector as string;
        const config = await requireValid(deps, withName(readTextMap(body), name));
        const { created, known } = await replaceConfig(deps, name, async () => config);
        return created ? json(201, connectorInfo(deps, known), { location: connectorPath(name) }) : json(200, connectorInfo(deps, known));
      },
    },
    {
      method: 'PATCH',
      path,
      handle: async ({ body, params }) => {
        const name = params.connector as string;
        const patch = readTextMap(body);
        const { known } = await replaceConfig(deps, name, async (stored) => {
          if (stored === null) throw connectorNotFound(name);
          const merged = Object.entries({ ...stored, ...patch }).filter(([, value]) => value !== null);
          return requireValid(deps, Object.fromEntries(merged));
        });
        return json(200, connectorInfo(deps, known));
      },
    },
  ];
}
