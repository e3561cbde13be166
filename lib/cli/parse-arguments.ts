import { nearestNames } from '../core/config/did-you-mean.ts';
import { ConnectException } from '../core/errors.ts';
import type { Arguments, Command } from './command.ts';

/** A call that cannot be understood: exit code 2, with what is allowed. */
export class UsageException extends ConnectException {
  constructor(message: string) {
    super(message, { code: 'usage' });
  }
}

/** Reads `--flag value`, `--flag=value`, switches and operands; `--` ends the flags. Throws UsageException. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] as string;
    if (arg === '--') {
      positionals.push(...argv.slice(i + 1));
      break;
    }
    if (!arg.startsWith('--')) {
      positionals.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
    const flag = command.flags.find((candidate) => candidate.name === name);
    if (flag === undefined) throw unknown(command, name);
    if (flag.value === null) {
      if (equals >= 0) throw new UsageException(`--${name} takes no value, got '${arg.slice(equals + 1)}'`);
      values.set(name, ['']);
      continue;
    }
    const value = equals < 0 ? argv[++i] : arg.slice(equals + 1);
    if (value === undefined) throw new UsageException(`--${name} needs a value: --${name} ${flag.value}`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const all = (flag: string) => values.get(flag) ?? [];
  return { positionals, text: (flag) => all(flag).at(-1), all, has: (flag) => values.has(flag) };
}

function unknown(command: Command, name: string): UsageException {
  const names = command.flags.map((flag) => flag.name);
  const near = nearestNames(name, names);
  const hint = near.length > 0 ? `; did you mean --${near[0]}?` : '';
  return new UsageException(
    `unknown flag --${name} of ${command.name}${hint} (allowed: ${names.map((flag) => `--${flag}`).join(', ') || 'none'})`,
  );
}
