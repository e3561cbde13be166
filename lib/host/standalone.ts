import { hostname } from 'node:os';
import { join } from 'node:path';
import { configProviderAccess } from '../aws/config-provider-call.ts';
import { allProviders } from '../config/providers/aws-providers.ts';
import { createConfigProviders } from '../config/providers/config-providers.ts';
import { resolveVariables } from '../config/variables.ts';
import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import { createKafkaClients } from '../kafka/kafkajs/kafka-clients.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import type { RuntimeDeps } from '../runtime/runtime-deps.ts';
import { applyConfiguration } from '../state/apply-configuration.ts';
import type { StateStores } from '../state/state-stores.ts';
import { brokerDir, dynamoDbDir, startBroker, startDynamoDb } from './embedded.ts';
import type { HostFiles } from './host-files.ts';
import type { ProcessLogLevels } from './log-levels.ts';
import { packageVersion } from './package-version.ts';
import type { TaskRow } from './progress.ts';
import { openRestListener } from './rest-listener.ts';
import { openDynamoDbStores } from './state.ts';
import { Supervisors } from './supervisors.ts';

/** What standalone mode runs and on what. */
export interface StandaloneOptions {
  readonly files: HostFiles;
  readonly plugins: PluginResolver;
  readonly logger: Logger;
  /** What the logger writes; the REST API changes it. */
  readonly levels: ProcessLogLevels;
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
  const { cwd, files, logger, plugins, stop } = options;
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
    const workerProps = { ...files.worker, 'bootstrap.servers': bootstrap };
    const kafka = createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
    closing.push(() => kafka.close());
    const providers = createConfigProviders(workerProps, { defaults: true, kinds: allProviders(configProviderAccess(process.env)) });
    const deps: RuntimeDeps = {
      stores,
      kafka: async () => kafka,
      plugins,
      workerProps,
      resolveVariables: async (props) => (await resolveVariables(props, providers)).props,
      logger,
      clock: SYSTEM_CLOCK,
      random: Math.random,
      // A state folder belongs to one process at a time, so what a killed one held is this one's own at once.
      owner: options.dynamodb === null ? `${hostname()}:standalone` : `${hostname()}:${process.pid}`,
      ...(listener === null ? {} : { workerId: listener.workerId }),
    };
    await reachKafka(deps, bootstrap);
    for (const { definition, writer } of files.connectors) {
      const outcome = await applyConfiguration(stores.configs, {
        name: definition.name,
        config: definition.config,
        writer,
        nowMs: Date.now(),
        initialState: definition.initialState === 'RUNNING' ? 'STARTED' : definition.initialState,
      });
      if (outcome.applied && outcome.replacedKeys.length > 0)
        logger.info('the file changed the configuration', { connector: definition.name, keys: outcome.replacedKeys });
    }
    const supervisors = new Supervisors(deps, stop);
    const done = supervisors
      .run()
      .finally(() => listener?.close())
      .finally(close);
    if (listener !== null) {
      const { createRestApi } = await import('../rest/routes.ts');
      const { clock, random, resolveVariables: resolve } = deps;
      listener.serve(
        createRestApi({
          stores,
          kafka: deps.kafka,
          plugins,
          workerProps,
          providers,
          resolveVariables: resolve,
          runtime: supervisors,
          levels: options.levels,
          workerId: listener.workerId,
          version: packageVersion(),
          logger,
          clock,
          random,
        }),
      );
    }
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

async function reachKafka(deps: RuntimeDeps, bootstrap: string): Promise<void> {
  const kafka = await deps.kafka();
  const { adminSettings } = await import('../config/client-settings.ts');
  const worker = await deps.resolveVariables(deps.workerProps);
  // A user who mistyped an address is told at once; later outages are waited for much longer.
  const settings = { ...adminSettings({ connector: 'standalone', task: null, props: {}, worker }), 'default.api.timeout.ms': '5000' };
  const admin = kafka.admin(settings);
  try {
    await admin.listTopics();
  } catch (error) {
    throw new ConnectException(
      `kafka cannot be reached at ${bootstrap}: ${error instanceof Error ? error.message : String(error)}; check bootstrap.servers, security.protocol and sasl.* of the worker file`,
      { cause: error, code: 'unreachable' },
    );
  } finally {
    await admin.close();
  }
}
