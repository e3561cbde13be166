import { hostname } from 'node:os';
import { join } from 'node:path';
import type { StateStores } from '../state/state-stores.ts';
import { applyFiles, type ProcessOptions, processDeps, reachKafka, serveRestApi } from './connect-process.ts';
import { brokerDir, dynamoDbDir, startBroker, startDynamoDb } from './embedded.ts';
import type { HostFiles } from './host-files.ts';
import type { TaskRow } from './progress.ts';
import { openRestListener } from './rest-listener.ts';
import { openDynamoDbStores } from './state.ts';
import { Supervisors } from './supervisors.ts';
import { EVERY_TASK } from './task-shares.ts';

/** What standalone mode runs and on what. */
export interface StandaloneOptions extends ProcessOptions {
  /** Endpoint of a DynamoDB; null = embedded, on disk. */
  readonly dynamodb: string | null;
  /** State that lives only as long as this process. */
  readonly inMemory: boolean;
  /** null = `serverless-connect-<pipeline name or group.id>`. */
  readonly table: string | null;
  readonly cwd: string;
  readonly stop: AbortSignal;
}

/** A standalone worker that is up. */
export interface Standalone {
  readonly bootstrap: string;
  /** Whether the broker is the embedded one. */
  readonly embeddedKafka: boolean;
  readonly table: string | null;
  /** Where the REST API listens; empty = nowhere, the default port is taken. */
  readonly restUrls: readonly string[];
  rows(): TaskRow[];
  /** Resolves when everything stopped after `stop` aborted: flushed, committed, released. */
  readonly done: Promise<void>;
}

/** Starts standalone mode: state, Kafka, configurations, then every connector's tasks. Throws ConnectException: `listener` where the REST API's port cannot be opened, `unreachable` where Kafka or the table cannot be reached. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { cwd, files, logger, stop } = options;
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of closing.reverse()) await each().catch((error: unknown) => logger.warn('closing failed', { error: String(error) }));
  };
  try {
    const listener = await openRestListener(files.worker, logger);
    if (listener !== null) closing.push(() => listener.close());
    const stateDir = join(cwd, stateFolder(files));
    const { stores, table } = await openState(options, stateDir, closing);
    const given = files.worker['bootstrap.servers'];
    let bootstrap = given ?? '';
    if (given === undefined) {
      const broker = await startBroker(options.inMemory ? {} : { dir: brokerDir(stateDir) });
      closing.push(() => broker.close());
      bootstrap = broker.bootstrap;
    }
    const started = processDeps(
      options,
      {
        stores,
        workerProps: { ...files.worker, 'bootstrap.servers': bootstrap },
        // A state folder belongs to one process at a time, so what a killed one held is this one's own at once.
        owner: options.dynamodb === null ? `${hostname()}:standalone` : `${hostname()}:${process.pid}`,
        listener,
      },
      closing,
    );
    await reachKafka(started.deps, bootstrap);
    await applyFiles(options, stores);
    const supervisors = new Supervisors(started.deps, EVERY_TASK, stop);
    const done = supervisors
      .run()
      .finally(() => listener?.close())
      .finally(close);
    if (listener !== null) await serveRestApi(options, started, supervisors, listener);
    return {
      bootstrap,
      embeddedKafka: given === undefined,
      table,
      restUrls: listener?.urls ?? [],
      rows: () => supervisors.rows(),
      done,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openState(
  options: StandaloneOptions,
  stateDir: string,
  closing: (() => Promise<void>)[],
): Promise<{ stores: StateStores; table: string | null }> {
  const { files, table } = options;
  if (options.inMemory) {
    const { createMemoryStores } = await import('../state/memory/create-memory-stores.ts');
    return { stores: createMemoryStores(), table: null };
  }
  const name = table ?? `serverless-connect-${files.pipeline ?? files.worker['group.id'] ?? 'standalone'}`;
  if (options.dynamodb !== null)
    return { stores: await openDynamoDbStores({ endpoint: options.dynamodb, table: name }, closing), table: name };
  const embedded = await startDynamoDb(dynamoDbDir(stateDir));
  closing.push(() => embedded.close());
  return { stores: await openDynamoDbStores({ ...embedded, table: name }, closing), table: name };
}

/** Where standalone state lives: beside Apache's offsets file, which is never touched, or in a folder of the pipeline's name. */
function stateFolder({ pipeline, worker }: HostFiles): string {
  const file = worker['offset.storage.file.filename'];
  return file === undefined ? join('.serverless-connect', pipeline ?? worker['group.id'] ?? 'standalone') : `${file}.state`;
}
