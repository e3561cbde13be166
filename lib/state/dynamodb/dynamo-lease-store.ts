import { LeaseLostException } from '../errors.ts';
import type { AcquireOutcome, AcquireRequest, Lease, LeaseStore, ObservedLease } from '../lease-store.ts';
import { connectorPk, TASK_PREFIX, taskKey } from './keys.ts';
import type { StateTable } from './state-table.ts';
import { acquireUpdate, leaseAfter, leaseLanded, observedLease, releaseUpdate, renewUpdate, taskOfKey } from './task-item.ts';

/** Leases as items of one table: an acquire and a release cost one write unit each. */
export class DynamoLeaseStore implements LeaseStore {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async acquire(request: AcquireRequest): Promise<AcquireOutcome> {
    const key = taskKey(TASK_PREFIX, request.connector, request.task);
    for (;;) {
      const outcome = await this.#table.update(key, acquireUpdate(request));
      if ('written' in outcome) return { acquired: leaseAfter(request, outcome.written) };
      if ('landed' in outcome) return { acquired: leaseLanded(request, outcome.landed) };
      const held = outcome.refused === null ? null : observedLease(request.task, outcome.refused);
      if (held !== null) return { heldBy: held };
      // Removed between refusal and read: free.
    }
  }

  async renew(lease: Lease, leaseMs: number, nowMs: number): Promise<Lease> {
    const outcome = await this.#table.update(taskKey(TASK_PREFIX, lease.connector, lease.task), renewUpdate(lease, nowMs + leaseMs));
    const item = 'written' in outcome ? outcome.written : 'landed' in outcome ? outcome.landed : null;
    const held = item === null ? null : observedLease(lease.task, item);
    if (held === null) {
      const { connector, task, token } = lease;
      throw new LeaseLostException(
        `lost the lease of ${connector}-${task}: token ${token.generation}.${token.epoch} is no longer the latest`,
      );
    }
    return { ...lease, leaseUntilMs: held.leaseUntilMs, renewals: held.renewals };
  }

  async release(lease: Lease): Promise<void> {
    await this.#table.update(taskKey(TASK_PREFIX, lease.connector, lease.task), releaseUpdate(lease));
  }

  async look(connector: string, task: number): Promise<ObservedLease | null> {
    const item = await this.#table.get(taskKey(TASK_PREFIX, connector, task));
    return item === null ? null : observedLease(task, item);
  }

  async lookAll(connector: string): Promise<ObservedLease[]> {
    const { items } = await this.#table.query(connectorPk(connector), TASK_PREFIX);
    return items
      .map((item) => observedLease(taskOfKey(item), item))
      .filter((held) => held !== null)
      .sort((a, b) => a.task - b.task);
  }
}
