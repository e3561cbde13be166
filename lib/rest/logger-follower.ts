import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { LoggerStore } from '../state/logger-store.ts';
import { affectedLoggers } from './loggers.ts';
import type { LogLevels } from './rest-deps.ts';

/** How often levels of cluster scope are looked at. */
const LOOK_EVERY_MS = 2_000;

/** Sets here what another worker was told with `scope=cluster`. What was set before this worker started does not concern it, as in Connect. */
export class LoggerFollower {
  readonly #store: LoggerStore;
  readonly #levels: LogLevels;
  /** What was seen of each logger; null = nothing was read yet. */
  #seen: Map<string, string> | null = null;

  constructor(store: LoggerStore, levels: LogLevels) {
    this.#store = store;
    this.#levels = levels;
  }

  async run(clock: Clock, logger: Logger, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.look();
      } catch (error) {
        logger.warn('cannot read the log levels of the cluster; trying again', { error: String(error) });
      }
      await clock.sleep(LOOK_EVERY_MS, stop);
    }
  }

  async look(): Promise<void> {
    const listed = await this.#store.list();
    const before = this.#seen;
    this.#seen = new Map(listed.map(({ changedAtMs, level, logger }) => [logger, `${changedAtMs} ${level}`]));
    if (before === null) return;
    for (const { changedAtMs, level, logger } of listed) {
      if (before.get(logger) === this.#seen.get(logger)) continue;
      for (const affected of affectedLoggers(logger, this.#levels.list())) this.#levels.set(affected, level, changedAtMs);
    }
  }
}
