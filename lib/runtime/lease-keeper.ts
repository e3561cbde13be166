import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { LeaseLostException } from '../state/errors.ts';
import type { Lease, LeaseStore } from '../state/lease-store.ts';
import { RENEWALS_PER_LEASE } from './defaults.ts';

/** What a lease keeper needs. */
export interface LeaseKeeperDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Keeps one lease alive while its task runs. `signal` aborts once the lease is lost. A lease that could not be renewed in time ends by
 * the holder's wall and monotonic clock; from then on {@link LeaseKeeper.held} is false and no `send` or `put` may begin, although a
 * later renewal may still succeed.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #leaseMs: number;
  readonly #lost = new AbortController();
  readonly #stopped = new AbortController();
  readonly #onRenewed: (() => Promise<void>) | null;
  #lease: Lease;
  #endsAtMonotonicMs: number;
  #loop: Promise<void>;

  /** `onRenewed` runs after each renewal: the runner reads the target state there. */
  constructor(lease: Lease, leaseMs: number, deps: LeaseKeeperDeps, onRenewed: (() => Promise<void>) | null = null) {
    this.#lease = lease;
    this.#leaseMs = leaseMs;
    this.#deps = deps;
    this.#onRenewed = onRenewed;
    this.#endsAtMonotonicMs = deps.clock.monotonic() + leaseMs;
    this.#loop = this.#keep();
  }

  get lease(): Lease {
    return this.#lease;
  }

  /** Aborts when another owner took the task. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get lost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** True while a `send` or `put` may begin. */
  get held(): boolean {
    return !this.lost && this.leftMs() > 0;
  }

  /** What is left of the lease by both clocks; what begins now must end within it. */
  leftMs(): number {
    const { clock } = this.#deps;
    return Math.min(this.#endsAtMonotonicMs - clock.monotonic(), this.#lease.leaseUntilMs - clock.now());
  }

  /** Says that a fenced write was refused: the task is lost. */
  markLost(): void {
    this.#lost.abort();
  }

  async #keep(): Promise<void> {
    const { clock, leases, logger } = this.#deps;
    const everyMs = this.#leaseMs / RENEWALS_PER_LEASE;
    while (!this.#stopped.signal.aborted && !this.lost) {
      await clock.sleep(everyMs, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      const startedAt = clock.monotonic();
      try {
        this.#lease = await leases.renew(this.#lease, this.#leaseMs, clock.now());
        this.#endsAtMonotonicMs = startedAt + this.#leaseMs;
        await this.#onRenewed?.();
      } catch (error) {
        if (error instanceof LeaseLostException) this.#lost.abort();
        else logger.warn('cannot renew the lease; trying again', { error: String(error), leftMs: Math.round(this.leftMs()) });
      }
    }
  }

  /**
   * Ends renewing and releases. Call it after every write in the lease's name has settled; a lost lease is not released. A release that
   * cannot be written is left to expire: the next owner then fences what it loads.
   */
  async release(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
    if (this.lost) return;
    try {
      await this.#deps.leases.release(this.#lease);
    } catch (error) {
      this.#deps.logger.warn('cannot release the lease; it expires by itself', { error: String(error) });
    }
  }

  /** Ends renewing without a release: the next owner must fence. */
  async abandon(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }
}
