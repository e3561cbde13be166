import { LeaseLostException } from '../errors.ts';
import type { AcquireOutcome, AcquireRequest, Lease, LeaseStore, ObservedLease } from '../lease-store.ts';
import { LEASE_GRACE_MS } from '../limits.ts';
import type { MemoryLease, MemoryState } from './memory-state.ts';

/** The reference of {@link LeaseStore}. */
export class MemoryLeaseStore implements LeaseStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async acquire(request: AcquireRequest): Promise<AcquireOutcome> {
    const leases = this.#state.of(request.connector).leases;
    const held = leases.get(request.task);
    if (held !== undefined && !mayTake(held, request)) return { heldBy: observed(request.task, held) };
    const epoch = (held?.token.epoch ?? 0) + 1;
    const releasedCleanly = held?.released === true && held.token.generation === request.generation;
    const taken: MemoryLease = {
      owner: request.owner,
      token: { generation: request.generation, epoch },
      leaseUntilMs: request.nowMs + request.leaseMs,
      renewals: 0,
      released: false,
      fencedFromEpoch: releasedCleanly ? held.fencedFromEpoch : epoch,
    };
    leases.set(request.task, taken);
    const { connector, task } = request;
    return {
      acquired: {
        connector,
        task,
        owner: taken.owner,
        token: taken.token,
        leaseUntilMs: taken.leaseUntilMs,
        renewals: 0,
        releasedCleanly,
        fencedFromEpoch: taken.fencedFromEpoch,
        previous: releasedCleanly ? held.token : null,
      },
    };
  }

  async renew(lease: Lease, leaseMs: number, nowMs: number): Promise<Lease> {
    const held = this.#own(lease);
    if (held === null || held.released) throw lost(lease);
    held.leaseUntilMs = nowMs + leaseMs;
    held.renewals += 1;
    return { ...lease, leaseUntilMs: held.leaseUntilMs, renewals: held.renewals };
  }

  async release(lease: Lease): Promise<void> {
    const held = this.#own(lease);
    if (held !== null) held.released = true;
  }

  async look(connector: string, task: number): Promise<ObservedLease | null> {
    const held = this.#state.of(connector).leases.get(task);
    return held === undefined ? null : observed(task, held);
  }

  async lookAll(connector: string): Promise<ObservedLease[]> {
    return [...this.#state.of(connector).leases].map(([task, held]) => observed(task, held)).sort((a, b) => a.task - b.task);
  }

  #own(lease: Lease): MemoryLease | null {
    const held = this.#state.of(lease.connector).leases.get(lease.task);
    return held?.token.generation === lease.token.generation && held.token.epoch === lease.token.epoch ? held : null;
  }
}

function mayTake(held: MemoryLease, request: AcquireRequest): boolean {
  if (held.token.generation !== request.generation) return held.token.generation < request.generation;
  if (held.released || held.owner === request.owner) return true;
  const seen = request.observed;
  if (seen === undefined) return held.leaseUntilMs + LEASE_GRACE_MS < request.nowMs;
  return seen.token.generation === held.token.generation && seen.token.epoch === held.token.epoch && seen.renewals === held.renewals;
}

function observed(task: number, held: MemoryLease): ObservedLease {
  const { owner, token, leaseUntilMs, renewals, released } = held;
  return { task, owner, token, leaseUntilMs, renewals, released };
}

function lost(lease: Lease): LeaseLostException {
  const { connector, task, token } = lease;
  return new LeaseLostException(`lost the lease of ${connector}-${task}: token ${token.generation}.${token.epoch} is no longer the latest`);
}
