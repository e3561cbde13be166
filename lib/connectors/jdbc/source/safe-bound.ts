import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/logger.ts';
import type { TaskProgress } from '../../../core/source.ts';
import type { JdbcClient } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { incrementingValue } from './incrementing-value.ts';
import type { ReadOffset } from './read-offset.ts';

/** How often transactions that hold reading up are looked at again. */
export const SAFE_LOOK_MS = 250;
/** How long a tick stays for them; the next one goes on with the same bound. */
const TICK_WAITS_MS = 8_000;
/** After this a transaction that holds reading up is worth a warning. */
const WARN_AFTER_MS = 60_000;

/** What a bound is found with. */
export interface SafeBoundInit {
  readonly dialect: Dialect;
  /** Names the table in what the task remembers. */
  readonly name: string;
  /** Reads the largest value of the incrementing column; null in `timestamp` mode. */
  readonly largest: string | null;
  readonly hasTimestamp: boolean;
  /** `timestamp.delay.interval.ms`. */
  readonly delayMs: number;
  /** `lambda.jdbc.safe.window.ms`: how long transactions are thought to last where nobody can say. */
  readonly windowMs: number;
  readonly clock: Clock;
  readonly progress: TaskProgress;
  readonly logger: Logger;
}

/** A bound that is safe once none of these transactions is open. */
interface Candidate {
  readonly bound: ReadOffset;
  readonly takenAtMs: number;
  /** null = not asked yet, or not to be known. */
  readonly open: readonly string[] | null;
}

/**
 * Up to where a table can be read without skipping a row that commits late (`lambda.jdbc.safe.reads`). First the largest id and the time
 * are read, then the transactions that are open. A row below the bound that cannot be seen yet got its id or time in one of these: once
 * they have all ended, everything below the bound that there will ever be can be seen. No row is read above the bound, so offsets stay
 * what they are in Connect; a row shows later by as long as the longest transaction that was open beside it.
 */
export class SafeBound {
  readonly #init: SafeBoundInit;
  #candidate: Candidate | null;
  #bound: ReadOffset | null = null;
  #lookedAtMs = 0;

  constructor(init: SafeBoundInit) {
    this.#init = init;
    this.#candidate = candidateOf(init.progress.get()?.[this.#key]);
  }

  /** The last bound that is safe; null = none yet. */
  get bound(): ReadOffset | null {
    return this.#bound;
  }

  /** Transactions hold the next bound up. */
  get isWaiting(): boolean {
    return this.#candidate !== null;
  }

  /** Whether a tick should look again instead of ending. */
  get isWorthWaiting(): boolean {
    return this.#candidate !== null && this.#init.clock.now() - this.#candidate.takenAtMs < TICK_WAITS_MS;
  }

  /** Looks whether the next bound is safe. Throws SqlException. */
  async advance(client: JdbcClient): Promise<void> {
    const { clock, dialect, logger, name } = this.#init;
    let candidate = this.#candidate ?? { bound: await this.#take(client), takenAtMs: clock.now(), open: null };
    const ageMs = clock.now() - candidate.takenAtMs;
    if (ageMs >= dialect.transactionsShowAfterMs && clock.now() - this.#lookedAtMs >= dialect.transactionsLookMs) {
      this.#lookedAtMs = clock.now();
      const open = await dialect.openTransactions(client);
      if (open === 'ask later') return this.#remember(candidate);
      if (open !== null) {
        const before = candidate.open;
        candidate = { ...candidate, open: before === null ? open : before.filter((transaction) => open.includes(transaction)) };
      }
      const isSafe = open === null ? ageMs >= this.#init.windowMs : candidate.open?.length === 0;
      if (isSafe) {
        this.#bound = candidate.bound;
        return this.#remember(null);
      }
    }
    if (ageMs >= WARN_AFTER_MS && Math.trunc(ageMs / WARN_AFTER_MS) !== Math.trunc((ageMs - SAFE_LOOK_MS) / WARN_AFTER_MS)) {
      logger.warn('open transactions hold safe reads up', {
        table: name,
        forMs: ageMs,
        transactions: candidate.open?.slice(0, 10) ?? null,
      });
    }
    this.#remember(candidate);
  }

  async #take(client: JdbcClient): Promise<ReadOffset> {
    const { delayMs, dialect, hasTimestamp, largest } = this.#init;
    const timestamp = hasTimestamp ? await dialect.currentTime(client) : null;
    const raw = largest === null ? null : ((await client.query(largest)).rows[0]?.[0] ?? null);
    return {
      incrementing: raw === null ? null : incrementingValue(raw, dialect),
      // Whole seconds, since a column without fractions holds times that lie before the moment they were made at.
      timestamp: timestamp === null ? null : { epochMs: Math.floor((timestamp.epochMs - delayMs) / 1000) * 1000, nanos: 0 },
    };
  }

  get #key(): string {
    return `safe ${this.#init.name}`;
  }

  #remember(candidate: Candidate | null): void {
    if (candidate === null && this.#candidate === null) return;
    this.#candidate = candidate;
    const { progress } = this.#init;
    progress.set({ ...progress.get(), [this.#key]: candidate === null ? null : textOf(candidate) });
  }
}

function textOf({ bound, takenAtMs, open }: Candidate): string {
  return JSON.stringify([
    bound.incrementing === null ? null : String(bound.incrementing),
    bound.timestamp?.epochMs ?? null,
    takenAtMs,
    open,
  ]);
}

function candidateOf(text: unknown): Candidate | null {
  if (typeof text !== 'string') return null;
  const [incrementing, epochMs, takenAtMs, open] = JSON.parse(text) as [string | null, number | null, number, string[] | null];
  return {
    bound: {
      incrementing: incrementing === null ? null : BigInt(incrementing),
      timestamp: epochMs === null ? null : { epochMs, nanos: 0 },
    },
    takenAtMs,
    open,
  };
}
