import { NotFoundException } from '../core/errors.ts';
import type { ConnectorRuntime } from '../rest/rest-deps.ts';
import type { RuntimeDeps } from '../runtime/runtime-deps.ts';
import { settleByHand } from '../runtime/settle-by-hand.ts';
import { requestRestart } from '../state/request-restart.ts';
import { ConnectorSupervisor } from './connector-supervisor.ts';
import type { TaskRow } from './progress.ts';
import type { TaskShares } from './task-shares.ts';

/** How often the connectors are listed: what other processes wrote is acted on within about this time. */
const LOOK_EVERY_MS = 1_000;

/** Runs this process's share of every connector in the state, those that appear later included. */
export class Supervisors implements ConnectorRuntime {
  readonly #deps: RuntimeDeps;
  readonly #shares: TaskShares;
  readonly #stop: AbortSignal;
  readonly #byName = new Map<string, ConnectorSupervisor>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: RuntimeDeps, shares: TaskShares, stop: AbortSignal) {
    this.#deps = deps;
    this.#shares = shares;
    this.#stop = stop;
  }

  rows(): TaskRow[] {
    return [...this.#byName.values()].flatMap((each) => each.rows());
  }

  /** Runs until `stop`; everything is flushed, committed and released by then. */
  async run(): Promise<void> {
    const { clock, logger } = this.#deps;
    while (!this.#stop.aborted) {
      try {
        await this.#round();
      } catch (error) {
        logger.error('cannot list the connectors; trying again', { error: String(error) });
      }
      await clock.sleep(LOOK_EVERY_MS, this.#stop);
    }
    const leaving = this.#shares
      .leave()
      .catch((error: unknown) => logger.warn('cannot sign off; others notice by themselves', { error: String(error) }));
    await Promise.all([...this.#running, leaving]);
  }

  async #round(): Promise<void> {
    const { configs, restarts } = this.#deps.stores;
    const [connectors, withRequests] = await Promise.all([configs.list(), restarts.connectors()]);
    const held = [...this.#byName.values()].flatMap((each) => each.held());
    await this.#shares.update(connectors, held);
    const listed = new Set(connectors.map(({ name }) => name));
    for (const supervisor of this.#byName.values()) if (!listed.has(supervisor.name)) supervisor.notice(null);
    for (const state of connectors) this.#supervise(state.name)?.notice(state);
    for (const name of withRequests) this.#byName.get(name)?.serveRequests();
  }

  async changed(connector: string): Promise<void> {
    void this.look(connector);
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
    const supervisor = this.#byName.get(connector);
    if (supervisor?.has(task) === true) return supervisor.restartTask(task);
    const { clock, stores } = this.#deps;
    await requestRestart({ clock, restarts: stores.restarts, stop: this.#stop }, connector, task);
  }

  settleByHand(connector: string): Promise<void> {
    return settleByHand(this.#deps, connector);
  }

  #supervise(name: string): ConnectorSupervisor | null {
    const known = this.#byName.get(name);
    if (known !== undefined || this.#stop.aborted) return known ?? null;
    const supervisor = new ConnectorSupervisor(name, this.#deps, this.#shares);
    this.#byName.set(name, supervisor);
    const run = supervisor.run(this.#stop).finally(() => {
      this.#byName.delete(name);
      this.#running.delete(run);
    });
    this.#running.add(run);
    return supervisor;
  }
}
