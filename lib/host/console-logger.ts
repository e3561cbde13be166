import { createLineLogger, jsonLine, type LogLevel, type LogLine } from '../core/line-logger.ts';
import type { Logger } from '../core/logger.ts';

/** A line for people: time, level, message, then `key=value`. A Java-like trace goes below, as it is. */
export function textLine({ time, level, message, fields }: LogLine): string {
  const { trace, ...rest } = fields;
  const pairs = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' && !/\s/.test(value) ? value : printable(value)}`,
  );
  const below = typeof trace === 'string' ? `\n${trace.trimEnd()}` : '';
  return `${new Date(time).toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${message}${pairs.join('')}${below}`;
}

function printable(value: unknown): string {
  return JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? member.toString() : member)) ?? String(value);
}

/** Readable text on a terminal, JSON lines elsewhere; always on standard error, so that standard output is for results. */
export function createConsoleLogger(options: {
  level: (namespace: string) => LogLevel;
  terminal: boolean;
  write?: (text: string) => void;
}): Logger {
  const write = options.write ?? ((text: string) => process.stderr.write(text));
  const format = options.terminal ? textLine : jsonLine;
  return createLineLogger({ level: options.level, now: () => Date.now(), write: (line) => write(`${format(line)}\n`) });
}
