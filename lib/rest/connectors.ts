import type { TargetState } from '../state/config-store.ts';
import { connectorInfo, findConnector, requireConnector } from './connector-info.ts';
import { connectorStateInfo } from './connector-state-info.ts';
import { refuseCreation, refuseDeletion } from './deployment-policy.ts';
import { empty, json, type Route } from './exchange.ts';
import { asTextMap, readObject, type TextMap } from './json-body.ts';
import { StatusListing } from './list-status.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException, unreadableBody } from './rest-exception.ts';
import { stopConnector } from './target-state.ts';
import { requireValid } from './validation.ts';
import { waitForTasks } from './wait-for-tasks.ts';
import { createConnector } from './write-config.ts';

/** Leaves room for what stands beside a name in keys of at most 2,048 bytes. */
const MAX_NAME_BYTES = 1_000;
const INITIAL_STATES: Readonly<Record<string, TargetState>> = { RUNNING: 'STARTED', PAUSED: 'PAUSED', STOPPED: 'STOPPED' };

/** `/connectors` and `/connectors/:connector`. */
export function connectorRoutes(deps: RestDeps): Route[] {
  const { configs } = deps.stores;
  const statuses = new StatusListing(deps);
  return [
    { method: 'GET', path: '/connectors', handle: async ({ query }) => json(200, await list(deps, query, statuses)) },
    {
      method: 'POST',
      path: '/connectors',
      handle: async ({ body, writer }) => {
        const { config, initialState, name } = readCreation(body);
        refuseCreation(deps.deployment, name);
        const known = await createConnector(deps, { name, config: await requireValid(deps, withName(config, name)), writer }, initialState);
        return json(201, connectorInfo(deps, known), { location: connectorPath(name) });
      },
    },
    {
      method: 'GET',
      path: '/connectors/:connector',
      handle: async ({ params }) => json(200, connectorInfo(deps, await requireConnector(configs, params.connector as string))),
    },
    {
      method: 'DELETE',
      path: '/connectors/:connector',
      handle: async ({ params }) => {
        const name = params.connector as string;
        const { state, stored } = await requireConnector(configs, name);
        refuseDeletion(deps.deployment, name);
        await stopConnector(deps, state, stored);
        await waitForTasks(deps, name);
        // Source offsets stay, as in Connect: a connector of the same name goes on from them.
        await configs.delete(name, { keepOffsets: true });
        await deps.runtime.changed(name, 'target-state');
        return empty(204);
      },
    },
  ];
}

/** The path of a connector; what RFC 3986 allows in a segment stays as it is. */
export function connectorPath(name: string): string {
  const encoded = encodeURIComponent(name).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
  return `/connectors/${encoded}`;
}

/** The configuration with `name` filled in. Throws BadRequestException when it names another connector. */
export function withName(config: TextMap, name: string): TextMap {
  const given = config.name ?? name;
  if (given !== name) {
    throw new BadRequestException(`Connector name configuration (${given}) doesn't match connector name in the URL (${name})`);
  }
  const bytes = encodeURIComponent(name.toWellFormed()).length;
  if (bytes > MAX_NAME_BYTES) {
    throw new BadRequestException(`the connector's name takes ${bytes} bytes percent-encoded; at most ${MAX_NAME_BYTES} can be stored`);
  }
  return { ...config, name };
}

/** Names, or with `expand` what is asked for of each; what is unknown there is ignored, as in Connect. */
async function list(deps: RestDeps, query: URLSearchParams, statuses: StatusListing): Promise<unknown> {
  const expand = query.getAll('expand');
  if (expand.includes('status') && !expand.includes('info')) {
    return Object.fromEntries([...(await statuses.read())].map(([name, status]) => [name, { status }]));
  }
  const names = (await deps.stores.configs.list()).map(({ name }) => name);
  if (expand.length === 0) return names;
  const expanded = await Promise.all(
    names.map(async (name) => {
      const known = await findConnector(deps.stores.configs, name);
      if (known === null) return [];
      const entry: Record<string, unknown> = {};
      for (const what of new Set(expand)) {
        if (what === 'info') entry.info = connectorInfo(deps, known);
        if (what === 'status') entry.status = await connectorStateInfo(deps, known);
      }
      return [[name, entry] as const];
    }),
  );
  return Object.fromEntries(expanded.flat());
}

function readCreation(body: string): { name: string; config: TextMap; initialState: TargetState } {
  const given = readObject(body);
  const unknown = Object.keys(given).filter((key) => !['name', 'config', 'initial_state'].includes(key));
  if (unknown.length > 0) throw unreadableBody(`unknown property ${unknown.join(', ')}; allowed: name, config, initial_state`);
  const { config, initial_state: state = null, name = null } = given;
  if (name !== null && typeof name !== 'string') throw unreadableBody('name must be a text');
  const initialState = state === null ? 'STARTED' : INITIAL_STATES[String(state).toUpperCase()];
  if (initialState === undefined) {
    throw unreadableBody(`initial_state must be RUNNING, PAUSED or STOPPED, got ${JSON.stringify(state)}`);
  }
  return { name: (name ?? '').trim(), config: asTextMap(config, 'config'), initialState };
}
