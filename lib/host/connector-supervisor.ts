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

  constructor(name: string, deps: RuntimeDeps) {
    this.name = name;
    this.#deps = deps;
    this.#logger = deps.logger.child({ connector: name });
  }

  /** Tasks of this process, for progress displays. */
  rows(): TaskRow[] {
    return [...this.#tasks].map(([task, { state, figures }]) => ({ connector: this.name, task, state, figures }));
  }

  /** Runs until the signal aborts or the connector is deleted; every task is flushed, committed and released by then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, stores } = this.#deps;
    while (!signal.aborted) {
      try {
        const state = await stores.configs.connector(this.name);
        if (state === null) break;
        await this.#follow(state);
      } catch (error) {
        this.#logger.error('cannot supervise the connector; trying again', { error: String(error) });
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    await this.#stopTasks();
  }

  async #follow(state: ConnectorState): Promise<void> {
    if (state.targetState !== 'STARTED') return this.#stopTasks();
    const planned = await this.#plan(state);
    if (planned === null || this.#loaded === null) return;
    if (planned.generation !== this.#generation) {
      await this.#stopTasks();
      this.#generation = planned.generation;
    }
    for (let task = 0; task < planned.taskCount; task++) if (!this.#tasks.has(task)) this.#startTask(task, planned, this.#loaded);
  }

  /** The state that holds after planning where that was due; null = nothing can run yet. */
  async #plan(state: ConnectorState): Promise<ConnectorState | null> {
    const { clock, stores } = this.#deps;
    const stored = await stores.configs.config(this.name);
    if (stored === null) return null;
    const changed = state.generation === 0 || state.plannedVersion !== stored.version;
    if (this.#loaded?.stored.version !== stored.version) this.#loaded = null;
    try {
      if (changed && clock.monotonic() < this.#planAgainAt) return null;
      this.#loaded ??= await loadConnector(this.#deps, stored);
      const due = changed || this.#planRequested || clock.now() - state.plannedAtMs >= this.#loaded.replanMs;
      if (!due || clock.monotonic() < this.#planAgainAt) return state.generation === 0 ? null : state;
      this.#planRequested = false;
      const planned = await planConnector(this.#deps, this.#loaded, state);
      this.#planFailures = 0;
      if (state.error !== null) await stores.configs.setError(this.name, null);
      return planned;
    } catch (error) {
      if (error instanceof StateConflictException) return null;
      this.#planAgainAt = clock.monotonic() + Math.min(PLAN_BACKOFF_MS * 2 ** this.#planFailures++, PLAN_BACKOFF_MAX_MS);
      const trace = traceOf(error);
      if (state.error !== trace) {
        this.#logger.error(changed ? 'connector FAILED' : 'connector FAILED; its tasks go on with the old plan', { trace });
        await stores.configs.setError(this.name, trace);
      }
      return changed ? null : state;
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

  async #stopTasks(): Promise<void> {
    for (const { stop } of this.#tasks.values()) stop.abort();
    await Promise.all([...this.#tasks.values()].map(({ done }) => done));
    this.#tasks.clear();
  }
}
