import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { parseWorkerConfig } from '../config/worker-config.ts';
import { ConfigException, ConnectException } from '../core/errors.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import { LoggerFollower } from '../rest/logger-follower.ts';
import { configurationHash } from '../state/apply-configuration.ts';
import type { StoredConfig } from '../state/config-store.ts';
import { applyFiles, type ProcessOptions, processDeps, reachKafka, serveRestApi } from './connect-process.ts';
import { Membership } from './membership.ts';
import { packageVersion } from './package-version.ts';
import type { TaskRow } from './progress.ts';
import { openRestListener } from './rest-listener.ts';
import { openDynamoDbStores } from './state.ts';
import { Supervisors } from './supervisors.ts';

/** What a worker runs and on what. */
export interface WorkerOptions extends ProcessOptions {
  /** Endpoint of a DynamoDB; null = that of the region. */
  readonly dynamodb: string | null;
  /** null = the AWS SDK finds it by itself (profile), or there is none. */
  readonly region: string | null;
  /** A profile names region and credentials. */
  readonly hasProfile: boolean;
  /** null = `serverless-connect-<pipeline name or group.id>`. */
  readonly table: string | null;
  readonly stop: AbortSignal;
}

/** A worker that is up. */
export interface Worker {
  readonly bootstrap: string;
  readonly table: string;
  /** Where the REST API listens; empty = nowhere, the default port is taken. */
  readonly restUrls: readonly string[];
  rows(): TaskRow[];
  /** Resolves when everything stopped after `stop` aborted: flushed, committed, released. */
  readonly done: Promise<void>;
}

/**
 * Starts one of any number of processes that share the connectors of a table. Throws ConfigException (`usage`) where Kafka or the table are
 * not named, or where live workers were given another file for a connector; ConnectException: `listener`, `unreachable`.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { files, levels, logger, plugins, stop } = options;
  const { bootstrap, table } = requirePlace(options);
  const worker = parseWorkerConfig(files.worker, plugins);
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of closing.reverse()) await each().catch((error: unknown) => logger.warn('closing failed', { error: String(error) }));
  };
  try {
    const listener = await openRestListener(files.worker, logger);
    if (listener !== null) closing.push(() => listener.close());
    const region = options.region ?? (options.dynamodb === null || options.hasProfile ? null : 'local');
    const place = { table, ...(options.dynamodb === null ? {} : { endpoint: options.dynamodb }), ...(region === null ? {} : { region }) };
    const stores = await openDynamoDbStores(place, closing);
    // A process that was started again is another owner: the one before it may be alive for all that anybody knows.
    const owner = `${listener?.workerId ?? `${hostname()}:${process.pid}`}#${randomUUID()}`;
    const started = processDeps(options, { stores, workerProps: files.worker, owner, listener }, closing);
    await reachKafka(started.deps, bootstrap);
    const membership = new Membership({
      workers: stores.workers,
      clock: SYSTEM_CLOCK,
      logger,
      id: owner,
      url: listener === null ? null : `http://${listener.workerId}`,
      version: packageVersion(),
      files: Object.fromEntries(files.connectors.map(({ definition }) => [definition.name, configurationHash(definition.config)])),
      heartbeatMs: worker.getNumber('heartbeat.interval.ms'),
      sessionMs: worker.getNumber('session.timeout.ms'),
    });
    closing.push(() => membership.leave());
    // Before the files are applied, so that of two workers that start at once each sees what the other was given.
    await membership.beat();
    await applyFiles(options, stores, (stored) => refuseOtherFile(membership, stored));
    membership.join();
    const follower = new LoggerFollower(stores.loggers, levels);
    const supervisors = new Supervisors(started.deps, membership, stop);
    const done = Promise.all([supervisors.run(), follower.run(SYSTEM_CLOCK, logger, stop)])
      .then(() => undefined)
      .finally(() => listener?.close())
      .finally(close);
    if (listener !== null) await serveRestApi(options, started, supervisors, listener);
    return { bootstrap, table, restUrls: listener?.urls ?? [], rows: () => supervisors.rows(), done };
  } catch (error) {
    await close();
    throw error;
  }
}

function requirePlace({ dynamodb, files, hasProfile, region, table }: WorkerOptions): { bootstrap: string; table: string } {
  const bootstrap = files.worker['bootstrap.servers'];
  const missing: string[] = [];
  if (bootstrap === undefined || bootstrap.trim() === '')
    missing.push('bootstrap.servers in the worker file (workers share a real Kafka; serverless-connect broker starts one for development)');
  if (dynamodb === null && region === null && !hasProfile)
    missing.push('a DynamoDB: AWS_REGION, or AWS_ENDPOINT_URL_DYNAMODB or --dynamodb URL');
  const name = table ?? files.pipeline ?? files.worker['group.id'];
  if (name === undefined) missing.push('a state table: group.id in the worker file, SERVERLESS_CONNECT_TABLE or --table NAME');
  if (missing.length > 0) {
    throw new ConfigException(
      `worker cannot start without ${missing.join('; nor without ')}. A process of its own: serverless-connect standalone`,
      {
        code: 'usage',
      },
    );
  }
  return { bootstrap: bootstrap as string, table: table ?? `serverless-connect-${name}` };
}

/** A changed file wins over what is stored, unless a live worker was given the file that it would replace. */
async function refuseOtherFile(membership: Membership, stored: StoredConfig): Promise<void> {
  const holder = await membership.liveHolder((worker) => stored.appliedHash !== null && worker.files[stored.name] === stored.appliedHash);
  if (holder === null) return;
  throw new ConnectException(
    `the file for connector ${stored.name} differs from the one that worker ${holder.url ?? holder.id} was given (${stored.writer}); ` +
      'give all workers the same file, stop the others first, or change the configuration over REST',
    { code: 'usage' },
  );
}
