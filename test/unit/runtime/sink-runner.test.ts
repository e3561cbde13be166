import { describe, expect, it } from 'vitest';
import { RetriableException } from '../../../lib/core/errors.ts';
import type { SinkOffsets, SinkTask, SinkTaskContext } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { GroupOffsets } from '../../../lib/kafka/partition-reader.ts';
import type { TopicDescription } from '../../../lib/kafka/topic-admin.ts';
import { NO_DEADLINE } from '../../../lib/runtime/deadline.ts';
import { LeaseKeeper } from '../../../lib/runtime/lease-keeper.ts';
import { runSink, type SinkRun } from '../../../lib/runtime/sink-runner.ts';
import { newTaskFigures, type TaskOutcome } from '../../../lib/runtime/task-outcome.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { jsonConverter, sinkPath } from '../../support/processing/record-path.ts';
import { FakeKafka, overridden, SILENT, sinkProcessor, valuesOf } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

const TP = { topic: 'in', partition: 0 };

/** Remembers what it was given. */
class CollectingTask implements SinkTask {
  readonly calls: string[] = [];
  readonly values: unknown[] = [];
  context!: SinkTaskContext;
  onPut: (records: readonly SinkRecord[]) => void | Promise<void> = () => undefined;
  preCommit?: (offsets: SinkOffsets) => SinkOffsets;

  version(): string {
    return '1';
  }
  initialize(context: SinkTaskContext): void {
    this.calls.push('initialize');
    this.context = context;
  }
  start(): void {
    this.calls.push('start');
  }
  open(): void {
    this.calls.push('open');
  }
  async put(records: readonly SinkRecord[]): Promise<void> {
    await this.onPut(records);
    this.values.push(...valuesOf(records));
  }
  close(): void {
    this.calls.push('close');
  }
  stop(): void {
    this.calls.push('stop');
  }
}

function topicsNow(...found: TopicDescription[]): SinkRun['topics'] {
  const topics = new Map(found.map((topic) => [topic.topic, topic]));
  return { topics, missing: topics.has('in') ? [] : ['in'], open: false, reads: (topic) => topic === 'in' };
}

class World {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores = createMemoryStores();
  readonly figures = newTaskFigures();
  topics: SinkRun['topics'] = topicsNow({ topic: 'in', partitions: 1 });

  produce(...values: (string | null)[]): void {
    for (const value of values) this.kafka.append('in', 0, value);
  }

  async keeper(owner: string): Promise<LeaseKeeper> {
    const outcome = await this.stores.leases.acquire({
      connector: 'c',
      task: 0,
      owner,
      generation: 1,
      leaseMs: 30_000,
      nowMs: this.clock.now(),
    });
    if (!('acquired' in outcome)) throw new Error(`held by ${outcome.heldBy.owner}`);
    return new LeaseKeeper(outcome.acquired, 30_000, { leases: this.stores.leases, clock: this.clock, logger: SILENT });
  }

  async run(task: SinkTask, more: Partial<SinkRun> = {}): Promise<TaskOutcome> {
    const keeper = more.keeper ?? (await this.keeper('a'));
    const outcome = await runSink({
      connector: 'c',
      task,
      props: {},
      partitions: [TP],
      keeper,
      fence: !keeper.lease.releasedCleanly,
      offsets: this.stores.offsets,
      processor: sinkProcessor(this.clock),
      reader: this.kafka,
      groupOffsets: this.kafka,
      groupId: 'connect-c',
      reset: 'earliest',
      topics: this.topics,
      lookAtTopics: async () => this.topics,
      seesAll: true,
      maxPutRecords: 500,
      mode: 'tick',
      deadline: NO_DEADLINE,
      stop: new AbortController().signal,
      flushIntervalMs: 60_000,
      figures: this.figures,
      clock: this.clock,
      random: () => 0.5,
      logger: SILENT,
      onStarted: async () => undefined,
      ...more,
    });
    await keeper.release();
    return outcome;
  }

  async watermark(): Promise<number | undefined> {
    return (await this.stores.offsets.listWatermarks('c'))[0]?.nextOffset;
  }
}

describe('runSink', () => {
  it('delivers to the end, writes the watermark and the group, ends caught up', async () => {
    const world = new World();
    world.produce(...Array.from({ length: 35 }, (_, i) => `v${i}`));
    const task = new CollectingTask();

    const outcome = await world.run(task);

    expect(outcome).toMatchObject({ end: 'caught-up', advanced: true });
    expect(task.values).toEqual(Array.from({ length: 35 }, (_, i) => `v${i}`));
    expect(task.calls).toEqual(['initialize', 'start', 'open', 'close', 'stop']);
    expect(await world.watermark()).toBe(35);
    expect(world.kafka.groups.get('connect-c/in-0')).toBe(35);
  });

  it('goes on behind the watermark', async () => {
    const world = new World();
    world.produce('a', 'b');
    await world.run(new CollectingTask());
    world.produce('c');
    const task = new CollectingTask();

    await world.run(task);

    expect(task.values).toEqual(['c']);
  });

  it('begins where a consumer group stopped that an Apache Connect left behind', async () => {
    const world = new World();
    world.produce('a', 'b', 'c');
    world.kafka.groups.set('connect-c/in-0', 2);
    const task = new CollectingTask();

    await world.run(task);

    expect(task.values).toEqual(['c']);
  });

  it('adopts a group offset that somebody else moved back, and never an absent one', async () => {
    const world = new World();
    world.produce('a', 'b', 'c', 'd');
    await world.run(new CollectingTask());
    world.kafka.groups.set('connect-c/in-0', 1);
    const moved = new CollectingTask();
    await world.run(moved);
    expect(moved.values).toEqual(['b', 'c', 'd']);

    world.kafka.groups.delete('connect-c/in-0');
    const absent = new CollectingTask();
    await world.run(absent);
    expect(absent.values).toEqual([]);
  });

  it('does not take its own older group offset for a move, where the task had rewound behind it', async () => {
    const world = new World();
    world.produce('a', 'b', 'c');
    await world.run(new CollectingTask());
    world.produce('d', 'e');
    const rewinding = new CollectingTask();
    rewinding.open = () => rewinding.context.offset(new Map([['in-0', 1]]));
    const killed: GroupOffsets = overridden<GroupOffsets>(world.kafka, { commit: async () => undefined });
    await world.run(rewinding, { groupOffsets: killed });
    expect(rewinding.values).toEqual(['b', 'c', 'd', 'e']);

    const next = new CollectingTask();
    await world.run(next);

    expect(world.kafka.groups.get('connect-c/in-0')).toBe(3);
    expect(next.values).toEqual([]);
  });

  it('does not adopt an offset of the group twice, after a kill between watermark and group', async () => {
    const world = new World();
    world.produce('a', 'b', 'c');
    world.kafka.groups.set('connect-c/in-0', 1);
    const killed: GroupOffsets = overridden<GroupOffsets>(world.kafka, { commit: async () => undefined });
    const first = new CollectingTask();
    await world.run(first, { groupOffsets: killed });
    expect(first.values).toEqual(['b', 'c']);
    const task = new CollectingTask();

    await world.run(task);

    expect(task.values).toEqual([]);
  });

  it('adopts a group that was reset to earliest after one run', async () => {
    const world = new World();
    world.produce('a', 'b');
    await world.run(new CollectingTask());
    world.kafka.groups.set('connect-c/in-0', 0);
    const task = new CollectingTask();

    await world.run(task);

    expect(task.values).toEqual(['a', 'b']);
  });

  it('puts the identical batch again on RetriableException, after the time the task asked for', async () => {
    const world = new World();
    world.produce('a', 'b');
    const task = new CollectingTask();
    const batches: unknown[][] = [];
    task.onPut = (records) => {
      batches.push(valuesOf(records));
      if (batches.length > 2) return;
      task.context.timeout(3_000);
      throw new RetriableException('database is down');
    };
    const before = world.clock.now();

    await world.run(task);

    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(6_000);
    expect(task.values).toEqual(['a', 'b']);
  });

  it('fails on any other error and commits only what was put before', async () => {
    const world = new World();
    world.produce(...Array.from({ length: 15 }, (_, i) => `v${i}`));
    const task = new CollectingTask();
    task.onPut = (records) => {
      if (valuesOf(records).includes('v10')) throw new Error('no such table');
    };

    const outcome = await world.run(task);

    expect(outcome.end).toBe('failed');
    expect(String(outcome.error)).toContain('Exiting WorkerSinkTask due to unrecoverable exception.');
    expect(await world.watermark()).toBe(10);
  });

  it('commits what preCommit answers, and reads the rest again', async () => {
    const world = new World();
    world.produce('a', 'b', 'c');
    const holding = new CollectingTask();
    holding.preCommit = () => new Map([['in-0', 1]]);
    await world.run(holding);
    const task = new CollectingTask();

    await world.run(task);

    expect(task.values).toEqual(['b', 'c']);
  });

  it('reads again from where the task asks to', async () => {
    const world = new World();
    world.produce('a', 'b', 'c');
    const task = new CollectingTask();
    task.onPut = () => {
      if (task.values.length === 0) task.context.offset(new Map([['in-0', 1]]));
    };

    await world.run(task);

    expect(task.values).toEqual(['a', 'b', 'c', 'b', 'c']);
  });

  it('a watermark never hides the records of a re-created, shorter topic', async () => {
    const world = new World();
    world.produce('a', 'b', 'c');
    await world.run(new CollectingTask());
    world.kafka.topics.clear();
    world.kafka.groups.clear();
    world.produce('x');
    const task = new CollectingTask();

    await world.run(task, { mode: 'tick' });

    expect(task.values).toEqual(['x']);
    expect(world.figures.rewinds).toBe(1);
  });

  describe('a topic that is not the one it was', () => {
    async function delivered(partitions = 1): Promise<World> {
      const world = new World();
      world.topics = topicsNow({ topic: 'in', partitions, topicId: 'first' });
      world.produce('a', 'b', 'c');
      await world.run(new CollectingTask(), {
        partitions: Array.from({ length: partitions }, (_, partition) => ({ topic: 'in', partition })),
      });
      return world;
    }

    it.each([
      ['shorter', ['x']],
      ['longer', ['v', 'w', 'x', 'y', 'z']],
    ])('created again, %s: FAILED, and nothing is overwritten', async (_, values) => {
      const world = await delivered();
      const before = await world.stores.offsets.listWatermarks('c');
      world.kafka.topics.clear();
      world.kafka.groups.clear();
      world.produce(...values);
      world.topics = topicsNow({ topic: 'in', partitions: 1, topicId: 'second' });
      const task = new CollectingTask();

      const outcome = await world.run(task);

      expect(outcome.end).toBe('failed');
      expect(String(outcome.error)).toMatch(
        /topic in was deleted and created again: its id is second, .*watermark in-0 of c \(next offset 3\) .*offsets reset c/,
      );
      expect(task.values).toEqual([]);
      expect(await world.stores.offsets.listWatermarks('c')).toEqual(before);
      expect(world.kafka.groups.size).toBe(0);
    });

    it('deleted: FAILED', async () => {
      const world = await delivered();
      world.topics = topicsNow();

      const outcome = await world.run(new CollectingTask(), { partitions: [] });

      expect(String(outcome.error)).toMatch(/topic in was deleted, and watermark in-0 of c/);
      expect(await world.watermark()).toBe(3);
    });

    it('deleted, and no longer named by the configuration: nobody misses it', async () => {
      const world = await delivered();
      world.topics = { topics: new Map(), missing: ['other'], open: false, reads: (topic) => topic === 'other' };

      expect(await world.run(new CollectingTask(), { partitions: [] })).toMatchObject({ end: 'caught-up' });
    });

    it('with fewer partitions, on a cluster that does not tell ids: FAILED', async () => {
      const world = new World();
      world.topics = topicsNow({ topic: 'in', partitions: 2 });
      world.kafka.append('in', 1, 'a');
      await world.run(new CollectingTask(), { partitions: [TP, { topic: 'in', partition: 1 }] });
      world.topics = topicsNow({ topic: 'in', partitions: 1 });

      const outcome = await world.run(new CollectingTask());

      expect(String(outcome.error)).toMatch(/topic in has 1 partitions, fewer than before, and watermark in-1 of c/);
    });

    it('created again while a task runs: FAILED at the first offset that is not there', async () => {
      const world = await delivered();
      const stop = new AbortController();
      const running = world.run(new CollectingTask(), {
        mode: 'continuous',
        stop: stop.signal,
        lookAtTopics: async () => topicsNow({ topic: 'in', partitions: 1, topicId: 'second' }),
      });
      world.kafka.topics.clear();

      const outcome = await running;

      expect(String(outcome.error)).toMatch(/created again/);
      expect(await world.watermark()).toBe(3);
    });

    it('its positions set by hand: goes on with the new one, and knows it from then on', async () => {
      const world = await delivered();
      world.kafka.topics.clear();
      world.kafka.groups.clear();
      world.produce('x', 'y');
      world.topics = topicsNow({ topic: 'in', partitions: 1, topicId: 'second' });
      const [before] = await world.stores.offsets.listWatermarks('c');
      if (before === undefined) throw new Error('no watermark');
      await world.stores.offsets.commitWatermarks('c', { previous: new Map([['in-0', before]]) }, [
        { ...TP, nextOffset: 1, delivered: [] },
      ]);
      const task = new CollectingTask();

      await world.run(task);

      expect(task.values).toEqual(['y']);
      expect(await world.stores.offsets.listWatermarks('c')).toMatchObject([{ nextOffset: 2, topicId: 'second' }]);
    });
  });

  it('does not start in a group that has members, and names them', async () => {
    const world = new World();
    world.produce('a');
    world.kafka.inGroup = [{ memberId: 'connector-consumer-c-0-1b7', clientId: 'connector-consumer-c-0', host: '/10.0.0.7' }];
    const task = new CollectingTask();

    const outcome = await world.run(task);

    expect(String(outcome.error)).toMatch(
      /group connect-c has members that are not of this connector: connector-consumer-c-0 at \/10.0.0.7.*consumer.override.group.id/,
    );
    expect(task.values).toEqual([]);
  });

  it.each(['earliest', 'latest', 'none'] as const)('an offset that retention outran is never passed over in silence: %s', async (reset) => {
    const world = new World();
    world.produce('a', 'b');
    await world.run(new CollectingTask());
    world.produce('c', 'd', 'e');
    world.kafka.retainFrom('in', 0, 4);
    const task = new CollectingTask();

    const outcome = await world.run(task, { reset });

    if (reset === 'none') {
      expect(String(outcome.error)).toMatch(/no usable offset for in-0 and auto.offset.reset=none/);
      expect(await world.watermark()).toBe(2);
      return;
    }
    expect(task.values).toEqual(reset === 'earliest' ? ['e'] : []);
    expect(world.figures.rewinds).toBe(1);
    expect(await world.watermark()).toBe(5);
  });

  it('waits while its converters have an outage and delivers every record once', async () => {
    const world = new World();
    world.produce('"a"', '"b"');
    let outages = 3;
    const value = jsonConverter((text) => (text === '"b"' && outages-- > 0 ? new RetriableException('registry is down') : null));
    const task = new CollectingTask();

    const outcome = await world.run(task, { processor: sinkPath([], { policy: { tolerance: 'all' }, value }).processor });

    expect(outcome.end).toBe('caught-up');
    expect(task.values).toEqual(['a', 'b']);
    expect(world.figures.retries).toBe(3);
  });

  it('gives up the back-off of a converter when it is stopped, and commits nothing of what waited', async () => {
    const world = new World();
    world.produce('"a"');
    const stop = new AbortController();
    let calls = 0;
    const value = jsonConverter(() => {
      if (++calls === 3) stop.abort();
      return new RetriableException('registry is down');
    });
    const task = new CollectingTask();

    const outcome = await world.run(task, {
      processor: sinkPath([], { policy: { retryTimeoutMs: -1 }, value }).processor,
      mode: 'continuous',
      stop: stop.signal,
    });

    expect([outcome.end, calls, task.values, await world.watermark()]).toEqual(['stopped', 3, [], undefined]);
  });

  it('cannot write its watermark after another owner took over', async () => {
    const world = new World();
    world.produce('a');
    const keeper = await world.keeper('a');
    const task = new CollectingTask();
    task.onPut = async () => {
      world.clock.jump(60_000);
      const other = await world.keeper('b');
      await world.stores.offsets.fenceWatermarks(other.lease, [TP]);
      await other.abandon();
    };

    const outcome = await world.run(task, { keeper });

    expect(outcome.end).toBe('lease-lost');
    expect(await world.watermark()).toBeUndefined();
  });
});
