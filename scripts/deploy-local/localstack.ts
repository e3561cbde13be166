import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LocalDynamoDb } from '../../lib/local/dynamodb/start-dynamodb.ts';
import { dynamoDbLocalUnavailable, startDynamoDbLocal } from '../../test/support/dynamodb-local/start-dynamodb-local.ts';

/** The last release that starts without a token. */
const VERSION = '4.14.0';
const HERE = join(import.meta.dirname, 'localstack');
const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache', `localstack-${VERSION}`);
const PYTHON = join(CACHE, 'bin', 'python');
/** Client of the Runtime API, which each execution environment runs. */
const RUNTIME = join(ROOT, 'lib/local/lambda-host/process-runtime.ts');
const PLUGIN = 'serverless_connect_localstack';
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/** A LocalStack of its own, on 127.0.0.1. */
export interface RunningLocalStack {
  /** `http://127.0.0.1:port`, the value of AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly logFile: string;
  /** Ends it with every function it runs and its DynamoDB. */
  stop(): Promise<void>;
}

/** Why LocalStack cannot run on this machine, null where it can. With CI=true DynamoDB Local must be there (throws). */
export function localStackUnavailable(): string | null {
  if (process.platform === 'win32') return 'LocalStack in host mode needs a POSIX system';
  if (!existsSync(PYTHON) && python313() === null) return 'no Python 3.13: LocalStack 4.14.0 needs exactly this one';
  return dynamoDbLocalUnavailable();
}

/** Python 3.13 is looked for on the PATH, in PYTHON313 and among pyenv's. */
function python313(): string | null {
  const candidates = [process.env.PYTHON313, 'python3.13', 'python3', join(homedir(), '.pyenv/versions/3.13.0/bin/python')];
  const isIt = (command: string | undefined): boolean => {
    try {
      const version = execFileSync(command ?? '', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      return version.startsWith('Python 3.13.');
    } catch {
      return false;
    }
  };
  return candidates.find(isIt) ?? null;
}

/** Installs LocalStack into the ignored cache: 113 packages, 340 MB, about 40 s the first time. */
export async function installLocalStack(): Promise<void> {
  if (!existsSync(PYTHON)) {
    const part = `${CACHE}.${process.pid}.part`;
    await rm(part, { recursive: true, force: true });
    await run(python313() ?? 'python3.13', ['-m', 'venv', part]);
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-compile',
      '--disable-pip-version-check',
      '-r',
      join(HERE, 'requirements.txt'),
    ];
    await run(join(part, 'bin', 'python'), install, { maxBuffer: 1 << 24 });
    await rename(part, CACHE).catch((error) => {
      // Another process was first.
      if (!existsSync(PYTHON)) throw error;
    });
    await rm(part, { recursive: true, force: true });
  }
  const { stdout } = await run(PYTHON, ['-c', 'import site; print(site.getsitepackages()[0])']);
  const packages = stdout.trim();
  const info = join(packages, `${PLUGIN}-1.0.dist-info`);
  await mkdir(info, { recursive: true });
  await cp(join(HERE, PLUGIN), join(packages, PLUGIN), { recursive: true });
  await copyFile(join(HERE, 'entry_points.txt'), join(info, 'entry_points.txt'));
  await writeFile(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${PLUGIN.replaceAll('_', '-')}\nVersion: 1.0\n`);
}

/** Starts LocalStack on a free port with our executor in a few seconds; what it stores is forgotten at its end. */
export async function startLocalStack(): Promise<RunningLocalStack> {
  await installLocalStack();
  const dynamoDb = await startDynamoDbLocal();
  const folder = await mkdtemp(join(tmpdir(), 'serverless-connect-localstack-'));
  const logFile = join(folder, 'localstack.log');
  const port = await freePort();
  const log = openSync(logFile, 'a');
  const child = spawn(PYTHON, ['-m', 'localstack.runtime.main'], {
    // A group of its own, so that its functions end with it.
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...settings(port, dynamoDb, folder) },
  });
  closeSync(log);
  const killWithUs = (): void => end(child, 'SIGKILL');
  process.once('exit', killWithUs);
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    process.off('exit', killWithUs);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      end(child, 'SIGTERM');
      // SIGTERM alone does not always end it.
      await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    }
    end(child, 'SIGKILL');
    await dynamoDb.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    await ready(endpoint, child, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, logFile, stop };
}

function settings(port: number, dynamoDb: LocalDynamoDb, folder: string): Record<string, string> {
  return {
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    // The default server ignores the host and listens on every address.
    GATEWAY_SERVER: 'hypercorn',
    DNS_ADDRESS: '0',
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    OVERRIDE_IN_DOCKER: '0',
    FILESYSTEM_ROOT: folder,
    TMPDIR: folder,
    DYNAMODB_LOCAL_PORT: new URL(dynamoDb.endpoint).port,
    LAMBDA_RUNTIME_EXECUTOR: 'process',
    SERVERLESS_CONNECT_NODE: process.execPath,
    SERVERLESS_CONNECT_RUNTIME: RUNTIME,
  };
}

async function ready(endpoint: string, child: ChildProcess, logFile: string): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < until && child.exitCode === null) {
    const answer = await fetch(`${endpoint}/_localstack/health`).catch(() => null);
    if (answer?.ok) return void (await answer.arrayBuffer());
    await sleep(200);
  }
  throw new Error(`LocalStack did not start at ${endpoint}:\n${readFileSync(logFile, 'utf8').slice(-4000)}`);
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // Nobody of the group is left.
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
