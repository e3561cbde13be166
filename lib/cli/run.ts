import { createInterface } from 'node:readline/promises';
import { nearestNames } from '../core/config/did-you-mean.ts';
import { ConfigException, ConnectException } from '../core/errors.ts';
import { packageVersion } from '../host/package-version.ts';
import type { CliIo, Command } from './command.ts';
import { applyCommand } from './commands/apply.ts';
import { brokerCommand } from './commands/broker.ts';
import { completionCommand } from './commands/completion.ts';
import { createCommand } from './commands/create.ts';
import { deleteCommand } from './commands/delete.ts';
import { dlqListCommand } from './commands/dlq/ls.ts';
import { dlqRedriveCommand } from './commands/dlq/redrive.ts';
import { dlqShowCommand } from './commands/dlq/show.ts';
import { getCommand } from './commands/get.ts';
import { initCommand } from './commands/init.ts';
import { listCommand } from './commands/list.ts';
import { logsCommand } from './commands/logs.ts';
import { offsetsExportCommand } from './commands/offsets/export.ts';
import { offsetsGetCommand } from './commands/offsets/get.ts';
import { offsetsImportCommand } from './commands/offsets/import.ts';
import { offsetsResetCommand } from './commands/offsets/reset.ts';
import { offsetsSetCommand } from './commands/offsets/set.ts';
import { pauseCommand } from './commands/pause.ts';
import { pluginsCommand } from './commands/plugins.ts';
import { proxyCommand } from './commands/proxy.ts';
import { restartCommand } from './commands/restart.ts';
import { resumeCommand } from './commands/resume.ts';
import { standaloneCommand } from './commands/standalone.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { tasksCommand } from './commands/tasks.ts';
import { tickCommand } from './commands/tick.ts';
import { topicsCommand } from './commands/topics.ts';
import { validateCommand } from './commands/validate.ts';
import { workerCommand } from './commands/worker.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { commandHelp, generalHelp, groupHelp } from './help.ts';
import { parseArguments, UsageException } from './parse-arguments.ts';

const COMMANDS: readonly Command[] = [
  standaloneCommand,
  workerCommand,
  validateCommand,
  initCommand,
  brokerCommand,
  statusCommand,
  listCommand,
  getCommand,
  createCommand,
  applyCommand,
  deleteCommand,
  pauseCommand,
  resumeCommand,
  stopCommand,
  restartCommand,
  tasksCommand,
  offsetsGetCommand,
  offsetsSetCommand,
  offsetsResetCommand,
  offsetsExportCommand,
  offsetsImportCommand,
  topicsCommand,
  pluginsCommand,
  logsCommand,
  dlqListCommand,
  dlqShowCommand,
  dlqRedriveCommand,
  tickCommand,
  proxyCommand,
  completionCommand(() => COMMANDS),
];

/** How an error that reached the top ends the process. */
const EXIT_BY_CODE: Readonly<Record<string, ExitCode>> = { usage: EXIT.usage, 'rest-400': EXIT.usage, unreachable: EXIT.unreachable };

async function dispatch(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    io.out.write(generalHelp(COMMANDS, packageVersion()));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  if (name === '--version') {
    io.out.write(`${packageVersion()}\n`);
    return EXIT.done;
  }
  const single = COMMANDS.find((candidate) => candidate.name === name);
  if (single !== undefined) return call(single, rest, io);
  const group = COMMANDS.filter((candidate) => candidate.name.startsWith(`${name} `));
  if (group.length === 0) throw unknown(name, [...new Set(COMMANDS.map((candidate) => candidate.name.split(' ')[0] as string))]);
  const [verb, ...behind] = rest;
  if (verb === '--help') {
    io.out.write(groupHelp(name, group));
    return EXIT.done;
  }
  const verbs = group.map((candidate) => candidate.name.slice(name.length + 1));
  if (verb === undefined) throw new UsageException(`${name} needs one of ${verbs.join(', ')}`);
  const chosen = group.find((candidate) => candidate.name === `${name} ${verb}`);
  if (chosen === undefined) throw unknown(verb, verbs, name);
  return call(chosen, behind, io);
}

async function call(command: Command, argv: readonly string[], io: CliIo): Promise<ExitCode> {
  if (argv.includes('--help')) {
    io.out.write(commandHelp(command));
    return EXIT.done;
  }
  return command.run(parseArguments(command, argv), io);
}

function unknown(name: string, names: readonly string[], group?: string): UsageException {
  const near = nearestNames(name, names)[0];
  const called = group === undefined ? `command '${name}'` : `command '${group} ${name}'`;
  const where = group === undefined ? 'serverless-connect --help' : `serverless-connect ${group} --help`;
  return new UsageException(`unknown ${called}${near === undefined ? '' : `; did you mean '${near}'?`} (${where} lists all)`);
}

/** Runs one command line; errors are printed to `io.err` and become exit codes. */
export async function run(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    io.err.write(`serverless-connect: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!(error instanceof ConnectException) && error instanceof Error) io.err.write(`${error.stack}\n`);
    return (
      (error instanceof ConnectException ? EXIT_BY_CODE[error.code] : undefined) ??
      (error instanceof ConfigException ? EXIT.usage : EXIT.failed)
    );
  }
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
  // A reader that has enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed));
  process.exitCode = await run(argv, {
    out: process.stdout,
    err: process.stderr,
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : null,
    env: process.env,
    cwd: process.cwd(),
    stop: stop.signal,
  });
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
