import type { Command } from './command.ts';

/** What `serverless-connect --help` prints. */
export function generalHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  return [
    `serverless-connect ${version}: Kafka Connect without the cluster`,
    '',
    'usage: serverless-connect COMMAND [flags] [operands]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`),
    '',
    'serverless-connect COMMAND --help tells the flags of a command, with examples.',
    'exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 not reachable',
    '',
  ].join('\n');
}

/** What `serverless-connect COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const flags = command.flags.map((flag) => [flag.value === null ? `--${flag.name}` : `--${flag.name} ${flag.value}`, flag.help] as const);
  const width = Math.max(0, ...flags.map(([flag]) => flag.length)) + 2;
  return [
    command.summary,
    '',
    `usage: serverless-connect ${command.name}${command.flags.length > 0 ? ' [flags]' : ''}${command.operands === '' ? '' : ` ${command.operands}`}`,
    '',
    ...flags.map(([flag, help]) => `  ${flag.padEnd(width)}${help}`),
    ...(flags.length > 0 ? [''] : []),
    'examples:',
    ...command.examples.flatMap(({ call, does }) => [`  serverless-connect ${call}`, `      ${does}`]),
    '',
  ].join('\n');
}

/** What `serverless-connect offsets --help` prints: the commands that share a first word. */
export function groupHelp(name: string, commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  return [
    `usage: serverless-connect ${name} COMMAND [flags] [operands]`,
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`),
    '',
  ].join('\n');
}
