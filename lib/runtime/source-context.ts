import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { Logger } from '../core/logger.ts';
import type { OffsetStorageReader, SourceEvent, SourceTaskContext, TaskProgress, TransactionContext } from '../core/source.ts';
import type { ProgressValues } from '../state/offset-store.ts';

/** What a source task's context is made of. */
export interface SourceContextInit {
  readonly props: ConnectorProps;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly offsets: OffsetStorageReader;
  /** null unless the task says where transactions end. */
  readonly transactions?: TransactionContext | null;
  readonly progress: ProgressValues | null;
  readonly signal: AbortSignal;
  readonly event?: SourceEvent | undefined;
}

/** The context a source task is given, with the hints it left for the runner. */
export class SourceContext implements SourceTaskContext {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly progress: TaskProgress;
  declare readonly event?: SourceEvent;
  readonly #init: SourceContextInit;
  #progress: ProgressValues | null;
  #progressChanged = false;
  #pollAgainAtMs: number | null = null;
  #caughtUp = false;

  constructor(init: SourceContextInit) {
    this.#init = init;
    this.logger = init.logger;
    this.clock = init.clock;
    this.random = init.random;
    this.signal = init.signal;
    this.#progress = init.progress;
    if (init.event !== undefined) this.event = init.event;
    this.progress = {
      get: () => this.#progress,
      set: (progress) => {
        this.#progress = progress;
        this.#progressChanged = true;
      },
    };
  }

  configs(): ConnectorProps {
    return this.#init.props;
  }

  offsetStorageReader(): OffsetStorageReader {
    return this.#init.offsets;
  }

  transactionContext(): TransactionContext | null {
    return this.#init.transactions ?? null;
  }

  pollAgainAt(timeMs: number): void {
    this.#pollAgainAtMs = timeMs;
  }

  caughtUp(): void {
    this.#caughtUp = true;
  }

  /** When the task wants to be polled again; null = it did not say. */
  get pollAgainAtMs(): number | null {
    return this.#pollAgainAtMs;
  }

  get isCaughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Hints hold for one poll. */
  beforePoll(): void {
    this.#pollAgainAtMs = null;
  }

  afterRecords(): void {
    this.#caughtUp = false;
  }

  /** Progress set since the last call; null = unchanged. It may be written once all records polled so far are settled. */
  takeProgress(): ProgressValues | null {
    if (!this.#progressChanged) return null;
    this.#progressChanged = false;
    return this.#progress;
  }
}
