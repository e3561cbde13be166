import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** As in the first line of lib/cli/main.ts. */
const BIN_FLAGS = ['--max-semi-space-size=2'];

/** What one run of `standalone` cost. */
export interface StandaloneFigures {
  /** From process start to the first record at its destination. */
  readonly firstRecordMs: number;
  /** From process start to the last one. */
  readonly allMs: number;
  readonly peakMemoryMb: number;
}

/**
 * Runs `standalone` until `arrived` answers `expected`, then stops it. `arrived` is asked every few milliseconds, so it must be cheap.
 */
export async function runStandalone(
  files: Readonly<Record<string, string>>,
  arrived: () => Promise<number>,
  expected: number,
): Promise<StandaloneFigures> {
  const cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-bench-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const startedAt = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    [...BIN_FLAGS, join(ROOT, 'lib/cli/main.ts'), 'standalone', '--log-level', 'warn', ...Object.keys(files)],
    {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  try {
    let firstRecordMs: number | null = null;
    for (;;) {
      const count = await arrived();
      const now = performance.now() - startedAt;
      if (count > 0) firstRecordMs ??= now;
      if (count >= expected) {
        return { firstRecordMs: Math.round(firstRecordMs ?? now), allMs: Math.round(now), peakMemoryMb: peakMemoryMb(child.pid as number) };
      }
      if (child.exitCode !== null || now > 300_000)
        throw new Error(`standalone delivered ${count} of ${expected} records:\n${errors.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Largest resident set of a process so far; NaN where the system does not tell. */
export function peakMemoryMb(pid: number): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
  } catch {
    return Number.NaN;
  }
}
