/** Every operation that writes more than one item, killed before each of its writes and then done again by another process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbClient } from '../../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { StateConflictException } from '../../../lib/state/errors.ts';
import type { Lease } from '../../../lib/state/lease-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { ClientFaults } from '../../support/state/client-faults.ts';
import { connectionOf, type DynamoTarget, dynaliteTarget } from '../../support/state/targets.ts';

const WRITES = new Set(['UpdateItemCommand', 'DeleteItemCommand']);

describe('operations of several writes', () => {
  let target: DynamoTarget;
  let faults: ClientFaults;
  let stores: StateStores;
  let made = 0;

  beforeAll(async () => {
    target = await dynaliteTarget();
    const client = createDynamoDbClient(await connectionOf(target));
    faults = new ClientFaults(client);
    stores = createDynamoDbStores({ client, table: target.table });
  });
  afterAll(() => target?.close());

  /** Kills `act` after 0, 1, 2, … writes until it comes through; `recover` must then find what is promised, with a process of its own. */
  async function atEachWrite(
    prepare: (name: string) => Promise<unknown>,
    act: (name: string) => Promise<unknown>,
    recover: (name: string, fresh: StateStores, killed: boolean) => Promise<void>,
  ): Promise<number> {
    for (let survived = 0; ; survived++) {
      const name = `killed-${++made}`;
      faults.reset();
      await prepare(name);
      let writes = 0;
      let killed = false;
      faults.decide = (command) => {
        if (killed || (WRITES.has(command) && writes++ >= survived)) killed = true;
        return killed ? 'request-lost' : 'none';
      };
      await act(name).catch((error: unknown) => {
        if (!killed) throw error;
      });
      faults.reset();
      await recover(name, target.open(), killed);
      if (!killed) return survived;
    }
  }

  const put = (from: StateStores, name: string, expectedVersion: number, value = 'x') =>
    from.configs.putConfig(name, { config: { value }, expectedVersion, appliedHash: null, writer: 'REST', nowMs: 0 });
  const plan = (expectedGeneration: number, tasks: number, plannedVersion = 1) => {
    const taskConfigs = Array.from({ length: tasks }, (_, task) => ({ task: String(task), of: String(expectedGeneration + 1) }));
    return { expectedGeneration, plannedVersion, taskConfigs, nowMs: 0 };
  };
  const acquire = async (from: StateStores, name: string, owner: string, generation = 1, nowMs = 0): Promise<Lease> => {
    const outcome = await from.leases.acquire({ connector: name, task: 0, owner, generation, leaseMs: 30_000, nowMs });
    if (!('acquired' in outcome)) throw new Error(`held by ${outcome.heldBy.owner}`);
    return outcome.acquired;
  };

  it('a connector can be created again', async () => {
    const points = await atEachWrite(
      async () => undefined,
      (name) => put(stores, name, 0),
      async (name, fresh, killed) => {
        const stored = await fresh.configs.config(name);
        if (!killed) expect(stored).toMatchObject({ version: 1 });
        if (stored === null) expect((await put(fresh, name, 0)).version).toBeGreaterThan(0);
        expect((await fresh.configs.config(name))?.config).toEqual({ value: 'x' });
        expect(await fresh.configs.connector(name)).toMatchObject({ targetState: 'STARTED', plannedVersion: 0 });
      },
    );
    expect(points).toBe(3);
  });

  it('a configuration is the old or the new one, and the next write heals the rest', async () => {
    const points = await atEachWrite(
      (name) => put(stores, name, 0, 'old'),
      (name) => put(stores, name, 1, 'new'),
      async (name, fresh) => {
        const stored = await fresh.configs.config(name);
        expect(['old', 'new']).toContain(stored?.config.value);
        expect(stored?.version).toBe(stored?.config.value === 'old' ? 1 : 2);
        // A plan made from what is stored is accepted, whatever the connector's item knows of it.
        const opened = await fresh.configs.openGeneration(name, plan(0, 1, stored!.version));
        expect(opened).toMatchObject({ generation: 1, configVersion: stored!.version });
      },
    );
    expect(points).toBe(2);
  });

  it('a plan is whole, or says that it is not and can be made again', async () => {
    const points = await atEachWrite(
      async (name) => {
        await put(stores, name, 0);
        await stores.configs.openGeneration(name, plan(0, 3));
      },
      (name) => stores.configs.openGeneration(name, plan(1, 3)),
      async (name, fresh) => {
        const state = await fresh.configs.connector(name);
        const generation = state!.generation;
        const configs = await Promise.all([0, 1, 2].map((task) => fresh.configs.taskConfig(name, generation, task)));
        for (const [task, config] of configs.entries()) {
          if (config !== null) expect(config).toEqual({ task: String(task), of: String(generation) });
        }
        if (configs.includes(null)) {
          const opened = await fresh.configs.openGeneration(name, plan(generation, 3));
          for (const task of [0, 1, 2]) expect(await fresh.configs.taskConfig(name, opened.generation, task)).not.toBeNull();
        }
        await expect(fresh.configs.openGeneration(name, plan(generation - 1, 3))).rejects.toThrow(StateConflictException);
      },
    );
    expect(points).toBe(4);
  });

  it('a deletion can be repeated, and the name used again', async () => {
    await atEachWrite(
      async (name) => {
        await put(stores, name, 0);
        await stores.configs.openGeneration(name, plan(0, 2));
        const lease = await acquire(stores, name, 'a');
        await stores.offsets.commit(lease, [{ partition: { t: 1 }, offset: { id: 1 } }]);
        await stores.status.putTask(lease, { state: 'FAILED', workerId: 'w', trace: 'x', lastTick: null });
      },
      (name) => stores.configs.delete(name),
      async (name, fresh, killed) => {
        const state = await fresh.configs.connector(name);
        // The first write decides: the connector is there with everything, or gone.
        if (state !== null) {
          expect(await fresh.configs.taskConfig(name, 1, 1)).toEqual({ task: '1', of: '1' });
          await fresh.configs.delete(name);
        }
        if (killed && made % 2 === 0) await fresh.configs.delete(name);
        await put(fresh, name, 0, 'again');
        const again = target.open();
        expect(await again.offsets.list(name)).toEqual([]);
        expect(await again.status.tasks(name)).toEqual([]);
        expect(await again.leases.lookAll(name)).toEqual([]);
        expect((await again.configs.connector(name))?.generation).toBeGreaterThan(1);
      },
    );
  });

  it('a commit is some of its offsets, each whole; the lease fences what comes late', async () => {
    const offsets = [1, 2, 3, 4].map((id) => ({ partition: { id }, offset: { id } }));
    const points = await atEachWrite(
      async (name) => {
        await stores.offsets.commit(
          await acquire(stores, name, 'a'),
          offsets.map(({ partition }) => ({ partition, offset: { id: 0 } })),
        );
      },
      async (name) => stores.offsets.commit(await acquire(stores, name, 'a'), offsets),
      async (name, fresh) => {
        const lease = await acquire(fresh, name, 'b', 1, 100_000);
        const loaded = await fresh.offsets.load(
          lease,
          offsets.map(({ partition }) => partition),
          true,
        );
        for (const [at, offset] of loaded.entries()) expect([0, at + 1]).toContain(offset?.id);
      },
    );
    // The acquire is a write too.
    expect(points).toBe(5);
  });

  it('a change of shards is the old or the new number, with every offset', async () => {
    const offsets = [1, 2, 3, 4].map((id) => ({ partition: { id }, offset: { id } }));
    await atEachWrite(
      async (name) => {
        await put(stores, name, 0);
        await stores.offsets.commit(await acquire(stores, name, 'a'), offsets);
        await stores.configs.setTargetState(name, 'STOPPED');
        await stores.configs.openGeneration(name, plan(0, 0, 0));
        await stores.configs.openGeneration(name, plan(1, 0, 0));
      },
      (name) => stores.configs.setShards(name, 3),
      async (name, fresh) => {
        expect([1, 3]).toContain((await fresh.configs.connector(name))?.shards);
        expect(await fresh.offsets.list(name)).toEqual(offsets);
        await fresh.configs.setShards(name, 3);
        expect(await target.open().offsets.list(name)).toEqual(offsets);
      },
    );
  });

  it('pending offsets of several items are all there or none', async () => {
    const offsets = [1, 2, 3].map((id) => ({ partition: { id }, offset: { text: 'x'.repeat(330_000) } }));
    const points = await atEachWrite(
      async () => undefined,
      async (name) => stores.transactions.prepare(await acquire(stores, name, 'a'), { number: 1, offsets }),
      async (name, fresh, killed) => {
        const lease = await acquire(fresh, name, 'b', 1, 100_000);
        const state = await fresh.transactions.load(lease);
        if (killed) expect(state).toBeNull();
        else expect(state).toEqual({ promoted: 0, pending: { number: 1, offsets } });
        if (killed) await fresh.transactions.prepare(lease, { number: 1, offsets: offsets.slice(1) });
        await fresh.transactions.promoted(lease, 1);
        expect(await fresh.transactions.load(lease)).toEqual({ promoted: 1, pending: null });
      },
    );
    expect(points).toBe(5);
  });

  it('a promotion has happened or not, and can be repeated', async () => {
    const offsets = [1, 2, 3].map((id) => ({ partition: { id }, offset: { text: 'x'.repeat(330_000) } }));
    await atEachWrite(
      async (name) => stores.transactions.prepare(await acquire(stores, name, 'a'), { number: 1, offsets }),
      async (name) => stores.transactions.promoted(await acquire(stores, name, 'a'), 1),
      async (name, fresh) => {
        const lease = await acquire(fresh, name, 'b', 1, 100_000);
        const state = await fresh.transactions.load(lease);
        if (state?.pending === null) expect(state.promoted).toBe(1);
        else expect(state).toEqual({ promoted: 0, pending: { number: 1, offsets } });
        await fresh.transactions.promoted(lease, 1);
        await fresh.transactions.prepare(lease, { number: 2, offsets: offsets.slice(1) });
        expect(await fresh.transactions.load(lease)).toEqual({ promoted: 1, pending: { number: 2, offsets: offsets.slice(1) } });
      },
    );
  });
});
