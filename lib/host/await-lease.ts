import type { Clock } from '../core/clock.ts';
import type { AcquireRequest, LeaseStore } from '../state/lease-store.ts';
import { LivenessWatch } from './liveness-watch.ts';

/** First and longest wait between two looks at a lease that somebody else holds. */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

/** Of a lease that nobody ever held: whoever holds it by then is alive. */
const NEVER_HELD = { token: { generation: 0, epoch: -1 }, renewals: -1 };

/** Whose lease is waited for. */
export interface AwaitedLease {
  readonly connector: string;
  readonly task: number;
  /** Of the plan that the task is to run. */
  readonly generation: number;
  readonly owner: string;
  readonly leaseMs: number;
}

/**
 * Waits until a task's lease can be taken: nobody holds it, or its renewals stood still for a whole lease by this process's monotonic
 * clock, whatever the wall clocks say. Answers what `acquire` is to be told of it; null = the signal aborted. Throws StateUnavailableException.
 */
export async function awaitLease(
  leases: LeaseStore,
  { connector, generation, leaseMs, owner, task }: AwaitedLease,
  clock: Clock,
  signal: AbortSignal,
): Promise<NonNullable<AcquireRequest['observed']> | null> {
  const watch = new LivenessWatch(clock);
  for (let waitMs = FIRST_LOOK_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
    const held = await leases.look(connector, task);
    if (held === null) return NEVER_HELD;
    const { released, renewals, token } = held;
    if (released || held.owner === owner || token.generation < generation) return { token, renewals };
    watch.saw([['lease', `${token.generation}.${token.epoch}.${renewals}`]]);
    if (watch.stillMs('lease') >= leaseMs && token.generation === generation) return { token, renewals };
    await clock.sleep(waitMs, signal);
  }
  return null;
}
