/** A scheduled sink and what may happen to its topic and its group, on the embedded broker and on Apache Kafka: never a record that is skipped in silence. */
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { runTick, type TickReport } from '../../../lib/runtime/invocation.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { record, testClients, unique } from '../../support/kafka/clients.ts';
import { collectingSink, into } from '../../support/runtime/collecting-sink.ts';
import { SILENT } from '../../support/runtime/fakes.ts';
import { type Target, targets, titleOf } from '../broker/targets.ts';

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    let clients: KafkaClients;
    let admin: Admin;

    beforeAll(async () => {
      target = await kind.start();
      clients = testClients();
      admin = new Kafka({ brokers: [target.bootstrap], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
    });
    afterAll(async () => {
      await admin?.disconnect();
      await clients?.close();
      await target?.stop();
    });

    /** A topic, a sink that reads it, and what the sink got. */
    async function world(config: Record<string, string> = {}) {
      const topic = unique('in');
      const connector = unique('sink');
      const group = `connect-${connector}`;
      const stores = createMemoryStores();
      const got: unknown[] = [];
      const settings = { 'bootstrap.servers': target.bootstrap };
      let restarts = 0;
      await stores.configs.putConfig(connector, {
        config: { name: connector, 'connector.class': 'Collecting', topics: topic, 'lambda.trigger': 'schedule', ...config },
        expectedVersion: 0,
        appliedHash: null,
        writer: 'test',
        nowMs: Date.now(),
      });
      return {
        topic,
        connector,
        group,
        stores,
        got,
        async create(partitions = 1) {
          const topics = clients.admin(settings);
          // Apache Kafka deletes topics some moments after it said so.
          await expect
            .poll(() => topics.createTopic({ topic, partitions, replicationFactor: 1, configs: {} }), { timeout: 30_000 })
            .toBe(true);
          await topics.close();
        },
        async remove() {
          await admin.deleteTopics({ topics: [topic] });
          const topics = clients.admin(settings);
          await expect.poll(() => topics.listTopics(), { timeout: 30_000 }).not.toContain(topic);
          await topics.close();
        },
        async produce(...values: string[]) {
          const producer = clients.producer(settings);
          const { failed } = await producer.send(values.map((value) => record(topic, { partition: 0, value: Buffer.from(value) })));
          expect(failed.size).toBe(0);
          await producer.close();
        },
        async tick(): Promise<TickReport> {
          // A restart: a task that FAILED waits otherwise.
          await stores.restarts.request(connector, 0, Date.now());
          return runTick(
            {},
            {
              stores,
              kafka: async () => clients,
              plugins: createPluginResolver(REGISTRY, [collectingSink('Collecting', into(got))]),
              workerProps: { ...settings, 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
              resolveVariables: async (props) => props,
              logger: SILENT,
              clock: SYSTEM_CLOCK,
              random: Math.random,
              owner: `tick-${++restarts}`,
              connector,
              remainingMs: () => 60_000,
              signal: new AbortController().signal,
            },
          );
        },
        groupOffset: async () => (await clients.groupOffsets(settings).fetch(group, [{ topic, partition: 0 }])).get(`${topic}-0`),
        setGroup: (offset: number) => clients.groupOffsets(settings).commit(group, new Map([[`${topic}-0`, offset]])),
        forgetGroup: () => clients.groupOffsets(settings).remove(group, [{ topic, partition: 0 }]),
        /** What REST does when offsets are reset. */
        async setByHand(nextOffset: number) {
          const watermarks = await stores.offsets.listWatermarks(connector);
          const previous = new Map(watermarks.map((each) => [`${each.topic}-${each.partition}`, each]));
          await stores.offsets.commitWatermarks(
            connector,
            { previous },
            watermarks.map((each) => ({ topic: each.topic, partition: each.partition, nextOffset, delivered: [] })),
          );
        },
      };
    }

    it.each([
      ['shorter', ['x']],
      ['longer', ['v', 'w', 'x', 'y', 'z']],
    ])('created again, %s: FAILED until its offsets are reset, then read from the start', async (_, values) => {
      const sink = await world();
      await sink.create();
      await sink.produce('a', 'b', 'c');
      await sink.tick();
      const before = await sink.stores.offsets.listWatermarks(sink.connector);
      expect(before).toMatchObject([{ nextOffset: 3, topicId: expect.stringMatching(/^[\w-]{22}$/) }]);
      await sink.remove();
      await sink.create();
      await sink.produce(...values);

      await expect(sink.tick()).rejects.toThrow(`topic ${sink.topic} was deleted and created again`);
      expect((await sink.stores.status.tasks(sink.connector))[0]).toMatchObject({
        state: 'FAILED',
        trace: expect.stringContaining(`offsets reset ${sink.connector}`),
      });
      expect(await sink.stores.offsets.listWatermarks(sink.connector)).toEqual(before);
      expect(await sink.groupOffset()).toBeUndefined();
      expect(sink.got).toEqual(['a', 'b', 'c']);

      await sink.setByHand(-1);
      await sink.tick();
      expect(sink.got).toEqual(['a', 'b', 'c', ...values]);
      expect(await sink.groupOffset()).toBe(values.length);
    });

    it('deleted: FAILED; created again with fewer partitions: FAILED', async () => {
      const sink = await world();
      await sink.create(3);
      await sink.produce('a');
      await sink.tick();
      await sink.remove();
      await expect(sink.tick()).rejects.toThrow(`topic ${sink.topic} was deleted, and watermark ${sink.topic}-0 of ${sink.connector}`);
      await sink.create(1);
      await expect(sink.tick()).rejects.toThrow('created again');
      expect(sink.got).toEqual(['a']);
    });

    it('group reset to earliest: delivered again; group offset expired: nothing skipped, nothing repeated', async () => {
      const sink = await world();
      await sink.create();
      await sink.produce('a', 'b');
      await sink.tick();
      await sink.setGroup(0);
      await sink.tick();
      expect(sink.got).toEqual(['a', 'b', 'a', 'b']);

      await sink.forgetGroup();
      expect(await sink.groupOffset()).toBeUndefined();
      await sink.produce('c');
      await sink.tick();
      expect(sink.got).toEqual(['a', 'b', 'a', 'b', 'c']);
      expect(await sink.groupOffset()).toBe(3);
    });

    it('goes on where somebody else moved the group', async () => {
      const sink = await world();
      await sink.create();
      await sink.produce('a', 'b', 'c', 'd');
      await sink.setGroup(2);
      await sink.tick();
      await sink.setGroup(1);
      await sink.tick();
      expect(sink.got).toEqual(['c', 'd', 'b', 'c', 'd']);
    });

    it('does not start beside a consumer of its group, and starts once that has left', async () => {
      const sink = await world();
      await sink.create();
      await sink.produce('a');
      const consumer = new Kafka({ clientId: 'somebody-else', brokers: [target.bootstrap], logLevel: logLevel.NOTHING }).consumer({
        groupId: sink.group,
      });
      await consumer.subscribe({ topic: sink.topic });
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.run({ eachMessage: async () => undefined });
      await joined;

      await expect(sink.tick()).rejects.toThrow(/has members that are not of this connector: somebody-else at .*127\.0\.0\.1/);
      expect(sink.got).toEqual([]);

      await consumer.disconnect();
      await sink.tick();
      expect(sink.got).toEqual(['a']);
    });

    it.each(['earliest', 'none'])('retention outran the offset, auto.offset.reset=%s', async (reset) => {
      const sink = await world({ 'consumer.override.auto.offset.reset': reset });
      await sink.create();
      await sink.setGroup(0);
      await sink.produce('a', 'b');
      await sink.tick();
      await sink.produce('c', 'd', 'e');
      // A client that knows nothing yet: this one's cannot forget what it knew of a topic.
      const retention = new Kafka({ brokers: [target.bootstrap], logLevel: logLevel.NOTHING }).admin();
      await retention.connect();
      await retention.fetchTopicOffsets(sink.topic);
      await retention.deleteTopicRecords({ topic: sink.topic, partitions: [{ partition: 0, offset: '4' }] });
      await retention.disconnect();

      if (reset === 'none') {
        await expect(sink.tick()).rejects.toThrow(/no usable offset for .*auto\.offset\.reset=none/);
        expect(sink.got).toEqual(['a', 'b']);
        return;
      }
      const report = await sink.tick();
      expect(report.figures.rewinds).toBe(1);
      expect(sink.got).toEqual(['a', 'b', 'e']);
    });
  });
}
