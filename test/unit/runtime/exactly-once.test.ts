import { describe, expect, it } from 'vitest';
import { ConfigDef } from '../../../lib/core/config/config-def.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { RetriableException } from '../../../lib/core/errors.ts';
import type { SourceConnector, SourceTask, SourceTaskContext } from '../../../lib/core/source.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { UnknownCommitOutcomeException } from '../../../lib/kafka/errors.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { manifestOfClass } from '../../../lib/plugins/module-plugins.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { type InvocationDeps, runTick, type TickReport } from '../../../lib/runtime/invocation.ts';
import { settleTransactions } from '../../../lib/runtime/retire-tasks.ts';
import { StateUnavailableException } from '../../../lib/state/errors.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { overridden, SILENT } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';
import { TransactionalKafka } from '../../support/runtime/transactional-kafka.ts';

const SEQUENCE = '__serverless_connect_sequence-0';

/** A source of numbered rows, one source partition per shard; what it does besides is the test's. */
class Script {
  /** Rows of each shard. */
  rows = 5;
  rowsPerPoll = 2;
  onPoll: (records: SourceRecord[], context: SourceTaskContext) => SourceRecord[] | null = (records) => records;
  readonly calls: string[] = [];
  support: 'SUPPORTED' | 'UNSUPPORTED' | null = 'SUPPORTED';
  boundaries: 'SUPPORTED' | 'UNSUPPORTED' = 'SUPPORTED';
  readonly contexts: (object | null)[] = [];
}

function connectorClass(script: Script): new () => SourceConnector {
  class ScriptTask implements SourceTask {
    #context!: SourceTaskContext;
    #shards: string[] = [];
    readonly #at = new Map<string, number>();
    version = () => '1';
    stop = () => undefined;
    initialize(context: SourceTaskContext): void {
      this.#context = context;
      script.contexts.push(context.transactionContext());
    }
    async start(props: ConnectorProps): Promise<void> {
      this.#shards = (props.shards ?? '').split(',');
      for (const shard of this.#shards) {
        this.#at.set(shard, Number((await this.#context.offsetStorageReader().offset({ shard }))?.at ?? 0));
      }
    }
    poll(): SourceRecord[] | null {
      const found: SourceRecord[] = [];
      for (const shard of this.#shards) {
        const from = this.#at.get(shard) ?? 0;
        for (let at = from + 1; at <= Math.min(script.rows, from + script.rowsPerPoll); at++) {
          this.#at.set(shard, at);
          found.push(new SourceRecord({ sourcePartition: { shard }, sourceOffset: { at }, topic: 'rows', value: `${shard}/${at}` }));
        }
      }
      if (found.length === 0) {
        this.#context.caughtUp();
        return null;
      }
      return script.onPoll(found, this.#context);
    }
    commitRecord(record: SourceRecord): void {
      script.calls.push(`commitRecord ${record.value}`);
    }
    commit(): void {
      script.calls.push('commit');
    }
  }
  return class implements SourceConnector {
    #props: ConnectorProps = {};
    version = () => '1';
    initialize = () => undefined;
    stop = () => undefined;
    start(props: ConnectorProps): void {
      this.#props = props;
    }
    taskClass = () => ScriptTask;
    config = () => new ConfigDef();
    taskConfigs = () => (this.#props.plan ?? 'a').split(';').map((shards) => ({ ...this.#props, shards }));
    exactlyOnceSupport = () => script.support;
    canDefineTransactionBoundaries = () => script.boundaries;
  };
}

class World {
  readonly clock = new ManualClock();
  readonly kafka = new TransactionalKafka();
  readonly script = new Script();
  stores: StateStores = createMemoryStores();
  readonly settings: Record<string, string>[] = [];
  readonly createdTopics: string[] = [];
  worker: Record<string, string> = { 'group.id': 'shop' };
  #version = 0;
  #owners = 0;

  async configure(config: Record<string, string> = {}): Promise<this> {
    await this.stores.configs.putConfig('c', {
      config: { name: 'c', 'connector.class': 'Own', 'tasks.max': '3', 'exactly.once.support': 'required', ...config },
      expectedVersion: this.#version++,
      appliedHash: null,
      writer: 'test',
      nowMs: this.clock.now(),
    });
    return this;
  }

  deps(): InvocationDeps {
    const clients: KafkaClients = {
      producer: () => this.kafka,
      transactionalProducer: (id, settings) => {
        this.settings.push({ ...settings, id });
        return this.kafka.transactional(id);
      },
      reader: () => this.kafka,
      groupOffsets: () => this.kafka.stableOffsets(),
      admin: () => ({
        describeTopics: async (topics) =>
          new Map(topics.filter((topic) => this.createdTopics.includes(topic)).map((topic) => [topic, { topic, partitions: 1 }])),
        listTopics: async () => [],
        createTopic: async ({ topic }) => this.createdTopics.push(topic) > 0,
        close: async () => undefined,
      }),
      close: async () => undefined,
    };
    const endsAt = this.clock.now() + 60_000;
    return {
      stores: this.stores,
      kafka: async () => clients,
      plugins: createPluginResolver(REGISTRY, [manifestOfClass('Own', connectorClass(this.script), 'x', 'Own')]),
      workerProps: { 'bootstrap.servers': 'x:1', 'key.converter': 'StringConverter', 'value.converter': 'StringConverter', ...this.worker },
      resolveVariables: async (props) => props,
      logger: SILENT,
      clock: this.clock,
      random: () => 0.5,
      owner: `owner-${++this.#owners}`,
      connector: 'c',
      remainingMs: () => endsAt - this.clock.now(),
      signal: new AbortController().signal,
    };
  }

  tick(task?: number): Promise<TickReport> {
    return runTick(task === undefined ? {} : { task }, this.deps());
  }

  committed(): string[] {
    return this.kafka.committedValues('rows');
  }

  number(task = 0): number | undefined {
    return this.kafka.groups.get(`shop-c-${task}/${SEQUENCE}`);
  }

  async offsets(): Promise<unknown> {
    return Object.fromEntries((await this.stores.offsets.list('c')).map(({ partition, offset }) => [partition.shard, offset?.at]));
  }
}

describe('an exactly-once source', () => {
  it('commits records, offsets and a number together, one transaction per poll', async () => {
    const world = await new World().configure();

    expect(await world.tick()).toMatchObject({ outcome: 'caught-up', figures: { recordsIn: 5, recordsOut: 5 } });

    expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
    expect(world.kafka.commits).toBe(3);
    expect(world.number()).toBe(3);
    expect(await world.offsets()).toEqual({ a: 5 });
    expect(world.createdTopics).toEqual(['__serverless_connect_sequence']);
    expect(world.settings[0]).toMatchObject({ id: 'shop-c-0', 'transaction.timeout.ms': '120000' });
    expect(world.script.calls.slice(0, 3)).toEqual(['commitRecord a/1', 'commitRecord a/2', 'commit']);
    expect(world.script.contexts).toEqual([null]);
    world.script.rows = 6;
    await world.tick();
    expect(world.committed().at(-1)).toBe('a/6');
    expect(world.createdTopics).toHaveLength(1);
  });

  it('is so for every source of a worker with exactly.once.source.support=enabled', async () => {
    const world = new World();
    world.worker['exactly.once.source.support'] = 'enabled';
    await world.configure({ 'exactly.once.support': 'requested' });
    await world.tick();
    expect(world.number()).toBe(3);
  });

  it('gathers polls until the interval is over', async () => {
    const world = await new World().configure({ 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '60000' });
    await world.tick();
    expect(world.kafka.commits).toBe(1);
    expect(world.committed()).toHaveLength(5);
    const often = await new World().configure({ 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '0' });
    await often.tick();
    expect(often.kafka.commits).toBeGreaterThanOrEqual(3);
  });

  it('commits offsets alone where every record was dropped', async () => {
    const world = await new World().configure({
      transforms: 'drop',
      'transforms.drop.type': 'org.apache.kafka.connect.transforms.Filter',
    });
    await world.tick();
    expect(world.committed()).toEqual([]);
    expect(await world.offsets()).toEqual({ a: 5 });
    expect(world.number()).toBe(3);
  });

  it('does not tolerate what Kafka refuses, and commits nothing of that transaction', async () => {
    const world = await new World().configure({ 'errors.tolerance': 'all' });
    world.kafka.refuse = (record) => (new TextDecoder().decode(record.value ?? new Uint8Array()) === 'a/4' ? new Error('too large') : null);
    await expect(world.tick()).rejects.toThrow('Unrecoverable exception from producer send callback');
    expect(world.committed()).toEqual(['a/1', 'a/2']);
    expect(await world.offsets()).toEqual({ a: 2 });
  });

  it('needs the name of a group', async () => {
    const world = await new World().configure();
    world.worker = {};
    await expect(world.tick()).rejects.toThrow(/needs group\.id/);
  });

  describe('with transaction.boundary=connector', () => {
    const boundary = { 'transaction.boundary': 'connector' };

    it('ends transactions where the task says', async () => {
      const world = await new World().configure(boundary);
      world.script.rowsPerPoll = 5;
      world.script.onPoll = (records, context) => {
        context.transactionContext()?.commitTransaction(records[1]);
        context.transactionContext()?.abortTransaction(records[3]);
        context.transactionContext()?.commitTransaction();
        return records;
      };
      await world.tick();
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/5']);
      // the offsets of aborted records are committed all the same
      expect(world.number()).toBe(3);
      expect(await world.offsets()).toEqual({ a: 5 });
      expect(world.script.contexts[0]).not.toBeNull();
    });

    it('commits nothing that the task did not ask for', async () => {
      const world = await new World().configure(boundary);
      await world.tick();
      expect(world.committed()).toEqual([]);
      expect(await world.offsets()).toEqual({});
    });

    it('fails a task that asks for both', async () => {
      const world = await new World().configure(boundary);
      world.script.onPoll = (records, context) => {
        context.transactionContext()?.commitTransaction();
        context.transactionContext()?.abortTransaction();
        return records;
      };
      await expect(world.tick()).rejects.toThrow('Connector requested both commit and abort of same transaction');
    });

    it('fails a task that asks for both after one record', async () => {
      const world = await new World().configure(boundary);
      world.script.onPoll = (records, context) => {
        context.transactionContext()?.commitTransaction(records[0]);
        context.transactionContext()?.abortTransaction(records[0]);
        return records;
      };
      await expect(world.tick()).rejects.toThrow(
        'Connector requested both commit and abort of same record against topic/partition rows/null',
      );
    });

    it('is refused where the connector cannot', async () => {
      const world = await new World().configure(boundary);
      world.script.boundaries = 'UNSUPPORTED';
      await expect(world.tick()).rejects.toThrow(/does not support connector-defined transaction boundaries/);
    });
  });

  it('is refused where the connector does not support it', async () => {
    const world = await new World().configure();
    world.script.support = 'UNSUPPORTED';
    await expect(world.tick()).rejects.toThrow('The connector does not support exactly-once semantics with the provided configuration.');
    world.script.support = null;
    await expect(world.tick()).rejects.toThrow(/does not implement the API required for preflight validation/);
  });

  describe('recovers', () => {
    it('what was committed while the answer was lost, in the same invocation', async () => {
      const world = await new World().configure();
      let lost = 0;
      world.kafka.afterCommit = () => {
        if (lost++ === 1) throw new UnknownCommitOutcomeException('no answer', {});
      };
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
      expect(world.number()).toBe(3);
    });

    it('what was not committed while the answer was lost, at the next start', async () => {
      const world = await new World().configure();
      let lost = 0;
      world.kafka.beforeCall = (call) => {
        if (call === 'commit' && lost++ === 1) throw new UnknownCommitOutcomeException('no answer', {});
      };
      expect(await world.tick()).toMatchObject({ outcome: 'aborted' });
      expect(world.committed()).toEqual(['a/1', 'a/2']);
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
    });

    it('when the group offset expired while nothing was pending', async () => {
      const world = await new World().configure();
      await world.tick();
      world.kafka.groups.clear();
      world.script.rows = 7;
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toHaveLength(7);
      expect(world.number()).toBe(4);
    });

    it('returns quietly, without FAILED, when another producer has its transactional id', async () => {
      const world = await new World().configure();
      let calls = 0;
      world.kafka.beforeCall = async (call, id) => {
        if (call !== 'send' || calls++ !== 1) return;
        world.kafka.beforeCall = () => undefined;
        await world.kafka.transactional(id).fence();
      };
      expect(await world.tick()).toMatchObject({ outcome: 'aborted' });
      expect((await world.stores.status.tasks('c')).map(({ state }) => state)).toEqual(['RUNNING']);
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
    });

    /** Prepares transaction n+1 as a task does that is killed at once. */
    const leavePending = async (world: World, at: number) => {
      const state = await world.stores.configs.connector('c');
      const request = {
        connector: 'c',
        task: 0,
        owner: 'killed',
        generation: state?.generation ?? 0,
        leaseMs: 1,
        nowMs: world.clock.now(),
      };
      const outcome = await world.stores.leases.acquire(request);
      if (!('acquired' in outcome)) throw new Error('held');
      const number = ((await world.stores.transactions.load(outcome.acquired))?.promoted ?? 0) + 1;
      await world.stores.transactions.prepare(outcome.acquired, { number, offsets: [{ partition: { shard: 'a' }, offset: { at } }] });
      world.clock.advance(60_000);
    };

    it('not by guessing: an expired group offset with a transaction pending is FAILED, and offsets set by hand are the way out', async () => {
      const world = await new World().configure();
      await world.tick();
      await leavePending(world, 6);
      world.kafka.groups.clear();
      world.script.rows = 8;
      await expect(world.tick()).rejects.toThrow(/no longer knows/);
      expect((await world.stores.status.tasks('c'))[0]?.state).toBe('FAILED');
      expect(world.committed()).toHaveLength(5);

      await stop(world);
      await byHand(world, { at: 6 });
      await world.stores.configs.setTargetState('c', 'STARTED');
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed().slice(5)).toEqual(['a/7', 'a/8']);
    });

    it('an expired group offset when somebody who looked set it again', async () => {
      const world = await new World().configure();
      await world.tick();
      await leavePending(world, 6);
      world.kafka.groups.clear();
      world.script.rows = 7;
      await expect(world.tick()).rejects.toThrow(/--to-offset 4/);
      world.kafka.groups.set(`shop-c-0/${SEQUENCE}`, 3);
      world.clock.advance(60_000);
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed().slice(5)).toEqual(['a/6', 'a/7']);
    });

    it('not from a restored table: FAILED, and offsets set by hand are the way out', async () => {
      const world = await new World().configure();
      await world.tick();
      world.kafka.groups.set(`shop-c-0/${SEQUENCE}`, 9);
      world.script.rows = 8;
      await expect(world.tick()).rejects.toThrow(/do not agree/);
      await stop(world);
      await byHand(world, { at: 7 });
      expect(world.number()).toBe(3);
      await world.stores.configs.setTargetState('c', 'STARTED');
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed().slice(5)).toEqual(['a/8']);
    });

    it('settles what is pending although the connector is PAUSED or STOPPED', async () => {
      for (const target of ['PAUSED', 'STOPPED'] as const) {
        const world = await new World().configure();
        await world.tick();
        await leavePending(world, 6);
        if (target === 'STOPPED') await stop(world);
        else await world.stores.configs.setTargetState('c', target);
        expect(await world.tick()).toMatchObject({ outcome: 'idle' });
        expect(await world.stores.transactions.list('c')).toEqual([{ task: 0, promoted: 3, pending: null }]);
        expect(await world.stores.configs.connector('c')).toMatchObject({ generationState: 'READY' });
      }
    });
  });

  /** What REST does at stop. */
  async function stop(world: World): Promise<void> {
    const state = await world.stores.configs.connector('c');
    await world.stores.configs.setTargetState('c', 'STOPPED');
    await world.stores.configs.openGeneration('c', {
      expectedGeneration: state?.generation ?? 0,
      plannedVersion: 0,
      taskConfigs: [],
      nowMs: world.clock.now(),
      state: 'PREPARING',
      retiring: state?.taskCount ?? 0,
    });
  }

  /** What REST does when offsets are altered. */
  async function byHand(world: World, offset: { at: number }): Promise<void> {
    const [state, stored] = await Promise.all([world.stores.configs.connector('c'), world.stores.configs.config('c')]);
    if (state === null || stored === null) throw new Error('gone');
    await settleTransactions(world.deps(), state, stored, 'by-hand');
    const { generation } = (await world.stores.configs.connector('c')) ?? state;
    await world.stores.offsets.alter('c', { generation, epoch: 0 }, [{ partition: { shard: 'a' }, offset }]);
  }

  describe('a table that cannot be reached', () => {
    const calls = ['prepare', 'promoted', 'load'] as const;

    it.each(calls)('at %s is waited for: nothing is lost and nothing comes twice', async (method) => {
      const world = await new World().configure();
      const { transactions } = world.stores;
      let failures = 0;
      const flaky = async <T>(call: () => Promise<T>): Promise<T> => {
        if (++failures % 3 !== 0) throw new StateUnavailableException('no answer');
        return call();
      };
      world.stores = {
        ...world.stores,
        transactions: overridden(transactions, {
          [method]: (...args: [never, never]) =>
            flaky(() => (transactions[method] as (...all: unknown[]) => Promise<never>).apply(transactions, args)),
        }),
      };
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
      expect(await world.offsets()).toEqual({ a: 5 });
    });

    it('answers too late: a try of prepare that landed is recognised', async () => {
      const world = await new World().configure();
      const { transactions } = world.stores;
      let landed = 0;
      world.stores = {
        ...world.stores,
        transactions: overridden(transactions, {
          prepare: async (lease, pending) => {
            await transactions.prepare(lease, pending);
            if (landed++ === 0) throw new StateUnavailableException('the answer was lost');
          },
        }),
      };
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toHaveLength(5);
    });

    it('for the whole rest of an invocation leaves the transaction to the next', async () => {
      const world = await new World().configure();
      const { stores } = world;
      world.stores = {
        ...stores,
        transactions: overridden(stores.transactions, { promoted: () => Promise.reject(new StateUnavailableException('down')) }),
      };
      expect((await world.tick()).outcome).not.toBe('caught-up');
      expect(world.committed()).toEqual(['a/1', 'a/2']);
      world.stores = stores;
      world.clock.advance(60_000);
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
    });

    it('and Kafka that cannot be reached are outages, not failures', async () => {
      const world = await new World().configure();
      world.kafka.beforeCall = (call) => {
        if (call === 'fence') throw new RetriableException('no broker');
      };
      expect(await world.tick()).toMatchObject({ outcome: 'aborted' });
      expect((await world.stores.status.tasks('c')).map(({ state }) => state)).toEqual([]);
    });
  });

  describe('a new generation', () => {
    it('fences every task of the old one before any of the new one reads an offset', async () => {
      const world = await new World().configure({ plan: 'a;b;c' });
      for (const task of [0, 1, 2]) await world.tick(task);
      expect(world.committed()).toHaveLength(15);
      // a zombie of task 2 has records in hand
      const zombie = world.kafka.transactional('shop-c-2');
      await zombie.fence();
      zombie.begin();
      await zombie.send([{ topic: 'rows', partition: 0, key: null, value: Buffer.from('c/6'), timestamp: null, headers: [] }]);
      await world.configure({ plan: 'a,b,c' });
      world.script.rows = 6;
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up', figures: { recordsOut: 3 } });
      await expect(zombie.commit()).rejects.toThrow(/not the latest/);
      expect(world.committed().slice(15).sort()).toEqual(['a/6', 'b/6', 'c/6']);
      expect(await world.stores.configs.connector('c')).toMatchObject({ generationState: 'READY', retiring: 0, taskCount: 1 });
    });

    it('is prepared by whoever comes when the planner died', async () => {
      const world = await new World().configure({ plan: 'a;b' });
      for (const task of [0, 1]) await world.tick(task);
      await world.configure({ plan: 'a,b' });
      const failing = overridden(world.stores.configs, { markReady: () => Promise.reject(new StateUnavailableException('killed')) });
      const { stores } = world;
      world.stores = { ...stores, configs: failing };
      await expect(world.tick()).rejects.toThrow('killed');
      expect(await stores.configs.connector('c')).toMatchObject({ generationState: 'PREPARING', retiring: 2 });
      world.stores = stores;
      world.script.rows = 6;
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up', figures: { recordsOut: 2 } });
      expect(await stores.configs.connector('c')).toMatchObject({ generationState: 'READY', retiring: 0 });
    });

    it('settles what a task of the old one left pending, and its offsets move with the partition', async () => {
      const world = await new World().configure({ plan: 'a;b' });
      for (const task of [0, 1]) await world.tick(task);
      let kills = 0;
      world.kafka.afterCommit = (id) => {
        if (id === 'shop-c-1' && kills++ === 0) throw new Error('killed');
      };
      world.script.rows = 7;
      await world.tick(1).catch(() => undefined);
      expect((await world.stores.transactions.list('c'))[1]).toMatchObject({ pending: 4 });
      await world.configure({ plan: 'b,a' });
      expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
      expect(world.committed().filter((value) => value.startsWith('b'))).toEqual(['b/1', 'b/2', 'b/3', 'b/4', 'b/5', 'b/6', 'b/7']);
    });

    it('fences too when exactly-once delivery is switched off', async () => {
      const world = await new World().configure();
      await world.tick();
      const zombie = world.kafka.transactional('shop-c-0');
      await zombie.fence();
      zombie.begin();
      await zombie.send([{ topic: 'rows', partition: 0, key: null, value: Buffer.from('zombie'), timestamp: null, headers: [] }]);
      await world.configure({ 'exactly.once.support': 'requested' });
      world.script.rows = 6;
      await world.tick();
      await expect(zombie.commit()).rejects.toThrow(/not the latest/);
      expect(world.committed()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6']);
    });
  });
});

describe('a task that keeps failing', () => {
  const failing = async () => {
    const world = await new World().configure({ 'exactly.once.support': 'requested', 'lambda.failure.backoff.ms': '100000' });
    world.script.onPoll = () => {
      throw new Error('the source is broken');
    };
    return world;
  };
  const status = async (world: World) => (await world.stores.status.tasks('c'))[0];

  it('is left alone for longer each time, and a healed one goes on', async () => {
    const world = await failing();
    await expect(world.tick()).rejects.toThrow('the source is broken');
    expect((await status(world))?.lastTick).toMatchObject({ failures: 1 });
    world.clock.advance(60_000);
    expect(await world.tick()).toMatchObject({ outcome: 'idle' });
    world.clock.advance(60_000);
    await expect(world.tick()).rejects.toThrow('the source is broken');
    expect((await status(world))?.lastTick).toMatchObject({ failures: 2 });
    world.clock.advance(150_000);
    expect(await world.tick()).toMatchObject({ outcome: 'idle' });
    world.clock.advance(60_000);
    world.script.onPoll = (records) => records;
    expect(await world.tick()).toMatchObject({ outcome: 'caught-up' });
    expect(await status(world)).toMatchObject({ state: 'RUNNING', lastTick: null });
  });

  it('is tried at once when somebody restarts it, or configures it anew', async () => {
    const world = await failing();
    await expect(world.tick()).rejects.toThrow();
    expect(await world.tick()).toMatchObject({ outcome: 'idle' });
    await world.stores.restarts.request('c', 0, world.clock.now());
    await expect(world.tick()).rejects.toThrow('the source is broken');
    expect((await status(world))?.lastTick).toMatchObject({ failures: 1 });
    expect(await world.stores.restarts.list('c')).toEqual([]);
    await world.configure({ 'exactly.once.support': 'requested', plan: 'b' });
    await expect(world.tick()).rejects.toThrow('the source is broken');
  });

  it('is FAILED after two runs up to the deadline without a commit', async () => {
    const world = await new World().configure({ 'transaction.boundary': 'connector', 'lambda.failure.backoff.ms': '0' });
    world.script.rows = 1_000_000;
    world.script.onPoll = (records) => {
      world.clock.advance(1_000);
      return records;
    };
    expect(await world.tick()).toMatchObject({ outcome: 'deadline' });
    expect((await status(world))?.state).toBe('RUNNING');
    await expect(world.tick()).rejects.toThrow(/no progress in \d+ s: .*lambda.timeout.ms/);
    expect((await status(world))?.state).toBe('FAILED');
  });
});
