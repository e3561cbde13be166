/** Ten minutes of outage on a manual clock: how many invocations that is, what they leave behind, and how it ends. */
import { describe, expect, it } from 'vitest';
import { ConfigDef } from '../../../lib/core/config/config-def.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { RetriableException } from '../../../lib/core/errors.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { SourceConnector, SourceTask, SourceTaskContext } from '../../../lib/core/source.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { KafkaException } from '../../../lib/kafka/errors.ts';
import { encodeKafkaEvent } from '../../../lib/kafka/event-source-mapping.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { manifestOfClass } from '../../../lib/plugins/module-plugins.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { type InvocationDeps, runSinkBatch, runTick, type TickEvent } from '../../../lib/runtime/invocation.ts';
import { StateUnavailableException } from '../../../lib/state/errors.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { collectingSink } from '../../support/runtime/collecting-sink.ts';
import { FakeKafka, overridden, SILENT, valuesOf } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

const MINUTES = 10;
const TASKS = 3;
const ROWS = 40;
const WORK_MS = 50_000;
const TIMEOUT_MS = 60_000;

type Part = 'kafka' | 'table' | 'system';

class World {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores = createMemoryStores();
  readonly queue: TickEvent[] = [];
  readonly delivered: unknown[] = [];
  readonly ends: { readonly afterMs: number; readonly error: string | null }[] = [];
  down: Part | null = null;

  constructor() {
    const unreachable = () => new KafkaException('no broker can be reached', { kafkaCode: 'NETWORK_EXCEPTION', retriable: true });
    this.kafka.beforeSend = () => {
      if (this.down === 'kafka') throw unreachable();
    };
    this.kafka.beforeFetch = this.kafka.beforeSend as () => void;
  }

  /** What a database or another target does while it is down. */
  readonly system = (): void => {
    if (this.down === 'system') throw new RetriableException('connection refused');
  };

  async configure(config: Record<string, string>): Promise<void> {
    await this.stores.configs.putConfig('c', {
      config: { name: 'c', ...config },
      expectedVersion: 0,
      appliedHash: null,
      writer: 'test',
      nowMs: this.clock.now(),
    });
  }

  deps(): InvocationDeps {
    const endsAt = this.clock.now() + TIMEOUT_MS;
    const world = this;
    class Task implements SourceTask {
      #context!: SourceTaskContext;
      #shard = '';
      #at = 0;
      version = () => '1';
      stop = () => undefined;
      initialize(context: SourceTaskContext): void {
        this.#context = context;
      }
      async start({ shard = '' }: ConnectorProps): Promise<void> {
        this.#shard = shard;
        this.#at = Number((await this.#context.offsetStorageReader().offset({ shard }))?.at ?? 0);
      }
      poll(): SourceRecord[] | null {
        world.system();
        if (this.#at >= ROWS) this.#context.caughtUp();
        if (this.#at >= ROWS) return null;
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
    class Connector implements SourceConnector {
      version = () => '1';
      initialize = () => undefined;
      stop = () => undefined;
      start = () => undefined;
      taskClass = () => Task;
      config = () => new ConfigDef();
      taskConfigs = (most: number) => Array.from({ length: most }, (_, i) => ({ shard: `s${i}` }));
    }
    const onPut = (records: readonly SinkRecord[]) => {
      this.system();
      this.delivered.push(...valuesOf(records));
    };
    const clients: KafkaClients = {
      producer: () => this.kafka,
      transactionalProducer: () => {
        throw new Error('not asked for');
      },
      reader: () => this.kafka,
      groupOffsets: () => this.kafka,
      admin: () => ({
        describeTopics: async (topics) => {
          await this.kafka.beforeFetch();
          return new Map(topics.map((topic) => [topic, { topic, partitions: TASKS }]));
        },
        listTopics: async () => ['rows'],
        createTopic: async () => false,
        close: async () => undefined,
      }),
      close: async () => undefined,
    };
    return {
      stores: this.#reachable(),
      kafka: async () => clients,
      plugins: createPluginResolver(REGISTRY, [
        manifestOfClass('Shards', Connector, 'x', 'Connector'),
        collectingSink('Collecting', onPut),
      ]),
      workerProps: { 'bootstrap.servers': 'x:1', 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
      resolveVariables: async (props) => props,
      logger: SILENT,
      clock: this.clock,
      random: () => 0.5,
      owner: `invocation-${this.ends.length}-${this.clock.now()}`,
      connector: 'c',
      invokeSelf: async (event) => {
        this.queue.push(event);
      },
      remainingMs: () => endsAt - this.clock.now(),
      signal: new AbortController().signal,
    };
  }

  #reachable(): StateStores {
    const guarded = <T extends object>(store: T): T =>
      new Proxy(store, {
        get: (target, name) => {
          const method = Reflect.get(target, name);
          if (typeof method !== 'function') return method;
          return async (...args: unknown[]) => {
            if (this.down === 'table') throw new StateUnavailableException('the table does not answer');
            return Reflect.apply(method, target, args);
          };
        },
      });
    const { configs, leases, offsets, restarts, status } = this.stores;
    return overridden(this.stores, {
      configs: guarded(configs),
      leases: guarded(leases),
      offsets: guarded(offsets),
      restarts: guarded(restarts),
      status: guarded(status),
    });
  }

  async invoke(run: (deps: InvocationDeps) => Promise<unknown>): Promise<void> {
    const startedAt = this.clock.now();
    const error = await run(this.deps()).then(
      () => null,
      (failed: unknown) => String(failed),
    );
    this.ends.push({ afterMs: this.clock.now() - startedAt, error });
  }

  /** One minute of a schedule: the tick, and whatever it invoked, one after the other on a clock that all share. */
  async minute(): Promise<void> {
    const next = this.clock.now() + 60_000;
    await this.invoke((deps) => runTick({}, deps));
    for (let event = this.queue.shift(); event !== undefined; event = this.queue.shift()) {
      const taken = event;
      await this.invoke((deps) => runTick(taken, deps));
    }
    this.clock.advance(Math.max(0, next - this.clock.now()));
  }

  async released(): Promise<boolean> {
    return (await this.stores.leases.lookAll('c')).every(({ released }) => released);
  }
}

const parts: readonly Part[] = ['kafka', 'table', 'system'];

describe.each(parts)('ten minutes without: %s', (part) => {
  it('a scheduled source', async () => {
    const world = new World();
    await world.configure({ 'connector.class': 'Shards', 'tasks.max': String(TASKS) });
    world.down = part;
    for (let minute = 0; minute < MINUTES; minute++) await world.minute();

    // At most one invocation per task and minute: nobody hands over what cannot be done.
    expect(world.ends.length).toBeLessThanOrEqual(MINUTES * TASKS);
    for (const { afterMs } of world.ends) expect(afterMs).toBeLessThanOrEqual(WORK_MS + 5_000);
    expect(await world.released()).toBe(true);
    expect((await world.stores.status.tasks('c')).filter(({ state }) => state === 'FAILED')).toEqual([]);
    world.down = null;
    for (let minute = 0; minute < 3; minute++) await world.minute();

    const expected = Array.from({ length: TASKS }, (_, shard) => Array.from({ length: ROWS }, (_, row) => `s${shard}/${row + 1}`)).flat();
    expect(world.kafka.values('rows').toSorted()).toEqual(expected.toSorted());
  });

  it('a scheduled sink', async () => {
    const world = new World();
    for (let at = 0; at < ROWS; at++) world.kafka.append('rows', at % TASKS, `v${at}`);
    await world.configure({ 'connector.class': 'Collecting', topics: 'rows', 'lambda.trigger': 'schedule', 'tasks.max': String(TASKS) });
    world.down = part;
    for (let minute = 0; minute < MINUTES; minute++) await world.minute();

    expect(world.ends.length).toBeLessThanOrEqual(MINUTES * TASKS);
    for (const { afterMs } of world.ends) expect(afterMs).toBeLessThanOrEqual(WORK_MS + 5_000);
    expect(await world.released()).toBe(true);
    expect((await world.stores.status.tasks('c')).filter(({ state }) => state === 'FAILED')).toEqual([]);
    world.down = null;
    for (let minute = 0; minute < 3; minute++) await world.minute();

    expect(world.delivered.toSorted()).toEqual(Array.from({ length: ROWS }, (_, at) => `v${at}`).toSorted());
  });
});

describe.each(['table', 'system'] as const)('ten minutes without: %s', (part) => {
  it('an event sink, which needs no Kafka client', async () => {
    const world = new World();
    await world.configure({ 'connector.class': 'Collecting', topics: 'rows' });
    const batch = Array.from({ length: ROWS }, (_, at) => world.kafka.append('rows', 0, `v${at}`));
    const deliver = () =>
      world.invoke((deps) => runSinkBatch(encodeKafkaEvent(batch, { bootstrapServers: 'x:1', clusterArn: null }), deps));
    world.down = part;
    const until = world.clock.now() + MINUTES * 60_000;
    while (world.clock.now() < until) {
      await deliver();
      world.clock.advance(1_000);
    }
    for (const { afterMs, error } of world.ends) {
      expect(afterMs).toBeLessThanOrEqual(WORK_MS + 5_000);
      expect(error).not.toBeNull();
    }
    expect((await world.stores.status.tasks('c')).filter(({ state }) => state === 'FAILED')).toEqual([]);
    world.down = null;
    await deliver();
    expect(world.delivered).toEqual(Array.from({ length: ROWS }, (_, at) => `v${at}`));
  });
});
