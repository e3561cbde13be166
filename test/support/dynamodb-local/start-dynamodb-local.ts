import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { LocalDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';

const run = promisify(execFile);

/** AWS's own DynamoDB Local. Its licence lets it be downloaded and used for tests, never shipped. */
const VERSION = '2.6.1';
const CACHE = join(import.meta.dirname, '../../../.cache', `dynamodb-local-${VERSION}`);
const START_TIMEOUT_MS = 60_000;

/**
 * Why DynamoDB Local cannot run on this machine, null where it can. Suites skip with this reason.
 *
 * @throws where `CI=true`: there a missing DynamoDB Local is a failure, not a reason to skip.
 */
export function dynamoDbLocalUnavailable(): string | null {
  const reason = missing();
  if (reason !== null && process.env.CI === 'true') throw new Error(`DynamoDB Local is required with CI=true: ${reason}`);
  return reason;
}

function missing(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `its native library is fetched for linux-x64, this is ${process.platform}-${process.arch}`;
  if (!runs('java', '-version')) return 'no `java` on the PATH: install a Java 17 development kit';
  if (existsSync(CACHE)) return null;
  if (!runs('javac', '-version')) return 'no `javac` on the PATH: install a Java 17 development kit';
  return runs('mvn', '-v') ? null : 'no `mvn` on the PATH to fetch the jars with: install Apache Maven';
}

function runs(command: string, argument: string): boolean {
  try {
    execFileSync(command, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Fetches the jars from Maven Central (49 MB). Two at once do it twice; the first to finish wins. */
async function fetchJars(): Promise<void> {
  if (existsSync(CACHE)) return;
  const part = `${CACHE}.${process.pid}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(join(part, 'native'), { recursive: true });
  await run('mvn', [
    '-q',
    '-B',
    '-f',
    join(import.meta.dirname, 'pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${part}/jars`,
    '-DincludeScope=runtime',
  ]);
  const [library] = globSync(`${part}/jars/libsqlite4java-linux-amd64-*.so`);
  if (library === undefined) throw new Error('DynamoDB Local came without its native library libsqlite4java-linux-amd64');
  // It is looked for without the version in its name.
  await rename(library, join(part, 'native/libsqlite4java-linux-amd64.so'));
  await run('javac', ['-cp', `${part}/jars/*`, '-d', join(part, 'classes'), join(import.meta.dirname, 'LoopbackDynamoDb.java')]);
  try {
    await rename(part, CACHE);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (!existsSync(CACHE)) throw error;
  }
}

/** Starts DynamoDB Local in memory on a free port of 127.0.0.1; it ends with this process, however this process ends. */
export async function startDynamoDbLocal(): Promise<LocalDynamoDb & { readonly pid: number }> {
  await fetchJars();
  const port = await freePort();
  const child = spawn(
    'java',
    [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      `-Djava.library.path=${CACHE}/native`,
      '-cp',
      `${CACHE}/classes:${CACHE}/jars/*`,
      'LoopbackDynamoDb',
      '-sharedDb',
      '-disableTelemetry',
      '-inMemory',
      '-port',
      String(port),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`DynamoDB Local did not listen within a minute: ${errors}`)), START_TIMEOUT_MS);
    child.once('close', (code) => reject(new Error(`DynamoDB Local ended with ${code}: ${errors}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line !== 'listening') return;
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    pid: child.pid as number,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
