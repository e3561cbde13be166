/** `task#<n>`: the lease of a task and its status. Stays under 1 kB: each renewal writes it whole. */
import type { AcquireRequest, Lease, LeaseToken, ObservedLease } from '../lease-store.ts';
import { LEASE_GRACE_MS } from '../limits.ts';
import type { TaskState, TaskStatus, TaskSummary, TickFigures } from '../status-store.ts';
import { TASK_LISTING } from '../table-shape.ts';
import { type Item, ItemReader } from './item.ts';
import { encodeName, TASK_PREFIX } from './keys.ts';
import type { ItemUpdate } from './state-table.ts';

/** Heading of task items in the index. */

const OWN_TOKEN = '#generation = :generation AND #epoch = :epoch';

/** Takes the lease; the old item comes back. */
export function acquireUpdate(request: AcquireRequest): ItemUpdate {
  const { owner, generation, nowMs, observed } = request;
  const values: Record<string, string | number | boolean> = { generation, owner, zero: 0, one: 1, true: true };
  const takeable = ['#released = :true', '#owner = :owner'];
  if (observed === undefined) {
    takeable.push('#leaseUntilMs < :endedBefore');
    values.endedBefore = nowMs - LEASE_GRACE_MS;
  } else if (observed.token.generation === generation) {
    takeable.push('#epoch = :seenEpoch AND #renewals = :seenRenewals');
    values.seenEpoch = observed.token.epoch;
    values.seenRenewals = observed.renewals;
  }
  const inGeneration = takeable.map((one) => `#generation = :generation AND ${one}`);
  return {
    set: { owner, generation, leaseUntilMs: nowMs + request.leaseMs, renewals: 0, released: false },
    compute: ['#epoch = if_not_exists(#epoch, :zero) + :one'],
    when: ['attribute_not_exists(#epoch)', '#generation < :generation', ...inGeneration],
    values,
    returns: 'ALL_OLD',
  };
}

/** The lease that {@link acquireUpdate} gave; `old` is the item before it (null = there was none). */
export function leaseAfter(request: AcquireRequest, old: Item | null): Lease {
  const before = old === null ? null : observedLease(request.task, old);
  const releasedCleanly = before?.released === true && before.token.generation === request.generation;
  const epoch = (before?.token.epoch ?? 0) + 1;
  return {
    ...leaseOf(request, epoch),
    releasedCleanly,
    // A releasing owner leaves behind from which epoch on all before it released.
    fencedFromEpoch: releasedCleanly ? new ItemReader(old as Item).numberOr('fencedFromEpoch', epoch) : epoch,
    previous: releasedCleanly ? before.token : null,
  };
}

/** The lease where the answer was lost, and with it how the owner before left: as if it had not released. */
export function leaseLanded(request: AcquireRequest, item: Item): Lease {
  const epoch = new ItemReader(item).number('epoch');
  return { ...leaseOf(request, epoch), releasedCleanly: false, fencedFromEpoch: epoch, previous: null };
}

function leaseOf(request: AcquireRequest, epoch: number) {
  const { connector, task, owner, generation, nowMs, leaseMs } = request;
  return { connector, task, owner, token: { generation, epoch }, leaseUntilMs: nowMs + leaseMs, renewals: 0 };
}

/** The counter grows by what is stored, so that an observer sees life even where an answer was lost. */
export function renewUpdate(lease: Lease, leaseUntilMs: number): ItemUpdate {
  return {
    set: { leaseUntilMs },
    compute: ['#renewals = #renewals + :one'],
    when: [`${OWN_TOKEN} AND #released = :false`],
    values: { ...lease.token, one: 1, false: false },
    returns: 'ALL_NEW',
  };
}

export function releaseUpdate(lease: Lease): ItemUpdate {
  return { set: { released: true, fencedFromEpoch: lease.fencedFromEpoch }, when: [OWN_TOKEN], values: { ...lease.token } };
}

/** null = the item holds no lease. */
export function observedLease(task: number, item: Item): ObservedLease | null {
  const read = new ItemReader(item);
  if (!read.has('epoch')) return null;
  return {
    task,
    owner: read.text('owner'),
    token: { generation: read.number('generation'), epoch: read.number('epoch') },
    leaseUntilMs: read.number('leaseUntilMs'),
    renewals: read.number('renewals'),
    released: read.flag('released'),
  };
}

/** `order` counts the writes of this process: a late try of an earlier status must not replace a later one. */
export function statusUpdate(lease: Lease, status: Omit<TaskStatus, 'task' | 'generation'>, order: number): ItemUpdate {
  const { generation, epoch } = lease.token;
  return {
    set: {
      state: status.state,
      workerId: status.workerId,
      statusGeneration: generation,
      statusEpoch: epoch,
      statusOrder: order,
      traced: status.trace !== null,
      figures: status.lastTick === null ? null : JSON.stringify(status.lastTick),
      listing: TASK_LISTING,
      listingKey: listingKeyOf(lease.connector, lease.task),
    },
    when: ['attribute_not_exists(#statusOrder)', '#statusGeneration <> :generation', '#statusEpoch <> :epoch', '#statusOrder < :order'].map(
      (one) => `${OWN_TOKEN} AND ${one}`,
    ),
    values: { generation, epoch, order },
  };
}

/** The status was refused although the token is the latest: a later status of this very owner is there. */
export function holdsLaterStatus(lease: Lease, item: Item | null): boolean {
  if (item === null) return false;
  const token = observedLease(lease.task, item)?.token;
  return token?.generation === lease.token.generation && token.epoch === lease.token.epoch;
}

/** A task's status without its trace, and which write brought it; null = it never reported. */
export function statusOf(
  task: number,
  item: Item,
): { status: TaskStatus; traced: boolean; writtenBy: LeaseToken & { readonly order: number } } | null {
  const read = new ItemReader(item);
  if (!read.has('state')) return null;
  const generation = read.number('statusGeneration');
  return {
    status: {
      task,
      state: read.text('state') as TaskState,
      workerId: read.text('workerId'),
      generation,
      trace: null,
      lastTick: read.has('figures') ? read.json<TickFigures>('figures') : null,
    },
    traced: read.flag('traced'),
    writtenBy: { generation, epoch: read.number('statusEpoch'), order: read.number('statusOrder') },
  };
}

export function taskOfKey(item: Item): number {
  return Number(item.sk?.S?.slice(TASK_PREFIX.length));
}

function listingKeyOf(connector: string, task: number): string {
  return `${encodeName(connector)}#${String(task).padStart(6, '0')}`;
}

/** A task as the index carries it. */
export function summaryOf(item: Item): TaskSummary {
  const read = new ItemReader(item);
  const [connector = '', task = ''] = read.text('listingKey').split('#');
  return {
    connector: decodeURIComponent(connector),
    task: Number(task),
    state: read.text('state') as TaskState,
    workerId: read.text('workerId'),
    generation: read.number('statusGeneration'),
    hasTrace: read.flag('traced'),
  };
}
