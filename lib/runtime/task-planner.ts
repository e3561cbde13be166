import { preflightErrors } from '../config/preflight.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import type { Clock, Random } from '../core/clock.ts';
import type { Connector, ConnectorContext, ConnectorProps } from '../core/connector.ts';
import { ConfigException, ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { OffsetStorageReader, SourceConnector, SourceConnectorContext } from '../core/source.ts';
import type { SourcePartition } from '../core/source-record.ts';
import { type ConfigStore, type ConnectorState, type StoredConfig, tasksToRetire } from '../state/config-store.ts';
import type { OffsetStore } from '../state/offset-store.ts';
import type { LoadedConnector } from './loaded-connector.ts';
import { prepareGeneration } from './retire-tasks.ts';
import type { RuntimeDeps } from './runtime-deps.ts';

/** More task configurations than `tasks.max` allows (KIP-1004). */
export class TooManyTasksException extends ConnectException {
  constructor(connector: string, generated: number, max: number) {
    super(
      `The connector ${connector} has generated ${generated} tasks, which is greater than ${max}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`,
      {},
      'org.apache.kafka.connect.runtime.TooManyTasksException',
      'too-many-tasks',
    );
  }
}

/** What is needed to plan a connector's tasks. */
interface PlanRequest {
  readonly state: ConnectorState;
  readonly stored: StoredConfig;
  /** `stored.config` with variables resolved. */
  readonly resolved: ConnectorProps;
  readonly connector: Connector;
  /** The worker's configuration. */
  readonly worker: ConnectorProps;
  readonly tasksMax: number;
  readonly enforceTasksMax: boolean;
  readonly configs: ConfigStore;
  /** Whether tasks of earlier generations must be fenced before those of the new one load offsets. */
  readonly retires: () => Promise<boolean>;
  readonly offsets: OffsetStorageReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Asks the connector for its task configurations and opens a new generation where they, or the configuration itself, changed. Answers the
 * state that holds now. Throws what the connector throws (the old plan stays) and StateConflictException when another planner was faster.
 */
async function planTasks(request: PlanRequest): Promise<ConnectorState> {
  const { clock, configs, logger, state, stored } = request;
  const taskConfigs = (await askConnector(request)).map((props) => withVariables(props, stored.config, request.resolved));
  if (taskConfigs.length > request.tasksMax) {
    const tooMany = new TooManyTasksException(state.name, taskConfigs.length, request.tasksMax);
    if (request.enforceTasksMax) throw tooMany;
    logger.warn(tooMany.message);
  }
  if (state.plannedVersion === stored.version && (await isPlanned(configs, state, taskConfigs))) {
    await configs.touchPlan(state.name, state.generation, stored.version, clock.now());
    return { ...state, plannedAtMs: clock.now() };
  }
  const planned = await configs.openGeneration(state.name, {
    expectedGeneration: state.generation,
    plannedVersion: stored.version,
    taskConfigs,
    nowMs: clock.now(),
    ...((await request.retires()) ? { state: 'PREPARING' as const, retiring: tasksToRetire(state) } : {}),
  });
  logger.info('planned tasks', { tasks: planned.taskCount, generation: planned.generation, configVersion: stored.version });
  return planned;
}

/**
 * {@link planTasks} for a loaded connector; the state it answers is READY. Throws beside that what {@link prepareGeneration} throws: then the new
 * generation is not ready, and no task of the old one may run.
 */
export async function planConnector(deps: RuntimeDeps, loaded: LoadedConnector, state: ConnectorState): Promise<ConnectorState> {
  const { clock, random, stores } = deps;
  const planned = await planTasks({
    state,
    stored: loaded.stored,
    resolved: loaded.resolved,
    connector: await loaded.newConnector(),
    tasksMax: loaded.tasksMax,
    enforceTasksMax: loaded.enforceTasksMax,
    configs: stores.configs,
    worker: deps.workerProps,
    retires: () => retiresTasks(deps, loaded, state),
    offsets: committedOffsets(stores.offsets, loaded.name),
    clock,
    random,
    logger: deps.logger.child({ connector: loaded.name }),
  });
  return prepareGeneration(deps, loaded, planned);
}

/** Exactly once now, or any task was before; and there is anything at all to fence. */
async function retiresTasks({ stores }: RuntimeDeps, loaded: LoadedConnector, state: ConnectorState): Promise<boolean> {
  if (loaded.kind !== 'source') return false;
  const begun = await stores.transactions.list(state.name);
  if (!loaded.exactlyOnce) return begun.length > 0;
  return begun.length > 0 || tasksToRetire(state) > 0 || (await stores.leases.lookAll(state.name)).length > 0;
}

/** What a connector (not a task) may know of its offsets: as committed, unfenced, for it moves no data. */
function committedOffsets(offsets: OffsetStore, connector: string): OffsetStorageReader {
  const find = async (partitions: readonly SourcePartition[]) => {
    const stored = new Map((await offsets.list(connector)).map(({ partition, offset }) => [canonicalJson(partition), offset]));
    return partitions.map((partition) => stored.get(canonicalJson(partition)) ?? null);
  };
  return { offset: async (partition) => (await find([partition]))[0] ?? null, offsets: find };
}

async function askConnector(request: PlanRequest): Promise<ConnectorProps[]> {
  const { clock, connector, logger, offsets, random, resolved, state, tasksMax } = request;
  let raised: { error: unknown } | null = null;
  const context: ConnectorContext & SourceConnectorContext = {
    logger,
    clock,
    random,
    requestTaskReconfiguration: () => undefined,
    raiseError: (error) => {
      raised ??= { error };
    },
    offsetStorageReader: () => offsets,
  };
  for (const { key, message } of preflightErrors(connector as SourceConnector, resolved, request.worker)) {
    throw ConfigException.invalid(key, resolved[key], message);
  }
  connector.initialize(context);
  await connector.start(resolved);
  try {
    const taskConfigs = await connector.taskConfigs(tasksMax);
    const failed = raised as { error: unknown } | null;
    if (failed !== null) throw failed.error;
    return taskConfigs.map((props) => addTopics(props, resolved));
  } finally {
    await Promise.resolve(connector.stop()).catch((error: unknown) =>
      logger.warn('connector stop failed', { connector: state.name, error: String(error) }),
    );
  }
}

/** A sink task learns its topics from its own configuration (as Connect adds them). */
function addTopics(props: ConnectorProps, resolved: ConnectorProps): ConnectorProps {
  const topics = Object.fromEntries(
    ['topics', 'topics.regex'].flatMap((key) => (resolved[key] === undefined ? [] : [[key, resolved[key]]])),
  );
  return { ...props, ...topics };
}

/**
 * Puts `${provider:…}` references back, so that no resolved secret is stored with a plan: by key, where the connector's own configuration has a
 * reference under the same name and the task was given its resolved value (Connect's reverse transform).
 */
function withVariables(task: ConnectorProps, raw: ConnectorProps, resolved: ConnectorProps): ConnectorProps {
  return Object.fromEntries(
    Object.entries(task).map(([key, value]) => [key, value === resolved[key] && raw[key] !== undefined ? (raw[key] as string) : value]),
  );
}

async function isPlanned(configs: ConfigStore, state: ConnectorState, taskConfigs: readonly ConnectorProps[]): Promise<boolean> {
  if (state.taskCount !== taskConfigs.length) return false;
  const stored = await Promise.all(taskConfigs.map((_, task) => configs.taskConfig(state.name, state.generation, task)));
  return stored.every((props, task) => props !== null && canonicalJson(props) === canonicalJson(taskConfigs[task]));
}
