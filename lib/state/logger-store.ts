/** A log level of cluster scope (`PUT /admin/loggers/{logger}?scope=cluster`). */
export interface LoggerLevel {
  readonly logger: string;
  readonly level: string;
  readonly changedAtMs: number;
}

/** Log levels that every worker follows. */
export interface LoggerStore {
  set(level: LoggerLevel): Promise<void>;
  /** By logger. */
  list(): Promise<LoggerLevel[]>;
}
