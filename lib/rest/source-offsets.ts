import type { SourceConnector } from '../core/source.ts';
import type { SourceOffset, SourcePartition } from '../core/source-record.ts';
import type { ConnectorState } from '../state/config-store.ts';
import type { StoredOffset } from '../state/offset-store.ts';
import { type KnownConnector, manifestOf } from './connector-info.ts';
import type { GivenOffset } from './offsets.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException } from './rest-exception.ts';

/** Offsets that are there; reset ones are not. */
export async function listSourceOffsets({ stores }: RestDeps, { state }: KnownConnector): Promise<StoredOffset[]> {
  return (await stores.offsets.list(state.name)).filter(({ offset }) => offset !== null);
}

/** Throws BadRequestException for what is no map. */
export function readSourceOffsets(given: readonly GivenOffset[]): StoredOffset[] {
  return given.map(({ offset, partition }) => {
    if (!isMap(partition)) throw new BadRequestException('The partition of a source offset must be a JSON object');
    if (offset !== null && !isMap(offset)) throw new BadRequestException('A source offset must be a JSON object, or null to reset it');
    return { partition: partition as SourcePartition, offset: offset as SourceOffset | null };
  });
}

/** Sets offsets by hand, after the connector agreed. True = the connector has a say in it. Throws what the connector refuses with. */
export async function alterSourceOffsets(
  deps: RestDeps,
  known: KnownConnector,
  { generation }: ConnectorState,
  offsets: readonly StoredOffset[],
): Promise<boolean> {
  const agreed = await askConnector(deps, known, offsets);
  await deps.stores.offsets.alter(known.state.name, { generation, epoch: 0 }, offsets);
  return agreed;
}

/** Forgets every offset. */
export async function resetSourceOffsets(deps: RestDeps, known: KnownConnector, token: ConnectorState): Promise<boolean> {
  const offsets = (await listSourceOffsets(deps, known)).map(({ partition }) => ({ partition, offset: null }));
  return alterSourceOffsets(deps, known, token, offsets);
}

async function askConnector(deps: RestDeps, { stored }: KnownConnector, offsets: readonly StoredOffset[]): Promise<boolean> {
  const manifest = manifestOf(deps.plugins, stored);
  if (manifest === null) return false;
  const connector = new (await manifest.load())() as SourceConnector;
  if (connector.alterOffsets === undefined) return false;
  const props = await deps.resolveVariables(stored.config);
  return connector.alterOffsets(props, new Map(offsets.map(({ partition, offset }) => [partition, offset])));
}

function isMap(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
