/** `connector`: what runs of a connector, at which generation. Stays under 4 kB: each tick reads it. */
import type { ConnectorState, TargetState } from '../config-store.ts';
import { CONNECTOR_ERROR_LIMIT_BYTES, cutAtBytes } from '../limits.ts';
import { CONNECTOR_ATTRIBUTES, CONNECTOR_LISTING } from '../table-shape.ts';
import { type Item, ItemReader } from './item.ts';
import { encodeName } from './keys.ts';
import type { ItemUpdate } from './state-table.ts';

/** Heading of connector items in the index. */

const EXISTS = 'attribute_exists(#targetState)';

/** null = the item only marks a deleted connector. */
export function connectorStateOf(item: Item): ConnectorState | null {
  const read = new ItemReader(item);
  if (!read.has('targetState')) return null;
  return {
    name: decodeURIComponent(read.text('listingKey')),
    targetState: read.text('targetState') as TargetState,
    generation: read.number('generation'),
    generationState: read.text('generationState') as ConnectorState['generationState'],
    retiring: read.numberOr('retiring', 0),
    taskCount: read.number('taskCount'),
    configVersion: read.number('configVersion'),
    shards: read.number('shards'),
    plannedVersion: read.number('plannedVersion'),
    plannedAtMs: read.number('plannedAtMs'),
    error: read.textOrNull('error'),
    consecutiveFailures: read.number('consecutiveFailures'),
  };
}

/** What outlives deletion. */
export interface DeletedMark {
  readonly configVersion: number;
  readonly keepOffsets: boolean;
  readonly shards: number;
}

/** null = not deleted. */
export function deletedMarkOf(item: Item): DeletedMark | null {
  const read = new ItemReader(item);
  if (read.has('targetState')) return null;
  return { configVersion: read.numberOr('configVersion', 0), keepOffsets: read.flag('keepOffsets'), shards: read.numberOr('shards', 1) };
}

/** Makes the connector, unless it exists; over the mark of a deleted one its generation goes on. */
export function createUpdate(name: string, targetState: TargetState, configVersion: number, shards: number): ItemUpdate {
  return {
    set: {
      targetState,
      generationState: 'READY',
      taskCount: 0,
      shards,
      configVersion,
      plannedVersion: 0,
      plannedAtMs: 0,
      consecutiveFailures: 0,
      keepOffsets: null,
      listing: CONNECTOR_LISTING,
      listingKey: encodeName(name),
    },
    compute: ['#generation = if_not_exists(#generation, :zero)'],
    when: ['attribute_not_exists(#targetState)'],
    values: { zero: 0 },
  };
}

export function configVersionUpdate(version: number): ItemUpdate {
  return { set: { configVersion: version }, when: [`${EXISTS} AND #configVersion < :version`], values: { version } };
}

export function targetStateUpdate(targetState: TargetState): ItemUpdate {
  return { set: { targetState }, when: [EXISTS] };
}

/** Opens the next generation; `configVersion` null = an empty plan, made from no configuration. */
export function generationUpdate(plan: {
  readonly expectedGeneration: number;
  readonly plannedVersion: number;
  readonly taskCount: number;
  readonly nowMs: number;
  readonly state: 'PREPARING' | 'READY';
  readonly retiring: number;
}): ItemUpdate {
  const { expectedGeneration, plannedVersion, taskCount, nowMs, state, retiring } = plan;
  const planned = taskCount > 0;
  return {
    set: {
      generation: expectedGeneration + 1,
      generationState: state,
      retiring: state === 'PREPARING' ? retiring : null,
      taskCount,
      plannedVersion,
      plannedAtMs: nowMs,
      ...(planned ? { configVersion: plannedVersion } : {}),
    },
    when: [`${EXISTS} AND #generation = :expected${planned ? ' AND #configVersion <= :plannedVersion' : ''}`],
    values: { expected: expectedGeneration, ...(planned ? { plannedVersion } : {}) },
    returns: 'ALL_NEW',
  };
}

/** Conditional on the connector still being stopped, as it was read. */
export function shardsUpdate(read: ConnectorState, shards: number): ItemUpdate {
  return {
    set: { shards },
    when: ['#targetState = :stopped AND #generation = :generation AND #shards = :before'],
    values: { stopped: 'STOPPED', generation: read.generation, before: read.shards },
  };
}

/** A change of a generation that is still the current one. */
export function withinGenerationUpdate(generation: number, set: ItemUpdate['set']): ItemUpdate {
  return { set, when: [`${EXISTS} AND #generation = :generation`], values: { generation } };
}

export function errorUpdate(trace: string | null): ItemUpdate {
  if (trace === null) return { set: { error: null, consecutiveFailures: 0 }, when: [EXISTS] };
  return {
    set: { error: cutAtBytes(trace, CONNECTOR_ERROR_LIMIT_BYTES) },
    compute: ['#consecutiveFailures = #consecutiveFailures + :one'],
    // A try that has landed, and is repeated because its answer was lost, must not count twice.
    when: [`${EXISTS} AND #writeId <> :writeId`],
    values: { one: 1 },
  };
}

/** Turns the item into the mark of a deleted connector, under a generation that no owner had. */
export function deleteUpdate(keepOffsets: boolean): ItemUpdate {
  const kept = new Set<string>(['generation', 'configVersion', 'shards']);
  const removed = CONNECTOR_ATTRIBUTES.filter((attribute) => !kept.has(attribute)).map((attribute) => [attribute, null] as const);
  return {
    set: { ...Object.fromEntries(removed), retiring: null, listing: null, listingKey: null, keepOffsets },
    compute: ['#generation = #generation + :one'],
    when: ['attribute_exists(#generation)'],
    values: { one: 1 },
  };
}
