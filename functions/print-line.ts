/** Writes one line to the function's log. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
