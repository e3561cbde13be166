import { adminSettings, producerSettings } from '../config/client-settings.ts';
import { ConnectException, traceOf } from '../core/errors.ts';
import type { SinkTask } from '../core/sink.ts';
import type { SourceTask } from '../core/source.ts';
import type { ConnectorState } from '../state/config-store.ts';
import { LeaseLostException, StateConflictException } from '../state/errors.ts';
import type { AcquireRequest, HeldLease } from '../state/lease-store.ts';
import type { TaskState, TickFigures } from '../state/status-store.ts';
import type { Deadline } from './deadline.ts';
import { retryAtMs } from './failure-backoff.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { LoadedConnector } from './loaded-connector.ts';
import { openTransactions } from './open-transactions.ts';
import { isOutage } from './outage.ts';
import type { RunContext } from './run-context.ts';
import type { RuntimeDeps } from './runtime-deps.ts';
import { rangeAssignment } from './sink-positions.ts';
import { runSink } from './sink-runner.ts';
import { runSource } from './source-runner.ts';
import type { TaskFigures, TaskOutcome } from './task-outcome.ts';
import { TopicCreator } from './topic-creator.ts';
import { watchTopics } from './watch-topics.ts';

/** One run of a task: until it is caught up (`tick`) or stopped (`continuous`). */
export interface TaskRunRequest {
  readonly task: number;
  readonly state: ConnectorState;
  readonly mode: 'tick' | 'continuous';
  readonly deadline: Deadline;
  readonly stop: AbortSignal;
  readonly figures: TaskFigures;
  /** What the status item says, where the caller has read it: RUNNING is then not written again. */
  readonly knownState?: TaskState | null;
  /** What the last tick left in the status; null = nothing, or the task runs continuously. */
  readonly lastTick?: TickFigures | null;
  /** Somebody asked for the restart: what the task remembers beside its offsets (when it polled last, how far a bulk read came) is forgotten. */
  readonly restarted?: boolean;
  /** How long a foreign lease was seen to stand still (workers). */
  readonly observed?: AcquireRequest['observed'];
  readonly onState?: (state: TaskState) => void;
  readonly requestPlan?: () => void;
}

/** How a run ended; `held` = another owner has the task, which is normal. */
export type TaskRunOutcome =
  | TaskOutcome
  | { readonly end: 'held'; readonly heldBy: HeldLease; readonly error: null; readonly workLeft: false; readonly advanced: false };

/** Acquires the task's lease, runs the task, reports its status, releases. Throws only what keeps it from acquiring (state table down). */
export async function runTask(deps: RuntimeDeps, loaded: LoadedConnector, request: TaskRunRequest): Promise<TaskRunOutcome> {
  const { clock, owner, stores } = deps;
  const { mode, onState, state, task } = request;
  const connector = loaded.name;
  if (state.generationState !== 'READY') {
    throw new StateConflictException(
      `generation ${state.generation} of ${connector} is not ready: tasks of earlier ones are still to be fenced`,
    );
  }
  const outcome = await stores.leases.acquire({
    connector,
    task,
    owner,
    generation: state.generation,
    leaseMs: loaded.leaseMs,
    nowMs: clock.now(),
    ...(request.observed === undefined ? {} : { observed: request.observed }),
  });
  if (!('acquired' in outcome)) return { end: 'held', heldBy: outcome.heldBy, error: null, workLeft: false, advanced: false };

  const logger = deps.logger.child({ connector, task, logger: loaded.loggerName });
  const stop = new AbortController();
  const onStop = () => stop.abort();
  request.stop.addEventListener('abort', onStop, { once: true });
  if (request.stop.aborted) stop.abort();
  const keeper = new LeaseKeeper(outcome.acquired, loaded.leaseMs, { leases: stores.leases, clock, logger }, async () => {
    const now = await stores.configs.connector(connector);
    if (now === null || now.targetState !== 'STARTED' || now.generation !== state.generation) stop.abort();
  });
  const report = async (taskState: TaskState, trace: string | null, lastTick: TickFigures | null = null) => {
    onState?.(taskState);
    await stores.status.putTask(keeper.lease, { state: taskState, workerId: deps.workerId ?? owner, trace, lastTick });
  };
  const before = request.lastTick ?? null;
  const startedAt = clock.monotonic();
  const tickFigures = (more: Partial<TickFigures>): TickFigures => {
    const { bytes, deadLetters, recordsOut, retries } = request.figures;
    const durationMs = clock.monotonic() - startedAt;
    return { records: recordsOut, bytes, deadLetters, retries, durationMs, endedAtMs: clock.now(), ...more };
  };

  const closing: (() => Promise<void>)[] = [];
  let ended: TaskOutcome;
  try {
    const taskProps = await stores.configs.taskConfig(connector, state.generation, task);
    if (taskProps === null) {
      const now = await stores.configs.connector(connector);
      if (now?.generation !== state.generation) {
        throw new LeaseLostException(`${connector}-${task} was planned anew: generation ${state.generation} is over`);
      }
      request.requestPlan?.();
      throw new ConnectException(`no task configuration for ${connector}-${task} in generation ${state.generation}; it is planned again`, {
        code: 'plan-missing',
      });
    }
    const props = await deps.resolveVariables(taskProps);
    const onStarted = async () => {
      onState?.('RUNNING');
      if (request.knownState !== 'RUNNING') await report('RUNNING', null);
    };
    const common: RunContext = {
      props,
      keeper,
      fence: !keeper.lease.releasedCleanly,
      offsets: stores.offsets,
      deadline: request.deadline,
      stop: stop.signal,
      figures: request.figures,
      clock,
      random: deps.random,
      logger,
      mode,
      onStarted,
      flushIntervalMs: loaded.flushIntervalMs,
    };
    ended = loaded.kind === 'source' ? await source(common) : await sink(common);
  } catch (error) {
    ended =
      error instanceof LeaseLostException
        ? { end: 'lease-lost', error: null, workLeft: false, advanced: false }
        : { end: 'failed', error, workLeft: false, advanced: false };
  }
  if (ended.end === 'failed' && isOutage(ended.error)) ended = { ...ended, end: 'outage', workLeft: false };
  // An outage is nobody's mistake; work that never reaches a commit is, and would be done again for ever.
  const fruitless =
    mode === 'tick' && loaded.kind === 'source' && ended.end === 'deadline' && !ended.advanced && request.figures.retries === 0;
  const fruitlessMs = fruitless ? (before?.fruitlessMs ?? 0) + clock.monotonic() - startedAt : 0;
  if (fruitless && before?.fruitlessMs !== undefined) ended = { ...ended, end: 'failed', error: noProgress(fruitlessMs), workLeft: false };
  try {
    if (ended.end === 'failed' && mode === 'tick') {
      const failures = (before?.failures ?? 0) + 1;
      await report('FAILED', traceOf(ended.error), tickFigures({ failures, retryAtMs: retryAtMs(loaded, failures, clock.now()) }));
    } else if (ended.end === 'failed') await report('FAILED', traceOf(ended.error));
    else if (fruitless) await report('RUNNING', null, tickFigures({ fruitlessMs }));
    else if (before?.fruitlessMs !== undefined && (ended.advanced || ended.end === 'caught-up')) await report('RUNNING', null);
    else if (ended.end === 'stopped' && mode === 'continuous') await report('UNASSIGNED', null);
  } catch (error) {
    logger.warn('cannot write the status of the task', { error: String(error) });
  }
  await keeper.release();
  stop.abort();
  request.stop.removeEventListener('abort', onStop);
  for (const close of closing) await close().catch((error: unknown) => logger.warn('closing failed', { error: String(error) }));
  return ended;

  async function source(run: RunContext): Promise<TaskOutcome> {
    const kafka = await deps.kafka();
    const transactional = loaded.exactlyOnce ? openTransactions(deps, loaded, task, () => keeper.lease, kafka, logger) : null;
    const producer = transactional?.producer ?? kafka.producer(producerSettings(loaded.clientOwner(task)));
    closing.push(() => producer.close());
    const topics = new TopicCreator({
      newTopic: loaded.newTopic,
      admin: async () => kafka.admin(adminSettings(loaded.clientOwner(task))),
      logger,
      onTopic: (topic) => {
        const writing = stores.status.addTopics(connector, [topic]);
        closing.push(() => writing);
        // It is awaited at the end; until then its failure must not look unhandled.
        writing.catch(() => undefined);
      },
    });
    closing.push(() => topics.close());
    const processor = await loaded.sourceProcessor(task, logger);
    return runSource({
      ...run,
      task: (await loaded.newTask()) as SourceTask,
      processor,
      producer,
      exactlyOnce: transactional,
      forgetProgress: request.restarted === true,
      ensureTopics: (records) => topics.ensure(records),
      flushTimeoutMs: loaded.flushTimeoutMs,
      idleMs: loaded.idleMs,
      event: deps.sourceEvent,
    });
  }

  async function sink(run: RunContext): Promise<TaskOutcome> {
    const topics = await loaded.sinkTopics();
    if (topics.missing.length > 0) logger.warn('topics of the sink do not exist yet; waiting for them', { topics: topics.missing });
    const reassigned = new AbortController();
    const watching = mode === 'continuous' ? watchTopics(loaded, topics, clock, run.stop, () => reassigned.abort()) : Promise.resolve();
    closing.push(() => watching);
    const kafka = await deps.kafka();
    const consumer = loaded.consumerSettings(task);
    const reader = kafka.reader(consumer);
    closing.push(() => reader.close());
    // A tick leaves it to the first letter: it would cost every tick a request.
    if (mode === 'continuous') await loaded.createDeadLetterTopic(task);
    const processor = await loaded.sinkProcessor(task, logger, () => {
      request.figures.deadLetters++;
    });
    const outcome = await runSink({
      ...run,
      stop: AbortSignal.any([run.stop, reassigned.signal]),
      connector,
      task: (await loaded.newTask()) as SinkTask,
      partitions: rangeAssignment(topics.partitions, task, state.taskCount),
      processor,
      reader,
      groupOffsets: kafka.groupOffsets(consumer),
      groupId: loaded.groupId,
      reset: loaded.offsetReset,
      topics,
      lookAtTopics: () => loaded.sinkTopics(),
      seesAll: task === 0,
      maxPutRecords: loaded.maxPutRecords,
    });
    return outcome.end === 'stopped' && reassigned.signal.aborted && !run.stop.aborted ? { ...outcome, end: 'reassigned' } : outcome;
  }
}

function noProgress(ms: number): ConnectException {
  return new ConnectException(
    `no progress in ${Math.round(ms / 1_000)} s: two runs in a row reached their deadline without a commit. Raise lambda.timeout.ms or lambda.memory.mb, ` +
      'let a poll read less (batch.max.rows), or commit more often (offset.flush.interval.ms, transaction.boundary.interval.ms)',
    { code: 'no-progress' },
  );
}
