import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The release every judge runs. */
export const KAFKA_VERSION = '4.3.0';

const CACHE = join(import.meta.dirname, '../../../.cache', `kafka-${KAFKA_VERSION}`);

/** Longer than the slowest download seen (55 MB); a lock older than its owner is taken over at once. */
const LOCK_TIMEOUT_MS = 300_000;

function version(command: string, args: string[]): string | null {
  try {
    // Java prints its version to stderr.
    return execFileSync('sh', ['-c', `"$0" "$@" 2>&1`, command, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

/**
 * Why real Kafka cannot run on this machine, null where it can. Suites skip with this reason.
 *
 * @throws where `CI=true`: there a missing Kafka is a failure, not a reason to skip.
 */
export function kafkaUnavailable(): string | null {
  const reason = missing();
  if (reason !== null && process.env.CI === 'true') throw new Error(`real Kafka is required with CI=true: ${reason}`);
  return reason;
}

function missing(): string | null {
  if (process.platform === 'win32') return `Apache Kafka ${KAFKA_VERSION} is started through a POSIX shell, this is Windows`;
  const java = version('java', ['-version']);
  if (java === null) return 'no `java` on the PATH: install a Java 17 runtime';
  const major = Number(/version "(\d+)/.exec(java)?.[1]);
  if (!(major >= 17)) return `java is version ${major}: Kafka ${KAFKA_VERSION} needs 17 or later`;
  if (!existsSync(join(CACHE, 'jars')) && version('mvn', ['-v']) === null) {
    return 'no `mvn` on the PATH to fetch the jars with: install Apache Maven';
  }
  return null;
}

/** Class path of Kafka and its tools, fetched from Maven Central by the first caller on this machine. */
export async function kafkaClasspath(): Promise<string> {
  const jars = join(CACHE, 'jars');
  await once(jars, async (target) => {
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(import.meta.dirname, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${target}`,
    ]);
  });
  return join(jars, '*');
}

/** A storage directory as `kafka-storage format` leaves it, to be copied: formatting each broker anew costs a JVM start. */
export async function formattedStorage(): Promise<string> {
  const storage = join(CACHE, 'formatted');
  const classpath = await kafkaClasspath();
  await once(storage, async (target) => {
    await mkdir(target, { recursive: true });
    const config = join(CACHE, 'format.properties');
    await writeFile(
      config,
      `process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\nlistener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\nlog.dirs=${target}\n`,
    );
    await run('java', [
      '-Xshare:auto',
      '-cp',
      classpath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      'U2VydmVybGVzc0Nvbm5lYw',
      '-c',
      config,
    ]);
  });
  return storage;
}

/** Makes `directory` with `make`, exactly once among all processes; readers never see a half-made one. */
async function once(directory: string, make: (target: string) => Promise<void>): Promise<void> {
  if (existsSync(directory)) return;
  await mkdir(CACHE, { recursive: true });
  const release = await lock(`${directory}.lock`);
  try {
    if (existsSync(directory)) return;
    const target = `${directory}.part`;
    await rm(target, { recursive: true, force: true });
    await make(target);
    await rename(target, directory);
  } finally {
    await release();
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  const until = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      await mkdir(path);
      await writeFile(join(path, 'pid'), String(process.pid));
      return async () => {
        await rm(join(path, 'pid'), { force: true });
        await rmdir(path);
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readFile(join(path, 'pid'), 'utf8').then(Number, () => null);
    if (owner !== null && !alive(owner)) await rm(path, { recursive: true, force: true });
    if (Date.now() > until) throw new Error(`waited ${LOCK_TIMEOUT_MS / 1000} s for process ${owner} to release ${path}`);
    await sleep(200);
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
