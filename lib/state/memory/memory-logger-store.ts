import type { LoggerLevel, LoggerStore } from '../logger-store.ts';
import type { MemoryState } from './memory-state.ts';

/** The reference of {@link LoggerStore}. */
export class MemoryLoggerStore implements LoggerStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async set(level: LoggerLevel): Promise<void> {
    this.#state.loggers.set(level.logger, { ...level });
  }

  async list(): Promise<LoggerLevel[]> {
    return [...this.#state.loggers.values()].sort((a, b) => (a.logger < b.logger ? -1 : 1));
  }
}
