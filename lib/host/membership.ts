import type { Clock } from '../core/clock.ts';
import { crc32c } from '../core/crc32c.ts';
import type { Logger } from '../core/logger.ts';
import type { ConnectorState } from '../state/config-store.ts';
import type { WorkerHeartbeat, WorkerStore } from '../state/worker-store.ts';
import { assignTasks, taskId } from './assign-tasks.ts';
import { LivenessWatch } from './liveness-watch.ts';
import type { TaskShares } from './task-shares.ts';

/** A worker among the workers of a table. */
export interface MembershipOptions {
  readonly workers: WorkerStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique for this process. */
  readonly id: string;
  readonly url: string | null;
  readonly version: string;
  /** Connectors that this worker's files define, each with the hash of its configuration. */
  readonly files: Readonly<Record<string, string>>;
  /** `heartbeat.interval.ms` */
  readonly heartbeatMs: number;
  /** `session.timeout.ms`: who does not beat for so long, by this process's own monotonic clock, is taken for dead. */
  readonly sessionMs: number;
}

/** How many sessions a dead worker's heartbeat stays readable. */
const FORGET_AFTER_SESSIONS = 6;
/** How often a heartbeat that may be a dead worker's is looked at. */
const LOOK_AGAIN_MS = 500;

/** Heartbeats of this worker, and from those of all who is to run what. */
export class Membership implements TaskShares {
  readonly #options: MembershipOptions;
  readonly #startedAtMs: number;
  readonly #watch: LivenessWatch;
  #joined = false;
  #left = false;
  #beatAt = Number.NEGATIVE_INFINITY;
  #beatTasks = '';
  #updatedAt = Number.POSITIVE_INFINITY;
  #others: readonly WorkerHeartbeat[] = [];
  #held: readonly string[] = [];
  readonly #connectors = new Map<string, ConnectorState>();
  /** null = to be worked out again. */
  #assigned: ReadonlySet<string> | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.#watch = new LivenessWatch(options.clock);
  }

  /** Live workers besides this one, those that are starting included. Reads the heartbeats anew. */
  async others(): Promise<readonly WorkerHeartbeat[]> {
    const { id, sessionMs, workers } = this.#options;
    const listed = (await workers.list()).filter((worker) => worker.id !== id);
    this.#watch.saw(listed.map((worker) => [worker.id, worker.beats]));
    for (const worker of listed) {
      if (this.#watch.stillMs(worker.id) <= sessionMs * FORGET_AFTER_SESSIONS) continue;
      await workers.remove(worker.id);
    }
    this.#others = listed.filter((worker) => this.#watch.stillMs(worker.id) <= sessionMs);
    this.#assigned = null;
    return this.#others;
  }

  /**
   * A worker of which this holds and that is alive. One that may be dead is watched for a session: null = there is none, or they are dead.
   */
  async liveHolder(holds: (worker: WorkerHeartbeat) => boolean): Promise<WorkerHeartbeat | null> {
    const { clock, heartbeatMs } = this.#options;
    const first = new Map((await this.others()).filter(holds).map((worker) => [worker.id, worker.beats]));
    while (first.size > 0) {
      await clock.sleep(Math.min(heartbeatMs, LOOK_AGAIN_MS));
      await this.beat();
      const holders = (await this.others()).filter((worker) => first.has(worker.id) && holds(worker));
      const alive = holders.find((worker) => worker.beats !== first.get(worker.id));
      if (alive !== undefined) return alive;
      for (const id of first.keys()) if (!holders.some((worker) => worker.id === id)) first.delete(id);
    }
    return null;
  }

  /** From now on this worker takes tasks. */
  join(): void {
    this.#joined = true;
    this.#assigned = null;
  }

  /** Says that this worker is there. */
  async beat(): Promise<void> {
    const { clock, files, id, url, version, workers } = this.#options;
    if (this.#left) return;
    const now = clock.monotonic();
    const tasks = this.#held;
    await workers.beat({
      id,
      beatAtMs: clock.now(),
      startedAtMs: this.#startedAtMs,
      url,
      version,
      joined: this.#joined,
      tasks,
      files,
    });
    this.#beatAt = now;
    this.#beatTasks = tasks.join();
  }

  /** Takes no tasks any more: the others share them as soon as they see it. */
  async leave(): Promise<void> {
    this.#left = true;
    this.#assigned = new Set();
    await this.#options.workers.remove(this.#options.id);
  }

  async update(connectors: readonly ConnectorState[], held: readonly string[]): Promise<void> {
    const { clock, heartbeatMs, logger, sessionMs } = this.#options;
    if (this.#left) return;
    const silentMs = clock.monotonic() - this.#updatedAt;
    const frozen = silentMs > sessionMs;
    // Others have taken this worker for dead and shared its tasks among themselves: it comes back with nothing.
    if (frozen)
      logger.warn('this process stood still for longer than session.timeout.ms; it gives its tasks back', { ms: Math.round(silentMs) });
    this.#held = frozen ? [] : [...held].sort();
    this.#connectors.clear();
    for (const connector of connectors) this.#connectors.set(connector.name, connector);
    this.#assigned = null;
    if (clock.monotonic() - this.#beatAt >= heartbeatMs || this.#held.join() !== this.#beatTasks) await this.beat();
    await this.others();
    this.#updatedAt = clock.monotonic();
  }

  mine(connector: ConnectorState): ReadonlySet<number> {
    const known = this.#connectors.get(connector.name);
    if (known?.taskCount !== connector.taskCount || known.targetState !== connector.targetState) {
      this.#connectors.set(connector.name, connector);
      if (!this.#left) this.#assigned = null;
    }
    this.#assigned ??= this.#assign();
    const mine = new Set<number>();
    for (let task = 0; task < connector.taskCount; task++) if (this.#assigned.has(taskId(connector.name, task))) mine.add(task);
    return mine;
  }

  leads(connector: string): boolean {
    const ids = [this.#options.id, ...this.#others.filter(({ joined }) => joined).map(({ id }) => id)].sort();
    return ids[crc32c(Buffer.from(connector)) % ids.length] === this.#options.id;
  }

  #assign(): ReadonlySet<string> {
    const tasks = [...this.#connectors.values()]
      .filter(({ targetState }) => targetState !== 'STOPPED')
      .flatMap(({ name, taskCount }) => Array.from({ length: taskCount }, (_, task) => taskId(name, task)));
    const members = [{ id: this.#options.id, tasks: this.#held }, ...this.#others.filter(({ joined }) => joined)];
    return this.#joined ? (assignTasks(tasks, members).get(this.#options.id) ?? new Set()) : new Set();
  }
}
