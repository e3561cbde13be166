import type { TransactionContext } from '../core/source.ts';
import type { ProgressValues } from '../state/offset-store.ts';
import type { PolledBatch } from './record-sender.ts';

/** How polled records reach Kafka and their offsets the table: at least once, or exactly once. The runner polls, converts and rests. */
export interface SourceDelivery {
  /** What a task may say about transactions; null = nothing. */
  readonly transactionContext: TransactionContext | null;
  /** What ended delivering for good; null = nothing did. */
  readonly failure: { readonly error: unknown } | null;
  /** At least one offset was committed. */
  readonly advanced: boolean;
  /** When {@link commit} is to be called next, by the monotonic clock. */
  readonly nextCommitAt: number;
  /** Before anything is read: takes the task over from whoever had it. */
  open(): Promise<void>;
  /** Takes a batch, in the order polled. Null = there is room for the next at once; else resolves when there is. */
  deliver(batch: PolledBatch): Promise<void> | null;
  /** What was converted of a batch whose conversion failed for good: the run ends after it. */
  deliverBroken(batch: PolledBatch): void;
  /** After a poll without records. */
  idle(progress: ProgressValues | null): void;
  /** The interval is over: begins a commit, which goes on beside polling. */
  commit(): void;
  /** Ends everything: what is under way is waited for (`offset.flush.timeout.ms`), then committed unless the run failed. Answers what failed, the first failure winning. */
  finish(failed: { readonly error: unknown } | null): Promise<{ readonly error: unknown } | null>;
}
