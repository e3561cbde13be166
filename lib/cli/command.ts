import type { ExitCode } from './exit-code.ts';

/** A flag of a command. `--name value`, or `--name` where it takes none. */
export interface Flag {
  readonly name: string;
  /** What the value is called in help; null = a switch. */
  readonly value: string | null;
  readonly help: string;
}

/** The arguments of one call, checked against the command's flags. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** The flag's last value. */
  text(flag: string): string | undefined;
  /** Every value of a flag that was given several times. */
  all(flag: string): readonly string[];
  has(flag: string): boolean;
}

/** One command of `serverless-connect`. */
export interface Command {
  /** One word, or two where several commands share the first: `offsets get`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the name in the usage line, e.g. `FILE…`. */
  readonly operands: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly { readonly call: string; readonly does: string }[];
  run(args: Arguments, io: CliIo): Promise<ExitCode>;
}

/** Where a command writes: standard output or standard error. */
export interface Output {
  write(text: string): unknown;
  /** True on a terminal. */
  readonly isTTY: boolean;
  /** Characters in a line of the terminal. */
  readonly columns?: number;
}

/** Where a command writes, whom it asks, and how it learns that it must stop. */
export interface CliIo {
  readonly out: Output;
  readonly err: Output;
  /** Asks the person at the terminal; null = nobody is there. */
  readonly ask: ((question: string) => Promise<string>) | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at SIGTERM or SIGINT; a second signal ends the process at once. */
  readonly stop: AbortSignal;
}
