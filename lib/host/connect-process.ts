import { configProviderAccess } from '../aws/config-provider-call.ts';
import { allProviders } from '../config/providers/aws-providers.ts';
import type { ConfigProvider } from '../config/providers/config-provider.ts';
import { createConfigProviders } from '../config/providers/config-providers.ts';
import { ResolvedSecrets } from '../config/resolved-secrets.ts';
import { resolveVariables } from '../config/variables.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import { createKafkaClients } from '../kafka/kafkajs/kafka-clients.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import type { ProcessLogLevels } from '../rest/log-levels.ts';
import type { RuntimeDeps } from '../runtime/runtime-deps.ts';
import { applyConfiguration } from '../state/apply-configuration.ts';
import type { StoredConfig } from '../state/config-store.ts';
import { hideInTraces } from '../state/hide-in-traces.ts';
import type { StateStores } from '../state/state-stores.ts';
import type { HostFiles } from './host-files.ts';
import { packageVersion } from './package-version.ts';
import type { RestListener } from './rest-listener.ts';
import type { Supervisors } from './supervisors.ts';

/** What is the same in `standalone` and `worker`: one process that runs connectors. */
export interface ProcessOptions {
  readonly files: HostFiles;
  readonly plugins: PluginResolver;
  readonly logger: Logger;
  /** What the logger writes; the REST API changes it. */
  readonly levels: ProcessLogLevels;
}

/** The adapters of this process. */
export interface ProcessDeps {
  readonly deps: RuntimeDeps;
  readonly providers: ReadonlyMap<string, ConfigProvider>;
  /** What they answered. */
  readonly secrets: ResolvedSecrets;
}

/** Chooses the adapters. `closing` is called in reverse order at the end. */
export function processDeps(
  options: ProcessOptions,
  at: {
    readonly stores: StateStores;
    readonly workerProps: ConnectorProps;
    /** Unique for this process. */
    readonly owner: string;
    readonly listener: RestListener | null;
  },
  closing: (() => Promise<void>)[],
): ProcessDeps {
  const secrets = new ResolvedSecrets();
  const logger = secrets.logger(options.logger);
  const kafka = createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
  closing.push(() => kafka.close());
  const kinds = allProviders(configProviderAccess(process.env));
  const providers = secrets.watch(createConfigProviders(at.workerProps, { defaults: true, kinds }));
  const deps: RuntimeDeps = {
    stores: hideInTraces(at.stores, (text) => secrets.hide(text)),
    kafka: async () => kafka,
    plugins: options.plugins,
    workerProps: at.workerProps,
    resolveVariables: async (props) => (await resolveVariables(props, providers)).props,
    logger,
    clock: SYSTEM_CLOCK,
    random: Math.random,
    owner: at.owner,
    ...(at.listener === null ? {} : { workerId: at.listener.workerId }),
  };
  return { deps, providers, secrets };
}

/** Throws ConnectException (`unreachable`) where Kafka does not answer: a user who mistyped an address is told at once. */
export async function reachKafka(deps: RuntimeDeps, bootstrap: string): Promise<void> {
  const kafka = await deps.kafka();
  const { adminSettings } = await import('../config/client-settings.ts');
  const worker = await deps.resolveVariables(deps.workerProps);
  // Later outages are waited for much longer.
  const settings = { ...adminSettings({ connector: 'worker', task: null, props: {}, worker }), 'default.api.timeout.ms': '5000' };
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

/** Writes the configurations of the files. `mayReplace` is asked before one that differs replaces what another file said; it throws to refuse. */
export async function applyFiles(
  { files, logger }: ProcessOptions,
  stores: StateStores,
  mayReplace?: (stored: StoredConfig) => Promise<void>,
): Promise<void> {
  for (const { definition, writer } of files.connectors) {
    const outcome = await applyConfiguration(stores.configs, {
      name: definition.name,
      config: definition.config,
      writer,
      nowMs: Date.now(),
      initialState: definition.initialState === 'RUNNING' ? 'STARTED' : definition.initialState,
      ...(mayReplace === undefined ? {} : { mayReplace }),
    });
    if (outcome.applied && outcome.replacedKeys.length > 0)
      logger.info('the file changed the configuration', { connector: definition.name, keys: outcome.replacedKeys });
  }
}

/** From here on the listener answers Connect's REST API. */
export async function serveRestApi(
  { levels, plugins }: ProcessOptions,
  { deps, providers, secrets }: ProcessDeps,
  supervisors: Supervisors,
  listener: RestListener,
): Promise<void> {
  const { createRestApi } = await import('../rest/routes.ts');
  const { clock, kafka, logger, random, resolveVariables: resolve, stores, workerProps } = deps;
  listener.serve(
    createRestApi({
      stores,
      kafka,
      plugins,
      workerProps,
      providers,
      resolveVariables: resolve,
      runtime: supervisors,
      levels,
      hideSecrets: (text) => secrets.hide(text),
      workerId: listener.workerId,
      version: packageVersion(),
      logger,
      clock,
      random,
    }),
  );
}
