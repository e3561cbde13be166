/** Fields of a log line beside its message. Values must be JSON; secrets print as `[hidden]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a component writes what an operator may want to read. Normal operation logs nothing above `debug`. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
  /** A logger whose lines carry these fields too; `logger` (a dotted namespace) selects its level. */
  child(fields: LogFields): Logger;
}
