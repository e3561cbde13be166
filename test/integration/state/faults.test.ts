import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbClient } from '../../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { LeaseLostException, StateConflictException, StateUnavailableException } from '../../../lib/state/errors.ts';
import type { Lease } from '../../../lib/state/lease-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { ClientFaults } from '../../support/state/client-faults.ts';
import { connectionOf, type DynamoTarget, dynaliteTarget } from '../../support/state/targets.ts';

const UPDATE = 'UpdateItemCommand';
const partition = { table: 'orders' };

describe('the DynamoDB adapter on a bad network', () => {
  let target: DynamoTarget;
  let faults: ClientFaults;
  let stores: StateStores;
  let other: StateStores;
  let made = 0;
  let connector: string;

  beforeAll(async () => {
    target = await dynaliteTarget();
    const client = createDynamoDbClient(await connectionOf(target));
    faults = new ClientFaults(client);
    stores = createDynamoDbStores({ client, table: target.table });
    other = target.open();
  });
  afterAll(() => target?.close());
  beforeEach(() => {
    faults.reset();
    connector = `c${++made}`;
  });

  const acquire = async (from: StateStores, owner: string, nowMs = 0): Promise<Lease> => {
    const outcome = await from.leases.acquire({ connector, task: 0, owner, generation: 1, leaseMs: 30_000, nowMs });
    if (!('acquired' in outcome)) throw new Error(`held by ${outcome.heldBy.owner}`);
    return outcome.acquired;
  };
  const create = () => stores.configs.putConfig(connector, { config: {}, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 0 });

  it('knows an acquire whose answer was lost for its own', async () => {
    faults.first(UPDATE, 1, 'answer-lost');
    const lease = await acquire(stores, 'a');
    expect(faults.attempts.get(UPDATE)).toBe(2);
    expect(await other.leases.acquire({ connector, task: 0, owner: 'b', generation: 1, leaseMs: 1, nowMs: 0 })).toHaveProperty(
      'heldBy.owner',
      'a',
    );
    await stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
    await stores.leases.renew(lease, 30_000, 1);
  });

  it('lets exactly one runner have a task although every first answer is lost', async () => {
    faults.decide = (command) => (command === UPDATE && (faults.attempts.get(UPDATE) ?? 0) <= 8 ? 'answer-lost' : 'none');
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        stores.leases.acquire({ connector, task: 0, owner: `o${at}`, generation: 1, leaseMs: 30_000, nowMs: 0 }),
      ),
    );
    expect(outcomes.filter((outcome) => 'acquired' in outcome)).toHaveLength(1);
  });

  it('knows a commit, a watermark, a configuration and a plan whose answer was lost for its own', async () => {
    const lease = await acquire(stores, 'a');
    faults.first(UPDATE, 1, 'answer-lost');
    await stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
    faults.first(UPDATE, 1, 'answer-lost');
    const mark = { topic: 't', partition: 0, nextOffset: 5, delivered: [] };
    await stores.offsets.commitWatermarks(connector, { previous: new Map() }, [mark]);
    faults.first(UPDATE, 2, 'answer-lost');
    expect(await create()).toMatchObject({ version: 1 });
    faults.first(UPDATE, 1, 'answer-lost');
    await stores.configs.putConfig(connector, { config: { a: '1' }, expectedVersion: 1, appliedHash: null, writer: 'REST', nowMs: 0 });
    faults.first(UPDATE, 1, 'answer-lost');
    const plan = { expectedGeneration: 0, plannedVersion: 2, taskConfigs: [{ t: '0' }], nowMs: 0 };
    expect(await stores.configs.openGeneration(connector, plan)).toMatchObject({ generation: 1 });
    expect(await other.offsets.list(connector)).toEqual([{ partition, offset: { id: 1 } }]);
    expect(await other.offsets.listWatermarks(connector)).toEqual([mark]);
    expect(await other.configs.config(connector)).toMatchObject({ version: 2, config: { a: '1' } });
    expect(await other.configs.taskConfig(connector, 1, 0)).toEqual({ t: '0' });
  });

  it('does not take another writer for itself where its own request was lost', async () => {
    const before = new Map();
    await other.offsets.commitWatermarks(connector, { previous: before }, [{ topic: 't', partition: 0, nextOffset: 5, delivered: [] }]);
    faults.first(UPDATE, 1, 'request-lost');
    const same = { topic: 't', partition: 0, nextOffset: 5, delivered: [] };
    await expect(stores.offsets.commitWatermarks(connector, { previous: before }, [same])).rejects.toThrow(StateConflictException);
  });

  it('counts a failure once although its answer was lost', async () => {
    await create();
    faults.first(UPDATE, 2, 'answer-lost');
    await stores.configs.setError(connector, 'why');
    expect(await other.configs.connector(connector)).toMatchObject({ consecutiveFailures: 1 });
  });

  it('says that the table cannot be reached, and can go on where it stopped', async () => {
    const lease = await acquire(stores, 'a');
    faults.decide = () => 'answer-lost';
    const commit = stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
    await expect(commit).rejects.toThrow(StateUnavailableException);
    await expect(commit).rejects.toMatchObject({ retriable: true, code: 'state-unavailable' });
    await expect(stores.leases.renew(lease, 30_000, 1)).rejects.toThrow(StateUnavailableException);
    faults.reset();
    const renewed = await stores.leases.renew(lease, 30_000, 2);
    await stores.offsets.commit(renewed, [{ partition, offset: { id: 2 } }]);
    expect(await stores.offsets.load(renewed, [partition], false)).toEqual([{ id: 2 }]);
  });

  it('rides out a throttle, and reports one that lasts', async () => {
    faults.first(UPDATE, 1, 'throttled');
    const lease = await acquire(stores, 'a');
    faults.decide = () => 'throttled';
    await expect(stores.offsets.load(lease, [partition], true)).rejects.toThrow(StateUnavailableException);
    await expect(stores.configs.list()).rejects.toThrow(StateUnavailableException);
    await expect(stores.configs.connector(connector)).rejects.toThrow('ThrottlingException: slow down');
  });

  it('writes nothing where every request was lost', async () => {
    const lease = await acquire(stores, 'a');
    faults.decide = () => 'request-lost';
    await expect(stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }])).rejects.toThrow(StateUnavailableException);
    expect(await other.offsets.list(connector)).toEqual([]);
  });

  it('never lets a write that lands late undo the one after it', async () => {
    const lease = await acquire(stores, 'a');
    let release = () => {};
    faults.first(UPDATE, 1, { late: new Promise<void>((resolve) => (release = resolve)) });
    await stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
    faults.first(UPDATE, 1, { late: Promise.resolve() });
    await stores.status.putTask(lease, { state: 'FAILED', workerId: 'w', trace: null, lastTick: null });
    await stores.offsets.commit(lease, [{ partition, offset: { id: 2 } }]);
    await stores.status.putTask(lease, { state: 'RUNNING', workerId: 'w', trace: null, lastTick: null });
    release();
    await Promise.all(faults.late.splice(0));
    expect(await other.offsets.list(connector)).toEqual([{ partition, offset: { id: 2 } }]);
    expect(await other.status.tasks(connector)).toMatchObject([{ state: 'RUNNING' }]);
  });

  it('treats an earlier write that comes after a later one of the same owner as done', async () => {
    const lease = await acquire(stores, 'a');
    let calls = 0;
    faults.decide = (command) => (command === UPDATE && ++calls === 1 ? { delayMs: 300 } : 'none');
    await Promise.all([1, 2].map((id) => stores.offsets.commit(lease, [{ partition, offset: { id } }])));
    expect(await other.offsets.list(connector)).toEqual([{ partition, offset: { id: 2 } }]);
    expect(await stores.offsets.load(lease, [partition], false)).toEqual([{ id: 2 }]);
  });

  it('does not let a load that overtakes a commit swallow it', async () => {
    const lease = await acquire(stores, 'a');
    let calls = 0;
    faults.decide = (command) => (command === UPDATE && ++calls === 1 ? { delayMs: 300 } : 'none');
    const commit = stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
    await stores.offsets.load(lease, [partition], true);
    await commit;
    expect(await other.offsets.list(connector)).toEqual([{ partition, offset: { id: 1 } }]);
    expect(await stores.offsets.load(lease, [partition], true)).toEqual([{ id: 1 }]);
  });

  it('stops a commit of many partitions at the first lost lease', async () => {
    const frozen = await acquire(stores, 'a');
    const offsets = Array.from({ length: 200 }, (_, at) => ({ partition: { table: `t${at}` }, offset: { id: at } }));
    const taken = await acquire(other, 'b', 100_000);
    await other.offsets.load(
      taken,
      offsets.map((stored) => stored.partition),
      true,
    );
    faults.reset();
    await expect(stores.offsets.commit(frozen, offsets)).rejects.toThrow(LeaseLostException);
    expect(faults.attempts.get(UPDATE)).toBeLessThanOrEqual(32);
    expect(await other.offsets.list(connector)).toEqual([]);
  });

  it('has nothing in flight when it has failed', async () => {
    const lease = await acquire(stores, 'a');
    let calls = 0;
    faults.decide = (command) =>
      command !== UPDATE ? 'none' : ++calls === 1 ? 'request-lost' : calls < 4 ? 'request-lost' : { delayMs: 50 };
    const offsets = Array.from({ length: 16 }, (_, at) => ({ partition: { table: `t${at}` }, offset: { id: at } }));
    await stores.offsets.commit(lease, offsets).catch(() => undefined);
    const attempts = faults.attempts.get(UPDATE);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(faults.attempts.get(UPDATE)).toBe(attempts);
  });

  it('reports a table that nobody serves as an outage', async () => {
    const client = createDynamoDbClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const lost = createDynamoDbStores({ client, table: 'state' });
    await expect(lost.configs.connector(connector)).rejects.toThrow(StateUnavailableException);
    client.destroy();
  });
});
