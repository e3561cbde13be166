import { run } from '../../../lib/cli/run.ts';

/** What one command line answered. */
export interface CliAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process: no terminal unless `ask` answers its questions. */
export async function runHere(
  argv: readonly string[],
  options: {
    readonly url?: string;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly ask?: (question: string) => Promise<string>;
    /** Width of a terminal; without it standard output is no terminal. */
    readonly columns?: number;
  } = {},
): Promise<CliAnswer> {
  const { ask = null, columns, cwd = process.cwd(), env = {}, url } = options;
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, {
    out: { write: (text) => out.push(text), isTTY: columns !== undefined, ...(columns === undefined ? {} : { columns }) },
    err: { write: (text) => err.push(text), isTTY: false },
    ask,
    env: { ...env, ...(url === undefined ? {} : { SERVERLESS_CONNECT_URL: url }) },
    cwd,
    stop: new AbortController().signal,
  });
  return { code, out: out.join(''), err: err.join('') };
}
