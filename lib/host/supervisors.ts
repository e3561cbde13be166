import { NotFoundException } from '../core/errors.ts';
import type { ConnectorRuntime } from '../rest/rest-deps.ts';
import type { RuntimeDeps } from '../runtime/runtime-deps.ts';
import { ConnectorSupervisor } from './connector-supervisor.ts';
import type { TaskRow } from './progress.ts';

/** How often connectors that appeared in the state are looked for. */
const LOOK_EVERY_MS = 1_000;

/** Runs every connector in the state, those that appear later included. */
export class Supervisors implements ConnectorRuntime {
  readonly #deps: RuntimeDeps;
  readonly #stop: AbortSignal;
  readonly #byName = new Map<string, ConnectorSupervisor>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: RuntimeDeps, stop: AbortSignal) {
    this.#deps = deps;
    this.#stop = stop;
  }

  rows(): TaskRow[] {
    return [...this.#byName.values()].flatMap((each) => each.rows());
  }

  /** Runs until `stop`; everything is flushed, committed and released by then. */
  async run(): Promise<void> {
    const { clock, logger, stores } = this.#deps;
    while (!this.#stop.aborted) {
      try {
        for (const { name } of await stores.configs.list()) this.#supervise(name);
      } catch (error) {
        logger.error('cannot list the connectors; trying again', { error: String(error) });
      }
      await clock.sleep(LOOK_EVERY_MS, this.#stop);
    }
    await Promise.all(this.#running);
  }

  async look(connector: string): Promise<void> {
    await this.#supervise(connector)?.look();
  }

  async restartConnector(connector: string): Promise<void> {
    const supervisor = this.#supervise(connector);
    if (supervisor === null) throw new NotFoundException('this worker is stopping; try again when it is up');
    await supervisor.restart();
  }

  async restartTask(connector: string, task: number): Promise<void> {
    await this.#supervise(connector)?.restartTask(task);
  }

  #supervise(name: string): ConnectorSupervisor | null {
    const known = this.#byName.get(name);
    if (known !== undefined || this.#stop.aborted) return known ?? null;
    const supervisor = new ConnectorSupervisor(name, this.#deps);
    this.#byName.set(name, supervisor);
    const run = supervisor.run(this.#stop).finally(() => {
      this.#byName.delete(name);
      this.#running.delete(run);
    });
    this.#running.add(run);
    return supervisor;
  }
}
