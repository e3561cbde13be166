import { CompressionTypes, ConfigResourceTypes, type Consumer, Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Target, targets, titleOf } from './targets.ts';

// What the Kafka adapter does through kafkajs, on both brokers.

let serial = 0;
const unique = (prefix: string): string => `${prefix}-${process.pid}-${++serial}`;

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    let kafka: Kafka;
    const open: { disconnect(): Promise<void> }[] = [];

    beforeAll(async () => {
      target = await kind.start();
      kafka = new Kafka({
        brokers: [target.bootstrap],
        clientId: 'suite',
        logLevel: logLevel.NOTHING,
        retry: { retries: 20, maxRetryTime: 500 },
      });
    });
    afterEach(async () => {
      for (const client of open.splice(0).reverse()) await client.disconnect();
    });
    afterAll(async () => {
      await target?.stop();
    });

    async function connected<T extends { connect(): Promise<void>; disconnect(): Promise<void> }>(client: T): Promise<T> {
      open.push(client);
      await client.connect();
      return client;
    }
    const newTopic = async (numPartitions = 1): Promise<string> => {
      const topic = unique('kafkajs');
      const admin = await connected(kafka.admin());
      expect(await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true })).toBe(true);
      return topic;
    };
    const values = (count: number, from = 0) => Array.from({ length: count }, (_, at) => ({ value: `${from + at}` }));

    /** Reads as a new group until `count` records came. */
    const read = async (topic: string, count: number, options: { groupId?: string; readUncommitted?: boolean } = {}) => {
      const consumer = kafka.consumer({
        groupId: options.groupId ?? unique('group'),
        readUncommitted: options.readUncommitted ?? false,
        maxWaitTimeInMs: 100,
      });
      return collect(await connected(consumer), topic, count);
    };
    const collect = async (consumer: Consumer, topic: string, count: number): Promise<KafkaMessage[]> => {
      await consumer.subscribe({ topic, fromBeginning: true });
      const messages: KafkaMessage[] = [];
      await new Promise<void>((resolve, reject) => {
        consumer
          .run({
            eachMessage: async ({ message }) => {
              messages.push(message);
              if (messages.length === count) resolve();
            },
          })
          .catch(reject);
      });
      await consumer.stop();
      return messages;
    };

    describe('admin', () => {
      it('creates, lists, describes, enlarges and deletes topics', async () => {
        const admin = await connected(kafka.admin());
        const topic = await newTopic(2);

        expect(await admin.createTopics({ topics: [{ topic }] })).toBe(false);
        expect(await admin.listTopics()).toContain(topic);
        expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions).toHaveLength(2);
        await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
        await expect.poll(async () => (await admin.fetchTopicOffsets(topic)).length).toBe(3);
        await admin.deleteTopics({ topics: [topic] });
        await expect.poll(() => admin.listTopics()).not.toContain(topic);
      });

      it('reads and alters configs', async () => {
        const admin = await connected(kafka.admin());
        const topic = await newTopic();
        const configOf = async (name: string) => {
          const { resources } = await admin.describeConfigs({
            resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
            includeSynonyms: false,
          });
          return resources[0]?.configEntries[0]?.configValue;
        };

        expect(await configOf('max.message.bytes')).toBe('1048588');
        await admin.alterConfigs({
          validateOnly: false,
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'max.message.bytes', value: '1000' }] }],
        });
        await expect.poll(() => configOf('max.message.bytes')).toBe('1000');

        const producer = await connected(kafka.producer());
        await expect(producer.send({ topic, messages: [{ value: 'x'.repeat(2000) }] })).rejects.toMatchObject({
          type: 'MESSAGE_TOO_LARGE',
        });
      });

      it('knows the cluster', async () => {
        const admin = await connected(kafka.admin());

        const cluster = await admin.describeCluster();

        expect(cluster).toMatchObject({ controller: 1, brokers: [{ nodeId: 1, port: target.port }] });
      });

      it('finds offsets by time and deletes records', async () => {
        const admin = await connected(kafka.admin());
        const topic = await newTopic();
        const producer = await connected(kafka.producer());
        const messages = [1000, 2000, 3000].map((time) => ({ value: `${time}`, timestamp: `${time}` }));
        await producer.send({ topic, messages, compression: CompressionTypes.GZIP });

        expect(await admin.fetchTopicOffsetsByTimestamp(topic, 1500)).toEqual([{ partition: 0, offset: '1' }]);
        expect(await admin.fetchTopicOffsetsByTimestamp(topic, 9000)).toEqual([{ partition: 0, offset: '3' }]);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
        expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: '2', high: '3' }]);
        expect((await read(topic, 1)).map(({ value }) => String(value))).toEqual(['3000']);
      });

      it('describes, lists and deletes groups and their offsets', async () => {
        const admin = await connected(kafka.admin());
        const topic = await newTopic();
        const producer = await connected(kafka.producer());
        const groupId = unique('group');
        await producer.send({ topic, messages: values(3) });
        await read(topic, 3, { groupId });

        await expect
          .poll(async () => (await admin.describeGroups([groupId])).groups[0])
          .toMatchObject({ state: 'Empty', protocolType: 'consumer', members: [] });
        expect((await admin.listGroups()).groups).toContainEqual({ groupId, protocolType: 'consumer' });
        expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([{ partitions: [{ offset: '3' }] }]);
        await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1' }] });
        expect((await read(topic, 2, { groupId })).map(({ value }) => String(value))).toEqual(['1', '2']);
        await expect.poll(async () => (await admin.describeGroups([groupId])).groups[0]?.state).toBe('Empty');
        expect(await admin.deleteGroups([groupId])).toMatchObject([{ groupId, errorCode: 0 }]);
      });
    });

    describe('producer', () => {
      it.each([
        ['acks=all', { acks: -1 }],
        ['acks=1', { acks: 1 }],
        ['acks=0', { acks: 0 }],
        ['gzip', { compression: CompressionTypes.GZIP }],
      ])('sends with %s', async (_, options) => {
        const topic = await newTopic();
        const producer = await connected(kafka.producer());

        await producer.send({ topic, messages: values(50), ...options });

        expect((await read(topic, 50)).map(({ value }) => String(value))).toEqual(values(50).map(({ value }) => value));
      });

      it('keeps keys, headers, tombstones and times', async () => {
        const topic = await newTopic();
        const producer = await connected(kafka.producer({ idempotent: true, maxInFlightRequests: 1 }));

        await producer.send({
          topic,
          messages: [
            { key: 'k', value: 'v', headers: { h: ['1', '2'] }, timestamp: '1700000000123' },
            { key: 'k', value: null },
          ],
        });

        const [first, tombstone] = await read(topic, 2);
        expect(first).toMatchObject({ key: Buffer.from('k'), value: Buffer.from('v'), timestamp: '1700000000123', offset: '0' });
        expect(first?.headers).toEqual({ h: [Buffer.from('1'), Buffer.from('2')] });
        expect(tombstone?.value).toBeNull();
      });

      it('makes a topic by asking for it', async () => {
        const topic = unique('auto');
        const producer = await connected(kafka.producer({ allowAutoTopicCreation: true }));

        await producer.send({ topic, messages: values(1) });

        expect(await read(topic, 1)).toHaveLength(1);
      });

      it('commits and aborts transactions with offsets', async () => {
        const admin = await connected(kafka.admin());
        const topic = await newTopic();
        const groupId = unique('group');
        const producer = await connected(kafka.producer({ transactionalId: unique('txn'), idempotent: true, maxInFlightRequests: 1 }));
        const offsets = (offset: string) => ({ consumerGroupId: groupId, topics: [{ topic, partitions: [{ partition: 0, offset }] }] });

        const aborted = await producer.transaction();
        await aborted.send({ topic, messages: [{ value: 'aborted' }] });
        await aborted.sendOffsets(offsets('8'));
        await aborted.abort();
        const committed = await producer.transaction();
        await committed.send({ topic, messages: [{ value: 'committed' }] });
        await committed.sendOffsets(offsets('9'));
        await committed.commit();

        expect((await read(topic, 1)).map(({ value }) => String(value))).toEqual(['committed']);
        expect(await read(topic, 2, { readUncommitted: true })).toHaveLength(2);
        expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([{ partitions: [{ offset: '9' }] }]);
      });

      it('fences an older producer of the transactional id', async () => {
        const topic = await newTopic();
        const transactionalId = unique('txn');
        const options = { transactionalId, idempotent: true, maxInFlightRequests: 1, retry: { retries: 1 } };
        const zombie = await connected(kafka.producer(options));
        const before = await zombie.transaction();
        await before.send({ topic, messages: [{ value: 'zombie' }] });

        const successor = await connected(kafka.producer({ ...options, retry: { retries: 20 } }));
        const after = await successor.transaction();
        await after.send({ topic, messages: [{ value: 'successor' }] });
        await after.commit();

        await expect(before.commit()).rejects.toThrow(/epoch|fenced/i);
        expect((await read(topic, 1)).map(({ value }) => String(value))).toEqual(['successor']);
      });
    });

    describe('consumer group', () => {
      it('hands partitions over when a member leaves', async () => {
        const topic = await newTopic(4);
        const groupId = unique('group');
        const producer = await connected(kafka.producer());
        const seen: string[] = [];
        const member = async (name: string) => {
          const consumer = await connected(
            kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 200, maxWaitTimeInMs: 100, rebalanceTimeout: 5000 }),
          );
          await consumer.subscribe({ topic, fromBeginning: true });
          await consumer.run({
            eachMessage: async ({ message }) => {
              seen.push(`${name}:${message.value}`);
            },
          });
          return consumer;
        };
        const send = (mark: string) =>
          producer.send({ topic, messages: [0, 1, 2, 3].map((partition) => ({ partition, value: `${mark}${partition}` })) });
        const admin = await connected(kafka.admin());
        const sizeOf = async () => {
          const group = (await admin.describeGroups([groupId])).groups[0];
          return group?.state === 'Stable' ? group.members.length : -1;
        };

        const first = await member('first');
        await member('second');
        await expect.poll(sizeOf, { timeout: 20_000 }).toBe(2);
        await send('a');
        await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(4);
        expect(new Set(seen.map((each) => each.split(':')[0]))).toEqual(new Set(['first', 'second']));
        await first.disconnect();
        await expect.poll(sizeOf, { timeout: 20_000 }).toBe(1);
        await send('b');

        await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(8);
        expect(seen.slice(4).sort()).toEqual(['second:b0', 'second:b1', 'second:b2', 'second:b3']);
      });
    });
  });
}
