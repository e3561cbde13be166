/** What an idle tick costs, by DynamoDB's own account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourcePartition } from '../../../lib/core/source-record.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { dynamoDbLocalUnavailable } from '../../support/dynamodb-local/start-dynamodb-local.ts';
import { CapacityMeter } from '../../support/state/capacity-meter.ts';
import { type DynamoTarget, dynaliteTarget, dynamoDbLocalTarget } from '../../support/state/targets.ts';

/** A configuration as it is in life: about 1.5 kB. */
const CONFIG = Object.fromEntries(
  Array.from({ length: 25 }, (_, at) => [`some.configuration.key.${at}`, `with a value ${at} of usual length`]),
);
const PARTITIONS = Array.from({ length: 100 }, (_, at): SourcePartition => ({ protocol: '1', table: `shop.public.table_${at}` }));

/** The calls of a scheduled tick of a source that finds nothing to do. */
async function idleTick(stores: StateStores, connector: string, owner: string, partitions: readonly SourcePartition[]): Promise<void> {
  const state = await stores.configs.connector(connector);
  const config = await stores.configs.config(connector);
  expect(config?.version).toBe(state?.plannedVersion);
  const generation = state?.generation ?? 0;
  expect(await stores.configs.taskConfig(connector, generation, 0)).toEqual({ task: '0' });
  const outcome = await stores.leases.acquire({ connector, task: 0, owner, generation, leaseMs: 30_000, nowMs: 0 });
  if (!('acquired' in outcome)) throw new Error('the lease is held');
  const lease = outcome.acquired;
  const offsets = await stores.offsets.load(lease, partitions, !lease.releasedCleanly);
  expect(offsets).toEqual(partitions.map((_, at) => ({ incrementing: at, timestamp: 1_700_000_000_000 })));
  await stores.leases.release(lease);
}

async function firstTick(stores: StateStores, connector: string, partitions: readonly SourcePartition[]): Promise<void> {
  await stores.configs.putConfig(connector, { config: CONFIG, expectedVersion: 0, appliedHash: 'h', writer: 'deployment', nowMs: 0 });
  await stores.configs.openGeneration(connector, { expectedGeneration: 0, plannedVersion: 1, taskConfigs: [{ task: '0' }], nowMs: 0 });
  const outcome = await stores.leases.acquire({ connector, task: 0, owner: 'first', generation: 1, leaseMs: 30_000, nowMs: 0 });
  if (!('acquired' in outcome)) throw new Error('the lease is held');
  await stores.offsets.load(outcome.acquired, partitions, true);
  await stores.offsets.commit(
    outcome.acquired,
    partitions.map((partition, at) => ({ partition, offset: { incrementing: at, timestamp: 1_700_000_000_000 } })),
  );
  await stores.status.putTask(outcome.acquired, { state: 'RUNNING', workerId: 'function:request', trace: null, lastTick: null });
  await stores.leases.release(outcome.acquired);
}

const targets: [string, () => Promise<DynamoTarget>, string | null][] = [
  ['dynalite', dynaliteTarget, null],
  ['DynamoDB Local', dynamoDbLocalTarget, dynamoDbLocalUnavailable()],
];

for (const [name, openTarget, skipReason] of targets) {
  describe.skipIf(skipReason !== null)(`capacity on ${name}${skipReason === null ? '' : ` (skipped: ${skipReason})`}`, () => {
    let target: DynamoTarget;
    let meter: CapacityMeter;

    beforeAll(async () => {
      target = await openTarget();
      meter = new CapacityMeter(target.client);
    });
    afterAll(() => target?.close());

    for (const count of [1, 100]) {
      const partitions = PARTITIONS.slice(0, count);

      it(`an idle tick with ${count} source partition(s) costs at most 2 write and 3 read units`, async () => {
        const stores = target.open();
        await firstTick(stores, `warm-${count}`, partitions);
        for (let tick = 0; tick < 3; tick++) {
          const cost = await meter.measure(() => idleTick(stores, `warm-${count}`, `tick ${tick}`, partitions));
          expect(cost.writeUnits).toBe(2);
          expect(cost.readUnits).toBeLessThanOrEqual(3);
        }
      });

      it(`a cold start with ${count} source partition(s) costs 2 write units, and reads offsets by size`, async () => {
        await firstTick(target.open(), `cold-${count}`, partitions);
        const cost = await meter.measure(() => idleTick(target.open(), `cold-${count}`, 'tick', partitions));
        expect(cost.writeUnits).toBe(2);
        // The offsets of 100 partitions are about 30 kB; a read by key each would be 100 units.
        expect(cost.readUnits).toBeLessThanOrEqual(count === 1 ? 4 : 14);
      });
    }

    it('an idle scheduled sink costs the same', async () => {
      const stores = target.open();
      const partitions = Array.from({ length: 100 }, (_, partition) => ({ topic: 'shop-orders', partition }));
      const tick = async () => {
        await stores.configs.connector('sink');
        await stores.configs.config('sink');
        const outcome = await stores.leases.acquire({ connector: 'sink', task: 0, owner: 'a', generation: 1, leaseMs: 30_000, nowMs: 0 });
        if (!('acquired' in outcome)) throw new Error('the lease is held');
        expect((await stores.offsets.fenceWatermarks(outcome.acquired, partitions)).size).toBe(100);
        await stores.leases.release(outcome.acquired);
      };
      await firstTick(stores, 'sink', []);
      const marks = partitions.map((one) => ({ ...one, nextOffset: 5, delivered: [{ offset: 4, crc: 9 }] }));
      await stores.offsets.commitWatermarks('sink', { previous: new Map() }, marks);
      await tick();
      const cost = await meter.measure(tick);
      expect(cost.writeUnits).toBe(2);
      expect(cost.readUnits).toBeLessThanOrEqual(3);
    });

    it('a commit costs one write unit per source partition', async () => {
      const stores = target.open();
      await firstTick(stores, 'commit', []);
      const outcome = await stores.leases.acquire({ connector: 'commit', task: 0, owner: 'a', generation: 1, leaseMs: 30_000, nowMs: 0 });
      if (!('acquired' in outcome)) throw new Error('the lease is held');
      const offsets = PARTITIONS.slice(0, 10).map((partition) => ({ partition, offset: { incrementing: 1 } }));
      expect(await meter.measure(() => stores.offsets.commit(outcome.acquired, offsets))).toEqual({ writeUnits: 10, readUnits: 0 });
      const renew = await meter.measure(() => stores.leases.renew(outcome.acquired, 30_000, 1));
      expect(renew).toEqual({ writeUnits: 1, readUnits: 0 });
    });

    it('a listing of 500 connectors is one query per page', async () => {
      const stores = target.open();
      let calls = 0;
      target.client.middlewareStack.add(
        (next) => (args) => {
          calls++;
          return next(args);
        },
        { step: 'initialize', name: 'calls' },
      );
      for (let at = 0; at < 500; at += 50) {
        await Promise.all(
          Array.from({ length: 50 }, (_, one) =>
            stores.configs.putConfig(`listed-${at + one}`, { config: {}, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 0 }),
          ),
        );
      }
      calls = 0;
      expect((await stores.configs.list()).filter((state) => state.name.startsWith('listed-'))).toHaveLength(500);
      expect(calls).toBe(1);
    });
  });
}
