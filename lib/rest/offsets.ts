import type { ConnectorState } from '../state/config-store.ts';
import type { LeaseToken } from '../state/lease-store.ts';
import { type KnownConnector, manifestOf, requireConnector } from './connector-info.ts';
import { json, type Route } from './exchange.ts';
import { readValueKeepingIntegers } from './json-body.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException, unreadableBody } from './rest-exception.ts';
import { alterSinkOffsets, listSinkOffsets, readSinkOffsets, resetSinkOffsets } from './sink-offsets.ts';
import { alterSourceOffsets, listSourceOffsets, readSourceOffsets, resetSourceOffsets } from './source-offsets.ts';
import { stopConnector } from './target-state.ts';
import { waitForTasks } from './wait-for-tasks.ts';

/** `/connectors/:connector/offsets` (KIP-875). */
export function offsetRoutes(deps: RestDeps): Route[] {
  const path = '/connectors/:connector/offsets';
  return [
    {
      method: 'GET',
      path,
      handle: async ({ params }) => {
        const known = await requireConnector(deps.stores.configs, params.connector as string);
        const offsets = isSink(deps, known) ? await listSinkOffsets(deps, known) : await listSourceOffsets(deps, known);
        return json(200, { offsets });
      },
    },
    {
      method: 'PATCH',
      path,
      handle: async ({ body, params }) => {
        const given = entriesOf(body);
        const known = await requireConnector(deps.stores.configs, params.connector as string);
        if (given.length === 0) throw new BadRequestException('Partitions / offsets need to be provided for an alter offsets request');
        const token = await holdStopped(deps, known);
        const done = isSink(deps, known)
          ? await alterSinkOffsets(deps, known, byHand(token), readSinkOffsets(given))
          : await alterSourceOffsets(deps, known, token, readSourceOffsets(given));
        return json(200, { message: outcome(done, 'altered') });
      },
    },
    {
      method: 'DELETE',
      path,
      handle: async ({ params }) => {
        const known = await requireConnector(deps.stores.configs, params.connector as string);
        const token = await holdStopped(deps, known);
        const done = isSink(deps, known)
          ? await resetSinkOffsets(deps, known, byHand(token))
          : await resetSourceOffsets(deps, known, token);
        return json(200, { message: outcome(done, 'reset') });
      },
    },
  ];
}

/** One entry of a request, not yet looked at. */
export interface GivenOffset {
  readonly partition: unknown;
  readonly offset: unknown;
}

function entriesOf(body: string): GivenOffset[] {
  const { offsets = [] } = readValueKeepingIntegers(body);
  if (offsets === null) return [];
  if (!Array.isArray(offsets)) throw unreadableBody('offsets must be a JSON array');
  return offsets.map((entry: unknown) => {
    const { offset = null, partition = null } = (entry ?? {}) as Partial<GivenOffset>;
    return { offset, partition };
  });
}

function isSink({ plugins }: RestDeps, { stored }: KnownConnector): boolean {
  return manifestOf(plugins, stored)?.kind === 'sink';
}

/** The generation in whose name offsets may be written: the connector is STOPPED, and none of its tasks is left. */
async function holdStopped(deps: RestDeps, { state, stored }: KnownConnector): Promise<ConnectorState> {
  if (state.targetState !== 'STOPPED') {
    throw new BadRequestException(
      'Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing ' +
        `a 'PUT' request to the '/connectors/${state.name}/stop' endpoint`,
    );
  }
  const emptied = await stopConnector(deps, state, stored);
  await waitForTasks(deps, state.name);
  await deps.runtime.settleByHand(state.name);
  return emptied;
}

function outcome(byConnector: boolean, what: 'altered' | 'reset'): string {
  if (byConnector) return `The offsets for this connector have been ${what} successfully`;
  return (
    `The Connect framework-managed offsets for this connector have been ${what} successfully. However, if this connector manages offsets ` +
    `externally, they will need to be manually ${what} in the system that the connector uses.`
  );
}

/** The generation of a stopped connector outranks every lease of those before it. */
function byHand({ generation }: ConnectorState): LeaseToken {
  return { generation, epoch: 0 };
}
