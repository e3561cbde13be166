import type { ConnectorProps } from '../core/connector.ts';
import { connectorInfo, requireConnector } from './connector-info.ts';
import { connectorPath, withName } from './connectors.ts';
import { refuseChange } from './deployment-policy.ts';
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
      handle: async ({ body, params, writer }) => {
        const name = params.connector as string;
        const given = withName(readTextMap(body), name);
        // Before it is judged: what a deployment does not hold would be called unknown.
        if (deps.deployment !== null) refuseChange(deps.deployment, name, (await deps.stores.configs.config(name))?.config ?? null, given);
        const config = await requireValid(deps, given);
        const { created, known } = await replaceConfig(deps, { name, writer, change: async () => config });
        return created ? json(201, connectorInfo(deps, known), { location: connectorPath(name) }) : json(200, connectorInfo(deps, known));
      },
    },
    {
      method: 'PATCH',
      path,
      handle: async ({ body, params, writer }) => {
        const name = params.connector as string;
        const patch = readTextMap(body);
        const change = async (stored: ConnectorProps | null) => {
          if (stored === null) throw connectorNotFound(name);
          const merged = Object.fromEntries(Object.entries({ ...stored, ...patch }).filter(([, value]) => value !== null));
          refuseChange(deps.deployment, name, stored, merged);
          return requireValid(deps, merged);
        };
        const { known } = await replaceConfig(deps, { name, writer, change });
        return json(200, connectorInfo(deps, known));
      },
    },
  ];
}
