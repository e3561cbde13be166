import { traceOf } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { NO_DEADLINE } from '../runtime/deadline.ts';
import { type LoadedConnector, loadConnector } from '../runtime/loaded-connector.ts';
import type { RuntimeDeps } from '../runtime/runtime-deps.ts';
import { newTaskFigures, type TaskFigures } from '../runtime/task-outcome.ts';
import { planConnector } from '../runtime/task-planner.ts';
import { runTask } from '../runtime/task-run.ts';
import type { ConnectorState } from '../state/config-store.ts';
import { StateConflictException } from '../state/errors.ts';
import type { TaskState } from '../state/status-store.ts';
import type { TaskRow } from './progress.ts';

/** How often a supervisor looks at its connector's item. */
const LOOK_EVERY_MS = 1_000;
/** First and longest wait after a plan that failed (Connect: 250 ms, doubled, at most a minute). */
const PLAN_BACKOFF_MS = 250;
const PLAN_BACKOFF_MAX_MS = 60_000;

interface RunningTask {
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
  readonly #logger: Logger;
  readonly #tasks = new Map<number, RunningTask>();
  #generation = 0;
  #loaded: LoadedConnector | null = null;
  #planFailures = 0;
  #planAgainAt = 0;
  #planRequested = false;
  /** Configuration that could not be planned last; a newer one is tried at once. */
  #failedVersion = 0;
  #wake = new AbortController();
  /** Who waits for the connector to be started anew. */
  #restarting: { resolve(): void; reject(error: unknown): void }[] = [];
  /** Who waits for the next look to be over. */
  #looking: (() => void)[] = [];
  #ended = false;
  /** Per task, who waits for it to be stopped. */
  readonly #tasksToRestart = new Map<number, (() => void)[]>();

  constructor(name: string, deps: RuntimeDeps) {
    this.name = name;
    this.#deps = deps;
    this.#logger = deps.logger.child({ connector: name });
  }

  /** Tasks of this process, for progress displays. */
  rows(): TaskRow[] {
    return [...this.#tasks].map(([task, { state, figures }]) => ({ connector: this.name, task, state, figures }));
  }

  /** Looks at the connector's item now instead of at the next round. Resolves once what it says is done: tasks that are not to run have stopped. */
  look(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
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
      await clock.sleep(LOOK_EVERY_MS, this.#wake.signal);
    }
    signal.removeEventListener('abort', onStop);
    await this.#stopTasks();
    this.#ended = true;
    for (const { resolve } of this.#restarting.splice(0)) resolve();
    for (const resolve of this.#looking.splice(0)) resolve();
    this.#forgetTasksToRestart();
  }

  async #follow(state: ConnectorState): Promise<void> {
    const restarting = this.#restarting.splice(0);
    if (state.targetState !== 'STARTED') {
      for (const { resolve } of restarting) resolve();
      this.#forgetTasksToRestart();
      return this.#stopTasks(state.targetState === 'PAUSED');
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
    if (planned === null || this.#loaded === null) return;
    if (planned.generation !== this.#generation) {
      await this.#stopTasks();
      this.#generation = planned.generation;
    }
    await this.#stopTasksToRestart();
    for (let task = 0; task < planned.taskCount; task++) if (!this.#tasks.has(task)) this.#startTask(task, planned, this.#loaded);
  }

  /** The state that holds after planning where that was due (null = nothing can run yet), and what planning failed with. */
  async #plan(state: ConnectorState): Promise<{ planned: ConnectorState | null; error: unknown }> {
    const { clock, stores } = this.#deps;
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
      const due = changed || this.#planRequested || clock.now() - state.plannedAtMs >= this.#loaded.replanMs;
      if (!due || clock.monotonic() < this.#planAgainAt) return { planned: state.generation === 0 ? null : state, error: null };
      this.#planRequested = false;
      const planned = await planConnector(this.#deps, this.#loaded, state);
      this.#planFailures = 0;
      if (state.error !== null) await stores.configs.setError(this.name, null);
      return { planned, error: null };
    } catch (error) {
      if (error instanceof StateConflictException) {
        this.#wake.abort();
        return { planned: null, error: null };
      }
      this.#failedVersion = stored.version;
      this.#planAgainAt = clock.monotonic() + Math.min(PLAN_BACKOFF_MS * 2 ** this.#planFailures++, PLAN_BACKOFF_MAX_MS);
      const trace = traceOf(error);
      if (state.error !== trace) {
        this.#logger.error(changed ? 'connector FAILED' : 'connector FAILED; its tasks go on with the old plan', { trace });
        await stores.configs.setError(this.name, trace);
      }
      return { planned: changed ? null : state, error };
    }
  }

  #startTask(task: number, state: ConnectorState, loaded: LoadedConnector): void {
    const running: RunningTask = { figures: newTaskFigures(), stop: new AbortController(), state: 'UNASSIGNED', done: Promise.resolve() };
    this.#tasks.set(task, running);
    running.done = this.#keepRunning(task, state, loaded, running);
  }

  async #keepRunning(task: number, state: ConnectorState, loaded: LoadedConnector, running: RunningTask): Promise<void> {
    const { clock } = this.#deps;
    const logger = this.#logger.child({ task });
    while (!running.stop.signal.aborted) {
      const outcome = await runTask(this.#deps, loaded, {
        task,
        state,
        mode: 'continuous',
        deadline: NO_DEADLINE,
        stop: running.stop.signal,
        figures: running.figures,
        onState: (taskState) => {
          running.state = taskState;
        },
        requestPlan: () => {
          this.#planRequested = true;
        },
      });
      if (outcome.end === 'failed') return logger.error('task FAILED', { trace: traceOf(outcome.error) });
      if (outcome.end === 'stopped') return;
      if (outcome.end === 'reassigned') continue;
      // Held by another or lost to another: it is looked at again while the connector runs.
      running.state = 'UNASSIGNED';
      await clock.sleep(loaded.leaseMs / 3, running.stop.signal);
    }
  }

  async #stopTasksToRestart(): Promise<void> {
    for (const [task, waiting] of this.#tasksToRestart) {
      this.#tasksToRestart.delete(task);
      const running = this.#tasks.get(task);
      running?.stop.abort();
      await running?.done;
      this.#tasks.delete(task);
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
