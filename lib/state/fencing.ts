import { LeaseLostException } from './errors.ts';
import type { Lease, LeaseToken } from './lease-store.ts';

/** Whose write an item carries. Epochs are counted per task, so they are compared only within one task. */
export interface Stamp extends LeaseToken {
  /** -1 = by hand, in the name of a whole generation. */
  readonly task: number;
}

/** The task number of a stamp set by hand. */
export const BY_HAND = -1;

/** Order of owners: negative when `a` came before `b`. */
export function compareTokens(a: LeaseToken, b: LeaseToken): number {
  return a.generation - b.generation || a.epoch - b.epoch;
}

export function stampOf(lease: Lease): Stamp {
  return { generation: lease.token.generation, task: lease.task, epoch: lease.token.epoch };
}

/**
 * May this lease write an item with this stamp? Two tasks of one generation that share a source partition (a plug-in's mistake that
 * Connect tolerates) overwrite each other, as they do there; between owners of one task the later wins.
 */
export function mayWrite(stamp: Stamp | null, lease: Lease): boolean {
  if (stamp === null || stamp.generation < lease.token.generation) return true;
  if (stamp.generation > lease.token.generation) return false;
  return stamp.task !== lease.task || stamp.epoch <= lease.token.epoch;
}

/** Could an owner that may still be alive write an item with this stamp? Then it must be stamped before it is read. */
export function needsStamp(stamp: Stamp | null, lease: Lease): boolean {
  if (stamp === null || stamp.generation < lease.token.generation) return true;
  return stamp.generation === lease.token.generation && stamp.task === lease.task && stamp.epoch < lease.fencedFromEpoch;
}

/** Throws LeaseLostException where a later owner has stamped the item. */
export function requireLatest(item: string, stamp: Stamp | null, lease: Lease): void {
  if (mayWrite(stamp, lease)) return;
  throw new LeaseLostException(
    `lost the lease of ${lease.connector}-${lease.task}: ${item} was written with token ` +
      `${stamp?.generation}.${stamp?.epoch}, this is ${lease.token.generation}.${lease.token.epoch}`,
  );
}
