import { nearestNames } from '../core/config/did-you-mean.ts';
import { ConfigException, ConnectException } from '../core/errors.ts';
import { packageVersion } from '../host/package-version.ts';
import type { CliIo, Command } from './command.ts';
import { brokerCommand } from './commands/broker.ts';
import { standaloneCommand } from './commands/standalone.ts';
import { validateCommand } from './commands/validate.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { commandHelp, generalHelp } from './help.ts';
import { parseArguments, UsageException } from './parse-arguments.ts';

const COMMANDS: readonly Command[] = [standaloneCommand, validateCommand, brokerCommand];

/** How an error that reached the top ends the process. */
const EXIT_BY_CODE: Readonly<Record<string, ExitCode>> = { usage: EXIT.usage, unreachable: EXIT.unreachable };

async function run(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    io.out.write(generalHelp(COMMANDS, packageVersion()));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  if (name === '--version') {
    io.out.write(`${packageVersion()}\n`);
    return EXIT.done;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const near = nearestNames(
      name,
      COMMANDS.map((candidate) => candidate.name),
    )[0];
    throw new UsageException(
      `unknown command '${name}'${near === undefined ? '' : `; did you mean '${near}'?`} (serverless-connect --help lists all)`,
    );
  }
  if (rest.includes('--help')) {
    io.out.write(commandHelp(command));
    return EXIT.done;
  }
  return command.run(parseArguments(command, rest), io);
}

/** Runs the command line of this process; sets its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // The second one is a user who does not want to wait.
      if (stop.signal.aborted) process.exit(EXIT.failed);
      stop.abort();
    });
  }
  try {
    process.exitCode = await run(argv, {
      out: process.stdout,
      err: process.stderr,
      env: process.env,
      cwd: process.cwd(),
      stop: stop.signal,
    });
  } catch (error) {
    process.stderr.write(`serverless-connect: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!(error instanceof ConnectException) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode =
      (error instanceof ConnectException ? EXIT_BY_CODE[error.code] : undefined) ??
      (error instanceof ConfigException ? EXIT.usage : EXIT.failed);
  }
}
