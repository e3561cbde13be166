import { describe, expect, it } from 'vitest';
import { ConfigDef } from '../../../lib/core/config/config-def.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import type { SourceConnector, SourceTask, SourceTaskContext } from '../../../lib/core/source.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { encodeKafkaEvent } from '../../../lib/kafka/event-source-mapping.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { manifestOfClass } from '../../../lib/plugins/module-plugins.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { type InvocationDeps, runSinkBatch, runTick, type TickEvent } from '../../../lib/runtime/invocation.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { FakeKafka, overridden, SILENT } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

/** Divides `shards` among tasks; each shard holds `rows` rows. A row takes `row.ms` of the test's clock. */
class ShardTask implements SourceTask {
  static clock: ManualClock;
  #context!: SourceTaskContext;
  #shard = '';
  #rows = 0;
  #at = 0;
  #rowMs = 0;
  version = () => '1';
  stop = () => undefined;
  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }
  async start(props: ConnectorProps): Promise<void> {
    this.#shard = props.shard as string;
    this.#rows = Number(props.rows);
    this.#rowMs = Number(props['row.ms'] ?? 0);
    this.#at = Number((await this.#context.offsetStorageReader().offset({ shard: this.#shard }))?.at ?? 0);
  }
  poll(): SourceRecord[] | null {
    if (this.#at >= this.#rows) {
      this.#context.caughtUp();
      return null;
    }
    ShardTask.clock.advance(this.#rowMs);
    this.#at++;
    return [
      new SourceRecord({
        sourcePartition: { shard: this.#shard },
        sourceOffset: { at: this.#at },
        topic: 'rows',
        value: `${this.#shard}/${this.#at}`,
      }),
    ];
  }
}

class ShardConnector implements SourceConnector {
  #props: ConnectorProps = {};
  version = () => '1';
  initialize = () => undefined;
  stop = () => undefined;
  start(props: ConnectorProps): void {
    if (props.broken === 'yes') throw new Error('the source says no');
    this.#props = props;
  }
  taskClass = () => ShardTask;
  config = () => new ConfigDef();
  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: Math.min(maxTasks, Number(this.#props.shards)) }, (_, i) => ({ ...this.#props, shard: `s${i}` }));
  }
}

class World {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores = createMemoryStores();
  readonly invoked: TickEvent[] = [];
  version = 0;

  constructor() {
    ShardTask.clock = this.clock;
  }

  async configure(config: Record<string, string>): Promise<void> {
    await this.stores.configs.putConfig('c', {
      config: { name: 'c', 'connector.class': 'Shards', shards: '1', rows: '5', ...config },
      expectedVersion: this.version++,
      appliedHash: null,
      writer: 'test',
      nowMs: this.clock.now(),
    });
  }

  deps(owner: string, remainingMs = 60_000): InvocationDeps {
    const clients: KafkaClients = {
      producer: () => this.kafka,
      transactionalProducer: () => {
        throw new Error('not asked for');
      },
      reader: () => this.kafka,
      groupOffsets: () => this.kafka,
      admin: () => ({
        describeTopics: async (topics) => new Map(topics.map((topic) => [topic, { topic, partitions: 1 }])),
        listTopics: async () => ['rows'],
        createTopic: async () => false,
        close: async () => undefined,
      }),
      close: async () => undefined,
    };
    const endsAt = this.clock.now() + remainingMs;
    return {
      stores: this.stores,
      kafka: async () => clients,
      plugins: createPluginResolver(REGISTRY, [manifestOfClass('Shards', ShardConnector, 'x', 'ShardConnector')]),
      workerProps: { 'bootstrap.servers': 'x:1', 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
      resolveVariables: async (props) => props,
      logger: SILENT,
      clock: this.clock,
      random: () => 0.5,
      owner,
      connector: 'c',
      invokeSelf: async (event) => {
        this.invoked.push(event);
      },
      remainingMs: () => endsAt - this.clock.now(),
      signal: new AbortController().signal,
    };
  }
}

describe('runTick', () => {
  it('plans, moves what there is, and finds nothing at the next tick', async () => {
    const world = new World();
    await world.configure({});

    expect(await runTick({}, world.deps('a'))).toMatchObject({ outcome: 'caught-up', task: 0, figures: { recordsOut: 5 } });
    expect(await runTick({}, world.deps('b'))).toMatchObject({ outcome: 'caught-up', figures: { recordsOut: 0 } });
    expect(world.kafka.values('rows')).toEqual(['s0/1', 's0/2', 's0/3', 's0/4', 's0/5']);
  });

  it('hands over what is left at the deadline, counts the hops, and loses and repeats nothing on the way', async () => {
    const world = new World();
    await world.configure({ rows: '100', 'row.ms': '400' });

    let event: TickEvent = {};
    for (let hops = 0; ; hops++) {
      const report = await runTick(event, world.deps(`owner-${hops}`, 20_000));
      if (!report.handedOver) break;
      event = world.invoked.at(-1) as TickEvent;
      expect(event).toEqual({ task: 0, hop: hops + 1 });
    }

    expect(world.invoked.length).toBeGreaterThan(2);
    expect(world.kafka.values('rows')).toEqual(Array.from({ length: 100 }, (_, i) => `s0/${i + 1}`));
  });

  it('hands nothing over beyond lambda.handover.max', async () => {
    const world = new World();
    await world.configure({ rows: '1000', 'row.ms': '400', 'lambda.handover.max': '2' });

    expect(await runTick({ task: 0, hop: 1 }, world.deps('a', 20_000))).toMatchObject({ outcome: 'deadline', handedOver: true });
    expect(await runTick({ task: 0, hop: 2 }, world.deps('b', 20_000))).toMatchObject({ outcome: 'deadline', handedOver: false });
  });

  it('of several tasks runs one and gives each other free one an invocation of its own', async () => {
    const world = new World();
    await world.configure({ shards: '3', 'tasks.max': '3' });

    const report = await runTick({}, world.deps('a'));
    expect(report).toMatchObject({ task: 0, fannedOut: 2 });
    expect(world.invoked).toMatchObject([
      { task: 1, hop: 0 },
      { task: 2, hop: 0 },
    ]);
    for (const event of world.invoked.splice(0)) await runTick(event, world.deps(`t${event.task}`));

    expect(new Set(world.kafka.values('rows')).size).toBe(15);
  });

  it('a task with an invocation of its own waits longer each time it fails, too', async () => {
    const world = new World();
    await world.configure({ 'tasks.max': '2', shards: '2', 'lambda.failure.backoff.ms': '60000' });
    world.kafka.refuse = () => new Error('too large');
    const waits: (number | undefined)[] = [];
    for (let tick = 0; tick < 3; tick++) {
      await expect(runTick({}, world.deps('a'))).rejects.toThrow();
      for (const event of world.invoked.splice(0)) await expect(runTick(event, world.deps('b'))).rejects.toThrow();
      const now = world.clock.now();
      const [first, second] = await world.stores.status.tasks('c');
      expect(second?.lastTick?.failures).toBe(tick + 1);
      waits.push(Math.round(((second?.lastTick?.retryAtMs ?? 0) - now) / 60_000));
      world.clock.advance(Math.max(first?.lastTick?.retryAtMs ?? 0, second?.lastTick?.retryAtMs ?? 0) - now);
    }
    expect(waits).toEqual([1, 2, 4]);
  });

  it('a task that somebody restarts forgets what it remembered beside its offsets', async () => {
    const world = new World();
    await world.configure({});
    await runTick({}, world.deps('a'));
    const remember = async () => {
      const state = await world.stores.configs.connector('c');
      const held = await world.stores.leases.acquire({
        connector: 'c',
        task: 0,
        owner: 'test',
        generation: state?.generation ?? 0,
        leaseMs: 30_000,
        nowMs: world.clock.now(),
      });
      if (!('acquired' in held)) throw new Error('held');
      const found = await world.stores.offsets.loadProgress(held.acquired);
      await world.stores.offsets.saveProgress(held.acquired, { table: 7 });
      await world.stores.leases.release(held.acquired);
      return found;
    };
    await remember();
    await runTick({}, world.deps('b'));
    expect(await remember()).toEqual({ table: 7 });
    await world.stores.restarts.request('c', 0, world.clock.now());
    await runTick({ restart: true }, world.deps('c'));
    expect(await remember()).toEqual({});
    expect(world.kafka.values('rows')).toHaveLength(5);
  });

  it('ends quietly in an old bundle that has not the classes of a new configuration, and plans nothing', async () => {
    const world = new World();
    await world.configure({});
    await runTick({}, world.deps('a'));
    await world.configure({ 'connector.class': 'NewShards' });
    const before = await world.stores.configs.connector('c');

    expect(await runTick({}, { ...world.deps('old'), bundleHash: 'aaaa' })).toMatchObject({ outcome: 'idle' });
    expect(await world.stores.configs.connector('c')).toEqual(before);
    await expect(runTick({}, world.deps('no bundle'))).rejects.toThrow('NewShards');
  });

  it('returns quietly when another invocation has the task', async () => {
    const world = new World();
    await world.configure({});
    await runTick({}, world.deps('a'));
    const state = await world.stores.configs.connector('c');
    await world.stores.leases.acquire({
      connector: 'c',
      task: 0,
      owner: 'other',
      generation: state?.generation ?? 0,
      leaseMs: 30_000,
      nowMs: world.clock.now(),
    });

    expect(await runTick({}, world.deps('b'))).toMatchObject({ outcome: 'held' });
  });

  it('does nothing while paused or stopped', async () => {
    const world = new World();
    await world.configure({});
    await world.stores.configs.setTargetState('c', 'PAUSED');

    expect(await runTick({}, world.deps('a'))).toMatchObject({ outcome: 'idle' });
    expect(world.kafka.values('rows')).toEqual([]);
  });

  it('plans anew when the configuration changed, and goes on from the offsets', async () => {
    const world = new World();
    await world.configure({});
    await runTick({}, world.deps('a'));
    const before = await world.stores.configs.connector('c');
    await world.configure({ rows: '7' });

    await runTick({}, world.deps('b'));

    expect((await world.stores.configs.connector('c'))?.generation).toBeGreaterThan(before?.generation ?? 0);
    expect(world.kafka.values('rows')).toHaveLength(7);
  });

  it('a connector that cannot say its tasks any more keeps the old plan and says so', async () => {
    const world = new World();
    await world.configure({ 'lambda.replan.ms': '60000' });
    await runTick({}, world.deps('a'));
    const { configs } = world.stores;
    world.clock.advance(120_000);
    const broken = { ...world.deps('b'), resolveVariables: async (props: ConnectorProps) => ({ ...props, broken: 'yes' }) };

    expect(await runTick({}, broken)).toMatchObject({ outcome: 'caught-up' });
    expect((await configs.connector('c'))?.error).toContain('the source says no');

    world.clock.advance(120_000);
    await runTick({}, world.deps('c'));
    expect((await configs.connector('c'))?.error).toBeNull();
  });

  it('refuses to begin with too little time, with the numbers', async () => {
    const world = new World();
    await world.configure({});

    await expect(runTick({}, world.deps('a', 5_000))).rejects.toThrow(
      /too little time to begin: 5000 ms remain, lambda\.shutdown\.buffer\.ms keeps 10000 ms/,
    );
  });

  it('writes FAILED with the trace when the task fails', async () => {
    const world = new World();
    await world.configure({
      transforms: 'c',
      'transforms.c.type': 'org.apache.kafka.connect.transforms.Cast$Value',
      'transforms.c.spec': 'int32',
    });

    await expect(runTick({}, world.deps('a'))).rejects.toThrow('Tolerance exceeded in error handler');
    expect((await world.stores.status.tasks('c'))[0]).toMatchObject({ state: 'FAILED', trace: expect.stringContaining('Caused by: ') });
  });
});

describe('runSinkBatch', () => {
  it('refuses a batch while the connector is paused, so that it comes again', async () => {
    const world = new World();
    await world.configure({ 'connector.class': 'FileStreamSink', file: '/dev/null', topics: 'rows' });
    await world.stores.configs.setTargetState('c', 'PAUSED');
    const event = encodeKafkaEvent([world.kafka.append('rows', 0, 'a')], { bootstrapServers: 'x:1', clusterArn: null });

    await expect(runSinkBatch(event, world.deps('a'))).rejects.toThrow(/connector c is PAUSED; the batch comes again when it is resumed/);
  });

  it('leaves the status to whoever delivered the batch while it was frozen', async () => {
    const world = new World();
    await world.configure({ 'connector.class': 'FileStreamSink', file: '/dev/null', topics: 'rows' });
    const event = encodeKafkaEvent([world.kafka.append('rows', 0, 'a')], { bootstrapServers: 'x:1', clusterArn: null });
    const deps = world.deps('a');
    const offsets = overridden(world.stores.offsets, {
      commitWatermarks: async (...args) => {
        await runSinkBatch(event, world.deps('b'));
        return world.stores.offsets.commitWatermarks(...args);
      },
    });

    await expect(runSinkBatch(event, { ...deps, stores: { ...deps.stores, offsets } })).rejects.toThrow('was changed by somebody else');
    expect((await world.stores.status.tasks('c'))[0]).toMatchObject({ state: 'RUNNING', workerId: 'b' });
  });

  it('delivers, and recognises the batch when it comes again', async () => {
    const world = new World();
    await world.configure({ 'connector.class': 'FileStreamSink', file: '/dev/null', topics: 'rows' });
    const event = encodeKafkaEvent([world.kafka.append('rows', 0, 'a'), world.kafka.append('rows', 0, 'b')], {
      bootstrapServers: 'x:1',
      clusterArn: null,
    });

    expect((await runSinkBatch(event, world.deps('a'))).figures).toMatchObject({ recordsOut: 2, duplicatesSkipped: 0 });
    expect((await runSinkBatch(event, world.deps('b'))).figures).toMatchObject({ recordsOut: 0, duplicatesSkipped: 2 });
    expect((await world.stores.status.tasks('c'))[0]?.state).toBe('RUNNING');
  });
});
