import { traceOf } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { outageBackoffMs } from '../runtime/backoff.ts';
import { NO_DEADLINE } from '../runtime/deadline.ts';
import { type LoadedConnector, loadConnector } from '../runtime/loaded-connector.ts';
import { settleTransactions } from '../runtime/retire-tasks.ts';
import type { RuntimeDeps } from '../runtime/runtime-deps.ts';
import { newTaskFigures, type TaskFigures } from '../runtime/task-outcome.ts';
import { planConnector } from '../runtime/task-planner.ts';
import { runTask, type TaskRunOutcome } from '../runtime/task-run.ts';
import { TransactionAbortedException } from '../runtime/transaction-sequence.ts';
import type { ConnectorState, StoredConfig } from '../state/config-store.ts';
import { StateConflictException } from '../state/errors.ts';
import type { TaskState } from '../state/status-store.ts';
import { taskId } from './assign-tasks.ts';
import { awaitLease } from './await-lease.ts';
import type { TaskRow } from './progress.ts';
import type { TaskShares } from './task-shares.ts';

/** How often a supervisor looks at its connector's item unasked; whoever lists the connectors tells it of changes much sooner. */
const LOOK_EVERY_MS = 30_000;
/** While a plan is due that this process could not make, or that is another's to make. */
const LOOK_AGAIN_MS = 1_000;
/** How long a plan is due before a process makes it that is not the first to. */
const PLAN_GRACE_MS = 5_000;
/** First and longest wait after a plan that failed (Connect: 250 ms, doubled, at most a minute). */
const PLAN_BACKOFF_MS = 250;
const PLAN_BACKOFF_MAX_MS = 60_000;
/** Of a restart that was served. */
const KEPT = 'cannot remove a request for a restart; it is served again';

interface RunningTask {
  /** The lease is held. */
  held: boolean;
  readonly figures: TaskFigures;
  readonly stop: AbortController;
  state: TaskState;
  done: Promise<void>;
}

/**
 * Runs one connector in this process: plans its tasks, keeps those of the current generation running for as long as it is STARTED, and
 * starts anew when the configuration changes. A task that failed stays FAILED until the next generation, as in Connect.
 */
export class ConnectorSupervisor {
  readonly name: string;
  readonly #deps: RuntimeDeps;
  readonly #shares: TaskShares;
  readonly #logger: Logger;
  readonly #tasks = new Map<number, RunningTask>();
  #generation = 0;
  #loaded: LoadedConnector | null = null;
  #planFailures = 0;
  #planAgainAt = 0;
  #planRequested = false;
  /** Since when a plan is due; null = none is. */
  #planDueSince: number | null = null;
  /** Asked of this process: it does not wait for another to plan. */
  #asked = false;
  /** The pause or stop whose transactions are settled. */
  #settled = '';
  /** What was last seen of the connector in a listing. */
  #noticed = '';
  /** Configuration that could not be planned last; a newer one is tried at once. */
  #failedVersion = 0;
  #wake = new AbortController();
  /** Who waits for the connector to be started anew. */
  #restarting: { resolve(): void; reject(error: unknown): void }[] = [];
  /** Who waits for the next look to be over. */
  #looking: (() => void)[] = [];
  #hasRequests = false;
  #ended = false;
  /** Per task, who waits for it to be stopped. */
  readonly #tasksToRestart = new Map<number, (() => void)[]>();

  /** Tasks whose next run is a restart that somebody asked for. */
  readonly #restarted = new Set<number>();

  constructor(name: string, deps: RuntimeDeps, shares: TaskShares) {
    this.name = name;
    this.#deps = deps;
    this.#shares = shares;
    this.#logger = deps.logger.child({ connector: name });
  }

  /** Tasks of this process, for progress displays. */
  rows(): TaskRow[] {
    return [...this.#tasks].map(([task, { state, figures }]) => ({ connector: this.name, task, state, figures }));
  }

  /** Ids of the tasks that are this process's: it holds their leases, or they FAILED here. */
  held(): string[] {
    return [...this.#tasks].filter(([, { held, state }]) => held || state === 'FAILED').map(([task]) => taskId(this.name, task));
  }

  /** Does this process run the task, or did it FAIL here? */
  has(task: number): boolean {
    return this.#tasks.has(task);
  }

  /** What a listing says of the connector (null = it is not there); looks closer where that changed. */
  notice(state: ConnectorState | null): void {
    const seen =
      state === null
        ? 'gone'
        : JSON.stringify([
            state.targetState,
            state.generation,
            state.generationState,
            state.configVersion,
            state.plannedVersion,
            ...this.#shares.mine(state),
          ]);
    if (seen === this.#noticed) return;
    this.#noticed = seen;
    this.#wake.abort();
  }

  /** Looks at the connector's item now instead of at the next round. Resolves once what it says is done: tasks that are not to run have stopped. */
  look(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#asked = true;
      this.#looking.push(resolve);
      this.#wake.abort();
    });
  }

  /** Starts the connector anew, tasks stay. Rejects with what its start throws; resolves where it is not to run. */
  restart(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#restarting.push({ resolve, reject });
      this.#wake.abort();
    });
  }

  /** Stops the task if it runs, and starts it again: the way out of FAILED. Resolves once it stopped, or where it is not to run. */
  restartTask(task: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#tasksToRestart.set(task, [...(this.#tasksToRestart.get(task) ?? []), resolve]);
      this.#wake.abort();
    });
  }

  /** Somebody asked another process for restarts of this connector or of its tasks. */
  serveRequests(): void {
    this.#hasRequests = true;
    this.#wake.abort();
  }

  /** Runs until the signal aborts or the connector is deleted; every task is flushed, committed and released by then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, stores } = this.#deps;
    const onStop = () => this.#wake.abort();
    signal.addEventListener('abort', onStop, { once: true });
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const looking = this.#looking.splice(0);
      try {
        const state = await stores.configs.connector(this.name);
        if (state === null) {
          this.#looking.push(...looking);
          break;
        }
        await this.#follow(state);
      } catch (error) {
        this.#logger.error('cannot supervise the connector; trying again', { error: String(error) });
      }
      for (const resolve of looking) resolve();
      await clock.sleep(this.#nextLookMs(), this.#wake.signal);
    }
    signal.removeEventListener('abort', onStop);
    await this.#stopTasks();
    this.#ended = true;
    for (const { resolve } of this.#restarting.splice(0)) resolve();
    for (const resolve of this.#looking.splice(0)) resolve();
    this.#forgetTasksToRestart();
  }

  #nextLookMs(): number {
    if (this.#planDueSince !== null) return LOOK_AGAIN_MS;
    return Math.max(LOOK_AGAIN_MS, Math.min(LOOK_EVERY_MS, this.#loaded?.watchMs ?? LOOK_EVERY_MS));
  }

  async #follow(state: ConnectorState): Promise<void> {
    if (this.#hasRequests) await this.#serveRequests(state);
    const restarting = this.#restarting.splice(0);
    if (state.targetState !== 'STARTED') {
      for (const { resolve } of restarting) resolve();
      this.#forgetTasksToRestart();
      await this.#stopTasks(state.targetState === 'PAUSED');
      return this.#settle(state);
    }
    if (restarting.length > 0) {
      this.#loaded = null;
      this.#planAgainAt = 0;
      this.#planRequested = true;
    }
    const { error, planned } = await this.#plan(state).catch((error: unknown) => {
      for (const { reject } of restarting) reject(error);
      throw error;
    });
    for (const { reject, resolve } of restarting) error === null ? resolve() : reject(error);
    if (planned === null || this.#loaded === null || planned.generationState !== 'READY') return;
    if (planned.generation !== this.#generation) {
      await this.#stopTasks();
      this.#generation = planned.generation;
    }
    await this.#stopTasksToRestart();
    const mine = this.#shares.mine(planned);
    await this.#stopTasksBut(mine);
    for (const task of mine) if (!this.#tasks.has(task)) this.#startTask(task, planned, this.#loaded);
  }

  /** The state that holds after planning where that was due (null = nothing can run yet), and what planning failed with. */
  async #plan(state: ConnectorState): Promise<{ planned: ConnectorState | null; error: unknown }> {
    const { clock, stores } = this.#deps;
    const asked = this.#asked;
    this.#asked = false;
    const stored = await stores.configs.config(this.name);
    if (stored === null) return { planned: null, error: null };
    if (this.#failedVersion !== stored.version) {
      this.#planFailures = 0;
      this.#planAgainAt = 0;
    }
    const changed = state.generation === 0 || state.plannedVersion !== stored.version;
    if (this.#loaded?.stored.version !== stored.version) this.#loaded = null;
    try {
      if (changed && clock.monotonic() < this.#planAgainAt) return { planned: null, error: null };
      this.#loaded ??= await loadConnector(this.#deps, stored);
      const unready = changed || state.generationState !== 'READY';
      const due = unready || this.#planRequested || clock.now() - state.plannedAtMs >= this.#loaded.watchMs;
      this.#planDueSince = due ? (this.#planDueSince ?? clock.monotonic()) : null;
      if (!due || clock.monotonic() < this.#planAgainAt || !(asked || this.#planRequested || this.#isTurn()))
        return { planned: unready ? null : state, error: null };
      this.#planRequested = false;
      const planned = await planConnector(this.#deps, this.#loaded, state);
      this.#planFailures = 0;
      this.#planDueSince = null;
      if (state.error !== null) await stores.configs.setError(this.name, null);
      return { planned, error: null };
    } catch (error) {
      if (error instanceof StateConflictException) {
        // Another may be at it for a while: fencing the tasks of an exactly-once source.
        this.#failedVersion = stored.version;
        this.#planAgainAt = clock.monotonic() + PLAN_BACKOFF_MS;
        this.#wake.abort();
        return { planned: null, error: null };
      }
      this.#failedVersion = stored.version;
      this.#planDueSince ??= clock.monotonic();
      this.#planAgainAt = clock.monotonic() + Math.min(PLAN_BACKOFF_MS * 2 ** this.#planFailures++, PLAN_BACKOFF_MAX_MS);
      const trace = traceOf(error);
      if (state.error !== trace) {
        this.#logger.error(changed ? 'connector FAILED' : 'connector FAILED; its tasks go on with the old plan', { trace });
        await stores.configs.setError(this.name, trace);
      }
      return { planned: changed ? null : state, error };
    }
  }

  /** What an exactly-once source left pending is settled although no task runs: once per pause or stop. */
  async #settle(state: ConnectorState): Promise<void> {
    const { configs } = this.#deps.stores;
    const seen = JSON.stringify([state.targetState, state.generation, state.generationState]);
    if (this.#settled === seen) return;
    const stored = await configs.config(this.name);
    if (stored !== null && state.targetState === 'STOPPED' && state.error !== null && (await this.#canLoad(stored)))
      await configs.setError(this.name, null);
    try {
      if (stored !== null) await settleTransactions(this.#deps, state, stored);
    } catch (error) {
      // Another process is at it.
      if (error instanceof StateConflictException) return;
      if (error instanceof TransactionAbortedException) throw error;
      await configs.setError(this.name, traceOf(error));
    }
    this.#settled = seen;
  }

  /**
   * False where the connector cannot even be made: then it stays FAILED when it is stopped, as in Connect; one that failed later is STOPPED
   * like any other.
   */
  async #canLoad(stored: StoredConfig): Promise<boolean> {
    return loadConnector(this.#deps, stored).then(
      () => true,
      () => false,
    );
  }

  /** One process plans, so that a source system is not asked by all; where it does not, the others do. */
  #isTurn(): boolean {
    if (this.#shares.leads(this.name)) return true;
    return this.#planDueSince !== null && this.#deps.clock.monotonic() - this.#planDueSince >= PLAN_GRACE_MS;
  }

  /** Restarts that were asked for at other processes. */
  async #serveRequests(state: ConnectorState): Promise<void> {
    const { restarts } = this.#deps.stores;
    this.#hasRequests = false;
    for (const request of await restarts.list(this.name)) {
      const { task } = request;
      const running = task === null ? undefined : this.#tasks.get(task);
      const exists = state.targetState === 'STARTED' && (task === null || task < state.taskCount);
      // What nobody has is left open until somebody has it.
      if (running === undefined && !(this.#shares.leads(this.name) && (task === null || !exists))) continue;
      if (running !== undefined) {
        await this.#stopTask(task as number, running);
        this.#restarted.add(task as number);
      } else if (exists && task === null) {
        // Done when the connector was started, or failed to: who asked reads the outcome then.
        const done = () =>
          void restarts.done(this.name, request).catch((error: unknown) => this.#logger.warn(KEPT, { error: String(error) }));
        this.#restarting.push({ resolve: done, reject: done });
        continue;
      }
      await restarts.done(this.name, request);
    }
  }

  #startTask(task: number, state: ConnectorState, loaded: LoadedConnector): void {
    const running: RunningTask = {
      held: false,
      figures: newTaskFigures(),
      stop: new AbortController(),
      state: 'UNASSIGNED',
      done: Promise.resolve(),
    };
    this.#tasks.set(task, running);
    running.done = this.#keepRunning(task, state, loaded, running);
  }

  async #keepRunning(task: number, state: ConnectorState, loaded: LoadedConnector, running: RunningTask): Promise<void> {
    const { clock, random } = this.#deps;
    const logger = this.#logger.child({ task });
    const { signal } = running.stop;
    let outages = 0;
    while (!signal.aborted) {
      try {
        const outcome = await this.#runTask(task, state, loaded, running);
        if (outcome?.end === 'outage') {
          const waitMs = outageBackoffMs(++outages, random);
          logger.warn('Kafka or the state table could not be reached; the task is run again', { error: String(outcome.error), waitMs });
          await clock.sleep(waitMs, signal);
        } else if (outcome !== null && outcome.end !== 'held') outages = 0;
        if (outcome?.end === 'failed') return logger.error('task FAILED', { trace: traceOf(outcome.error) });
        if (outcome?.end === 'stopped' && !signal.aborted) {
          // The task saw a change of the connector before this supervisor did.
          this.#wake.abort();
          await clock.sleep(LOOK_AGAIN_MS, signal);
        }
        if (outcome?.end === 'lease-lost') logger.info('task lost to another worker');
      } catch (error) {
        logger.warn('cannot acquire the task; trying again', { error: String(error) });
        await clock.sleep(LOOK_AGAIN_MS, signal);
      }
    }
  }

  /** Waits until the task is free and runs it; null = it was stopped before. */
  async #runTask(task: number, state: ConnectorState, loaded: LoadedConnector, running: RunningTask): Promise<TaskRunOutcome | null> {
    const { clock, owner, stores } = this.#deps;
    const { signal } = running.stop;
    const awaited = { connector: this.name, task, generation: state.generation, owner, leaseMs: loaded.leaseMs };
    const observed = await awaitLease(stores.leases, awaited, clock, signal);
    if (observed === null) return null;
    running.held = true;
    try {
      return await runTask(this.#deps, loaded, {
        task,
        state,
        mode: 'continuous',
        deadline: NO_DEADLINE,
        stop: signal,
        figures: running.figures,
        observed,
        restarted: this.#restarted.delete(task),
        onState: (taskState) => {
          running.state = taskState;
        },
        requestPlan: () => {
          this.#planRequested = true;
          this.#wake.abort();
        },
      });
    } finally {
      running.held = false;
      // Held by another, or lost to another: it is waited for again while the connector runs.
      if (running.state !== 'FAILED') running.state = 'UNASSIGNED';
    }
  }

  async #stopTask(task: number, running: RunningTask): Promise<void> {
    running.stop.abort();
    await running.done;
    this.#tasks.delete(task);
  }

  /** Those that are another process's now. */
  async #stopTasksBut(mine: ReadonlySet<number>): Promise<void> {
    await Promise.all([...this.#tasks].map(async ([task, running]) => mine.has(task) || this.#stopTask(task, running)));
  }

  async #stopTasksToRestart(): Promise<void> {
    for (const [task, waiting] of this.#tasksToRestart) {
      this.#tasksToRestart.delete(task);
      const running = this.#tasks.get(task);
      if (running !== undefined) await this.#stopTask(task, running);
      this.#restarted.add(task);
      for (const resolve of waiting) resolve();
    }
  }

  #forgetTasksToRestart(): void {
    for (const waiting of this.#tasksToRestart.values()) for (const resolve of waiting) resolve();
    this.#tasksToRestart.clear();
  }

  /** With `keepFailed`, tasks that FAILED stay so: pausing heals none, as in Connect. */
  async #stopTasks(keepFailed = false): Promise<void> {
    for (const { stop } of this.#tasks.values()) stop.abort();
    await Promise.all([...this.#tasks.values()].map(({ done }) => done));
    for (const [task, { state }] of this.#tasks) if (!keepFailed || state !== 'FAILED') this.#tasks.delete(task);
  }
}
