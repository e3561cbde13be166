/** Order of owners of a task: generation first, then epoch. Every write in a lease's name is conditional on it. */
export interface LeaseToken {
  readonly generation: number;
  /** Counted per task, never reset. */
  readonly epoch: number;
}

/** A task that this process may act for, until another takes it. */
export interface Lease {
  readonly connector: string;
  readonly task: number;
  readonly owner: string;
  readonly token: LeaseToken;
  /** Wall clock ms; an observer's hint, never a guarantee. */
  readonly leaseUntilMs: number;
  /** Counts renewals, so that others see life without comparing clocks. */
  readonly renewals: number;
  /** The previous owner released after its last write settled, in this generation: its offsets need no fencing. */
  readonly releasedCleanly: boolean;
  /**
   * Every owner of this generation since this epoch released cleanly; one before it may still be alive. What it could still write is
   * stamped when it is loaded, at the latest by this lease. Equals the own epoch where the previous owner did not release.
   */
  readonly fencedFromEpoch: number;
  /** The token of the owner before this one where it released cleanly: what was read in its name is still so. null otherwise. */
  readonly previous: LeaseToken | null;
}

/** How somebody else holds a task. */
export interface HeldLease {
  readonly owner: string;
  readonly token: LeaseToken;
  readonly leaseUntilMs: number;
  readonly renewals: number;
}

/** A task's lease as an observer sees it. */
export interface ObservedLease extends HeldLease {
  readonly task: number;
  /** Free: its last owner let go of it. */
  readonly released: boolean;
}

/** The answer to {@link LeaseStore.acquire}. */
export type AcquireOutcome = { readonly acquired: Lease } | { readonly heldBy: HeldLease };

/** What to acquire. */
export interface AcquireRequest {
  readonly connector: string;
  readonly task: number;
  /** Unique for one invocation or worker process. */
  readonly owner: string;
  /** The generation whose plan the caller read. */
  readonly generation: number;
  readonly leaseMs: number;
  readonly nowMs: number;
  /**
   * When a lease that was not released may be taken: `observed` names the renewal counter that the caller saw stand still for a
   * whole lease by its own monotonic clock (workers); absent = `leaseUntil` + 5 s lies in the past (ticks).
   */
  readonly observed?: { readonly token: LeaseToken; readonly renewals: number };
}

/** Who acts for which task. */
export interface LeaseStore {
  /**
   * Takes a free, released, own or expired lease (epoch + 1). A lease of an older generation may be taken at once; of a newer one never
   * (answers heldBy). Throws StateUnavailableException.
   */
  acquire(request: AcquireRequest): Promise<AcquireOutcome>;
  /** Throws LeaseLostException when a later token exists. */
  renew(lease: Lease, leaseMs: number, nowMs: number): Promise<Lease>;
  /** The holder's promise to write no more in its name; send it after every write has settled. Losing it meanwhile is no error. */
  release(lease: Lease): Promise<void>;
  /** null = never held. */
  look(connector: string, task: number): Promise<ObservedLease | null>;
  /** Every task of a connector that was ever held, by task number: one query. */
  lookAll(connector: string): Promise<ObservedLease[]>;
}
