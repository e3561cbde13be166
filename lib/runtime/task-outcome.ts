/** Why a run of a task ended. */
export type TaskEnd =
  /** A tick found nothing more to do. */
  | 'caught-up'
  /** The invocation's work time was over. */
  | 'deadline'
  /** Asked to stop: shutdown, pause, stop, a new generation. */
  | 'stopped'
  /** The partitions of its topics changed: it is to start again with those it has now. */
  | 'reassigned'
  /** Its transaction was not committed, or Kafka has another producer for it: it is to start again from its committed offsets. */
  | 'aborted'
  /** Kafka or the state table could not be reached: it is to be run again. */
  | 'outage'
  /** Another owner took the task: normal, not an error. */
  | 'lease-lost'
  | 'failed';

/** How a run of a task ended. */
export interface TaskOutcome {
  readonly end: TaskEnd;
  /** What failed the task or could not be reached; null unless `end` is `failed` or `outage`. */
  readonly error: unknown;
  /** There is more to do at once. */
  readonly workLeft: boolean;
  /** At least one offset was committed: only then a hand-over to a further invocation makes progress. */
  readonly advanced: boolean;
}

/** Live counters of a running task; read by progress displays, never written by them. */
export interface TaskFigures {
  /** Source: polled. Sink: consumed. */
  recordsIn: number;
  /** Source: acknowledged by Kafka. Sink: put. */
  recordsOut: number;
  bytes: number;
  deadLetters: number;
  retries: number;
  /** Sink: records between position and end. Source: null, a source cannot say. */
  lag: number | null;
  /** Redelivered records that were recognised and not delivered again. */
  duplicatesSkipped: number;
  /** Batches at or below the watermark that were delivered all the same (`lambda.on.rewind`). */
  rewinds: number;
  /** Kafka timestamp of the oldest record that a sink was given, ms; absent = there was none. */
  oldestTimestampMs?: number;
}

/** All zero. */
export function newTaskFigures(): TaskFigures {
  return { recordsIn: 0, recordsOut: 0, bytes: 0, deadLetters: 0, retries: 0, lag: null, duplicatesSkipped: 0, rewinds: 0 };
}

/** Remembers the oldest of these records' timestamps; -1 is none. */
export function noteOldest(figures: TaskFigures, records: readonly { readonly timestamp: number }[]): void {
  let oldest = figures.oldestTimestampMs ?? Number.POSITIVE_INFINITY;
  for (const { timestamp } of records) if (timestamp >= 0 && timestamp < oldest) oldest = timestamp;
  if (oldest !== Number.POSITIVE_INFINITY) figures.oldestTimestampMs = oldest;
}
