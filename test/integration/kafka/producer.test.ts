import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/core/clock.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { partitionFor } from '../../../lib/kafka/default-partitioner.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import type { PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import { readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { type FaultProxy, startFaultProxy } from '../../support/kafka/fault-proxy.ts';
import { type Target, targets, titleOf } from '../broker/targets.ts';

const PRODUCE = 0;
const INIT_PRODUCER_ID = 22;

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    let proxy: FaultProxy;
    let clients: KafkaClients;
    let reader: PartitionReader;
    let settings: Record<string, string>;

    const topicWith = async (configs: Record<string, string> = {}, partitions = 1): Promise<string> => {
      const topic = unique('produced');
      const admin = clients.admin(settings);
      await admin.createTopic({ topic, partitions, replicationFactor: 1, configs });
      await admin.close();
      return topic;
    };

    beforeAll(async () => {
      target = await kind.start();
      proxy = await startFaultProxy(target.port);
      clients = testClients();
      settings = { 'bootstrap.servers': proxy.bootstrap };
      reader = clients.reader(settings);
    });
    afterAll(async () => {
      await clients?.close();
      await proxy?.close();
      await target?.stop();
    });

    it('splits what a send gives it by max.request.size, and keeps the order', async () => {
      const topic = await topicWith();
      const producer = clients.producer({ ...settings, 'max.request.size': '20000' });
      let largest = 0;
      let requests = 0;
      proxy.interfere = ({ direction, apiKey, frame }) => {
        if (direction === 'request' && apiKey === PRODUCE) {
          requests++;
          largest = Math.max(largest, frame.length);
        }
        return 'pass';
      };
      const records = Array.from({ length: 1_000 }, (_, i) => record(topic, { value: Buffer.from(`${i}`.padEnd(500, '.')) }));
      const result = await producer.send(records);
      proxy.interfere = () => 'pass';
      expect(result.failed.size).toBe(0);
      expect(requests).toBeGreaterThan(20);
      expect(largest).toBeLessThan(20_300);
      expect(result.metadata(999)).toMatchObject({ topic, partition: 0, offset: 999 });
      expect(values(await readAll(reader, topic)).map((text) => Number.parseInt(text ?? '', 10))).toEqual(records.map((_, i) => i));
      await producer.close();
    });

    it("learns a topic's max.message.bytes from its first refusal, and is not refused again", async () => {
      const topic = await topicWith({ 'max.message.bytes': '5000' });
      const producer = clients.producer(settings);
      let requests = 0;
      proxy.interfere = ({ direction, apiKey }) => {
        if (direction === 'request' && apiKey === PRODUCE) requests++;
        return 'pass';
      };
      const records = (from: number) =>
        Array.from({ length: 100 }, (_, i) => record(topic, { value: Buffer.from(`${from + i}`.padEnd(400, '.')) }));
      expect((await producer.send(records(0))).failed.size).toBe(0);
      const first = requests;
      expect((await producer.send(records(100))).failed.size).toBe(0);
      proxy.interfere = () => 'pass';
      expect(requests - first).toBe(first - 1);
      expect(values(await readAll(reader, topic)).map((text) => Number.parseInt(text ?? '', 10))).toEqual(
        Array.from({ length: 200 }, (_, i) => i),
      );
      await producer.close();
    });

    it('fails a record alone that is too large for the producer, with the text of the Java client', async () => {
      const topic = await topicWith();
      const producer = clients.producer({ ...settings, 'max.request.size': '1000' });
      const result = await producer.send([record(topic), record(topic, { value: Buffer.alloc(2_000) }), record(topic)]);
      expect([...result.failed.keys()]).toEqual([1]);
      expect(result.failed.get(1)).toMatchObject({
        javaClass: 'org.apache.kafka.common.errors.RecordTooLargeException',
        message:
          'The message is 2086 bytes when serialized which is larger than 1000, which is the value of the max.request.size configuration.',
        retriable: false,
      });
      expect(result.metadata(1)).toBeNull();
      expect(result.metadata(2)?.offset).toBe(1);
      await producer.close();
    });

    it('fails a record alone that is too large for the topic, whatever is under way behind it', async () => {
      const topic = await topicWith({ 'max.message.bytes': '2000' });
      const producer = clients.producer({ ...settings, 'batch.size': '1500' });
      await producer.send([record(topic, { value: Buffer.from('before') })]);
      const sends = [
        producer.send([record(topic, { value: Buffer.from('a') }), record(topic, { value: Buffer.alloc(3_000) })]),
        producer.send([record(topic, { value: Buffer.alloc(3_000) }), record(topic, { value: Buffer.from('b') })]),
        producer.send([record(topic, { value: Buffer.from('c') })]),
      ];
      const [one, two, three] = await Promise.all(sends);
      expect([...(one?.failed.keys() ?? [])]).toEqual([1]);
      expect([...(two?.failed.keys() ?? [])]).toEqual([0]);
      expect(three?.failed.size).toBe(0);
      expect(two?.failed.get(0)).toMatchObject({
        kafkaCode: 'MESSAGE_TOO_LARGE',
        javaClass: 'org.apache.kafka.common.errors.RecordTooLargeException',
        message: 'The request included a message larger than the max message size the server will accept.',
      });
      expect(values(await readAll(reader, topic))).toEqual(['before', 'a', 'b', 'c']);
      await producer.close();
    });

    it('fails a record alone that the broker names as invalid', async ({ skip }) => {
      const topic = await topicWith({ 'cleanup.policy': 'compact' });
      const producer = clients.producer(settings);
      const keyed = (text: string) => record(topic, { key: Buffer.from('k'), value: Buffer.from(text) });
      const result = await producer.send([keyed('a'), record(topic), keyed('b'), record(topic), keyed('c')]);
      if (kind.name === 'embedded broker' && result.failed.size === 0)
        skip('the embedded broker does not compact, so it takes records without a key');
      expect([...result.failed.keys()]).toEqual([1, 3]);
      expect(result.failed.get(1)).toMatchObject({
        kafkaCode: 'INVALID_RECORD',
        javaClass: 'org.apache.kafka.common.errors.InvalidRecordException',
        message: expect.stringContaining('Compacted topic cannot accept message without key'),
        retriable: false,
      });
      expect(values(await readAll(reader, topic))).toEqual(['a', 'b', 'c']);
      await producer.send([keyed('d')]);
      expect(values(await readAll(reader, topic))).toEqual(['a', 'b', 'c', 'd']);
      await producer.close();
    });

    it('puts keyed records where Java puts them, and spreads the others', async () => {
      const topic = await topicWith({}, 7);
      const producer = clients.producer(settings);
      const keys = Array.from({ length: 200 }, (_, i) => Buffer.from(`key-${i}`));
      const result = await producer.send(keys.map((key) => record(topic, { key })));
      expect(keys.map((_, i) => result.metadata(i)?.partition)).toEqual(keys.map((key) => partitionFor(key, 7)));
      const unkeyed = await producer.send(Array.from({ length: 2_000 }, () => record(topic, { value: Buffer.alloc(200) })));
      const used = Map.groupBy(
        Array.from({ length: 2_000 }, (_, i) => unkeyed.metadata(i)?.partition),
        (partition) => partition,
      );
      expect(used.size).toBeGreaterThan(3);
      expect(Math.min(...[...used.values()].map((records) => records.length))).toBeGreaterThan(20);
      await producer.close();
    });

    it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
      'keeps keys, values, headers and timestamps with compression %s',
      async (compression) => {
        const topic = await topicWith();
        const producer = clients.producer({ ...settings, 'compression.type': compression });
        const sent = [
          record(topic, { key: Buffer.from('k'), value: Buffer.alloc(0), timestamp: 1_700_000_000_000 }),
          record(topic, { key: Buffer.alloc(0), value: null, timestamp: 0 }),
          record(topic, { key: null, value: Buffer.alloc(200_000, 'abc'), timestamp: 1_700_000_000_001 }),
          record(topic, {
            timestamp: 9,
            headers: [
              { key: 'b', value: Buffer.from([0, 255]) },
              { key: 'a', value: null },
              { key: 'b', value: Buffer.alloc(0) },
              { key: 'é', value: Buffer.from('x') },
            ],
          }),
        ];
        expect((await producer.send(sent)).failed.size).toBe(0);
        const got = await readAll(reader, topic);
        const strip = ({ key, value, timestamp, headers }: (typeof sent)[number] | (typeof got)[number]) => ({
          key: key === null ? null : Buffer.from(key).toString('hex'),
          value: value === null ? null : Buffer.from(value).toString('hex'),
          timestamp,
          headers: headers.map((header) => [header.key, header.value === null ? null : Buffer.from(header.value).toString('hex')]),
        });
        expect(got.map(strip)).toEqual(sent.map(strip));
        expect(got.map(({ offset, timestampType }) => [offset, timestampType])).toEqual(
          [0, 1, 2, 3].map((offset) => [offset, 'CREATE_TIME']),
        );
        await producer.close();
      },
    );

    it("tells the broker's time where the topic takes it", async () => {
      const topic = await topicWith({ 'message.timestamp.type': 'LogAppendTime' });
      const producer = clients.producer(settings);
      const before = Date.now();
      const result = await producer.send([record(topic, { timestamp: 5 })]);
      expect(result.metadata(0)?.timestamp).toBeGreaterThanOrEqual(before);
      const [got] = await readAll(reader, topic);
      expect(got).toMatchObject({ timestamp: result.metadata(0)?.timestamp, timestampType: 'LOG_APPEND_TIME' });
      await producer.close();
    });

    it('fails records for what does not exist or cannot be, and sends the others', async () => {
      const topic = await topicWith();
      const producer = clients.producer({ ...settings, 'max.block.ms': '300' });
      const result = await producer.send([
        record(topic, { partition: 4 }),
        record(topic, { partition: -1 }),
        record(topic, { timestamp: -5 }),
        record('not a topic'),
        record(topic, { value: Buffer.from('good') }),
      ]);
      expect([...result.failed].map(([index, error]) => [index, error.message])).toEqual([
        [0, `Partition 4 of topic ${topic} with partition count 1 is not present in metadata after 300 ms.`],
        [1, 'Invalid partition: -1. Partition number should always be non-negative or null.'],
        [2, 'Invalid timestamp: -5. Timestamp should always be non-negative or null.'],
        [3, 'metadata of topic not a topic was refused: INVALID_TOPIC_EXCEPTION'],
      ]);
      expect(values(await readAll(reader, topic))).toEqual(['good']);
      await producer.close();
    });

    it('stores each record once and in order while connections break before and after the broker has the batch', async () => {
      const topic = await topicWith({}, 2);
      const producer = clients.producer({ ...settings, 'batch.size': '4000' });
      let seed = 7;
      let cuts = 0;
      proxy.interfere = ({ apiKey }) => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        if (apiKey !== PRODUCE || (seed >>> 16) % 12 !== 0 || cuts >= 40) return 'pass';
        cuts++;
        return 'cut';
      };
      const sends = Array.from({ length: 30 }, (_, batch) =>
        producer.send(
          Array.from({ length: 100 }, (_, i) =>
            record(topic, { partition: i % 2, value: Buffer.from(`${batch * 100 + i}`.padEnd(100, '.')) }),
          ),
        ),
      );
      const results = await Promise.all(sends);
      proxy.interfere = () => 'pass';
      expect(cuts).toBeGreaterThan(5);
      expect(results.every((result) => result.failed.size === 0)).toBe(true);
      for (const partition of [0, 1]) {
        const numbers = values(await readAll(reader, topic, partition)).map((text) => Number.parseInt(text ?? '', 10));
        expect(numbers).toEqual(Array.from({ length: 1_500 }, (_, i) => i * 2 + partition));
      }
      await producer.close();
    });

    it('sends again what was interrupted, wherever between two readings of the clock its pause ends', async () => {
      const topic = await topicWith();
      let leaps = 0;
      const leaping: Clock = {
        now: () => SYSTEM_CLOCK.now(),
        monotonic: () => SYSTEM_CLOCK.monotonic() + 40 * leaps++,
        sleep: (ms, signal) => SYSTEM_CLOCK.sleep(Math.max(ms - 60, 0), signal),
      };
      const hurried = testClients([], leaping);
      const producer = hurried.producer({ ...settings, 'delivery.timeout.ms': '2000000', 'batch.size': '1000' });
      let requests = 0;
      proxy.interfere = ({ apiKey, direction }) => (apiKey === PRODUCE && direction === 'request' && ++requests % 3 !== 0 ? 'cut' : 'pass');
      const texts = Array.from({ length: 10 }, (_, i) => `${i}`);
      for (const text of texts) expect((await producer.send([record(topic, { value: Buffer.from(text) })])).failed.size).toBe(0);
      proxy.interfere = () => 'pass';
      expect(values(await readAll(reader, topic))).toEqual(texts);
      await hurried.close();
    });

    it('sends one request at a time where the broker forbids idempotence', async () => {
      const topic = await topicWith();
      const producer = clients.producer({ ...settings, 'batch.size': '500' });
      let underWay = 0;
      let most = 0;
      proxy.interfere = ({ direction, apiKey, frame }) => {
        if (apiKey === PRODUCE) {
          underWay += direction === 'request' ? 1 : -1;
          most = Math.max(most, underWay);
        }
        if (direction === 'request' || apiKey !== INIT_PRODUCER_ID) return 'pass';
        const refused = Buffer.from(frame);
        refused.writeInt16BE(31, 4 + 1 + 4); // correlation id, tags, throttle time
        return refused;
      };
      const result = await producer.send(
        Array.from({ length: 50 }, (_, i) => record(topic, { value: Buffer.from(`${i}`.padEnd(100, '.')) })),
      );
      proxy.interfere = () => 'pass';
      expect(result.failed.size).toBe(0);
      expect(most).toBe(1);
      expect((await readAll(reader, topic)).length).toBe(50);
      await producer.close();
    });

    it('fails what cannot be delivered in time as an outage, later records of the partition with it, and recovers', async () => {
      const topic = await topicWith();
      const producer = clients.producer({ ...settings, 'delivery.timeout.ms': '700', 'request.timeout.ms': '300' });
      await producer.send([record(topic, { value: Buffer.from('first') })]);
      proxy.interfere = ({ apiKey, direction }) => (apiKey === PRODUCE && direction === 'request' ? 'swallow' : 'pass');
      const [lost, behind] = await Promise.all([producer.send([record(topic)]), producer.send([record(topic)])]);
      proxy.interfere = () => 'pass';
      expect(lost?.failed.get(0)).toMatchObject({
        retriable: true,
        javaClass: 'org.apache.kafka.common.errors.TimeoutException',
        message: `Expiring 1 record(s) for ${topic}-0:700 ms has passed since batch creation`,
      });
      expect(behind?.failed.get(0)).toMatchObject({ retriable: true });
      expect((await producer.send([record(topic, { value: Buffer.from('last') })])).failed.size).toBe(0);
      expect(values(await readAll(reader, topic))).toEqual(['first', 'last']);
      await producer.close();
    });

    it('sends nothing after an abort', async () => {
      const topic = await topicWith();
      const producer = clients.producer(settings);
      await producer.send([record(topic, { value: Buffer.from('first') })]);
      proxy.interfere = ({ apiKey, direction }) => (apiKey === PRODUCE && direction === 'request' ? 'cut' : 'pass');
      const abort = new AbortController();
      const sending = producer.send([record(topic, { value: Buffer.from('aborted') })], { signal: abort.signal });
      setTimeout(() => abort.abort(new Error('the lease ended')), 50);
      await expect(sending).rejects.toThrow('the lease ended');
      proxy.interfere = () => 'pass';
      expect((await producer.send([record(topic, { value: Buffer.from('last') })])).failed.size).toBe(0);
      await expect(producer.send([record(topic)], { signal: abort.signal })).rejects.toThrow('the lease ended');
      expect(values(await readAll(reader, topic))).toEqual(['first', 'last']);
      await producer.close();
    });
  });
}
