import { describe, expect, it } from 'vitest';
import { RetriableException } from '../../../lib/core/errors.ts';
import type { SourceTask, SourceTaskContext } from '../../../lib/core/source.ts';
import type { SourceRecord } from '../../../lib/core/source-record.ts';
import { invocationDeadline, NO_DEADLINE } from '../../../lib/runtime/deadline.ts';
import { LeaseKeeper } from '../../../lib/runtime/lease-keeper.ts';
import { runSource, type SourceRun } from '../../../lib/runtime/source-runner.ts';
import { newTaskFigures } from '../../../lib/runtime/task-outcome.ts';
import type { Lease } from '../../../lib/state/lease-store.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { FakeKafka, numbered, overridden, SILENT, sourceProcessor } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

const PARTITION = { table: 't' };

/** Reads `total` numbered records in batches, from the committed offset on. */
class CountingTask implements SourceTask {
  readonly total: number;
  readonly batch: number;
  readonly calls: string[] = [];
  at = 0;
  context!: SourceTaskContext;
  onPoll: (task: CountingTask) => void = () => undefined;

  constructor(total: number, batch = 10) {
    this.total = total;
    this.batch = batch;
  }
  version(): string {
    return '1';
  }
  initialize(context: SourceTaskContext): void {
    this.calls.push('initialize');
    this.context = context;
  }
  async start(): Promise<void> {
    this.calls.push('start');
    const offset = await this.context.offsetStorageReader().offset(PARTITION);
    this.at = Number(offset?.n ?? 0);
  }
  poll(): SourceRecord[] | null | Promise<SourceRecord[] | null> {
    this.onPoll(this);
    if (this.at >= this.total) {
      this.context.caughtUp();
      return null;
    }
    const records = numbered(this.at, Math.min(this.batch, this.total - this.at));
    this.at += records.length;
    return records;
  }
  commit(): void {
    this.calls.push('commit');
  }
  stop(): void {
    this.calls.push('stop');
  }
}

class World {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores: StateStores = createMemoryStores();
  readonly stop = new AbortController();

  async lease(owner: string, generation = 1): Promise<Lease> {
    const outcome = await this.stores.leases.acquire({
      connector: 'c',
      task: 0,
      owner,
      generation,
      leaseMs: 30_000,
      nowMs: this.clock.now(),
    });
    if (!('acquired' in outcome)) throw new Error(`held by ${outcome.heldBy.owner}`);
    return outcome.acquired;
  }

  keeper(lease: Lease): LeaseKeeper {
    return new LeaseKeeper(lease, 30_000, { leases: this.stores.leases, clock: this.clock, logger: SILENT });
  }

  run(task: SourceTask, keeper: LeaseKeeper, more: Partial<SourceRun> = {}): Promise<Awaited<ReturnType<typeof runSource>>> {
    return runSource({
      task,
      props: {},
      keeper,
      fence: !keeper.lease.releasedCleanly,
      offsets: this.stores.offsets,
      processor: sourceProcessor(this.clock),
      producer: this.kafka,
      ensureTopics: async () => undefined,
      mode: 'tick',
      deadline: NO_DEADLINE,
      stop: this.stop.signal,
      flushIntervalMs: 60_000,
      flushTimeoutMs: 5_000,
      idleMs: 1_000,
      figures: newTaskFigures(),
      clock: this.clock,
      random: () => 0.5,
      logger: SILENT,
      onStarted: async () => undefined,
      ...more,
    });
  }

  async committed(): Promise<unknown> {
    return (await this.stores.offsets.list('c')).find((stored) => stored.partition.table === 't')?.offset ?? null;
  }
}

describe('runSource', () => {
  it('moves every record, commits the last offset, ends caught up', async () => {
    const world = new World();
    const task = new CountingTask(95);
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(task, keeper);
    await keeper.release();

    expect(outcome).toMatchObject({ end: 'caught-up', advanced: true, workLeft: false });
    expect(world.kafka.values('out')).toEqual(Array.from({ length: 95 }, (_, i) => `r${i}`));
    expect(await world.committed()).toEqual({ n: 95 });
    expect(task.calls).toEqual(['initialize', 'start', 'commit', 'stop']);
  });

  it('goes on from the committed offset', async () => {
    const world = new World();
    const first = world.keeper(await world.lease('a'));
    await world.run(new CountingTask(10), first);
    await first.release();

    const second = world.keeper(await world.lease('b'));
    await world.run(new CountingTask(15), second);

    expect(world.kafka.values('out')).toHaveLength(15);
    await second.release();
  });

  it('retries an outage of Kafka without losing or reordering a record', async () => {
    const world = new World();
    let failures = 3;
    world.kafka.beforeSend = () => {
      if (failures-- > 0) throw new RetriableException('broker not available');
    };
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(new CountingTask(30), keeper);

    expect(outcome.end).toBe('caught-up');
    expect(world.kafka.values('out')).toEqual(Array.from({ length: 30 }, (_, i) => `r${i}`));
    await keeper.release();
  });

  it('fails on a refused record and commits only what came before it', async () => {
    const world = new World();
    world.kafka.refuse = (record) => (new TextDecoder().decode(record.value as Uint8Array) === 'r12' ? new Error('too large') : null);
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(new CountingTask(30), keeper);

    expect(outcome.end).toBe('failed');
    expect(String(outcome.error)).toContain('Unrecoverable exception from producer send callback');
    expect(await world.committed()).toEqual({ n: 12 });
    await keeper.release();
  });

  it('skips a refused record where errors.tolerance=all', async () => {
    const world = new World();
    world.kafka.refuse = (record) => (new TextDecoder().decode(record.value as Uint8Array) === 'r12' ? new Error('too large') : null);
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(new CountingTask(30), keeper, { processor: sourceProcessor(world.clock, 'all') });

    expect(outcome.end).toBe('caught-up');
    expect(world.kafka.values('out')).toHaveLength(29);
    expect(await world.committed()).toEqual({ n: 30 });
    await keeper.release();
  });

  it('sends what came before a record that cannot be converted, then fails', async () => {
    const world = new World();
    const task = new CountingTask(0);
    let polled = false;
    task.poll = () => {
      if (polled) return null;
      polled = true;
      const records = numbered(0, 5);
      return [...records.slice(0, 3), (records[3] as SourceRecord).with({ value: 'bad' }), records[4] as SourceRecord];
    };
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(task, keeper);

    expect(outcome.end).toBe('failed');
    expect(world.kafka.values('out')).toEqual(['r0', 'r1', 'r2']);
    expect(await world.committed()).toEqual({ n: 3 });
    expect(task.calls.at(-1)).toBe('stop');
    await keeper.release();
  });

  it('ends at the deadline with work left, and commits what is acknowledged', async () => {
    const world = new World();
    const task = new CountingTask(Number.POSITIVE_INFINITY);
    task.onPoll = () => world.clock.advance(500);
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(task, keeper, { deadline: invocationDeadline(12_000, 2_000, world.clock) });

    expect(outcome).toMatchObject({ end: 'deadline', workLeft: true, advanced: true });
    expect(await world.committed()).toEqual({ n: world.kafka.values('out').length });
    await keeper.release();
  });

  it('does not wait for a poll that blocks', async () => {
    const world = new World();
    const task = new CountingTask(0);
    task.poll = () => new Promise(() => undefined) as never;
    const keeper = world.keeper(await world.lease('a'));

    const outcome = await world.run(task, keeper, { deadline: invocationDeadline(12_000, 2_000, world.clock) });

    expect(outcome.end).toBe('deadline');
    await keeper.release();
  });

  it('ends after lambda.idle.ms for a task that never says it is caught up', async () => {
    const world = new World();
    const task = new CountingTask(0);
    task.poll = () => [];
    const keeper = world.keeper(await world.lease('a'));
    const before = world.clock.now();

    expect((await world.run(task, keeper)).end).toBe('caught-up');
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(1_000);
    expect(world.clock.now() - before).toBeLessThan(1_300);
    await keeper.release();
  });

  it('cannot commit after it was frozen for longer than its lease and another owner took over', async () => {
    const world = new World();
    const task = new CountingTask(20, 5);
    const frozen = world.keeper(await world.lease('a'));
    const poll = task.poll.bind(task);
    task.poll = async () => {
      if (task.at === 10) {
        world.clock.jump(60_000);
        const other = await world.lease('b');
        await world.stores.offsets.load(other, [PARTITION], true);
      }
      return poll();
    };

    const outcome = await world.run(task, frozen);

    expect(outcome.end).toBe('lease-lost');
    expect(await world.committed()).toBeNull();
    await frozen.abandon();
  });

  it('keeps progress only when all records polled before it are settled', async () => {
    const world = new World();
    const task = new CountingTask(10, 5);
    task.onPoll = () => task.context.progress.set({ polledAt: task.at });
    world.kafka.refuse = (record) => (new TextDecoder().decode(record.value as Uint8Array) === 'r7' ? new Error('too large') : null);
    const keeper = world.keeper(await world.lease('a'));
    world.kafka.beforeSend = () => undefined;

    await world.run(task, keeper);

    expect(await world.stores.offsets.loadProgress(keeper.lease)).not.toEqual({ polledAt: 10 });
    await keeper.release();
  });

  it('leaves offsets for the next commit while the table is down, and fails a tick that cannot commit at all', async () => {
    const world = new World();
    const keeper = world.keeper(await world.lease('a'));
    const commit = world.stores.offsets.commit.bind(world.stores.offsets);
    let down = true;
    const offsets = overridden(world.stores.offsets, {
      commit: async (...args: Parameters<typeof commit>) => (down ? Promise.reject(new RetriableException('table down')) : commit(...args)),
    });

    const outcome = await world.run(new CountingTask(10), keeper, { offsets });
    expect(outcome.end).toBe('failed');
    expect(await world.committed()).toBeNull();

    down = false;
    expect((await world.run(new CountingTask(10), keeper, { offsets })).end).toBe('caught-up');
    expect(await world.committed()).toEqual({ n: 10 });
    await keeper.release();
  });
});
