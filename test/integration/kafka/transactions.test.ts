import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProducerFencedException, UnknownCommitOutcomeException } from '../../../lib/kafka/errors.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import type { GroupOffsets, PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import { readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { type FaultProxy, startFaultProxy } from '../../support/kafka/fault-proxy.ts';
import { type Target, targets, titleOf } from '../broker/targets.ts';

const PRODUCE = 0;
const FIND_COORDINATOR = 10;
const ADD_OFFSETS_TO_TXN = 25;
const END_TXN = 26;
const TXN_OFFSET_COMMIT = 28;
const NOT_COORDINATOR = 16;
const CONCURRENT_TRANSACTIONS = 51;

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    let proxy: FaultProxy;
    let clients: KafkaClients;
    let settings: Record<string, string>;
    let committed: PartitionReader;
    let uncommitted: PartitionReader;
    let groups: GroupOffsets;
    let topic = '';
    let id = '';

    const producerOf = (transactionalId: string, more: Record<string, string> = {}) =>
      clients.transactionalProducer(transactionalId, { ...settings, 'client.id': unique('client'), ...more });
    const one = (text: string) => [record(topic, { partition: 0, value: Buffer.from(text) })];
    const at = () => ({ topic, partition: 0 });
    /** What a reader of committed records sees once the markers of the last commit or abort are written, which happens after the answer. */
    const settled = async () => {
      const behind = async () => {
        const [stable, end] = await Promise.all([committed.endOffsets([at()]), uncommitted.endOffsets([at()])]);
        return (end.get(`${topic}-0`) ?? 0) - (stable.get(`${topic}-0`) ?? 0);
      };
      await expect.poll(behind, { timeout: 10_000 }).toBe(0);
      return values(await readAll(committed, topic));
    };

    beforeAll(async () => {
      target = await kind.start();
      proxy = await startFaultProxy(target.port);
      clients = testClients();
      settings = { 'bootstrap.servers': proxy.bootstrap };
      committed = clients.reader({ ...settings, 'isolation.level': 'read_committed' });
      uncommitted = clients.reader(settings);
      groups = clients.groupOffsets(settings);
    });
    beforeEach(async () => {
      topic = unique('transacted');
      id = unique('transactional');
      const admin = clients.admin(settings);
      await admin.createTopic({ topic, partitions: 2, replicationFactor: 1, configs: {} });
      await admin.close();
    });
    afterAll(async () => {
      await clients?.close();
      await proxy?.close();
      await target?.stop();
    });

    it('shows batches and offsets together on commit, and neither after an abort', async () => {
      const producer = producerOf(id);
      await producer.fence();
      producer.begin();
      await producer.send(one('aborted'));
      await producer.sendOffset(id, topic, 0, 1);
      expect(await readAll(committed, topic)).toEqual([]);
      expect(values(await readAll(uncommitted, topic))).toEqual(['aborted']);
      await producer.abort();
      expect(await groups.fetch(id, [at()])).toEqual(new Map());
      producer.begin();
      await producer.send(one('committed'));
      await producer.sendOffset(id, topic, 0, 2);
      await producer.commit();
      expect(await settled()).toEqual(['committed']);
      expect(await groups.fetch(id, [at()])).toEqual(new Map([[`${topic}-0`, 2]]));
      producer.begin();
      await producer.commit(); // nothing in it
      await producer.close();
    });

    it('ends a reader of committed records at an open transaction, and advances over its markers', async () => {
      const plain = clients.producer(settings);
      await plain.send(one('before'));
      const producer = producerOf(id);
      await producer.fence();
      producer.begin();
      await producer.send(one('open'));
      await plain.send(one('behind'));
      const stable = { maxWaitMs: 0, maxBytes: 1_000_000 };
      await expect.poll(() => committed.endOffsets([at()])).toEqual(new Map([[`${topic}-0`, 1]]));
      const [held] = await committed.fetch([{ ...at(), offset: 0 }], stable);
      expect(values(held?.records ?? [])).toEqual(['before']);
      expect(held).toMatchObject({ nextOffset: 1, endOffset: 1, outOfRange: false });
      expect(await committed.endOffsets([at()])).toEqual(new Map([[`${topic}-0`, 1]]));
      expect(await uncommitted.endOffsets([at()])).toEqual(new Map([[`${topic}-0`, 3]]));
      await producer.abort();
      await settled();
      // offsets: 0 before, 1 open, 2 behind, 3 the marker
      const [whole] = await committed.fetch([{ ...at(), offset: 0 }], stable);
      expect(whole?.records.map(({ offset }) => offset)).toEqual([0, 2]);
      expect(whole).toMatchObject({ nextOffset: 4, endOffset: 4 });
      const [marker] = await committed.fetch([{ ...at(), offset: 3 }], stable);
      expect(marker).toMatchObject({ records: [], nextOffset: 4, endOffset: 4 });
      await producer.close();
      await plain.close();
    });

    it('fences the older owner on acquire, before any transaction of the new one', async () => {
      const zombie = producerOf(id);
      await zombie.fence();
      zombie.begin();
      await zombie.send(one('of the zombie'));
      const owner = producerOf(id);
      await owner.fence();
      const refused = await zombie.commit().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ProducerFencedException);
      expect(refused).toMatchObject({ code: 'producer-fenced', retriable: false });
      expect(() => zombie.begin()).toThrow(/fence\(\) first/);
      expect(await readAll(committed, topic)).toEqual([]);
      owner.begin();
      await owner.send(one('of the owner'));
      await owner.commit();
      expect(await settled()).toEqual(['of the owner']);
      await zombie.close();
      await owner.close();
    });

    it('reports the records of a fenced owner as fenced', async () => {
      const zombie = producerOf(id);
      await zombie.fence();
      zombie.begin();
      await zombie.send(one('first'));
      const owner = producerOf(id);
      await owner.fence();
      const result = await zombie.send(one('second'));
      expect(result.failed.get(0)).toBeInstanceOf(ProducerFencedException);
      await expect(zombie.commit()).rejects.toThrow(/can only be aborted/);
      await expect(zombie.abort()).rejects.toBeInstanceOf(ProducerFencedException);
      await zombie.close();
      await owner.close();
    });

    it('runs transactions back to back without the 300 ms that kafkajs waits for CONCURRENT_TRANSACTIONS', async () => {
      const producer = producerOf(id);
      await producer.fence();
      let refused = 0;
      const waits: number[] = [];
      let last = 0;
      proxy.interfere = ({ direction, apiKey, frame }) => {
        if (direction === 'request' || apiKey !== 24) return 'pass';
        const answer = Buffer.from(frame);
        const code = answer.length - 2; // one topic, one partition: the error code is the end
        if (last > 0) waits.push(performance.now() - last);
        last = 0;
        if (++refused > 3) return 'pass';
        last = performance.now();
        answer.writeInt16BE(CONCURRENT_TRANSACTIONS, code);
        return answer;
      };
      for (let i = 0; i < 10; i++) {
        producer.begin();
        await producer.send(one(`${i}`));
        await producer.commit();
      }
      proxy.interfere = () => 'pass';
      expect(refused).toBeGreaterThanOrEqual(13);
      expect(Math.max(...waits)).toBeLessThan(250);
      expect(await settled()).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
      await producer.close();
    });

    it('asks for stable offsets: an open transaction holds the answer back', async () => {
      const producer = producerOf(id);
      await producer.fence();
      producer.begin();
      await producer.sendOffset(id, topic, 0, 7);
      const impatient = clients.groupOffsets({ ...settings, 'default.api.timeout.ms': '200' });
      await expect(impatient.fetch(id, [at()])).rejects.toMatchObject({ kafkaCode: 'UNSTABLE_OFFSET_COMMIT', retriable: true });
      const waiting = groups.fetch(id, [at()]);
      await producer.commit();
      expect(await waiting).toEqual(new Map([[`${topic}-0`, 7]]));
      await producer.close();
    });

    it('finds the coordinator again where an offset is refused by NOT_COORDINATOR', async () => {
      const producer = producerOf(id);
      await producer.fence();
      producer.begin();
      let refusals = 0;
      let lookups = 0;
      proxy.interfere = ({ direction, apiKey, frame }) => {
        if (direction === 'request' && apiKey === FIND_COORDINATOR) lookups++;
        if (direction === 'request' || (apiKey !== TXN_OFFSET_COMMIT && apiKey !== ADD_OFFSETS_TO_TXN) || refusals >= 2) return 'pass';
        refusals++;
        const answer = Buffer.from(frame);
        answer.writeInt16BE(NOT_COORDINATOR, apiKey === ADD_OFFSETS_TO_TXN ? 8 : answer.length - 2);
        return answer;
      };
      await producer.sendOffset(id, topic, 1, 3);
      proxy.interfere = () => 'pass';
      await producer.commit();
      expect(refusals).toBe(2);
      expect(lookups).toBeGreaterThanOrEqual(2);
      expect(await groups.fetch(id, [{ topic, partition: 1 }])).toEqual(new Map([[`${topic}-1`, 3]]));
      await producer.close();
    });

    it('says that the offset of a topic that does not exist cannot be added', async () => {
      const producer = producerOf(id, { 'request.timeout.ms': '500' });
      await producer.fence();
      producer.begin();
      await expect(producer.sendOffset(id, `${topic}-absent`, 0, 1)).rejects.toThrow(/UNKNOWN_TOPIC_OR_PARTITION/);
      await producer.abort();
      await producer.close();
    });

    it('commits once when the answer to the commit is lost', async () => {
      const producer = producerOf(id);
      await producer.fence();
      producer.begin();
      await producer.send(one('once'));
      let cuts = 0;
      proxy.interfere = ({ direction, apiKey }) => (direction === 'response' && apiKey === END_TXN && cuts++ === 0 ? 'cut' : 'pass');
      await producer.commit();
      proxy.interfere = () => 'pass';
      expect(cuts).toBe(2);
      producer.begin();
      await producer.send(one('next'));
      await producer.commit();
      expect(await settled()).toEqual(['once', 'next']);
      await producer.close();
    });

    it('says that the outcome is unknown when no answer to the commit comes; InitProducerId settles it', async () => {
      const producer = producerOf(id, { 'request.timeout.ms': '400' });
      await producer.fence();
      producer.begin();
      await producer.send(one('perhaps'));
      await producer.sendOffset(id, topic, 0, 1);
      proxy.interfere = ({ direction, apiKey }) => (direction === 'response' && apiKey === END_TXN ? 'swallow' : 'pass');
      const unknown = await producer.commit().catch((error: unknown) => error);
      proxy.interfere = () => 'pass';
      expect(unknown).toBeInstanceOf(UnknownCommitOutcomeException);
      expect(unknown).toMatchObject({ code: 'commit-outcome-unknown' });
      expect(() => producer.begin()).toThrow(/fence\(\) first/);
      await producer.fence();
      expect(await groups.fetch(id, [at()])).toEqual(new Map([[`${topic}-0`, 1]]));
      expect(await settled()).toEqual(['perhaps']);
      await producer.close();
    });

    it('aborts after a batch whose fate is unknown, and nothing of it appears in the next transaction', async () => {
      const producer = producerOf(id, { 'request.timeout.ms': '300', 'delivery.timeout.ms': '400' });
      await producer.fence();
      producer.begin();
      await producer.send(one('first'));
      proxy.interfere = ({ direction, apiKey }) => (direction === 'response' && apiKey === PRODUCE ? 'swallow' : 'pass');
      const result = await producer.send(one('unknown'));
      proxy.interfere = () => 'pass';
      expect(result.failed.get(0)).toMatchObject({ retriable: true });
      await expect(producer.commit()).rejects.toThrow(/can only be aborted/);
      await producer.abort();
      producer.begin();
      await producer.send(one('again'));
      await producer.commit();
      expect(await settled()).toEqual(['again']);
      await producer.close();
    });

    it('refuses a transaction.timeout.ms above what the broker allows, with what to do', async () => {
      const producer = producerOf(id, { 'transaction.timeout.ms': '100000000' });
      await expect(producer.fence()).rejects.toThrow(/transaction.max.timeout.ms/);
      await producer.close();
    });

    it('is called in order, or says what is missing', async () => {
      const producer = producerOf(id);
      expect(() => producer.begin()).toThrow(/call fence\(\) first/);
      await producer.fence();
      await expect(producer.send(one('x'))).rejects.toThrow(/call begin\(\) first/);
      await expect(producer.commit()).rejects.toThrow(/call begin\(\) first/);
      producer.begin();
      expect(() => producer.begin()).toThrow(/open already/);
      await producer.abort();
      await producer.close();
    });
  });
}
