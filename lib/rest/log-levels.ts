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

/**
 * Levels of this process, changeable at run time. Only `root` decides what is written; other namespaces are remembered, because tools set
 * and read back those of Java's classes.
 */
export class ProcessLogLevels implements LogLevels {
  readonly #levels = new Map<string, LevelOfLogger>();

  constructor(level: LogLevel) {
    this.#levels.set('root', { logger: 'root', level: level.toUpperCase(), changedAtMs: null });
  }

  /** What the logger writes up to. */
  get level(): LogLevel {
    return LEVELS[this.#levels.get('root')?.level ?? 'INFO'] ?? 'info';
  }

  list(): readonly LevelOfLogger[] {
    return [...this.#levels.values()].sort((a, b) => (a.logger < b.logger ? -1 : 1));
  }

  set(logger: string, level: string, nowMs: number): void {
    this.#levels.set(logger, { logger, level, changedAtMs: nowMs });
  }
}
