import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { dynamoDbLocalUnavailable, startDynamoDbLocal } from '../dynamodb-local/start-dynamodb-local.ts';
import { testClients } from '../kafka/clients.ts';
import { startKafka } from '../kafka/start-kafka.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { startCluster } from '../worker/worker-cluster.ts';
import { collect, type Evidence } from './collect.ts';
import { type Fault, type FaultKind, planFaults } from './fault-plan.ts';
import { injectFaults } from './inject-faults.ts';
import { deployLambdaSinks, type LambdaSinks } from './lambda-sinks.ts';
import { type FaultEvent, ledgerOf, type PathInput, type PathLedger, printLedger } from './ledger.ts';
import {
  CONVERTERS,
  EVENT_SINK,
  lambdaConnectors,
  ORDERS_SOURCE,
  ORDERS_TOPIC,
  PARTITIONS,
  PAYMENTS_SOURCE,
  PAYMENTS_TOPIC,
  SCHEDULED_SINK,
  TABLES,
  WATERMARK_KEY,
  WORKER_SINK,
  workerConnectors,
} from './pipeline.ts';
import { seededRandom } from './seeded-random.ts';
import { startStateProxy } from './state-proxy.ts';
import { WorkerSlot } from './worker-slots.ts';
import { writeOrders, writePayments } from './writer.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults come; start and catching up are on top. */
  readonly durationMs: number;
  /** Mean time between two faults. @default 4000 */
  readonly everyMs?: number;
  /** @default all */
  readonly kinds?: readonly FaultKind[];
  /** False leaves out the functions of the Lambda host. @default true */
  readonly withLambda?: boolean;
  /** Which paths suffer late writes. @default those of the workers */
  readonly lateWrites?: readonly string[];
  /** For the test of the test: workers without the fencing condition. @default false */
  readonly unfenced?: boolean;
  /** @default DynamoDB Local where it can run */
  readonly state?: 'dynamodb-local' | 'dynalite';
  /** Logs and evidence go there; null = nowhere. */
  readonly keep?: string | null;
  readonly print?: (line: string) => void;
  /** Until everything has arrived. @default 480000 */
  readonly catchUpMs?: number;
}

export interface ChaosReport {
  readonly seed: number;
  readonly ledgers: readonly PathLedger[];
  readonly plan: readonly Fault[];
  /** Faults that hit something, by kind. */
  readonly hits: Readonly<Record<string, number>>;
  /** What must not be; empty = passed. */
  readonly findings: readonly string[];
  /** The ledger as a table. */
  readonly table: string;
}

const WORKERS = 3;
const PROGRESS_MS = 10_000;
const STARTED_WITHIN_MS = 240_000;
const WRITER_PAUSE_MS = 60;
/** After everything has arrived: what comes late is a duplicate. */
const SETTLE_MS = 3_000;

/** Runs the connectors through a seed's faults on real servers, waits until everything has arrived, and draws up the ledger. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { durationMs, seed } = options;
  const began = Date.now();
  const logged: string[] = [];
  const log = (line: string) => {
    const stamped = `${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`;
    logged.push(stamped);
    options.print?.(stamped);
  };
  const random = seededRandom(seed ^ 0x5eed);
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-chaos-'));
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })];
  const events: FaultEvent[] = [];
  const happen = (kind: string) => events.push({ kind, atMs: Date.now(), untilMs: Date.now() });
  try {
    const state = options.state ?? (dynamoDbLocalUnavailable() === null ? 'dynamodb-local' : 'dynalite');
    log(`seed ${seed}, ${Math.round(durationMs / 1000)} s of faults, state in ${state}`);
    const [kafka, postgres, dynamoDb] = await Promise.all([
      startKafka({ dataDir: join(folder, 'kafka') }),
      startPostgres(),
      state === 'dynalite' ? startDynamoDb() : startDynamoDbLocal(),
    ]);
    closing.push(
      () => dynamoDb.close(),
      () => postgres.stop(),
      () => kafka.stop(),
    );
    await prepare(postgres.url, kafka.bootstrap);
    const proxies = await Promise.all(Array.from({ length: WORKERS + 1 }, () => startStateProxy(dynamoDb.endpoint, random)));
    closing.push(() => Promise.all(proxies.map((proxy) => proxy.close())));

    const cluster = await startCluster({
      kafka,
      dynamoDb,
      worker: [
        'heartbeat.interval.ms=500',
        'session.timeout.ms=2000',
        ...Object.entries(CONVERTERS).map(([key, value]) => `${key}=${value}`),
      ],
    });
    closing.push(() => cluster.close());
    const files = workerConnectors(postgres).map(({ config, name }) => cluster.file(`${name}.json`, { name, config }));
    const slots = proxies.slice(0, WORKERS).map((proxy, at) => new WorkerSlot(cluster, at, proxy, files, options.unfenced ?? false));
    closing.push(() => {
      for (const slot of slots) slot.close();
    });
    const [lambda] = await Promise.all([
      options.withLambda === false
        ? null
        : deployLambdaSinks({
            folder,
            bootstrap: kafka.bootstrap,
            dynamoDbEndpoint: proxies[WORKERS]?.endpoint ?? '',
            connectors: lambdaConnectors(postgres),
            secret: { password: postgres.password },
            random,
            onDuplicate: happen,
          }),
      ...slots.map((slot) => slot.start()),
    ]);
    if (lambda !== null) closing.push(() => lambda.close());
    log(`${WORKERS} workers are up`);

    const sinks = [WORKER_SINK, ...(lambda === null ? [] : [EVENT_SINK, SCHEDULED_SINK])];
    const evidence: Evidence = {
      bootstrap: kafka.bootstrap,
      logDir: join(folder, 'kafka', 'data'),
      postgresUrl: postgres.url,
      sinks,
      faults: events,
    };
    const orders = writeOrders(postgres.url, random, WRITER_PAUSE_MS);
    const payments = writePayments(postgres.url, random, WRITER_PAUSE_MS);
    const written = () => `${orders.last} states of orders, ${payments.last} payments`;
    lambda?.deployment.start();
    // Before the first fault everything has moved once: a fault then hits work, not the start.
    let unheard = '';
    const started = await until(async () => {
      unheard = (await draw(evidence)).flatMap(({ delivered, path }) => (delivered > 0 ? [] : path)).join(', ');
      return unheard === '';
    }, STARTED_WITHIN_MS);
    if (!started) throw new Error(`nothing was delivered by ${unheard} within ${STARTED_WITHIN_MS / 1000} s, before any fault`);
    log(`every path has delivered; faults begin (${written()})`);

    const plan = planFaults(seed, durationMs, options);
    const progress = setInterval(
      () => log(`… ${written()}; workers ${slots.map((slot) => slot.state).join(', ')}; ${events.length} faults`),
      PROGRESS_MS,
    );
    closing.push(() => clearInterval(progress));
    const lateWrites = options.lateWrites ?? [PAYMENTS_SOURCE, ORDERS_SOURCE, ...(WATERMARK_KEY === undefined ? [WORKER_SINK] : [])];
    await Promise.all([injectFaults(plan, { kafka, postgres, slots, lambda, proxies, lateWrites, log, events }), sleep(durationMs)]);
    lambda?.calm();
    clearInterval(progress);
    log(`faults are over: ${describe(hitsOf(events))}`);
    await Promise.all([orders.stop(), payments.stop()]);
    log(`nothing more is written: ${written()}`);

    let ledgers: PathLedger[] = [];
    const caughtUp = await until(async () => {
      ledgers = await draw(evidence);
      const open = ledgers.filter(({ lost }) => lost > 0);
      if (open.length > 0) log(`catching up: ${open.map(({ lost, path }) => `${path} ${lost} to come`).join(', ')}`);
      return open.length === 0;
    }, options.catchUpMs ?? 480_000);
    if (caughtUp) await sleep(SETTLE_MS);
    const inputs = await collect(evidence);
    ledgers = inputs.map(ledgerOf);
    const findings = [
      ...ledgers.flatMap(({ broken, path }) => broken.map((what) => `${path}: ${what}`)),
      ...slots.flatMap((slot) => [...slot.deaths, ...slot.failedTasks()]),
      ...(await failures(slots, cluster)),
    ];
    const table = printLedger(ledgers);
    if (options.keep !== undefined && options.keep !== null)
      keep(options.keep, { inputs, kafkaLog: kafka.logFile, lambda, logged, slots, table });
    return { seed, ledgers, plan, hits: hitsOf(events), findings, table };
  } finally {
    for (const close of closing.reverse()) await Promise.resolve(close()).catch((error: unknown) => log(`closing failed: ${error}`));
  }
}

async function draw(evidence: Evidence): Promise<PathLedger[]> {
  return (await collect(evidence)).map(ledgerOf);
}

async function prepare(postgresUrl: string, bootstrap: string): Promise<void> {
  const db = new pg.Client({ connectionString: postgresUrl });
  await db.connect();
  await db.query(TABLES);
  await db.end();
  const clients = testClients();
  const admin = clients.admin({ 'bootstrap.servers': bootstrap });
  for (const topic of [ORDERS_TOPIC, PAYMENTS_TOPIC])
    await admin.createTopic({ topic, partitions: PARTITIONS, replicationFactor: 1, configs: {} });
  await admin.close();
  await clients.close();
}

/** True once `reached` is; what cannot be asked now is asked again. */
async function until(reached: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    if (await reached().catch(() => false)) return true;
    await sleep(1_500);
  }
  return false;
}

/** Connectors of the workers that need help at the end. */
async function failures(slots: readonly WorkerSlot[], cluster: Awaited<ReturnType<typeof startCluster>>): Promise<string[]> {
  const base = slots.find(({ worker }) => worker !== null)?.worker?.base;
  if (base === undefined) return ['no worker is up at the end'];
  const found: string[] = [];
  for (const name of [ORDERS_SOURCE, PAYMENTS_SOURCE, WORKER_SINK]) {
    const { connector, tasks } = await cluster.status(base, name);
    for (const { state, trace } of [connector, ...tasks])
      if (state === 'FAILED') found.push(`${name} is FAILED: ${trace?.split('\n').slice(0, 3).join(' | ')}`);
  }
  return found;
}

function hitsOf(events: readonly FaultEvent[]): Record<string, number> {
  const hits: Record<string, number> = {};
  for (const { kind } of events) hits[kind] = (hits[kind] ?? 0) + 1;
  return hits;
}

function describe(hits: Readonly<Record<string, number>>): string {
  return Object.entries(hits)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function keep(
  dir: string,
  what: {
    readonly inputs: readonly PathInput[];
    readonly kafkaLog: string;
    readonly lambda: LambdaSinks | null;
    readonly logged: readonly string[];
    readonly slots: readonly WorkerSlot[];
    readonly table: string;
  },
): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'run.log'), `${what.logged.join('\n')}\n\n${what.table}\n`);
  for (const slot of what.slots) writeFileSync(join(dir, `worker-${slot.number}.log`), slot.printed());
  if (what.lambda !== null) writeFileSync(join(dir, 'lambda.log'), what.lambda.log.join('\n'));
  copyFileSync(what.kafkaLog, join(dir, 'broker.log'));
  for (const { deliveries, path } of what.inputs) {
    const lines = deliveries.map(({ atMs, group, item, writer }) => [new Date(atMs).toISOString(), group, item, writer].join(','));
    writeFileSync(join(dir, `${path}.csv`), `at,group,item,writer\n${lines.join('\n')}\n`);
  }
}
