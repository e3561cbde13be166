import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../../../.cache');
const PYTHON = join(CACHE, 'python/bin/python');
const JARS = join(CACHE, 'connect-client-4.0.4');

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A reason to skip; with `CI=true` it is thrown instead: there a missing tool is a failure. */
function unavailable(reason: string | null): string | null {
  if (reason !== null && process.env.CI === 'true') throw new Error(`required with CI=true: ${reason}`);
  return reason;
}

/** Why the Python client cannot run here; null where it can. Throws with `CI=true`. */
export function pythonClientUnavailable(): string | null {
  const there = works(PYTHON, ['-c', 'import kafka_connect']);
  return unavailable(there ? null : 'no kafka-connect-py in .cache/python: run scripts/install-test-tools.sh');
}

/** Why the Java client cannot run here; null where it can. Throws with `CI=true`. */
export function javaClientUnavailable(): string | null {
  if (!works('java', ['-version'])) return unavailable('no `java` on the PATH: run scripts/install-test-tools.sh');
  if (!existsSync(JARS) && !works('mvn', ['-v'])) return unavailable('no `mvn` on the PATH to fetch the Java client with');
  return null;
}

/** Class path of the Java client, fetched from Maven Central where it is not there yet. */
export async function javaClientClasspath(): Promise<string> {
  if (!existsSync(JARS)) {
    const part = `${JARS}.${process.pid}.part`;
    const pom = join(import.meta.dirname, 'pom.xml');
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${part}`]);
    // Another process may have been faster; its jars are the same.
    await rename(part, JARS).catch(() => rm(part, { recursive: true, force: true }));
  }
  return join(JARS, '*');
}

/** Runs a flow to its end; answers the JSON it printed. Throws with what it wrote to standard error. */
async function flow(command: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(command, args, { timeout: 240_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}

export function pythonFlow(args: readonly string[]): Promise<unknown> {
  return flow(PYTHON, [join(import.meta.dirname, 'python_flow.py'), ...args]);
}

export async function javaFlow(args: readonly string[]): Promise<unknown> {
  const classpath = await javaClientClasspath();
  return flow('java', ['-XX:TieredStopAtLevel=1', '-cp', classpath, join(import.meta.dirname, 'JavaFlow.java'), ...args]);
}
