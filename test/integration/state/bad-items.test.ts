/** A table that is not what it should be: said clearly, never overwritten. */
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbStores } from '../../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { ensureTable } from '../../../lib/state/dynamodb/ensure-table.ts';
import { StateCorruptException } from '../../../lib/state/errors.ts';
import type { Lease } from '../../../lib/state/lease-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { type DynamoTarget, dynaliteTarget } from '../../support/state/targets.ts';

const partition = { table: 'orders' };
const sha = '08ff3a0d3e8ab9e0b6c4f0b2a2dd4c2e6a3d8f0b4f2c4d6e8f0a1b2c3d4e5f60';

describe('the DynamoDB adapter on a bad table', () => {
  let target: DynamoTarget;
  let stores: StateStores;
  let connector: string;
  let lease: Lease;
  let made = 0;

  beforeAll(async () => {
    target = await dynaliteTarget();
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    stores = target.open();
    connector = `c${++made}`;
    await stores.configs.putConfig(connector, { config: { a: '1' }, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 0 });
    await stores.configs.openGeneration(connector, {
      expectedGeneration: 0,
      plannedVersion: 1,
      taskConfigs: [{ t: '0' }, { t: '1' }],
      nowMs: 0,
    });
    const outcome = await stores.leases.acquire({ connector, task: 0, owner: 'a', generation: 1, leaseMs: 30_000, nowMs: 0 });
    if (!('acquired' in outcome)) throw new Error('the lease is held');
    lease = outcome.acquired;
    await stores.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
    await stores.offsets.commitWatermarks(connector, { lease }, [{ topic: 't', partition: 0, nextOffset: 3, delivered: [] }]);
    await stores.offsets.saveProgress(lease, { at: 1 });
    await stores.status.putTask(lease, { state: 'RUNNING', workerId: 'w', trace: null, lastTick: null });
    stores = target.open();
  });

  const items = async (): Promise<Record<string, AttributeValue>[]> => {
    const { Items = [] } = await target.client.send(new ScanCommand({ TableName: target.table, ConsistentRead: true }));
    return Items.filter((item) => item.pk?.S === `connector#${connector}`).sort((a, b) => ((a.sk?.S ?? '') < (b.sk?.S ?? '') ? -1 : 1));
  };
  const spoil = async (prefix: string, attributes: Record<string, AttributeValue>): Promise<string> => {
    const item = (await items()).find((one) => one.sk?.S?.startsWith(prefix));
    if (item === undefined) throw new Error(`no item ${prefix}`);
    await target.client.send(new PutItemCommand({ TableName: target.table, Item: { ...item, ...attributes } }));
    return item.sk?.S ?? '';
  };

  const uses: [string, () => Promise<unknown>][] = [
    ['connector', () => stores.configs.connector(connector)],
    ['connector', () => stores.configs.setTargetState(connector, 'PAUSED')],
    ['connector', () => stores.configs.setError(connector, 'x')],
    ['connector', () => stores.configs.delete(connector)],
    ['config', () => stores.configs.config(connector)],
    ['config', () => stores.configs.putConfig(connector, { config: {}, expectedVersion: 1, appliedHash: null, writer: 'x', nowMs: 0 })],
    ['plan#1', () => stores.configs.taskConfig(connector, 1, 1)],
    ['task#0', () => stores.leases.look(connector, 0)],
    ['task#0', () => stores.leases.renew(lease, 1, 1)],
    ['task#0', () => stores.leases.acquire({ connector, task: 0, owner: 'b', generation: 2, leaseMs: 1, nowMs: 9e9 })],
    ['task#0', () => stores.status.tasks(connector)],
    ['task#0', () => stores.status.putTask(lease, { state: 'FAILED', workerId: 'w', trace: null, lastTick: null })],
    ['offset#', () => stores.offsets.load(lease, [partition], false)],
    ['offset#', () => stores.offsets.load(lease, [partition], true)],
    ['offset#', () => stores.offsets.commit(lease, [{ partition, offset: { id: 2 } }])],
    ['offset#', () => stores.offsets.list(connector)],
    ['offset#', () => stores.offsets.alter(connector, { generation: 9, epoch: 0 }, [{ partition, offset: null }])],
    ['watermark#', () => stores.offsets.loadWatermarks(connector, [{ topic: 't', partition: 0 }])],
    [
      'watermark#',
      () => stores.offsets.commitWatermarks(connector, { lease }, [{ topic: 't', partition: 0, nextOffset: 4, delivered: [] }]),
    ],
    ['progress#', () => stores.offsets.loadProgress(lease)],
    ['progress#', () => stores.offsets.saveProgress(lease, { at: 2 })],
  ];
  for (const [prefix, use] of uses) {
    it(`refuses an item ${prefix} of a newer release, names it and leaves it alone: ${String(use).slice(6).replace(/\s+/g, ' ')}`, async () => {
      const sk = await spoil(prefix, { format: { N: '99' }, writeId: { S: 'theirs' } });
      const before = await items();
      await expect(use()).rejects.toThrow(StateCorruptException);
      await expect(use()).rejects.toThrow(`item connector#${connector} / ${sk} has format 99, this release knows 1`);
      expect(await items()).toEqual(before);
    });
  }

  it('names an offset that cannot be parsed', async () => {
    const sk = await spoil('offset#', { offset: { S: '{"id": 12' } });
    await expect(stores.offsets.list(connector)).rejects.toThrow(
      `item connector#${connector} / ${sk} holds an offset that is not JSON: {"id": 12`,
    );
    await expect(stores.offsets.load(lease, [partition], false)).rejects.toThrow(StateCorruptException);
    await spoil('offset#', { offset: { S: '[1]' } });
    await expect(stores.offsets.load(lease, [partition], false)).rejects.toThrow('not a JSON object');
  });

  it('names an offset that lies under a key that is not its own', async () => {
    await spoil('offset#', { sk: { S: `offset#${sha}` } });
    await expect(stores.offsets.list(connector)).rejects.toThrow(
      `offset#${sha} holds source partition {"table":"orders"}, whose key is offset#`,
    );
  });

  it('names attributes that are missing or of another type', async () => {
    await spoil('task#0', { leaseUntilMs: { S: 'soon' } });
    await expect(stores.leases.look(connector, 0)).rejects.toThrow("has another type of attribute 'leaseUntilMs', a number is needed");
    await spoil('watermark#', { delivered: { S: '[[1]]' } });
    await expect(stores.offsets.listWatermarks(connector)).rejects.toThrow("holds no list of [offset, crc] in 'delivered'");
    await spoil('config', { config: { S: '{' } });
    await expect(stores.configs.config(connector)).rejects.toThrow("/ config holds no JSON in 'config': {");
    await target.client.send(
      new PutItemCommand({ TableName: target.table, Item: { pk: { S: `connector#${connector}` }, sk: { S: 'plan#0' } } }),
    );
    await expect(stores.configs.taskConfig(connector, 1, 0)).rejects.toThrow('has no known format (none)');
  });

  it('has no task configuration of a plan that is half-written', async () => {
    const key = { pk: { S: `connector#${connector}` }, sk: { S: 'plan#1' } };
    await target.client.send(new DeleteItemCommand({ TableName: target.table, Key: key }));
    expect(await stores.configs.taskConfig(connector, 1, 0)).toEqual({ t: '0' });
    expect(await stores.configs.taskConfig(connector, 1, 1)).toBeNull();
  });

  it('finishes a deletion that was killed half-way when the name is used again', async () => {
    const left = await items();
    await stores.configs.delete(connector);
    for (const item of left.filter((one) => one.sk?.S !== 'connector')) {
      await target.client.send(new PutItemCommand({ TableName: target.table, Item: item }));
    }
    expect(await stores.configs.connector(connector)).toBeNull();
    const write = { config: { b: '2' }, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 0 };
    expect(await stores.configs.putConfig(connector, write)).toMatchObject({ version: 2 });
    expect((await items()).map((item) => item.sk?.S)).toEqual(['config', 'connector']);
  });

  it('can create a connector whose creation was killed half-way', async () => {
    const key = { pk: { S: `connector#${connector}` }, sk: { S: 'config' } };
    await target.client.send(new DeleteItemCommand({ TableName: target.table, Key: key }));
    const write = { config: { b: '2' }, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 0 };
    expect(await stores.configs.putConfig(connector, write)).toMatchObject({ version: 2, config: { b: '2' } });
    expect(await stores.configs.connector(connector)).toMatchObject({ configVersion: 2, generation: 1 });
  });

  it('keeps connector and task items small', async () => {
    await stores.configs.setError(connector, 'x'.repeat(100_000));
    for (const item of await items()) {
      const { Item, ConsumedCapacity } = await target.client.send(
        new GetItemCommand({
          TableName: target.table,
          Key: { pk: item.pk!, sk: item.sk! },
          ConsistentRead: true,
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
      expect(ConsumedCapacity?.CapacityUnits).toBe(1);
      if (item.sk?.S?.startsWith('task#')) expect(JSON.stringify(Item).length).toBeLessThan(1_024);
    }
  });

  it('refuses a table of another shape, and says which it needs', async () => {
    await target.client.send(
      new CreateTableCommand({
        TableName: 'others',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const ensured = ensureTable(target.client, 'others');
    await expect(ensured).rejects.toThrow(StateCorruptException);
    await expect(ensured).rejects.toThrow('found keys id, index none');
    const wrong = createDynamoDbStores({ client: target.client, table: 'others' });
    await expect(wrong.configs.connector('x')).rejects.toThrow(StateCorruptException);
    await expect(wrong.configs.list()).rejects.toThrow('needs string keys pk and sk and the index by-state');
  });

  it('says that there is no such table', async () => {
    const none = createDynamoDbStores({ client: target.client, table: 'nowhere' });
    await expect(none.configs.connector('x')).rejects.toThrow('there is no table nowhere');
    await expect(none.leases.acquire({ connector, task: 0, owner: 'b', generation: 2, leaseMs: 1, nowMs: 0 })).rejects.toThrow(
      StateCorruptException,
    );
  });

  it('creates a table once, however many start at once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => ensureTable(target.client, 'shared')));
    await ensureTable(target.client, 'shared');
  });
});
