import { ConnectException, traceOf } from '../core/errors.ts';
import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { SinkTask } from '../core/sink.ts';
import { topicPartitionKey } from '../core/topic-partition.ts';
import { decodeKafkaEvent, type KafkaBatchResponse, type KafkaEvent, partialFailure } from '../kafka/event-source-mapping.ts';
import type { ConnectorState, StoredConfig } from '../state/config-store.ts';
import { StateConflictException } from '../state/errors.ts';
import type { RestartRequest } from '../state/restart-store.ts';
import type { TaskState, TaskStatus, TickFigures } from '../state/status-store.ts';
import { invocationDeadline } from './deadline.ts';
import { isBackingOff, retryAtMs } from './failure-backoff.ts';
import type { InvocationWatch } from './invocation-watch.ts';
import { type LoadedConnector, loadConnector } from './loaded-connector.ts';
import { type BatchOutcome, deliverInParts, isNobodysMistake } from './partial-delivery.ts';
import { countFailure, withoutDelivered } from './repeated-failures.ts';
import { settleTransactions } from './retire-tasks.ts';
import type { RuntimeDeps } from './runtime-deps.ts';
import type { OnRewind } from './sink-batch.ts';
import { newTaskFigures, type TaskEnd, type TaskFigures } from './task-outcome.ts';
import { planConnector } from './task-planner.ts';
import { runTask } from './task-run.ts';
import { TransactionAbortedException } from './transaction-sequence.ts';

/** What an invocation of a function knows beside the adapters. */
export interface InvocationDeps extends RuntimeDeps {
  readonly connector: string;
  /** Identity of the plug-in set in the bundle; absent outside a bundle. */
  readonly bundleHash?: string;
  /** Invokes this function again, asynchronously; absent where the host cannot. */
  readonly invokeSelf?: (event: TickEvent) => Promise<void>;
  readonly remainingMs: () => number;
  /** Aborted when the invocation must end at once. */
  readonly signal: AbortSignal;
  /** Filled while the invocation runs; absent = nobody measures it. */
  readonly watch?: InvocationWatch;
}

/** A scheduled tick is `{}`; a hand-over names the task and counts its hops; with `restart` somebody asked for restarts. */
export interface TickEvent {
  readonly restart?: boolean;
  readonly task?: number;
  readonly hop?: number;
  /** What whoever fanned out knows of the task: its status in this generation, and that it is to start anew. */
  readonly known?: KnownTask;
}

/** What a tick knows of its task without asking. */
interface KnownTask {
  readonly state: TaskState | null;
  readonly lastTick: TickFigures | null;
  readonly restarted: boolean;
}

/** What a tick did. */
export interface TickReport {
  readonly connector: string;
  /** `idle`: there was nothing to run (paused, stopped, unknown). `held`: another invocation has the task. */
  readonly outcome: TaskEnd | 'held' | 'idle';
  readonly task: number | null;
  readonly figures: TaskFigures;
  /** Tasks that were handed to further invocations. */
  readonly fannedOut: number;
  readonly handedOver: boolean;
}

/** Runs one scheduled tick of a source or of a scheduled sink. Throws what failed the task or the connector, after its status was written. */
export async function runTick(event: TickEvent, deps: InvocationDeps): Promise<TickReport> {
  const { connector, logger, stores, watch } = deps;
  const figures = watch?.figures ?? newTaskFigures();
  const idle: TickReport = { connector, outcome: 'idle', task: null, figures, fannedOut: 0, handedOver: false };
  const [state, stored] = await Promise.all([stores.configs.connector(connector), stores.configs.config(connector)]);
  if (state === null || stored === null) {
    throw new ConnectException(
      `connector ${connector} has no configuration in the state table; deploy its stack again, or create it by REST`,
      { code: 'unknown-connector' },
    );
  }
  if (state.targetState !== 'STARTED') {
    logger.debug('nothing to do', { connector, targetState: state.targetState });
    await settleTransactions(deps, state, stored);
    if (state.targetState === 'PAUSED') await reportPaused(deps, state);
    return idle;
  }
  const loaded = await loadFromBundle(deps, stored);
  if (loaded === null) return idle;
  const deadline = invocationDeadline(deps.remainingMs(), Number(loaded.lambda.get('lambda.shutdown.buffer.ms')), deps.clock);
  const requests = event.restart === true || state.error !== null ? await stores.restarts.list(connector) : [];
  const planned = await planWhenDue(deps, loaded, state, requests);
  // An event may name a task of an older plan.
  if (planned.taskCount <= (event.task ?? 0)) return idle;
  // Another invocation is fencing the tasks of earlier generations; the next tick runs those of this one.
  if (planned.generationState !== 'READY') return { ...idle, outcome: 'held' };
  const chosen =
    event.task === undefined
      ? await chooseTask(deps, planned, event.restart === true)
      : { task: event.task, others: [], known: event.known ?? UNKNOWN_TASK };
  const fannedOut = await fanOut(deps, chosen.others);
  if (chosen.task === null) return { ...idle, outcome: chosen.backingOff === true ? 'idle' : 'held', fannedOut };

  if (watch !== undefined) watch.task = chosen.task;
  const outcome = await runTask(deps, loaded, {
    task: chosen.task,
    state: planned,
    mode: 'tick',
    deadline,
    stop: deps.signal,
    figures,
    knownState: chosen.known.state,
    lastTick: chosen.known.lastTick,
    restarted: chosen.known.restarted,
  });
  if (watch !== undefined && (outcome.end === 'held' || outcome.end === 'lease-lost')) watch.leaseConflicts++;
  if (outcome.end === 'failed' || outcome.end === 'outage') throw outcome.error;
  const hop = (event.hop ?? 0) + 1;
  const handsOver =
    outcome.workLeft && outcome.advanced && deps.invokeSelf !== undefined && hop <= Number(loaded.lambda.get('lambda.handover.max'));
  if (handsOver) await deps.invokeSelf?.({ task: chosen.task, hop });
  return { connector, outcome: outcome.end, task: chosen.task, figures, fannedOut, handedOver: handsOver };
}

/** null = the configuration names a class that this bundle has not: it is an invocation of another deployment, whose successors run the connector. */
async function loadFromBundle(deps: InvocationDeps, stored: StoredConfig): Promise<LoadedConnector | null> {
  const { bundleHash, connector, logger } = deps;
  try {
    return await loadConnector(deps, stored);
  } catch (error) {
    if (bundleHash === undefined || (error as { code?: unknown }).code !== 'unknown-class') throw error;
    logger.warn('this bundle has not the classes of the configuration; left to the function that was deployed with it', {
      connector,
      bundle: bundleHash,
      configVersion: stored.version,
      error: String(error),
    });
    return null;
  }
}

/** Plans where the configuration changed, the interval passed, or one of `requests` is to start the connector anew. */
async function planWhenDue(
  deps: InvocationDeps,
  loaded: LoadedConnector,
  state: ConnectorState,
  requests: readonly RestartRequest[] = [],
): Promise<ConnectorState> {
  const { clock, logger, stores } = deps;
  const restart = requests.find(({ task }) => task === null);
  const changed = state.plannedVersion !== loaded.stored.version;
  const preparing = state.generationState !== 'READY';
  if (restart === undefined && !changed && !preparing && clock.now() - state.plannedAtMs < loaded.replanMs) return state;
  try {
    const planned = await planConnector(deps, loaded, state);
    if (state.error !== null) await stores.configs.setError(state.name, null);
    return planned;
  } catch (error) {
    if (error instanceof StateConflictException) return (await stores.configs.connector(state.name)) ?? state;
    // An outage while tasks are fenced is nothing that somebody has to act on: the next tick goes on with it.
    if (error instanceof TransactionAbortedException) throw error;
    await stores.configs.setError(state.name, traceOf(error));
    const now = await stores.configs.connector(state.name);
    if (changed || now?.generation !== state.generation || now.generationState !== 'READY') throw error;
    logger.error('the connector cannot say its tasks; the old plan goes on', { connector: state.name, trace: traceOf(error) });
    return state;
  } finally {
    if (restart !== undefined) await stores.restarts.done(state.name, restart);
  }
}

const UNKNOWN_TASK: KnownTask = { state: null, lastTick: null, restarted: false };

/** What a tick does about its connector's tasks. */
interface Choice {
  /** null = none is free. */
  readonly task: number | null;
  /** For invocations of their own. */
  readonly others: readonly TickEvent[];
  readonly known: KnownTask;
  /** Every task FAILED and is left alone for now. */
  readonly backingOff?: boolean;
}

/** One task is run here; of several, one whose lease looks free, and the other free ones by invocations of their own. FAILED ones wait for their back-off. */
async function chooseTask(deps: InvocationDeps, state: ConnectorState, asked: boolean): Promise<Choice> {
  const { clock, stores } = deps;
  const now = clock.now();
  const reported = (await stores.status.tasks(state.name)).filter(({ generation }) => generation === state.generation);
  const statuses = new Map(reported.map((status) => [status.task, status]));
  const all = Array.from({ length: state.taskCount }, (_, task) => task);
  const backingOff = all.filter((task) => isBackingOff(statuses.get(task), now));
  const restarted = backingOff.length === 0 && !asked ? [] : await takeRestarts(deps, asked ? all : backingOff, asked);
  const due = all.filter((task) => !backingOff.includes(task) || restarted.includes(task));
  const known = (task: number): KnownTask => {
    const { lastTick, state: reportedState } = statuses.get(task) ?? UNKNOWN_TASK;
    // A restart forgets how often the task has failed.
    return restarted.includes(task)
      ? { state: reportedState, lastTick: null, restarted: true }
      : { state: reportedState, lastTick, restarted: false };
  };
  if (deps.watch !== undefined) deps.watch.failedTasks = all.length - due.length;
  if (due.length === 0) return { task: null, others: [], known: UNKNOWN_TASK, backingOff: true };
  if (state.taskCount === 1) return { task: 0, others: [], known: known(0) };
  const leases = new Map((await stores.leases.lookAll(state.name)).map((lease) => [lease.task, lease]));
  const free = due.filter((task) => {
    const lease = leases.get(task);
    return lease === undefined || lease.released || lease.token.generation < state.generation || lease.leaseUntilMs < now;
  });
  const [first, ...others] = free;
  return {
    task: first ?? null,
    others: others.map((task) => ({ task, hop: 0, known: known(task) })),
    known: first === undefined ? UNKNOWN_TASK : known(first),
  };
}

/** Those of the waiting tasks that somebody asked to restart. With `all`, requests for others are done too: they run, or run at this tick anyway. */
async function takeRestarts({ connector, stores }: InvocationDeps, tasks: readonly number[], all: boolean): Promise<number[]> {
  const requests = await stores.restarts.list(connector);
  const meant = tasks.filter((each) => requests.some(({ task }) => task === null || task === each));
  const isServed = ({ task }: RestartRequest) => all || task === null || tasks.includes(task);
  for (const request of requests) if (isServed(request)) await stores.restarts.done(connector, request);
  return meant;
}

async function fanOut({ invokeSelf }: InvocationDeps, events: readonly TickEvent[]): Promise<number> {
  if (invokeSelf === undefined || events.length === 0) return 0;
  await Promise.all(events.map((event) => invokeSelf(event)));
  return events.length;
}

/**
 * Looks after a sink that Kafka events feed, when somebody changed it: plans its task where that is due and says in the status what is to be
 * expected of it, for batches come only when there are records. Throws what planning failed with, after it was written.
 */
export async function runSinkVisit(event: TickEvent, deps: InvocationDeps): Promise<TickReport> {
  const { connector, stores } = deps;
  const idle: TickReport = { connector, outcome: 'idle', task: null, figures: newTaskFigures(), fannedOut: 0, handedOver: false };
  const [state, stored] = await Promise.all([stores.configs.connector(connector), stores.configs.config(connector)]);
  if (state === null || stored === null) return idle;
  if (state.targetState !== 'STARTED') {
    if (state.targetState === 'PAUSED') await reportPaused(deps, state);
    return idle;
  }
  const requests = event.restart === true ? await stores.restarts.list(connector) : [];
  const planned = await planWhenDue(deps, await loadConnector(deps, stored), state, requests);
  const known = (await stores.status.tasks(connector)).find(({ generation, task }) => task === 0 && generation === planned.generation);
  // Its next batch tells whether what it FAILED with is over.
  if (known?.state !== 'FAILED' || requests.length > 0) await reportState(deps, planned, known?.state ?? null, 'RUNNING', null);
  for (const request of requests) if (request.task !== null) await stores.restarts.done(connector, request);
  return idle;
}

/** Tasks that were RUNNING between ticks run no more; FAILED ones stay so, as in Connect. */
async function reportPaused(deps: InvocationDeps, state: ConnectorState): Promise<void> {
  const reported = await deps.stores.status.tasks(state.name);
  for (const { generation, state: now, task } of reported)
    if (generation === state.generation && now === 'RUNNING') await reportState(deps, state, now, 'UNASSIGNED', null, task);
}

/** What a batch of an event sink did; as the function's answer it names the records that are to come again. */
export interface SinkBatchReport extends KafkaBatchResponse {
  readonly connector: string;
  readonly figures: TaskFigures;
}

/**
 * Delivers one batch of Lambda's Kafka poller. Throws what failed, after the status was written: the poller then gives the same records
 * again. A connector that is paused or stopped throws too, so that nothing is lost while its mapping is still being disabled.
 */
export async function runSinkBatch(event: KafkaEvent, deps: InvocationDeps): Promise<SinkBatchReport> {
  const records = decodeKafkaEvent(event);
  const { connector, stores } = deps;
  const figures = deps.watch?.figures ?? newTaskFigures();
  if (deps.watch !== undefined) deps.watch.task = 0;
  const [state, stored] = await Promise.all([stores.configs.connector(connector), stores.configs.config(connector)]);
  if (state === null || stored === null) {
    throw new ConnectException(
      `connector ${connector} has no configuration in the state table; deploy its stack again, or create it by REST`,
      { code: 'unknown-connector' },
    );
  }
  if (state.targetState !== 'STARTED') {
    throw new ConnectException(`connector ${connector} is ${state.targetState}; the batch comes again when it is resumed`, {
      code: 'not-started',
    });
  }
  const loaded = await loadConnector(deps, stored);
  const planned = await planWhenDue(deps, loaded, state);
  const logger = deps.logger.child({ connector, task: 0 });
  const status = (await stores.status.tasks(connector)).find(({ generation, task }) => task === 0 && generation === planned.generation);
  const restarted = await refuseWhileFailed(deps, status);
  const lastTick = restarted ? null : (status?.lastTick ?? null);
  const known = status?.state ?? null;
  let outcome: BatchOutcome;
  try {
    const taskProps = await stores.configs.taskConfig(connector, planned.generation, 0);
    if (taskProps === null)
      throw new ConnectException(`no task configuration for ${connector}-0 in generation ${planned.generation}; it is planned again`, {
        code: 'plan-missing',
      });
    outcome = await deliverInParts({
      connector,
      owner: { name: deps.owner, generation: planned.generation, epoch: null, fence: false },
      newTask: async () => (await loaded.newTask()) as SinkTask,
      props: await deps.resolveVariables(taskProps),
      records,
      offsets: stores.offsets,
      newProcessor: () =>
        loaded.sinkProcessor(0, logger, () => {
          figures.deadLetters++;
        }),
      partialAnswers: loaded.lambda.get('lambda.pollers.min') !== null || loaded.lambda.get('lambda.pollers.max') !== null,
      onRewind: loaded.lambda.getText('lambda.on.rewind') as OnRewind,
      retryMs: Math.max(
        0,
        Math.min(Number(loaded.lambda.get('lambda.retry.ms')), deps.remainingMs() - Number(loaded.lambda.get('lambda.shutdown.buffer.ms'))),
      ),
      signal: deps.signal,
      figures,
      clock: deps.clock,
      random: deps.random,
      logger,
    });
  } catch (error) {
    // An outage is over some time, and where another invocation was quicker (this one was frozen) the sink is as that one left it.
    if (!isNobodysMistake(error)) await reportState(deps, planned, known, 'FAILED', traceOf(error));
    throw error;
  }
  const { failedFrom, failure } = outcome;
  const delivered = withoutDelivered(lastTick, endsOf(records, failedFrom));
  if (failure === null) {
    if (delivered !== (status?.lastTick ?? null) || known !== 'RUNNING')
      await reportState(deps, planned, null, 'RUNNING', null, 0, delivered);
    return { connector, figures, batchItemFailures: [] };
  }
  const { error, at } = failure;
  const counted = countFailure(delivered, at, deps.clock.now());
  const most = Number(loaded.lambda.get('lambda.failure.max'));
  logger.error('a record of the batch cannot be delivered', { ...at, failures: counted.failures, most, error: traceOf(error) });
  const failed = counted.failures >= most;
  const figuresNow = failed
    ? { ...counted.figures, retryAtMs: retryAtMs(loaded, counted.failures - most + 1, deps.clock.now()) }
    : counted.figures;
  await reportState(deps, planned, null, failed ? 'FAILED' : 'RUNNING', failed ? traceOf(error) : null, 0, figuresNow);
  const { batchItemFailures } = partialFailure(records, failedFrom);
  // Where nothing was delivered an error says the same, and is seen by whoever counts errors.
  if (batchItemFailures.length === records.length) throw error;
  return { connector, figures, batchItemFailures };
}

/**
 * Throws while a sink FAILED over a record that was bad data `lambda.failure.max` times in a row: trying it again would be paid for and change nothing. Somebody
 * who asks for a restart, or `lambda.failure.backoff.ms`, ends that. True = it was restarted.
 */
async function refuseWhileFailed(deps: InvocationDeps, status: TaskStatus | undefined): Promise<boolean> {
  const { clock, connector } = deps;
  if (!isBackingOff(status, clock.now())) return false;
  if ((await takeRestarts(deps, [0], false)).length > 0) return true;
  const { failing = {}, retryAtMs: againAt = 0 } = status?.lastTick ?? {};
  const where = Object.entries(failing).map(([partition, [offset, failures]]) => `${partition} at offset ${offset} (${failures} times)`);
  throw new ConnectException(
    `${connector} FAILED over the record of ${where.join(', ')}; it is not tried again before ${new Date(againAt).toISOString()}: correct what the trace of the task ` +
      `says, or let such records pass (errors.tolerance=all with errors.deadletterqueue.topic.name), and restart it (serverless-connect restart ${connector})`,
    { code: 'sink-failed' },
  );
}

/** Next offset after what was delivered, by `topicPartitionKey`. */
function endsOf(records: readonly ConsumerRecord[], failedFrom: ReadonlyMap<string, number>): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { offset, partition, topic } of records) {
    const key = topicPartitionKey(topic, partition);
    ends.set(key, failedFrom.get(key) ?? offset + 1);
  }
  return ends;
}

/** Who has no lease (an event sink, a paused task) changes its status seldom enough to take one for the write alone; not where another holds it. */
async function reportState(
  deps: InvocationDeps,
  state: ConnectorState,
  known: string | null,
  now: 'RUNNING' | 'FAILED' | 'UNASSIGNED',
  trace: string | null,
  task = 0,
  lastTick: TickFigures | null = null,
): Promise<void> {
  if (known === now) return;
  const { clock, connector, logger, owner, stores } = deps;
  try {
    const outcome = await stores.leases.acquire({
      connector,
      task,
      owner,
      generation: state.generation,
      leaseMs: 30_000,
      nowMs: clock.now(),
    });
    // Another invocation is writing the status at this moment.
    if (!('acquired' in outcome)) return;
    await stores.status.putTask(outcome.acquired, { state: now, workerId: owner, trace, lastTick });
    await stores.leases.release(outcome.acquired);
  } catch (error) {
    logger.warn('cannot write the status of a task', { error: String(error) });
  }
}
