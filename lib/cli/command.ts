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
  text(flag: string): string | undefined;
  has(flag: string): boolean;
}

/** One command of `serverless-connect`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the name in the usage line, e.g. `FILE…`. */
  readonly operands: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly { readonly call: string; readonly does: string }[];
  run(args: Arguments, io: CliIo): Promise<ExitCode>;
}

/** Where a command writes, and how it learns that it must stop. */
export interface CliIo {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at SIGTERM or SIGINT; a second signal ends the process at once. */
  readonly stop: AbortSignal;
}
