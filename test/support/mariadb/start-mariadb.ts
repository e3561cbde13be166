import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';

/** A MariaDB server of its own, on 127.0.0.1, in a temporary folder. */
export interface TestMariadb {
  /** `mysql://user:password@127.0.0.1:port`. */
  readonly url: string;
  /** `jdbc:mysql://127.0.0.1:port/test`, without user and password, as `connection.url` takes it. */
  readonly jdbcUrl: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A connection of its own, with several statements per query allowed; the caller ends it. */
  connect(database?: string): Promise<Connection>;
  /** SIGKILL, as a crash: connections break, data committed so far survives a {@link TestMariadb.restart}. */
  kill(): Promise<void>;
  /** Starts the server again on the same port with the same data; a running one is stopped first. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. Safe to call twice. */
  stop(): Promise<void>;
}

const USER = 'connect';
const PASSWORD = "p@ss 'word";
const READY_WITHIN_MS = 60_000;
/** The recorded cases were made so: MySQL's JDBC driver takes MariaDB's own version for a server without fractions of seconds. */
const VERSION = '5.7.19';
const SERVER = ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd', '/usr/libexec/mariadbd'].find((path) => existsSync(path));

/** Why there is no MariaDB here; null = there is one. */
export function mariadbUnavailable(): string | null {
  return SERVER === undefined ? 'mariadbd is not installed (scripts/install-test-tools.sh does it)' : null;
}

/** Starts a server; it accepts connections when the promise resolves. Throws where {@link mariadbUnavailable} says why. */
export async function startMariadb(): Promise<TestMariadb> {
  const unavailable = mariadbUnavailable();
  if (unavailable !== null) throw new Error(unavailable);
  const folder = await mkdtemp(join(tmpdir(), 'serverless-connect-mariadb-'));
  await chmod(folder, 0o755);
  const dataDir = join(folder, 'data');
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${dataDir}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot()],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await freePort();
  let running = await startServer(dataDir, port, true);
  let stopped = false;
  return {
    url: `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    jdbcUrl: `jdbc:mysql://127.0.0.1:${port}/test`,
    port,
    user: USER,
    password: PASSWORD,
    connect: (database) => connect(port, database),
    async kill() {
      await end(running, 'SIGKILL');
    },
    async restart() {
      await end(running, 'SIGTERM');
      running = await startServer(dataDir, port, false);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await end(running, 'SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

async function startServer(dataDir: string, port: number, isNew: boolean): Promise<ChildProcess> {
  const log: string[] = [];
  const server = spawn(
    SERVER as string,
    [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${dataDir}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(dataDir, 's.sock')}`,
      `--pid-file=${join(dataDir, 's.pid')}`,
      `--version=${VERSION}`,
      '--character-set-server=utf8mb4',
      '--default-time-zone=+00:00',
      '--innodb-flush-log-at-trx-commit=0',
      '--skip-log-bin',
      '--max-connections=300',
    ],
    { cwd: dataDir, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const killWithUs = () => server.kill('SIGKILL');
  process.once('exit', killWithUs);
  server.once('exit', () => process.off('exit', killWithUs));
  server.stderr?.on('data', (chunk) => log.push(String(chunk)));
  const deadline = Date.now() + READY_WITHIN_MS;
  while (server.exitCode === null && Date.now() < deadline) {
    if (await prepared(port, isNew)) return server;
    await sleep(50);
  }
  await end(server, 'SIGKILL');
  throw new Error(`MariaDB did not start on port ${port}:\n${log.join('')}`);
}

async function prepared(port: number, isNew: boolean): Promise<boolean> {
  let connection: Connection | null = null;
  try {
    connection = isNew ? await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' }) : await connect(port);
    if (!isNew) return true;
    await connection.query('create database test');
    for (const host of ['127.0.0.1', 'localhost']) {
      await connection.query(`create user '${USER}'@'${host}' identified by ${connection.escape(PASSWORD)}`);
      await connection.query(`grant all on *.* to '${USER}'@'${host}' with grant option`);
    }
    return true;
  } catch (error) {
    if ((error as { sqlMessage?: string }).sqlMessage !== undefined) throw error;
    return false;
  } finally {
    await connection?.end().catch(() => undefined);
  }
}

function connect(port: number, database?: string): Promise<Connection> {
  return mysql.createConnection({
    host: '127.0.0.1',
    port,
    user: USER,
    password: PASSWORD,
    multipleStatements: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    ...(database === undefined ? {} : { database }),
  });
}

/** The rows of a query, each an object by column name. */
export async function rowsOf(connection: Connection, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, values);
  return rows;
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
