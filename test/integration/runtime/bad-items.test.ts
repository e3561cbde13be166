/** Items that a task cannot work with: FAILED, by name, with the way out, and nothing is overwritten. */
import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { type Broker, startBroker } from '../../../lib/local/broker/broker.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { runTick } from '../../../lib/runtime/invocation.ts';
import { record, testClients, unique } from '../../support/kafka/clients.ts';
import { collectingSink, into } from '../../support/runtime/collecting-sink.ts';
import { SILENT } from '../../support/runtime/fakes.ts';
import { type DynamoTarget, dynaliteTarget } from '../../support/state/targets.ts';

type Item = Record<string, AttributeValue>;

describe('a tick on a table that somebody spoiled', () => {
  let broker: Broker;
  let kafka: KafkaClients;
  let target: DynamoTarget;

  beforeAll(async () => {
    broker = await startBroker({});
    kafka = testClients();
    target = await dynaliteTarget();
  });
  afterAll(async () => {
    await kafka?.close();
    await broker?.close();
    await target?.close();
  });

  async function delivered() {
    const connector = unique('spoiled');
    const topic = unique('in');
    const settings = { 'bootstrap.servers': broker.bootstrap };
    const admin = kafka.admin(settings);
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs: {} });
    await admin.close();
    const producer = kafka.producer(settings);
    const produce = async (value: string) => {
      expect((await producer.send([record(topic, { value: Buffer.from(value) })])).failed.size).toBe(0);
    };
    await produce('a');
    const stores = target.open();
    const got: unknown[] = [];
    const config = { name: connector, 'connector.class': 'Collecting', topics: topic, 'lambda.trigger': 'schedule' };
    await stores.configs.putConfig(connector, { config, expectedVersion: 0, appliedHash: null, writer: 'test', nowMs: Date.now() });
    const tick = () =>
      runTick(
        {},
        {
          // A process that remembers nothing.
          stores: target.open(),
          kafka: async () => kafka,
          plugins: createPluginResolver(REGISTRY, [collectingSink('Collecting', into(got))]),
          workerProps: { ...settings, 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
          resolveVariables: async (props) => props,
          logger: SILENT,
          clock: SYSTEM_CLOCK,
          random: Math.random,
          owner: unique('tick'),
          connector,
          remainingMs: () => 60_000,
          signal: new AbortController().signal,
        },
      );
    await tick();
    expect(got).toEqual(['a']);
    await produce('b');
    await producer.close();
    const find = async (prefix: string): Promise<Item> => {
      const { Items = [] } = await target.client.send(new ScanCommand({ TableName: target.table, ConsistentRead: true }));
      const found = Items.find(({ pk, sk }) => pk?.S === `connector#${connector}` && sk?.S?.startsWith(prefix));
      if (found === undefined) throw new Error(`no item ${prefix}`);
      return found;
    };
    const put = (item: Item) => target.client.send(new PutItemCommand({ TableName: target.table, Item: item }));
    return { connector, topic, stores, got, tick, find, put };
  }

  const spoiled: [string, string, (item: Item) => Item, RegExp][] = [
    [
      'a watermark of a newer release',
      'watermark#',
      (item) => ({ ...item, format: { N: '99' } }),
      /watermark#.* has format 99, this release knows 1.*deploy that one again/,
    ],
    [
      'a watermark whose evidence cannot be parsed',
      'watermark#',
      (item) => ({ ...item, delivered: { S: 'nonsense' } }),
      /watermark#.* holds no JSON in 'delivered'/,
    ],
    [
      'an offset that is no number',
      'watermark#',
      (item) => ({ ...item, nextOffset: { S: 'five' } }),
      /watermark#.* attribute 'nextOffset'.*correct or remove it/,
    ],
    ['a plan of a newer release', 'plan#', (item) => ({ ...item, format: { N: '99' } }), /plan#0 has format 99/],
  ];

  it.each(spoiled)('%s: the task is FAILED and says which, until it is mended', async (_, prefix, spoil, message) => {
    const sink = await delivered();
    const good = await sink.find(prefix);
    const bad = spoil(good);
    await sink.put(bad);

    await expect(sink.tick()).rejects.toThrow(message);

    const [status] = await sink.stores.status.tasks(sink.connector);
    expect(status).toMatchObject({ state: 'FAILED', trace: expect.stringMatching(message) });
    expect(await sink.find(prefix)).toEqual(bad);
    expect(sink.got).toEqual(['a']);

    await sink.put(good);
    await sink.stores.restarts.request(sink.connector, 0, Date.now());
    await sink.tick();
    expect(sink.got).toEqual(['a', 'b']);
  });

  it.each(['connector', 'config', 'task#'])('an item %s of a newer release: the tick refuses, and writes nothing', async (prefix) => {
    const sink = await delivered();
    const bad = { ...(await sink.find(prefix)), format: { N: '99' } };
    await sink.put(bad);

    await expect(sink.tick()).rejects.toThrow(/has format 99, this release knows 1/);

    expect(await sink.find(prefix)).toEqual(bad);
    expect(sink.got).toEqual(['a']);
  });
});
