import type { LogFields, Logger } from './logger.ts';

const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;
/** How much is logged: everything up to this level. */
export type LogLevel = (typeof LEVELS)[number];

/** One line about to be written. */
export interface LogLine {
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * A logger that hands each line to `write`. `level` is asked for every line, so it can change at run time, with the namespace of field
 * `logger`; `root` where there is none.
 */
export function createLineLogger(
  options: { level: (namespace: string) => LogLevel; now: () => number; write: (line: LogLine) => void },
  fields: LogFields = {},
): Logger {
  const namespace = typeof fields.logger === 'string' ? fields.logger : 'root';
  const at = (level: LogLevel) => (message: string, more?: LogFields) => {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(options.level(namespace))) return;
    options.write({ time: options.now(), level, message, fields: more === undefined ? fields : { ...fields, ...more } });
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: at('trace'),
    child: (more) => createLineLogger(options, { ...fields, ...more }),
  };
}

/** A line as JSON: what functions write, and everything that is not a terminal. bigint becomes text; secrets print as `[hidden]` by themselves. */
export function jsonLine({ time, level, message, fields }: LogLine): string {
  return JSON.stringify({ time: new Date(time).toISOString(), level, message, ...fields }, (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
