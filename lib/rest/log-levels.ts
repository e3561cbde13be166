import type { LogLevel } from '../core/line-logger.ts';
import type { LevelOfLogger, LogLevels } from './rest-deps.ts';

/** Log4j's levels by ours; what is off still says why a task failed. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  OFF: 'error',
  FATAL: 'error',
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'trace',
  ALL: 'trace',
};

/** Levels of this process by namespace, changeable at run time; what has none of its own has that of the nearest above it, as in Log4j. */
export class ProcessLogLevels implements LogLevels {
  readonly #levels = new Map<string, LevelOfLogger>();

  constructor(level: LogLevel) {
    this.#levels.set('root', { logger: 'root', level: level.toUpperCase(), changedAtMs: null });
  }

  /** Up to which level a logger of this namespace writes. */
  levelOf(namespace: string): LogLevel {
    for (let above = namespace; above !== ''; above = above.slice(0, Math.max(above.lastIndexOf('.'), 0))) {
      const set = this.#levels.get(above);
      if (set !== undefined) return LEVELS[set.level] ?? 'info';
    }
    return LEVELS[this.#levels.get('root')?.level ?? 'INFO'] ?? 'info';
  }

  list(): readonly LevelOfLogger[] {
    return [...this.#levels.values()].sort((a, b) => (a.logger < b.logger ? -1 : 1));
  }

  set(logger: string, level: string, nowMs: number): void {
    this.#levels.set(logger, { logger, level, changedAtMs: nowMs });
  }
}
