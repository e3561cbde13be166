/** Where an item lives. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** Every character that could be our separator is percent-encoded, so a name can hold anything. */
export function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

/** Items of a connector; its offsets and watermarks beyond shard 0 live under keys of their own. */
export function connectorPk(connector: string, shard = 0): string {
  return shard === 0 ? `connector#${encodeName(connector)}` : `connector#${encodeName(connector)}#${shard}`;
}

export function connectorKey(connector: string): ItemKey {
  return { pk: connectorPk(connector), sk: 'connector' };
}

export function configKey(connector: string): ItemKey {
  return { pk: connectorPk(connector), sk: 'config' };
}

export const TASK_PREFIX = 'task#';
export const TRACE_PREFIX = 'trace#';
export const PLAN_PREFIX = 'plan#';
export const OFFSET_PREFIX = 'offset#';
export const WATERMARK_PREFIX = 'watermark#';
export const PROGRESS_PREFIX = 'progress#';
export const TRANSACTION_PREFIX = 'txn#';

/** One item of a task: `task#3`, `plan#3`, … */
export function taskKey(prefix: string, connector: string, task: number): ItemKey {
  return { pk: connectorPk(connector), sk: `${prefix}${task}` };
}

/** False = no item can live there: DynamoDB's limits for partition and sort keys. */
export function isPossibleKey({ pk, sk }: ItemKey): boolean {
  return Buffer.byteLength(pk) <= 2_048 && Buffer.byteLength(sk) <= 1_024;
}

/** The item's key as it stands in error messages. */
export function keyText(key: ItemKey): string {
  return `item ${key.pk} / ${key.sk}`;
}
