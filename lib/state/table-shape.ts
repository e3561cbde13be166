/**
 * The shape of the state table, for whoever creates it: string keys `pk` and `sk`, and a sparse index over connector and task items that
 * carries what listings show and nothing that a lease renewal changes.
 */
export const INDEX_NAME = 'by-state';
export const TABLE_KEYS = { partition: 'pk', sort: 'sk' } as const;
/** `listing` says of what (`connectors`, `tasks`, …), `listingKey` orders it. */
export const INDEX_KEYS = { partition: 'listing', sort: 'listingKey' } as const;

/** The attributes of a connector's item. */
export const CONNECTOR_ATTRIBUTES = [
  'targetState',
  'generation',
  'generationState',
  'taskCount',
  'shards',
  'configVersion',
  'plannedVersion',
  'plannedAtMs',
  'error',
  'consecutiveFailures',
] as const;
/** What a listing shows of a task (DynamoDB allows 20 attributes beside the keys). */
export const STATUS_ATTRIBUTES = ['state', 'workerId', 'statusGeneration', 'traced'] as const;
export const INDEXED_ATTRIBUTES: readonly string[] = ['format', ...CONNECTOR_ATTRIBUTES, ...STATUS_ATTRIBUTES];

/** Values of `listing`: of connectors, of their tasks. */
export const CONNECTOR_LISTING = 'connectors';
export const TASK_LISTING = 'tasks';
/** What an API that answers for all connectors lists. */
export const CONTROL_LISTINGS: readonly string[] = [CONNECTOR_LISTING, TASK_LISTING];
/** Partition of the log levels. */
export const LOGGERS_PARTITION = 'loggers';
