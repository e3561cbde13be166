import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = join(ROOT, 'lib/cli/main.ts');

/** A running `serverless-connect`. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Resolves with the exit code; null = ended by a signal. */
  readonly exited: Promise<number | null>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the CLI from the sources, in `cwd`. It ends with the test at the latest, if the test ends it. */
export function startCli(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): RunningCli {
  const child = spawn(NODE, [MAIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    output: () => printed.join(''),
    exited,
    async end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

/** Runs the CLI to its end. */
export async function runCli(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<{ code: number | null; output: string }> {
  const running = startCli(args, options);
  const code = await running.exited;
  return { code, output: running.output() };
}

/** Waits until `check` answers true. Throws with what the process printed when it ends or takes too long. */
export async function waitFor(check: () => boolean | Promise<boolean>, running: RunningCli | null, timeoutMs = 120_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!(await check())) {
    if (running !== null && running.child.exitCode !== null)
      throw new Error(`the process ended with ${running.child.exitCode}:\n${running.output()}`);
    if (Date.now() > until) throw new Error(`not reached in ${timeoutMs} ms:\n${running?.output() ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
