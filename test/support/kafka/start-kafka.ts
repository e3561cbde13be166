import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formattedStorage, kafkaClasspath } from './jars.ts';

/** Options of {@link startKafka}. */
export interface KafkaOptions {
  /** Broker properties on top of the defaults below, e.g. `{'auto.create.topics.enable': 'false'}`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Keeps the data there, also after `stop()`. @default a temporary directory, removed by `stop()` */
  readonly dataDir?: string;
  /** JVM flags. @default ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC'] */
  readonly jvmArgs?: readonly string[];
}

/** A running Apache Kafka: one process, KRaft, one node, 127.0.0.1 only. */
export interface RunningKafka {
  /** `127.0.0.1:<port>` */
  readonly bootstrap: string;
  readonly port: number;
  /** Process id of the JVM; another one after `restart()`. */
  readonly pid: number;
  /** What the broker printed. */
  readonly logFile: string;
  /** Ends the broker (SIGTERM, then SIGKILL after 20 s) and removes its temporary data. */
  stop(): Promise<void>;
  /** `kill -9`. The data stays until `stop()`. */
  kill(): Promise<void>;
  /** Starts again on the same port and data, after `kill()` or as a clean restart. */
  restart(): Promise<void>;
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 20_000;

/** Starts Kafka 4.3.0 in about 3 s; it ends with this process, however this process ends. Call `kafkaUnavailable()` before. */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  const classpath = await kafkaClasspath();
  const storage = await formattedStorage();
  const temporary = options.dataDir === undefined;
  const directory = options.dataDir ?? mkdtempSync(join(tmpdir(), 'serverless-connect-kafka-'));
  const data = join(directory, 'data');
  await mkdir(directory, { recursive: true });
  if (!existsSync(data)) await cp(storage, data, { recursive: true });

  const logFile = join(directory, 'broker.log');
  let port = 0;
  let node: Node | null = null;

  const start = async (ports: readonly [number, number]): Promise<void> => {
    const config = join(directory, 'server.properties');
    await writeFile(config, render({ ...defaults(ports, data), ...options.properties }));
    const jvmArgs = options.jvmArgs ?? ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC'];
    node = await launch([...jvmArgs, ...LOGGING, '-cp', classpath, 'kafka.Kafka', config], logFile, temporary ? directory : null);
  };

  let ports: [number, number] = [0, 0];
  for (let attempt = 1; ; attempt++) {
    ports = await freePorts();
    try {
      await start(ports);
      port = ports[0];
      break;
    } catch (error) {
      // Between asking for a free port and the JVM's bind another process may take it.
      if (attempt === 3 || !/in use/.test(String(error))) throw error;
    }
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await node?.end(signal);
    node = null;
  };
  return {
    bootstrap: `127.0.0.1:${port}`,
    port,
    get pid() {
      return node?.pid ?? 0;
    },
    logFile,
    stop: async () => {
      await end('SIGTERM');
      if (temporary) await rm(directory, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await start(ports);
    },
  };
}

const LOGGING = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info'];

interface Node {
  readonly pid: number;
  end(signal: NodeJS.Signals): Promise<void>;
}

async function launch(args: readonly string[], logFile: string, removeAfterwards: string | null): Promise<Node> {
  const log = openSync(logFile, 'w');
  const java = spawn('java', args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = once(java, 'exit');
  await once(java, 'spawn');
  const watchdog = watch(java.pid as number, removeAfterwards);
  const release = async (): Promise<void> => {
    const gone = once(watchdog, 'exit');
    watchdog.kill('SIGKILL');
    watchdog.stdin?.destroy();
    await gone;
  };
  try {
    const until = Date.now() + START_TIMEOUT_MS;
    while (!readFileSync(logFile, 'utf8').includes('Kafka Server started')) {
      if (java.exitCode !== null || java.signalCode !== null) throw new Error(`Kafka ended while starting:\n${tail(logFile)}`);
      if (Date.now() > until) throw new Error(`Kafka was not up after ${START_TIMEOUT_MS / 1000} s:\n${tail(logFile)}`);
      await sleep(50);
    }
  } catch (error) {
    java.kill('SIGKILL');
    await exited;
    await release();
    throw error;
  }
  return {
    pid: java.pid as number,
    end: async (signal) => {
      java.kill(signal);
      const force = setTimeout(() => java.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(force);
      await release();
    },
  };
}

/** Ends the JVM when this process goes, even by `kill -9`: the pipe to the watchdog's stdin closes then. */
function watch(pid: number, removeAfterwards: string | null): ChildProcess {
  const script = 'cat >/dev/null; kill -9 "$0"; if [ -n "$1" ]; then sleep 1; rm -rf "$1"; fi';
  return spawn('sh', ['-c', script, String(pid), removeAfterwards ?? ''], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
}

function defaults([client, controller]: readonly [number, number], data: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${client}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': data,
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '5',
    // After `kill -9` the controller waits this long before it takes the broker back; 9 s by default.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '1000',
    // The default reserves 128 MB of heap for compaction.
    'log.cleaner.dedupe.buffer.size': '10485760',
  };
}

function render(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`)
    .join('');
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-30).join('\n');
}

async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([0, 1].map(() => listening()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return [ports[0] as number, ports[1] as number];
}

async function listening() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
