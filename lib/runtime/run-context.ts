import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { Logger } from '../core/logger.ts';
import type { OffsetStore } from '../state/offset-store.ts';
import type { Deadline } from './deadline.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { TaskFigures } from './task-outcome.ts';

/** What a run of a source and of a sink task have in common; the caller acquired the lease and releases it afterwards. */
export interface RunContext {
  readonly props: ConnectorProps;
  readonly keeper: LeaseKeeper;
  /** The lease was not released cleanly or the generation changed: reading offsets and watermarks fences them. */
  readonly fence: boolean;
  readonly offsets: OffsetStore;
  /** `tick`: ends when caught up (a sink: at the end offsets seen at the start). `continuous`: ends when stopped. */
  readonly mode: 'tick' | 'continuous';
  readonly deadline: Deadline;
  readonly stop: AbortSignal;
  /** `offset.flush.interval.ms`. */
  readonly flushIntervalMs: number;
  readonly figures: TaskFigures;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called once, after `task.start` succeeded. */
  readonly onStarted: () => Promise<void>;
}
