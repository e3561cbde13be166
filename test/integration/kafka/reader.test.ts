import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { createKafkaClients } from '../../../lib/kafka/kafkajs/kafka-clients.ts';
import type { PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import { collectingLogger, type LoggedLine, readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { type FaultProxy, startFaultProxy } from '../../support/kafka/fault-proxy.ts';
import { type Target, targets, titleOf } from '../broker/targets.ts';

const FETCH = 1;
const METADATA = 3;

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    let proxy: FaultProxy;
    let clients: KafkaClients;
    let reader: PartitionReader;
    let settings: Record<string, string>;
    const logged: LoggedLine[] = [];

    const topicOf = async (count: number, partitions = 1): Promise<string> => {
      const topic = unique('read');
      const admin = clients.admin(settings);
      await admin.createTopic({ topic, partitions, replicationFactor: 1, configs: {} });
      await admin.close();
      const producer = clients.producer(settings);
      for (let partition = 0; partition < partitions; partition++) {
        await producer.send(
          Array.from({ length: count }, (_, i) => record(topic, { partition, value: Buffer.from(`${i}`), timestamp: 1_000 + i })),
        );
      }
      await producer.close();
      return topic;
    };

    beforeAll(async () => {
      target = await kind.start();
      proxy = await startFaultProxy(target.port);
      clients = testClients(logged);
      settings = { 'bootstrap.servers': proxy.bootstrap };
      reader = clients.reader(settings);
    });
    afterAll(async () => {
      await clients?.close();
      await proxy?.close();
      await target?.stop();
    });

    it('reads partitions without a group, from any offset inside a batch', async () => {
      const topic = await topicOf(10, 2);
      const fetched = await reader.fetch(
        [
          { topic, partition: 0, offset: 0 },
          { topic, partition: 1, offset: 7 },
        ],
        { maxWaitMs: 1_000, maxBytes: 1_000_000 },
      );
      const byPartition = new Map(fetched.map((partition) => [partition.partition, partition]));
      expect(values(byPartition.get(0)?.records ?? [])).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
      expect(values(byPartition.get(1)?.records ?? [])).toEqual(['7', '8', '9']);
      expect(byPartition.get(1)).toMatchObject({ nextOffset: 10, endOffset: 10, outOfRange: false });
    });

    it('answers at once with maxWaitMs 0, and waits for a first record otherwise', async () => {
      const topic = await topicOf(1);
      const end = [{ topic, partition: 0, offset: 1 }];
      const started = performance.now();
      const [empty] = await reader.fetch(end, { maxWaitMs: 0, maxBytes: 1_000 });
      expect(performance.now() - started).toBeLessThan(400);
      expect(empty).toMatchObject({ records: [], nextOffset: 1, endOffset: 1 });
      const waiting = reader.fetch(end, { maxWaitMs: 10_000, maxBytes: 1_000 });
      const producer = clients.producer(settings);
      await producer.send([record(topic, { value: Buffer.from('came') })]);
      const [came] = await waiting;
      expect(values(came?.records ?? [])).toEqual(['came']);
      expect(performance.now() - started).toBeLessThan(5_000);
      await producer.close();
    });

    it('finds offsets by place and time', async () => {
      const topic = await topicOf(10, 2);
      const both = [0, 1].map((partition) => ({ topic, partition }));
      const of = (offset: number) => new Map(both.map(({ partition }) => [`${topic}-${partition}`, offset]));
      expect(await reader.beginningOffsets(both)).toEqual(of(0));
      expect(await reader.endOffsets(both)).toEqual(of(10));
      expect(await reader.offsetsForTime(both, 1_004)).toEqual(of(4));
      expect(await reader.offsetsForTime(both, 0)).toEqual(of(0));
      expect(await reader.offsetsForTime(both, 5_000)).toEqual(of(10));
      expect(await reader.endOffsets([])).toEqual(new Map());
    });

    it('says when a position is out of range', async () => {
      const topic = await topicOf(3);
      const [beyond] = await reader.fetch([{ topic, partition: 0, offset: 100 }], { maxWaitMs: 0, maxBytes: 1_000 });
      expect(beyond).toEqual({ topic, partition: 0, records: [], nextOffset: 100, endOffset: 3, outOfRange: true });
    });

    it('takes a batch that is larger than maxBytes whole', async () => {
      const topic = unique('large');
      const producer = clients.producer(settings);
      await producer.send([record(topic, { value: Buffer.alloc(300_000, 'x') }), record(topic)]);
      const [fetched] = await reader.fetch([{ topic, partition: 0, offset: 0 }], { maxWaitMs: 1_000, maxBytes: 1_000 });
      expect(fetched?.records.length).toBe(2);
      await producer.close();
    });

    it('returns at once when it is aborted, and reads on', async () => {
      const topic = await topicOf(2);
      const abort = new AbortController();
      const waiting = reader.fetch([{ topic, partition: 0, offset: 2 }], { maxWaitMs: 20_000, maxBytes: 1_000, signal: abort.signal });
      const started = performance.now();
      setTimeout(() => abort.abort(new Error('enough')), 50);
      await expect(waiting).rejects.toThrow('enough');
      expect((await readAll(reader, topic)).length).toBe(2);
      expect(performance.now() - started).toBeLessThan(2_000);
    });

    it('reads on after broken connections and damaged batches', async () => {
      const topic = await topicOf(50);
      let faults = 0;
      proxy.interfere = ({ direction, apiKey, frame }) => {
        if (direction === 'request' || apiKey !== FETCH || faults >= 3) return 'pass';
        faults++;
        if (faults !== 2) return 'cut';
        const damaged = Buffer.from(frame);
        damaged[damaged.length - 3] = (damaged.at(-3) ?? 0) ^ 0xff;
        return damaged;
      };
      expect((await readAll(reader, topic)).length).toBe(50);
      proxy.interfere = () => 'pass';
      expect(faults).toBe(3);
    });

    it('leaves a topic that does not exist alone, and says so', async () => {
      const impatient = clients.reader({ ...settings, 'default.api.timeout.ms': '300' });
      const admin = clients.admin(settings);
      const missing = unique('missing');
      await expect(impatient.fetch([{ topic: missing, partition: 0, offset: 0 }], { maxWaitMs: 0, maxBytes: 1 })).rejects.toMatchObject({
        kafkaCode: 'UNKNOWN_TOPIC_OR_PARTITION',
      });
      expect(await admin.describeTopics([missing])).toEqual(new Map());
      expect(await admin.listTopics()).not.toContain(missing);
      await impatient.close();
      await admin.close();
    });

    it('commits and fetches the offsets of a group without being a member', async () => {
      const topic = await topicOf(5, 2);
      const group = unique('group');
      const groups = clients.groupOffsets(settings);
      const both = [0, 1].map((partition) => ({ topic, partition }));
      expect(await groups.fetch(group, both)).toEqual(new Map());
      await groups.commit(group, new Map([[`${topic}-1`, 4]]));
      expect(await groups.fetch(group, both)).toEqual(new Map([[`${topic}-1`, 4]]));
      await groups.commit(group, new Map());
      await groups.commit(group, new Map([[`${topic}-0`, 2]]), 'by us');
      expect(await groups.committed(group, both)).toEqual(
        new Map([
          [`${topic}-0`, { offset: 2, metadata: 'by us' }],
          [`${topic}-1`, { offset: 4, metadata: '' }],
        ]),
      );
      await groups.remove(group, [both[0] as (typeof both)[0], { topic: unique('missing'), partition: 0 }]);
      expect(await groups.fetch(group, both)).toEqual(new Map([[`${topic}-1`, 4]]));
      await groups.remove(unique('nobody'), both);
      expect(await groups.members(group)).toEqual([]);
    });

    it('refuses to commit for a group that has members', async () => {
      const topic = await topicOf(1);
      const group = unique('group');
      const groups = clients.groupOffsets(settings);
      const member = new Kafka({ clientId: 'a-consumer', brokers: [target.bootstrap], logLevel: logLevel.NOTHING }).consumer({
        groupId: group,
      });
      await member.subscribe({ topic, fromBeginning: true });
      const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
      await member.run({ eachMessage: async () => {} });
      await joined;
      await expect(groups.commit(group, new Map([[`${topic}-0`, 0]]))).rejects.toMatchObject({
        kafkaCode: 'UNKNOWN_MEMBER_ID',
        javaClass: 'org.apache.kafka.common.errors.UnknownMemberIdException',
        retriable: false,
      });
      expect(await groups.members(group)).toMatchObject([{ clientId: 'a-consumer', host: expect.stringContaining('127.0.0.1') }]);
      await member.disconnect();
      await groups.commit(group, new Map([[`${topic}-0`, 0]]));
      expect(await groups.fetch(group, [{ topic, partition: 0 }])).toEqual(new Map([[`${topic}-0`, 0]]));
    });

    it('creates topics once, with configs, and says why it cannot', async () => {
      const admin = clients.admin(settings);
      const topic = unique('created');
      const configs = { 'cleanup.policy': 'compact' };
      expect(await admin.createTopic({ topic, partitions: 3, replicationFactor: null, configs })).toBe(true);
      expect(await admin.createTopic({ topic, partitions: 3, replicationFactor: 1, configs })).toBe(false);
      expect(await admin.describeTopics([topic])).toEqual(
        new Map([[topic, { topic, partitions: 3, topicId: expect.stringMatching(/^[\w-]{22}$/) }]]),
      );
      const create = (init: object) =>
        admin.createTopic({ topic: unique('refused'), partitions: 1, replicationFactor: 1, configs: {}, ...init });
      await expect(create({ topic: 'no/slash' })).rejects.toMatchObject({ kafkaCode: 'INVALID_TOPIC_EXCEPTION', retriable: false });
      await expect(create({ replicationFactor: 3 })).rejects.toMatchObject({
        kafkaCode: 'INVALID_REPLICATION_FACTOR',
        javaClass: 'org.apache.kafka.common.errors.InvalidReplicationFactorException',
      });
      await expect(create({ configs: { 'cleanup.policy': 'sometimes' } })).rejects.toMatchObject({ kafkaCode: 'INVALID_CONFIG' });
      await admin.close();
    });

    it('drops connections that were frozen for more than a minute', async () => {
      let skew = 0;
      const clock = { ...SYSTEM_CLOCK, now: () => Date.now() + skew };
      const frozen = createKafkaClients({ logger: collectingLogger(), clock, random: Math.random });
      const topic = await topicOf(1);
      const own = frozen.reader(settings);
      expect((await readAll(own, topic)).length).toBe(1);
      let connections = 0;
      proxy.interfere = ({ direction, apiKey }) => {
        if (direction === 'request' && apiKey === 18) connections++;
        return 'pass';
      };
      expect((await readAll(own, topic)).length).toBe(1);
      expect(connections).toBe(0);
      skew = 61_000;
      expect((await readAll(own, topic)).length).toBe(1);
      proxy.interfere = () => 'pass';
      expect(connections).toBe(2);
      await frozen.close();
    });

    it('says what is wrong when no broker answers, or what answers is not Kafka', async () => {
      const admin = clients.admin({ 'bootstrap.servers': '127.0.0.1:1', 'default.api.timeout.ms': '200' });
      await expect(admin.listTopics()).rejects.toMatchObject({
        message: expect.stringMatching(/no broker of bootstrap.servers can be reached: connection to 127.0.0.1:1 failed: .*ECONNREFUSED/),
        retriable: true,
        javaClass: 'org.apache.kafka.common.errors.TimeoutException',
      });
      await admin.close();
      const tls = clients.admin({ 'bootstrap.servers': target.bootstrap, 'security.protocol': 'SSL', 'default.api.timeout.ms': '200' });
      await expect(tls.listTopics()).rejects.toThrow(/security\.protocol/);
      await tls.close();
      const silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const mute = clients.admin({
        'bootstrap.servers': `127.0.0.1:${port}`,
        'request.timeout.ms': '200',
        'default.api.timeout.ms': '100',
      });
      await expect(mute.listTopics()).rejects.toThrow(/ApiVersions.*timed out/);
      await mute.close();
      silent.close();
    });

    it('keeps kafkajs quiet: nothing above debug, and no warning of a negative time-out', async () => {
      const warnings: string[] = [];
      const onWarning = (warning: Error) => void warnings.push(warning.name);
      process.on('warning', onWarning);
      const quiet: LoggedLine[] = [];
      const own = testClients(quiet);
      const admin = own.admin(settings);
      for (let i = 0; i < 3; i++) await admin.listTopics();
      proxy.interfere = ({ apiKey }) => (apiKey === METADATA ? 'cut' : 'pass');
      const listing = admin.listTopics();
      await sleep(150);
      proxy.interfere = () => 'pass';
      await listing;
      await own.close();
      await sleep(20);
      process.off('warning', onWarning);
      expect(warnings).toEqual([]);
      expect(quiet.filter(({ level }) => level !== 'debug')).toEqual([]);
      expect(logged.filter(({ level }) => level !== 'debug')).toEqual([]);
    });
  });
}
