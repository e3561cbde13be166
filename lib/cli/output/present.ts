import type { Arguments, CliIo } from '../command.ts';
import { oneOf } from '../usage.ts';
import { hasColours } from './colour.ts';
import { type Cell, type Column, tableLines } from './table.ts';

/** Of ES2025, unknown to TypeScript's library so far: a number with all its digits. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON for scripts; bigints are numbers with all their digits. `indent` 0 = one line. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? rawJSON(member.toString()) : member), indent);
}

/** Whether `--output json` was asked for. Throws UsageException for another word than table or json. */
export function wantsJson(args: Arguments): boolean {
  return oneOf(args, 'output', ['table', 'json'], 'table') === 'json';
}

/** Prints lines to standard output. */
export function printLines(io: CliIo, lines: readonly string[]): void {
  if (lines.length > 0) io.out.write(`${lines.join('\n')}\n`);
}

/** Prints a value as JSON to standard output. */
export function printJson(io: CliIo, value: unknown): void {
  io.out.write(`${jsonText(value)}\n`);
}

/** Prints a table, as wide as the terminal at most. `empty` is said on standard error where there are no rows. */
export function printTable(io: CliIo, columns: readonly Column[], rows: readonly (readonly Cell[])[], empty: string): void {
  if (rows.length === 0) io.err.write(`${empty}\n`);
  else printLines(io, tableLines(columns, rows, { width: (io.out.isTTY && io.out.columns) || null, colours: hasColours(io) }));
}
