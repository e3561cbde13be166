/** Random schedules of three owners over one connector: every call is made on the store under test and on the in-memory reference. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { SourceOffset } from '../../../lib/core/source-record.ts';
import type { Lease, ObservedLease } from '../../../lib/state/lease-store.ts';
import type { Watermark } from '../../../lib/state/offset-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';

const TASKS = 2;
const LEASE_MS = 30_000;
export const OWNERS = 3;

/** Stores of one process, and what it believes. */
class Process {
  readonly stores: StateStores;
  readonly leases = new Map<number, Lease>();
  readonly seen = new Map<number, ObservedLease>();
  watermarks = new Map<string, Watermark>();

  constructor(stores: StateStores) {
    this.stores = stores;
  }
}

/** One side: the reference or the store under test. */
export interface Side {
  readonly connector: string;
  readonly owners: readonly Process[];
}

export function sideOf(connector: string, openStores: () => StateStores): Side {
  return { connector, owners: Array.from({ length: OWNERS }, () => new Process(openStores())) };
}

/** What has happened, kept apart from both sides: the guarantees are checked against it. */
export class History {
  nowMs = 1_000_000;
  generation = 1;
  readonly epochs = new Map<number, number>();
  /** By partition: who read it last in the name of which lease. */
  readonly reads = new Map<number, Lease>();
  readonly values = new Map<number, SourceOffset | null>();
}

type Outcome = { readonly value: unknown } | { readonly error: string };

async function outcomeOf(act: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await act() };
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'lease-lost' && code !== 'state-conflict') throw error;
    return { error: code };
  }
}

/** One partition per task, which moves to the other task with each generation. */
const partitionOf = (lease: Lease): number => (lease.task + lease.token.generation) % TASKS;
const nameOf = (partition: number) => ({ table: `t${partition}` });

abstract class OwnerCommand implements fc.AsyncCommand<History, [Side, Side]> {
  readonly owner: number;
  readonly text: string;
  #acted: number | null = null;
  readonly reads: boolean = false;
  constructor(owner: number, text: string) {
    this.owner = owner;
    this.text = text;
  }
  check(): boolean {
    return true;
  }
  /** Of these processes, the one that acts; null = none can. */
  protected actor(_owners: readonly Process[]): number | null {
    return this.owner;
  }
  async run(history: History, [reference, real]: [Side, Side]): Promise<void> {
    const actor = this.actor(real.owners);
    this.#acted = actor;
    if (actor === null) return;
    const expected = await outcomeOf(() => this.act(history, reference.owners[actor] as Process, reference.connector));
    const actual = await outcomeOf(() => this.act(history, real.owners[actor] as Process, real.connector));
    // A lost lease may give once more what it has read before.
    if (this.reads && 'error' in expected && expected.error === 'lease-lost') return;
    expect(renamed(actual, real.connector), this.text).toEqual(renamed(expected, real.connector));
    this.note(history, real.owners[actor] as Process, actual);
  }
  protected abstract act(history: History, process: Process, connector: string): Promise<unknown>;
  protected note(_history: History, _process: Process, _outcome: Outcome): void {}
  toString(): string {
    return this.#acted === null ? `(${this.text})` : `${'abc'[this.#acted]}.${this.text}`;
  }
}

/** The sides have connectors of their own names. */
function renamed(outcome: Outcome, connector: string): unknown {
  if (!('value' in outcome) || typeof outcome.value !== 'object' || outcome.value === null) return outcome;
  const held = (outcome.value as { acquired?: object }).acquired;
  if (held !== undefined) return { ...held, connector };
  return { value: 'connector' in outcome.value ? { ...outcome.value, connector } : outcome.value };
}

class Acquire extends OwnerCommand {
  readonly task: number;
  readonly #observes: boolean;
  constructor(owner: number, task: number, observes: boolean) {
    super(owner, `acquire(${task}${observes ? ', observed' : ''})`);
    this.task = task;
    this.#observes = observes;
  }
  protected async act(history: History, process: Process, connector: string) {
    const seen = this.#observes ? process.seen.get(this.task) : undefined;
    const outcome = await process.stores.leases.acquire({
      connector,
      task: this.task,
      owner: `owner ${this.owner}`,
      generation: history.generation,
      leaseMs: LEASE_MS,
      nowMs: history.nowMs,
      ...(seen === undefined ? {} : { observed: { token: seen.token, renewals: seen.renewals } }),
    });
    if ('acquired' in outcome) process.leases.set(this.task, outcome.acquired);
    return outcome;
  }
  protected override note(history: History, process: Process, outcome: Outcome) {
    const lease = process.leases.get(this.task);
    if (!('value' in outcome) || !Object.hasOwn(outcome.value as object, 'acquired') || lease === undefined) return;
    // Epochs are counted per task and never come back.
    expect(lease.token.epoch).toBe((history.epochs.get(this.task) ?? 0) + 1);
    history.epochs.set(this.task, lease.token.epoch);
  }
}

abstract class LeaseCommand extends OwnerCommand {
  readonly task: number;
  constructor(owner: number, task: number, text: string) {
    super(owner, text);
    this.task = task;
  }
  /** One of those that hold a lease of the task, or believe so. */
  protected override actor(owners: readonly Process[]) {
    const holders = owners.flatMap((process, at) => (process.leases.has(this.task) ? [at] : []));
    return holders[this.owner % holders.length] ?? null;
  }
  protected async act(history: History, process: Process) {
    return this.actWith(history, process, process.leases.get(this.task) as Lease);
  }
  protected abstract actWith(history: History, process: Process, lease: Lease): Promise<unknown>;
}

class Renew extends LeaseCommand {
  protected async actWith(history: History, process: Process, lease: Lease) {
    const renewed = await process.stores.leases.renew(lease, LEASE_MS, history.nowMs);
    process.leases.set(this.task, renewed);
    return { renewals: renewed.renewals, leaseUntilMs: renewed.leaseUntilMs };
  }
}

class Release extends LeaseCommand {
  protected async actWith(_history: History, process: Process, lease: Lease) {
    // The promise to write no more: the owner forgets the lease.
    process.leases.delete(this.task);
    return process.stores.leases.release(lease);
  }
}

class Load extends LeaseCommand {
  override readonly reads = true;
  readonly #fence: boolean;
  constructor(owner: number, task: number, fence: boolean) {
    super(owner, task, `load(${task}${fence ? ', fence' : ''})`);
    this.#fence = fence;
  }
  protected async actWith(_history: History, process: Process, lease: Lease) {
    const [offset] = await process.stores.offsets.load(lease, [nameOf(partitionOf(lease))], this.#fence);
    return { offset: offset ?? null };
  }
  protected override note(history: History, process: Process, outcome: Outcome) {
    const lease = process.leases.get(this.task);
    if (lease === undefined || !('value' in outcome)) return;
    const partition = partitionOf(lease);
    // What is read is what was committed last, whoever did.
    expect(outcome.value).toEqual({ offset: history.values.get(partition) ?? null });
    history.reads.set(partition, lease);
  }
}

class Commit extends LeaseCommand {
  readonly #offset: SourceOffset | null;
  constructor(owner: number, task: number, offset: SourceOffset | null) {
    super(owner, task, `commit(${task}, ${offset === null ? 'null' : String(offset.id)})`);
    this.#offset = offset;
  }
  protected async actWith(_history: History, process: Process, lease: Lease) {
    await process.stores.offsets.commit(lease, [{ partition: nameOf(partitionOf(lease)), offset: this.#offset }]);
  }
  protected override note(history: History, process: Process, outcome: Outcome) {
    const lease = process.leases.get(this.task);
    if (lease === undefined || !('value' in outcome)) return;
    const partition = partitionOf(lease);
    const reader = history.reads.get(partition);
    // The guarantee: once a later owner has read a partition, no earlier one can commit it.
    if (reader !== undefined) {
      expect(lease.token.generation).toBeGreaterThanOrEqual(reader.token.generation);
      if (lease.token.generation === reader.token.generation) expect(lease.token.epoch).toBeGreaterThanOrEqual(reader.token.epoch);
    }
    history.values.set(partition, this.#offset);
  }
}

class CommitWatermark extends LeaseCommand {
  readonly #nextOffset: number;
  constructor(owner: number, task: number, nextOffset: number) {
    super(owner, task, `commitWatermark(${task}, ${nextOffset})`);
    this.#nextOffset = nextOffset;
  }
  protected async actWith(_history: History, process: Process, lease: Lease) {
    const watermark = { topic: 'fenced', partition: partitionOf(lease), nextOffset: this.#nextOffset, delivered: [] };
    await process.stores.offsets.commitWatermarks(lease.connector, { lease }, [watermark]);
  }
}

class FenceWatermark extends LeaseCommand {
  override readonly reads = true;
  protected async actWith(_history: History, process: Process, lease: Lease) {
    return [...(await process.stores.offsets.fenceWatermarks(lease, [{ topic: 'fenced', partition: partitionOf(lease) }]))];
  }
}

class SaveProgress extends LeaseCommand {
  protected async actWith(history: History, process: Process, lease: Lease) {
    await process.stores.offsets.saveProgress(lease, { at: history.nowMs, by: this.owner });
  }
}

class LoadProgress extends LeaseCommand {
  override readonly reads = true;
  protected async actWith(_history: History, process: Process, lease: Lease) {
    return { progress: await process.stores.offsets.loadProgress(lease) };
  }
}

class PutStatus extends LeaseCommand {
  protected async actWith(history: History, process: Process, lease: Lease) {
    const trace = history.nowMs % 2 === 0 ? `of ${this.owner}` : null;
    await process.stores.status.putTask(lease, { state: 'RUNNING', workerId: `${this.owner}`, trace, lastTick: null });
  }
}

class LoadTransactions extends LeaseCommand {
  override readonly reads = true;
  protected async actWith(_history: History, process: Process, lease: Lease) {
    return { transactions: await process.stores.transactions.load(lease) };
  }
}

/** Prepares, promotes or discards a transaction, in any order: what does not fit is refused. */
class Transact extends LeaseCommand {
  readonly #step: 'prepare' | 'promoted' | 'discard';
  readonly #number: number;
  constructor(owner: number, task: number, step: 'prepare' | 'promoted' | 'discard', number: number) {
    super(owner, task, `${step}(${task}, ${number})`);
    this.#step = step;
    this.#number = number;
  }
  protected async actWith(history: History, { stores: { transactions } }: Process, lease: Lease) {
    if (this.#step !== 'prepare') return transactions[this.#step](lease, this.#number);
    const offsets = [{ partition: nameOf(partitionOf(lease)), offset: { at: history.nowMs, by: this.owner } }];
    return transactions.prepare(lease, { number: this.#number, offsets });
  }
}

class LoadEventWatermarks extends OwnerCommand {
  protected async act(_history: History, process: Process, connector: string) {
    process.watermarks = await process.stores.offsets.loadWatermarks(connector, [{ topic: 'event', partition: 0 }]);
    return [...process.watermarks];
  }
}

class CommitEventWatermark extends OwnerCommand {
  readonly #nextOffset: number;
  constructor(owner: number, nextOffset: number) {
    super(owner, `commitEventWatermark(${nextOffset})`);
    this.#nextOffset = nextOffset;
  }
  protected async act(_history: History, process: Process, connector: string) {
    const delivered = [{ offset: this.#nextOffset, crc: this.owner }];
    const watermark = { topic: 'event', partition: 0, nextOffset: this.#nextOffset, delivered };
    await process.stores.offsets.commitWatermarks(connector, { previous: process.watermarks }, [watermark]);
    process.watermarks = new Map([['event-0', watermark]]);
  }
}

class Observe extends OwnerCommand {
  readonly #task: number;
  constructor(owner: number, task: number) {
    super(owner, `look(${task})`);
    this.#task = task;
  }
  protected async act(_history: History, process: Process, connector: string) {
    const seen = await process.stores.leases.look(connector, this.#task);
    if (seen !== null) process.seen.set(this.#task, seen);
    return { seen };
  }
}

class Everything extends OwnerCommand {
  protected async act(_history: History, { stores }: Process, connector: string) {
    return [
      await stores.leases.lookAll(connector),
      await stores.offsets.list(connector),
      await stores.offsets.listWatermarks(connector),
      await stores.status.tasks(connector),
      await stores.status.topics(connector),
    ];
  }
}

class World implements fc.AsyncCommand<History, [Side, Side]> {
  readonly #text: string;
  readonly #change: (history: History) => void;
  constructor(text: string, change: (history: History) => void) {
    this.#text = text;
    this.#change = change;
  }
  check(): boolean {
    return true;
  }
  async run(history: History): Promise<void> {
    this.#change(history);
  }
  toString(): string {
    return this.#text;
  }
}

/** Takes a task whose owner has not been heard of for longer than its lease, and reads its offset. */
class TakeOver extends Acquire {
  constructor(owner: number, task: number) {
    super(owner, task, false);
  }
  protected override async act(history: History, process: Process, connector: string) {
    const later = Object.assign(Object.create(history), { nowMs: history.nowMs + 10 * LEASE_MS }) as History;
    const outcome = await super.act(later, process, connector);
    if ('acquired' in outcome) await process.stores.offsets.load(outcome.acquired, [nameOf(partitionOf(outcome.acquired))], false);
    return outcome;
  }
  protected override note(history: History, process: Process, outcome: Outcome) {
    super.note(history, process, outcome);
    const lease = process.leases.get(this.task);
    if ('value' in outcome && Object.hasOwn(outcome.value as object, 'acquired') && lease !== undefined) {
      history.reads.set(partitionOf(lease), lease);
    }
  }
}

const owner = fc.nat({ max: OWNERS - 1 });
const task = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const offset = fc.option(fc.record({ id: fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(asStored)) }), {
  freq: 8,
});
function asStored(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Any schedule of the three owners, of the clock and of the planner. */
export function schedules(): fc.Arbitrary<Iterable<fc.AsyncCommand<History, [Side, Side]>>> {
  const acquire = fc.tuple(owner, task, fc.boolean()).map(([who, which, observes]) => new Acquire(who, which, observes));
  const commit = fc.tuple(owner, task, offset).map(([who, which, value]) => new Commit(who, which, value));
  const load = fc.tuple(owner, task, fc.boolean()).map(([who, which, fence]) => new Load(who, which, fence));
  const ofTask = fc.tuple(owner, task);
  return fc.commands(
    [
      acquire,
      acquire,
      fc.tuple(owner, task).map(([who, which]) => new TakeOver(who, which)),
      fc.tuple(owner, task).map(([who, which]) => new TakeOver(who, which)),
      commit,
      commit,
      commit,
      commit,
      load,
      load,
      ofTask.map(([who, which]) => new Renew(who, which, `renew(${which})`)),
      ofTask.map(([who, which]) => new Release(who, which, `release(${which})`)),
      ofTask.map(([who, which]) => new Release(who, which, `release(${which})`)),
      ofTask.map(([who, which]) => new Observe(who, which)),
      ofTask.map(([who, which]) => new FenceWatermark(who, which, `fenceWatermarks(${which})`)),
      ofTask.map(([who, which]) => new SaveProgress(who, which, `saveProgress(${which})`)),
      ofTask.map(([who, which]) => new LoadProgress(who, which, `loadProgress(${which})`)),
      ofTask.map(([who, which]) => new PutStatus(who, which, `putStatus(${which})`)),
      fc.tuple(owner, task, fc.nat({ max: 99 })).map(([who, which, next]) => new CommitWatermark(who, which, next)),
      ofTask.map(([who, which]) => new LoadTransactions(who, which, `loadTransactions(${which})`)),
      fc
        .tuple(owner, task, fc.constantFrom('prepare', 'promoted', 'discard'), fc.constantFrom(1, 1, 2, 3))
        .map((of) => new Transact(...of)),
      fc
        .tuple(owner, task, fc.constantFrom('prepare', 'promoted', 'discard'), fc.constantFrom(1, 1, 2, 3))
        .map((of) => new Transact(...of)),
      owner.map((who) => new LoadEventWatermarks(who, 'loadEventWatermarks')),
      fc.tuple(owner, fc.nat({ max: 99 })).map(([who, next]) => new CommitEventWatermark(who, next)),
      owner.map((who) => new Everything(who, 'everything')),
      fc.constantFrom(1, 10_001, 40_000).map((ms) => new World(`+${ms} ms`, (history) => (history.nowMs += ms))),
      fc.constant(new World('new generation', (history) => history.generation++)),
    ],
    { maxCommands: 40, size: '+1' },
  );
}
