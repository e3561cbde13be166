import { ConfigException } from '../core/errors.ts';

/** One mistake in a configuration, in the words a user needs: which key, its value, what is wrong, what to do. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning';
  /** Which part of the file, e.g. `connectors[1] (orders-to-s3)`; empty = the whole. */
  readonly where: string;
  /** null = not about one key. */
  readonly key: string | null;
  /** As given, secrets hidden; null = not configured. */
  readonly value: string | null;
  readonly message: string;
  /** What is allowed, or what to do; null = the message says it. */
  readonly remedy: string | null;
}

/** A configuration that cannot be used, with every mistake at once. */
export class InvalidConfigException extends ConfigException {
  readonly problems: readonly ConfigProblem[];

  constructor(what: string, problems: readonly ConfigProblem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error');
    super(`${what}: ${errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`}\n${errors.map(formatProblem).join('\n')}`, {
      code: 'invalid-config',
    });
    this.problems = problems;
  }
}

/** A problem as one line: `connectors[0] (a): tasks.max: …; did you mean …?` */
export function formatProblem({ where, key, message, remedy }: ConfigProblem): string {
  const place = [where, key].filter((part) => part !== null && part !== '').join(': ');
  return `  ${place === '' ? '' : `${place}: `}${message}${remedy === null ? '' : `; ${remedy}`}`;
}

/** `did you mean a, b?`, or null when nothing is near. */
export function didYouMean(names: readonly string[]): string | null {
  return names.length === 0 ? null : `did you mean ${names.join(', ')}?`;
}

/** True when the configuration can be used. */
export function isUsable(problems: readonly ConfigProblem[]): boolean {
  return problems.every((problem) => problem.severity !== 'error');
}
