import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  alterConfigsApi,
  apiVersionsApi,
  createPartitionsApi,
  createTopicsApi,
  deleteTopicsApi,
  describeClusterApi,
  describeConfigsApi,
  incrementalAlterConfigsApi,
  metadataApi,
} from '../../../lib/local/broker/wire/admin-apis.ts';
import { deleteRecordsApi, fetchApi, listOffsetsApi, produceApi } from '../../../lib/local/broker/wire/data-apis.ts';
import { ErrorCode } from '../../../lib/local/broker/wire/error-code.ts';
import { type Decoded, ZERO_UUID } from '../../../lib/local/broker/wire/fields.ts';
import {
  deleteGroupsApi,
  describeGroupsApi,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  listGroupsApi,
  offsetCommitApi,
  offsetFetchApi,
  syncGroupApi,
} from '../../../lib/local/broker/wire/group-apis.ts';
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  initProducerIdApi,
  txnOffsetCommitApi,
} from '../../../lib/local/broker/wire/transaction-apis.ts';
import { buildBatch, sealBatch } from '../../support/kafka/batch-builder.ts';
import { RawClient, whenReady } from '../../support/kafka/raw-client.ts';
import { type Target, targets, titleOf } from './targets.ts';

// The same requests, the same codes, on both brokers. Codes are Kafka 4.3.0's: where this suite and a memory of the protocol
// disagree, the suite is right.

let serial = 0;
const unique = (prefix: string): string => `${prefix}-${process.pid}-${++serial}`;

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    let client: RawClient;

    beforeAll(async () => {
      target = await kind.start();
      client = await RawClient.connect(target.port);
      // The real broker makes its two internal topics when somebody first asks for a coordinator.
      for (const keyType of [0, 1]) {
        await whenReady(
          () => client.send(findCoordinatorApi, 2, { key: 'warm-up', keyType, keys: [] }),
          (response) => response.errorCode,
        );
      }
      await whenReady(
        () => client.send(offsetFetchApi, 7, { groupId: 'warm-up', topics: null, requireStable: false }),
        (response) => response.errorCode,
      );
      client.close();
    });
    afterAll(async () => {
      await target?.stop();
    });
    beforeEach(async () => {
      client = await RawClient.connect(target.port);
    });
    afterEach(() => {
      client.close();
    });

    const newTopic = async (partitions = 1, configs: Record<string, string> = {}): Promise<string> => {
      const name = unique('topic');
      const { topics } = await client.send(createTopicsApi, 5, {
        topics: [
          {
            name,
            partitions,
            replicationFactor: 1,
            assignments: [],
            configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
          },
        ],
        timeoutMs: 10_000,
        validateOnly: false,
      });
      expect(topics[0]).toMatchObject({ name, errorCode: 0 });
      // The real controller answers before the broker has the topic.
      await whenReady(
        () => listOffset(name, -1),
        (found) => (found?.errorCode === 0 ? 0 : 15),
      );
      return name;
    };

    const metadataOf = async (name: string, allowAutoTopicCreation = false) => {
      const { topics } = await client.send(metadataApi, 10, {
        topics: [{ topicId: ZERO_UUID, name }],
        allowAutoTopicCreation,
        includeClusterOperations: false,
        includeTopicOperations: false,
      });
      return topics[0];
    };

    const produceRequest = (
      name: string,
      records: Buffer | null,
      { acks = -1, index = 0, transactionalId = null as string | null } = {},
    ) => ({
      transactionalId,
      acks,
      timeoutMs: 10_000,
      topics: [{ name, partitions: [{ index, records }] }],
    });

    const produce = async (
      name: string,
      records: Buffer | null,
      options: { acks?: number; index?: number; transactionalId?: string; version?: number } = {},
    ) => {
      const { topics } = await client.send(produceApi, options.version ?? 9, produceRequest(name, records, options));
      return topics[0]?.partitions[0];
    };

    const fetch = async (
      name: string,
      fetchOffset: number,
      options: { version?: number; maxBytes?: number; minBytes?: number; maxWaitMs?: number; isolationLevel?: number; index?: number } = {},
    ) => {
      const { topics } = await client.send(fetchApi, options.version ?? 11, {
        replicaId: -1,
        maxWaitMs: options.maxWaitMs ?? 0,
        minBytes: options.minBytes ?? 1,
        maxBytes: 50_000_000,
        isolationLevel: options.isolationLevel ?? 0,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [
          {
            name,
            partitions: [
              {
                index: options.index ?? 0,
                currentLeaderEpoch: -1,
                fetchOffset,
                lastFetchedEpoch: -1,
                logStartOffset: -1,
                maxBytes: options.maxBytes ?? 1_000_000,
              },
            ],
          },
        ],
        forgotten: [],
        rackId: '',
      });
      const partition = topics[0]?.partitions[0];
      if (partition === undefined) throw new Error('the answer has no partition');
      return { ...partition, bytes: Buffer.concat([...partition.records]) };
    };

    const listOffset = async (name: string, timestamp: number, isolationLevel = 0, version = 7) => {
      const { topics } = await client.send(listOffsetsApi, version, {
        replicaId: -1,
        isolationLevel,
        topics: [{ name, partitions: [{ index: 0, currentLeaderEpoch: -1, timestamp }] }],
      });
      return topics[0]?.partitions[0];
    };

    describe('ApiVersions', () => {
      it('lists Produce from 0, for librdkafka, and what this broker implements within what Kafka has', async () => {
        const { apiKeys } = await client.send(apiVersionsApi, 3, { clientSoftwareName: 'raw', clientSoftwareVersion: '1' });

        expect(apiKeys.find((each) => each.apiKey === produceApi.key)?.min).toBe(0);
        for (const api of [fetchApi, joinGroupApi, offsetFetchApi, createTopicsApi]) {
          const listed = apiKeys.find((each) => each.apiKey === api.key);
          expect(listed?.min).toBeLessThanOrEqual(api.max);
          expect(listed?.max).toBeGreaterThanOrEqual(api.max);
        }
      });

      it('answers an unknown version of itself in version 0', async () => {
        const frame = await client.sendFrame(Buffer.from([0, 0, 0, 11, 0, 18, 0, 99, 0, 0, 0, 7, 0, 0, 0]));

        expect(frame.readInt32BE(0)).toBe(7);
        expect(frame.readInt16BE(4)).toBe(ErrorCode.UNSUPPORTED_VERSION);
        expect(frame.readInt32BE(6)).toBeGreaterThan(0);
      });
    });

    describe('connections', () => {
      it.each([
        ['an unknown API key', Buffer.from([0, 0, 0, 10, 3, 231, 0, 0, 0, 0, 0, 1, 255, 255])],
        ['an unknown version', Buffer.from([0, 0, 0, 10, 0, 1, 0, 99, 0, 0, 0, 1, 255, 255])],
        ['a frame that ends too early', Buffer.from([0, 0, 0, 12, 0, 1, 0, 11, 0, 0, 0, 1, 255, 255, 0, 0])],
        ['a negative length', Buffer.from([255, 255, 255, 255])],
        ['an oversized frame', Buffer.from([127, 255, 255, 255])],
        ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
      ])('closes one with %s and goes on serving others', async (_, bytes) => {
        await expect(client.sendFrame(bytes)).rejects.toThrow('closed');

        client = await RawClient.connect(target.port);
        expect((await client.send(apiVersionsApi, 0, { clientSoftwareName: '', clientSoftwareVersion: '' })).errorCode).toBe(0);
      });

      it('answers pipelined requests in their order', async () => {
        const topic = await newTopic();

        // `send` refuses an answer whose correlation id is not the one of the request at that place.
        const [fetched, versions] = await Promise.all([
          fetch(topic, 0, { maxWaitMs: 300 }),
          client.send(apiVersionsApi, 0, { clientSoftwareName: '', clientSoftwareVersion: '' }),
        ]);

        expect([fetched.errorCode, versions.errorCode]).toEqual([0, 0]);
      });
    });

    describe('Produce', () => {
      it('gives offsets in a row and keeps the bytes but for the base offset', async () => {
        const topic = await newTopic();
        const first = buildBatch([{ key: 'a', value: '1' }, { value: '2' }]);
        const second = buildBatch([{ value: null }]);

        expect(await produce(topic, Buffer.from(first))).toMatchObject({
          errorCode: 0,
          baseOffset: 0,
          logAppendTimeMs: -1,
          logStartOffset: 0,
        });
        expect(await produce(topic, Buffer.from(second), { version: 3 })).toMatchObject({ errorCode: 0, baseOffset: 2 });

        const { bytes, highWatermark, lastStableOffset, logStartOffset } = await fetch(topic, 0);
        expect({ highWatermark, lastStableOffset, logStartOffset }).toEqual({ highWatermark: 3, lastStableOffset: 3, logStartOffset: 0 });
        expect(bytes.subarray(16, first.length)).toEqual(first.subarray(16));
        expect(bytes.subarray(first.length + 16)).toEqual(second.subarray(16));
        expect(bytes.readBigInt64BE(first.length)).toBe(2n);
      });

      it('stores without an answer with acks=0', async () => {
        const topic = await newTopic();

        client.post(produceApi, 7, produceRequest(topic, buildBatch([{ value: 'x' }]), { acks: 0 }));

        expect((await fetch(topic, 0, { maxWaitMs: 2_000 })).highWatermark).toBe(1);
      });

      it('closes the connection when a batch with acks=0 is refused', async () => {
        client.post(produceApi, 7, produceRequest(unique('missing'), buildBatch([{ value: 'x' }]), { acks: 0 }));

        await expect(client.send(apiVersionsApi, 0, { clientSoftwareName: '', clientSoftwareVersion: '' })).rejects.toThrow('closed');
      });

      it.each([
        ['a wrong checksum', ErrorCode.CORRUPT_MESSAGE, (batch: Buffer) => Buffer.from(batch).fill(0, 17, 18)],
        ['two batches', ErrorCode.INVALID_RECORD, (batch: Buffer) => Buffer.concat([batch, batch])],
        [
          'a wrong count',
          ErrorCode.INVALID_RECORD,
          (batch: Buffer) => {
            const changed = Buffer.from(batch);
            changed.writeInt32BE(7, 57);
            return sealBatch(changed);
          },
        ],
        ['a control batch', ErrorCode.INVALID_RECORD, () => buildBatch([{ value: 'x' }], { control: true })],
        [
          'an older magic',
          ErrorCode.INVALID_RECORD,
          (batch: Buffer) => {
            const changed = Buffer.from(batch);
            changed[16] = 1;
            return changed;
          },
        ],
        ['a time far in the future', ErrorCode.INVALID_TIMESTAMP, () => buildBatch([{ value: 'x', timestamp: Date.now() + 7_200_000 }])],
      ])('refuses %s', async (_, code, change) => {
        const topic = await newTopic();

        expect(await produce(topic, change(buildBatch([{ value: 'x' }])))).toMatchObject({ errorCode: code, baseOffset: -1 });

        expect((await fetch(topic, 0)).highWatermark).toBe(0);
      });

      it('refuses what is larger than max.message.bytes', async () => {
        const topic = await newTopic(1, { 'max.message.bytes': '500' });
        const fits = buildBatch([{ value: 'x'.repeat(400) }]);

        expect(await produce(topic, fits)).toMatchObject({ errorCode: 0 });
        expect(await produce(topic, buildBatch([{ value: 'x'.repeat(440) }]))).toMatchObject({ errorCode: ErrorCode.MESSAGE_TOO_LARGE });
      });

      it('refuses unknown partitions and acks', async () => {
        const topic = await newTopic();

        expect(await produce(topic, buildBatch([{ value: 'x' }]), { index: 5 })).toMatchObject({
          errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        });
        expect(await produce(unique('missing'), buildBatch([{ value: 'x' }]))).toMatchObject({
          errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        });
        expect(await produce(topic, buildBatch([{ value: 'x' }]), { acks: 5 })).toMatchObject({
          errorCode: ErrorCode.INVALID_REQUIRED_ACKS,
        });
      });

      it('stamps the time with message.timestamp.type=LogAppendTime', async () => {
        const topic = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
        const before = Date.now();

        const { logAppendTimeMs } = (await produce(topic, buildBatch([{ value: 'x' }]))) ?? { logAppendTimeMs: 0 };

        expect(logAppendTimeMs).toBeGreaterThanOrEqual(before);
        const { bytes } = await fetch(topic, 0);
        expect(bytes.readInt16BE(21)).toBe(0x08);
        expect(Number(bytes.readBigInt64BE(35))).toBe(logAppendTimeMs);
        expect(sealBatch(Buffer.from(bytes))).toEqual(bytes);
      });
    });

    describe('idempotent producers', () => {
      const newProducer = async () => {
        const { producerId, producerEpoch, errorCode } = await whenReady(
          () => client.send(initProducerIdApi, 4, { transactionalId: null, timeoutMs: 60_000, producerId: -1, producerEpoch: -1 }),
          (response) => response.errorCode,
        );
        expect({ errorCode, producerEpoch }).toEqual({ errorCode: 0, producerEpoch: 0 });
        return { producerId, producerEpoch };
      };

      it('stores a repeated batch once and names its first place', async () => {
        const topic = await newTopic();
        const producer = await newProducer();
        const batch = (baseSequence: number) => buildBatch([{ value: `${baseSequence}` }, { value: 'x' }], { ...producer, baseSequence });

        for (const sequence of [0, 2, 4]) await produce(topic, batch(sequence));

        expect(await produce(topic, batch(2))).toMatchObject({ errorCode: 0, baseOffset: 2 });
        expect(await produce(topic, batch(4))).toMatchObject({ errorCode: 0, baseOffset: 4 });
        expect((await fetch(topic, 0)).highWatermark).toBe(6);
      });

      it('refuses a gap and an older epoch', async () => {
        const topic = await newTopic();
        const producer = await newProducer();
        await produce(topic, buildBatch([{ value: 'x' }], { ...producer, baseSequence: 0 }));

        expect(await produce(topic, buildBatch([{ value: 'x' }], { ...producer, baseSequence: 2 }))).toMatchObject({
          errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        });
        expect(await produce(topic, buildBatch([{ value: 'x' }], { ...producer, producerEpoch: 1, baseSequence: 5 }))).toMatchObject({
          errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        });
        expect(await produce(topic, buildBatch([{ value: 'x' }], { ...producer, producerEpoch: 1, baseSequence: 0 }))).toMatchObject({
          errorCode: 0,
        });
        expect(await produce(topic, buildBatch([{ value: 'x' }], { ...producer, baseSequence: 1 }))).toMatchObject({
          errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
        });
      });

      it('takes a producer it has not seen at any sequence', async () => {
        const topic = await newTopic();
        const producer = await newProducer();

        expect(await produce(topic, buildBatch([{ value: 'x' }], { ...producer, baseSequence: 40 }))).toMatchObject({ errorCode: 0 });
      });
    });

    describe('Fetch', () => {
      it('refuses offsets outside of the log', async () => {
        const topic = await newTopic();
        await produce(topic, buildBatch([{ value: 'x' }]));

        expect(await fetch(topic, 2)).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, highWatermark: -1 });
        expect(await fetch(topic, -5)).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE });
        expect(await fetch(topic, 0, { index: 3 })).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
      });

      it('brings the whole batch that holds the offset, and one larger than maxBytes', async () => {
        const topic = await newTopic();
        const batch = buildBatch([{ value: 'a' }, { value: 'b' }, { value: 'c' }]);
        await produce(topic, Buffer.from(batch));
        await produce(topic, buildBatch([{ value: 'd' }]));

        const { bytes } = await fetch(topic, 1, { maxBytes: 1 });

        expect(bytes.length).toBe(batch.length);
        expect(bytes.readBigInt64BE(0)).toBe(0n);
      });

      it.each([4, 5, 7, 8, 9, 11, 12])('answers version %i', async (version) => {
        const topic = await newTopic();
        const batch = buildBatch([{ value: 'x' }]);
        await produce(topic, Buffer.from(batch));

        expect((await fetch(topic, 0, { version })).bytes.subarray(16)).toEqual(batch.subarray(16));
      });

      it('waits for records and wakes up with them', async () => {
        const topic = await newTopic();
        const other = await RawClient.connect(target.port);
        const started = Date.now();

        const waiting = fetch(topic, 0, { maxWaitMs: 20_000 });
        await sleep(100);
        await other.send(produceApi, 9, produceRequest(topic, buildBatch([{ value: 'x' }])));
        other.close();

        expect((await waiting).highWatermark).toBe(1);
        expect(Date.now() - started).toBeLessThan(10_000);
      });

      it('answers empty when the time is up', async () => {
        const topic = await newTopic();
        const started = Date.now();

        expect((await fetch(topic, 0, { maxWaitMs: 200 })).bytes.length).toBe(0);

        expect(Date.now() - started).toBeGreaterThanOrEqual(190);
      });
    });

    describe('ListOffsets and DeleteRecords', () => {
      it.each(['none', 'gzip', 'zstd'] as const)('finds the exact record by its time (%s)', async (compression) => {
        const topic = await newTopic();
        await produce(
          topic,
          buildBatch(
            [
              { value: 'a', timestamp: 1_000 },
              { value: 'b', timestamp: 3_000 },
            ],
            { compression },
          ),
        );
        await produce(
          topic,
          buildBatch(
            [
              { value: 'c', timestamp: 2_000 },
              { value: 'd', timestamp: 5_000 },
            ],
            { compression },
          ),
        );

        expect(await listOffset(topic, 1_001)).toMatchObject({ offset: 1, timestamp: 3_000 });
        expect(await listOffset(topic, 3_001)).toMatchObject({ offset: 3, timestamp: 5_000 });
        expect(await listOffset(topic, 5_001)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
        expect(await listOffset(topic, -1)).toMatchObject({ offset: 4, timestamp: -1 });
        expect(await listOffset(topic, -2)).toMatchObject({ offset: 0 });
        expect(await listOffset(topic, -3)).toMatchObject({ offset: 3, timestamp: 5_000 });
        expect(await listOffset(topic, 1_001, 0, 3)).toMatchObject({ offset: 1, timestamp: 3_000 });
      });

      it('moves the start of the log', async () => {
        const topic = await newTopic();
        await produce(topic, buildBatch([{ value: 'a' }, { value: 'b' }]));
        await produce(topic, buildBatch([{ value: 'c' }]));
        const remove = async (offset: number) => {
          const { topics } = await client.send(deleteRecordsApi, 2, {
            topics: [{ name: topic, partitions: [{ index: 0, offset }] }],
            timeoutMs: 10_000,
          });
          return topics[0]?.partitions[0];
        };

        expect(await remove(1)).toMatchObject({ errorCode: 0, lowWatermark: 1 });
        expect(await listOffset(topic, -2)).toMatchObject({ offset: 1 });
        expect(await fetch(topic, 0)).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE });
        expect(await fetch(topic, 1)).toMatchObject({ errorCode: 0, logStartOffset: 1 });
        expect(await remove(9)).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE });
        expect(await remove(-1)).toMatchObject({ errorCode: 0, lowWatermark: 3 });
        expect(await produce(topic, buildBatch([{ value: 'd' }]))).toMatchObject({ baseOffset: 3, logStartOffset: 3 });
      });
    });

    describe('transactions', () => {
      type Producer = { producerId: number; producerEpoch: number };

      const init = async (transactionalId: string, timeoutMs = 60_000, version = 4, expected?: Producer) =>
        whenReady(
          () => client.send(initProducerIdApi, version, { transactionalId, timeoutMs, producerId: -1, producerEpoch: -1, ...expected }),
          (response) => response.errorCode,
        );
      const begin = async (transactionalId: string, timeoutMs?: number) => {
        const { errorCode, producerId, producerEpoch } = await init(transactionalId, timeoutMs);
        expect(errorCode).toBe(0);
        return { producerId, producerEpoch };
      };
      const add = async (transactionalId: string, producer: Producer, name: string, partitions = [0], version = 3) => {
        const { topics } = await whenReady(
          () => client.send(addPartitionsToTxnApi, version, { transactionalId, ...producer, topics: [{ name, partitions }] }),
          (response) => response.topics[0]?.partitions[0]?.errorCode ?? -1,
        );
        return topics[0]?.partitions.toSorted((a, b) => a.index - b.index).map((each) => each.errorCode);
      };
      const end = async (transactionalId: string, producer: Producer, committed: boolean, version = 3) =>
        (
          await whenReady(
            () => client.send(endTxnApi, version, { transactionalId, ...producer, committed }),
            (response) => response.errorCode,
          )
        ).errorCode;
      const put = (topic: string, transactionalId: string, producer: Producer, baseSequence: number) =>
        produce(topic, buildBatch([{ value: `v${baseSequence}` }], { ...producer, baseSequence, transactional: true }), {
          transactionalId,
        });

      it('hides open transactions from read_committed and lists aborted ones', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const producer = await begin(id);
        expect(await add(id, producer, topic)).toEqual([0]);
        expect(await put(topic, id, producer, 0)).toMatchObject({ errorCode: 0, baseOffset: 0 });
        await produce(topic, buildBatch([{ value: 'plain' }]));

        expect(await fetch(topic, 0, { isolationLevel: 1 })).toMatchObject({ highWatermark: 2, lastStableOffset: 0, bytes: { length: 0 } });
        expect((await fetch(topic, 0)).aborted).toBeNull();
        expect(await listOffset(topic, -1, 1)).toMatchObject({ offset: 0 });
        expect(await end(id, producer, false)).toBe(0);

        const stable = await whenReady(
          () => fetch(topic, 0, { isolationLevel: 1 }),
          (found) => (found.lastStableOffset === 3 ? 0 : 15),
        );
        expect(stable).toMatchObject({ highWatermark: 3, aborted: [{ producerId: producer.producerId, firstOffset: 0 }] });
        expect((await fetch(topic, 1, { isolationLevel: 1 })).aborted).toHaveLength(1);
        expect((await fetch(topic, 3, { isolationLevel: 1 })).aborted).toEqual([]);
      });

      it('writes a commit marker that clients of Kafka know', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const producer = await begin(id);
        await add(id, producer, topic);
        await put(topic, id, producer, 0);
        expect(await end(id, producer, true)).toBe(0);

        const { bytes } = await whenReady(
          () => fetch(topic, 1, { isolationLevel: 1, maxWaitMs: 100 }),
          (found) => (found.lastStableOffset === 2 ? 0 : 15),
        );

        expect(bytes.readInt16BE(21)).toBe(0x30);
        expect(bytes.readInt32BE(57)).toBe(1);
        expect(bytes.readInt32BE(53)).toBe(-1);
        // version 0, type 1 = commit
        expect(bytes.subarray(66, 70)).toEqual(Buffer.from([0, 0, 0, 1]));
      });

      it('refuses batches of partitions that are not in the transaction', async () => {
        const topic = await newTopic(2);
        const id = unique('txn');
        const producer = await begin(id);

        expect(await put(topic, id, producer, 0)).toMatchObject({ errorCode: ErrorCode.INVALID_TXN_STATE });
      });

      it('adds all partitions or none', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const producer = await begin(id);

        expect(await add(id, producer, topic, [0, 7])).toEqual([ErrorCode.OPERATION_NOT_ATTEMPTED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]);
      });

      it('fences the producer before and aborts what it left open', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const zombie = await begin(id);
        await add(id, zombie, topic);
        await put(topic, id, zombie, 0);

        const successor = await begin(id);

        expect(successor.producerId).toBe(zombie.producerId);
        expect(successor.producerEpoch).toBeGreaterThan(zombie.producerEpoch);
        expect((await fetch(topic, 0, { isolationLevel: 1 })).lastStableOffset).toBe(2);
        expect(await put(topic, id, zombie, 1)).toMatchObject({ errorCode: ErrorCode.INVALID_PRODUCER_EPOCH });
        expect(await add(id, zombie, topic)).toEqual([ErrorCode.PRODUCER_FENCED]);
        expect(await add(id, zombie, topic, [0], 1)).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH]);
        expect(await end(id, zombie, true)).toBe(ErrorCode.PRODUCER_FENCED);
        expect(await end(id, zombie, true, 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
        expect((await init(id, 60_000, 4, zombie)).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
        await add(id, successor, topic);
        expect(await put(topic, id, successor, 0)).toMatchObject({ errorCode: 0 });
        expect(await end(id, successor, true)).toBe(0);
      });

      it('raises the epoch for the owner itself', async () => {
        const id = unique('txn');
        const producer = await begin(id);

        expect(await init(id, 60_000, 4, producer)).toMatchObject({ errorCode: 0, producerEpoch: producer.producerEpoch + 1 });
      });

      it('refuses ends without a transaction, foreign ids and long time-outs', async () => {
        const id = unique('txn');
        const producer = await begin(id);

        expect(await end(id, producer, true)).toBe(ErrorCode.INVALID_TXN_STATE);
        expect(await end(unique('other'), producer, true)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        expect(await end(id, { ...producer, producerId: producer.producerId + 1_000_000 }, true)).toBe(
          ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        );
        expect((await init(unique('txn'), 10_000_000)).errorCode).toBe(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
        expect((await init('', 1_000)).errorCode).toBe(ErrorCode.INVALID_REQUEST);
      });

      it('answers a repeated end as done', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const producer = await begin(id);
        await add(id, producer, topic);

        expect([await end(id, producer, true), await end(id, producer, true)]).toEqual([0, 0]);
        expect(await end(id, producer, false)).toBe(ErrorCode.INVALID_TXN_STATE);
      });

      it('aborts a transaction that takes too long and fences its producer', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const producer = await begin(id, 300);
        await add(id, producer, topic);
        await put(topic, id, producer, 0);

        const found = await whenReady(
          () => fetch(topic, 0, { isolationLevel: 1 }),
          (each) => (each.lastStableOffset === 2 ? 0 : 15),
        );

        expect(found.aborted).toEqual([{ producerId: producer.producerId, firstOffset: 0 }]);
        expect(await end(id, producer, true)).toBe(ErrorCode.PRODUCER_FENCED);
      });

      it('commits consumer offsets with the transaction', async () => {
        const topic = await newTopic();
        const id = unique('txn');
        const groupId = unique('group');
        const producer = await begin(id);
        const offsetOf = async (requireStable: boolean) => {
          const { topics } = await whenReady(
            () => client.send(offsetFetchApi, 7, { groupId, topics: [{ name: topic, partitions: [0] }], requireStable }),
            (response) => response.errorCode,
          );
          return topics[0]?.partitions[0];
        };
        const commit = async (offset: number) => {
          const { topics } = await whenReady(
            () =>
              client.send(txnOffsetCommitApi, 3, {
                transactionalId: id,
                groupId,
                ...producer,
                generation: -1,
                memberId: '',
                instanceId: null,
                topics: [{ name: topic, partitions: [{ index: 0, offset, leaderEpoch: -1, metadata: 'm' }] }],
              }),
            (response) => response.topics[0]?.partitions[0]?.errorCode ?? -1,
          );
          return topics[0]?.partitions[0]?.errorCode;
        };
        const { errorCode } = await whenReady(
          () => client.send(addOffsetsToTxnApi, 3, { transactionalId: id, ...producer, groupId }),
          (response) => response.errorCode,
        );

        expect(errorCode).toBe(0);
        expect(await commit(7)).toBe(0);
        expect(await offsetOf(true)).toMatchObject({ errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT, offset: -1 });
        expect(await offsetOf(false)).toMatchObject({ errorCode: 0, offset: -1 });
        expect(await end(id, producer, true)).toBe(0);
        const committed = await whenReady(
          () => offsetOf(true),
          (found) => (found?.errorCode === 0 ? 0 : 15),
        );
        expect(committed).toMatchObject({ offset: 7, metadata: 'm' });
        expect(await commit(9)).toBe(ErrorCode.INVALID_TXN_STATE);
      });
    });

    describe('committed offsets', () => {
      const commit = async (groupId: string, name: string, options: { generation?: number; memberId?: string; metadata?: string } = {}) => {
        const { topics } = await whenReady(
          () =>
            client.send(offsetCommitApi, 8, {
              groupId,
              generation: options.generation ?? -1,
              memberId: options.memberId ?? '',
              instanceId: null,
              retentionMs: -1,
              topics: [{ name, partitions: [{ index: 0, offset: 42, leaderEpoch: 0, metadata: options.metadata ?? 'note' }] }],
            }),
          (response) => response.topics[0]?.partitions[0]?.errorCode ?? -1,
        );
        return topics[0]?.partitions[0]?.errorCode;
      };

      it.each([1, 2, 4, 5, 6, 7])('are committed without membership and read by version %i', async (version) => {
        const topic = await newTopic(2);
        const groupId = unique('group');

        expect(await commit(groupId, topic)).toBe(0);

        const { topics } = await client.send(offsetFetchApi, version, {
          groupId,
          topics: [{ name: topic, partitions: [0, 1] }],
          requireStable: true,
        });
        expect(topics[0]?.partitions).toMatchObject([
          { index: 0, offset: 42, leaderEpoch: version >= 5 ? 0 : -1, metadata: 'note', errorCode: 0 },
          { index: 1, offset: -1, leaderEpoch: -1, metadata: '', errorCode: 0 },
        ]);
      });

      it('are all returned where none is named', async () => {
        const topic = await newTopic();
        const groupId = unique('group');
        await commit(groupId, topic);

        const { topics } = await client.send(offsetFetchApi, 7, { groupId, topics: null, requireStable: false });

        expect(topics).toMatchObject([{ name: topic, partitions: [{ index: 0, offset: 42 }] }]);
      });

      it('are refused for unknown topics, long notes and unknown members', async () => {
        const topic = await newTopic();
        const groupId = unique('group');

        expect(await commit(groupId, unique('missing'))).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        expect(await commit(groupId, topic, { metadata: 'x'.repeat(4_097) })).toBe(ErrorCode.OFFSET_METADATA_TOO_LARGE);
        expect(await commit(unique('group'), topic, { generation: 3, memberId: 'm' })).toBe(ErrorCode.ILLEGAL_GENERATION);
      });

      it('go with the group', async () => {
        const topic = await newTopic();
        const groupId = unique('group');
        await commit(groupId, topic);

        const { groups } = await client.send(deleteGroupsApi, 2, { groups: [groupId, unique('missing')] });

        expect(groups.map((each) => each.errorCode).sort()).toEqual([0, ErrorCode.GROUP_ID_NOT_FOUND]);
        const { topics } = await client.send(offsetFetchApi, 7, { groupId, topics: null, requireStable: false });
        expect(topics).toEqual([]);
      });
    });

    describe('groups', () => {
      type Asked = Decoded<typeof joinGroupApi.request>;

      const asked = (groupId: string, more: Partial<Asked> = {}): Asked => ({
        groupId,
        sessionTimeoutMs: 6_000,
        rebalanceTimeoutMs: 10_000,
        memberId: '',
        instanceId: null,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('want') }],
        reason: null,
        ...more,
      });
      const join = (request: Asked, version = 5, by = client) =>
        whenReady(
          () => by.send(joinGroupApi, version, request),
          (response) => response.errorCode,
        );
      /** Joins with the id that the broker hands out. */
      const enter = async (request: Asked, by = client) => {
        const { memberId, errorCode } = await join(request, 5, by);
        expect(errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
        return join({ ...request, memberId }, 5, by);
      };
      const sync = (groupId: string, generation: number, memberId: string, assignments: Record<string, string> = {}, by = client) =>
        by.send(syncGroupApi, 3, {
          groupId,
          generation,
          memberId,
          instanceId: null,
          protocolType: null,
          protocolName: null,
          assignments: Object.entries(assignments).map(([id, assignment]) => ({ memberId: id, assignment: Buffer.from(assignment) })),
        });
      const heartbeat = async (groupId: string, generation: number, memberId: string, instanceId: string | null = null) =>
        (await client.send(heartbeatApi, 3, { groupId, generation, memberId, instanceId })).errorCode;

      it('are coordinated by the only broker', async () => {
        const found = await whenReady(
          () => client.send(findCoordinatorApi, 2, { key: unique('group'), keyType: 0, keys: [] }),
          (response) => response.errorCode,
        );
        expect(found).toMatchObject({ errorCode: 0, port: target.port, host: '127.0.0.1' });

        const several = await client.send(findCoordinatorApi, 4, { key: '', keyType: 0, keys: ['a', 'b'] });
        expect(several.coordinators).toMatchObject([{ key: 'a', port: target.port, errorCode: 0 }, { key: 'b' }]);
      });

      it('take a first member through join, sync and heartbeat', async () => {
        const groupId = unique('group');

        const joined = await enter(asked(groupId));

        expect(joined).toMatchObject({ errorCode: 0, generation: 1, protocolName: 'range', leader: joined.memberId });
        expect(joined.members).toMatchObject([{ memberId: joined.memberId, metadata: Buffer.from('want') }]);
        const { memberId } = joined;
        const synced = await sync(groupId, 1, memberId, { [memberId]: 'all' });
        expect(synced).toMatchObject({ errorCode: 0, assignment: Buffer.from('all') });
        expect(await heartbeat(groupId, 1, memberId)).toBe(0);
        expect(await heartbeat(groupId, 2, memberId)).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect(await heartbeat(groupId, 1, 'nobody')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect((await sync(groupId, 1, 'nobody')).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
      });

      it('rebalance when a second member comes, and again when it leaves', async () => {
        const groupId = unique('group');
        const other = await RawClient.connect(target.port);
        const first = await enter(asked(groupId));
        await sync(groupId, 1, first.memberId, { [first.memberId]: 'all' });

        const entering = enter(asked(groupId), other);
        await whenReady(
          () => heartbeat(groupId, 1, first.memberId),
          (code) => (code === ErrorCode.REBALANCE_IN_PROGRESS ? 0 : 15),
        );
        const [again, second] = await Promise.all([join(asked(groupId, { memberId: first.memberId })), entering]);

        expect([again.generation, second.generation]).toEqual([2, 2]);
        expect(again.leader).toBe(first.memberId);
        expect(again.members.map((each) => each.memberId).sort()).toEqual([first.memberId, second.memberId].sort());
        expect(second.members).toEqual([]);
        const waiting = sync(groupId, 2, second.memberId, {}, other);
        await sync(groupId, 2, first.memberId, { [first.memberId]: 'one', [second.memberId]: 'two' });
        expect((await waiting).assignment.toString()).toBe('two');
        expect((await sync(groupId, 2, first.memberId)).assignment.toString()).toBe('one');

        const left = await client.send(leaveGroupApi, 3, {
          groupId,
          memberId: '',
          members: [
            { memberId: second.memberId, instanceId: null, reason: null },
            { memberId: 'nobody', instanceId: null, reason: null },
          ],
        });
        expect(left.members.map((each) => each.errorCode)).toEqual([0, ErrorCode.UNKNOWN_MEMBER_ID]);
        expect(await heartbeat(groupId, 2, first.memberId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
        expect(await join(asked(groupId, { memberId: first.memberId }))).toMatchObject({ generation: 3, members: { length: 1 } });
        other.close();
      });

      it('drop a member that is silent for its session timeout', async () => {
        const groupId = unique('group');
        const { memberId } = await enter(asked(groupId, { sessionTimeoutMs: 600 }));
        await sync(groupId, 1, memberId, { [memberId]: 'all' });

        await sleep(1_200);

        expect(await heartbeat(groupId, 1, memberId)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        const { groups } = await client.send(describeGroupsApi, 4, { groups: [groupId], includeOperations: false });
        expect(groups).toMatchObject([{ state: 'Empty', members: [], protocolType: 'consumer' }]);
      });

      it('refuse what does not fit', async () => {
        const groupId = unique('group');
        const { memberId } = await enter(asked(groupId));
        await sync(groupId, 1, memberId, { [memberId]: 'all' });

        expect((await join(asked(groupId, { memberId: 'nobody' }))).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect((await join(asked(groupId, { sessionTimeoutMs: 1 }))).errorCode).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
        expect((await join(asked(groupId, { sessionTimeoutMs: 10_000_000 }))).errorCode).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
        expect((await join(asked(''))).errorCode).toBe(ErrorCode.INVALID_GROUP_ID);
        expect((await join(asked(groupId, { protocolType: 'connect' }), 3)).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        const stranger = [{ name: 'other', metadata: Buffer.alloc(0) }];
        expect((await join(asked(groupId, { protocols: stranger }), 3)).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        const { groups } = await client.send(deleteGroupsApi, 2, { groups: [groupId] });
        expect(groups[0]?.errorCode).toBe(ErrorCode.NON_EMPTY_GROUP);
      });

      it('take commits of members, and others only when empty', async () => {
        const topic = await newTopic();
        const groupId = unique('group');
        const { memberId } = await enter(asked(groupId));
        const commit = async (generation: number, by: string) => {
          const { topics } = await client.send(offsetCommitApi, 5, {
            groupId,
            generation,
            memberId: by,
            instanceId: null,
            retentionMs: -1,
            topics: [{ name: topic, partitions: [{ index: 0, offset: 1, leaderEpoch: -1, metadata: null }] }],
          });
          return topics[0]?.partitions[0]?.errorCode;
        };

        expect(await commit(1, memberId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
        await sync(groupId, 1, memberId, { [memberId]: 'all' });

        expect(await commit(1, memberId)).toBe(0);
        expect(await commit(7, memberId)).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect(await commit(1, 'nobody')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await commit(-1, '')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
      });

      it('let a static member come back without a rebalance, and fence its old id', async () => {
        const groupId = unique('group');
        const request = asked(groupId, { instanceId: 'instance-1' });
        const first = await join(request);
        expect(first).toMatchObject({ errorCode: 0, generation: 1 });
        await sync(groupId, 1, first.memberId, { [first.memberId]: 'all' });

        const second = await join(request);

        expect(second).toMatchObject({ errorCode: 0, generation: 1 });
        expect(second.memberId).not.toBe(first.memberId);
        expect((await sync(groupId, 1, second.memberId)).assignment.toString()).toBe('all');
        expect(await heartbeat(groupId, 1, first.memberId, 'instance-1')).toBe(ErrorCode.FENCED_INSTANCE_ID);
        expect(await heartbeat(groupId, 1, second.memberId, 'instance-1')).toBe(0);
      });

      it('are described and listed', async () => {
        const groupId = unique('group');
        const missing = unique('missing');
        const { memberId } = await enter(asked(groupId));
        await sync(groupId, 1, memberId, { [memberId]: 'all' });

        const described = await client.send(describeGroupsApi, 5, { groups: [groupId, missing], includeOperations: false });
        const groups = described.groups.toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1));

        expect(groups).toMatchObject([
          { errorCode: 0, groupId, state: 'Stable', protocolType: 'consumer', protocol: 'range' },
          { errorCode: 0, groupId: missing, state: 'Dead', members: [] },
        ]);
        expect(groups[0]?.members).toMatchObject([
          { memberId, clientId: 'raw', clientHost: '/127.0.0.1', metadata: Buffer.from('want'), assignment: Buffer.from('all') },
        ]);
        const listed = await client.send(listGroupsApi, 4, { states: ['Stable'], types: [] });
        expect(listed.groups).toContainEqual(expect.objectContaining({ groupId, protocolType: 'consumer', state: 'Stable' }));
      });
    });

    describe('topics', () => {
      const create = async (topic: Partial<Decoded<typeof createTopicsApi.request>['topics'][number]>, validateOnly = false) => {
        const { topics } = await client.send(createTopicsApi, 7, {
          topics: [{ name: unique('topic'), partitions: 1, replicationFactor: 1, assignments: [], configs: [], ...topic }],
          timeoutMs: 10_000,
          validateOnly,
        });
        return topics[0];
      };

      it('are created with an id and described by name and id', async () => {
        const made = await create({ partitions: 3 });

        expect(made).toMatchObject({ errorCode: 0, partitions: 3, replicationFactor: 1 });
        const byName = await whenReady(
          () => metadataOf(made?.name ?? ''),
          (found) => (found?.errorCode === 0 ? 0 : 15),
        );
        expect(byName).toMatchObject({ topicId: made?.topicId, internal: false });
        expect(byName?.partitions.map(({ index, leaderEpoch }) => [index, leaderEpoch])).toEqual([
          [0, 0],
          [1, 0],
          [2, 0],
        ]);
        const { topics } = await client.send(metadataApi, 12, {
          topics: [
            { topicId: made?.topicId ?? '', name: null },
            { topicId: 'f'.repeat(32), name: null },
          ],
          allowAutoTopicCreation: false,
          includeClusterOperations: false,
          includeTopicOperations: false,
        });
        expect(topics.map(({ errorCode, name }) => [errorCode, name]).sort()).toEqual(
          [
            [0, made?.name],
            [ErrorCode.UNKNOWN_TOPIC_ID, null],
          ].sort(),
        );
      });

      it('are not created by validateOnly', async () => {
        const made = await create({}, true);

        expect(made?.errorCode).toBe(0);
        expect(await metadataOf(made?.name ?? '')).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
      });

      it('have the default number of partitions for −1', async () => {
        expect(await create({ partitions: -1, replicationFactor: -1 })).toMatchObject({ errorCode: 0, partitions: 1 });
      });

      it('are refused with Kafka’s codes and texts', async () => {
        const existing = await newTopic();

        expect(await create({ name: existing })).toMatchObject({
          errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
          errorMessage: `Topic '${existing}' already exists.`,
        });
        expect(await create({ partitions: 0 })).toMatchObject({
          errorCode: ErrorCode.INVALID_PARTITIONS,
          errorMessage: 'Number of partitions was set to an invalid non-positive value.',
        });
        expect(await create({ replicationFactor: 3 })).toMatchObject({
          errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
          errorMessage:
            'Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.',
        });
        expect(await create({ replicationFactor: 0 })).toMatchObject({
          errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
          errorMessage: 'Replication factor must be larger than 0, or -1 to use the default value.',
        });
        expect(await create({ configs: [{ name: 'no.such.config', value: '1' }] })).toMatchObject({
          errorCode: ErrorCode.INVALID_CONFIG,
          errorMessage: 'Unknown topic config name: no.such.config',
        });
        expect(await create({ configs: [{ name: 'retention.ms', value: 'soon' }] })).toMatchObject({
          errorCode: ErrorCode.INVALID_CONFIG,
          errorMessage: 'Invalid value soon for configuration retention.ms: Not a number of type LONG',
        });
        expect(await create({ configs: [{ name: 'cleanup.policy', value: 'keep' }] })).toMatchObject({
          errorCode: ErrorCode.INVALID_CONFIG,
          errorMessage: 'Invalid value keep for configuration cleanup.policy: String must be one of: compact, delete',
        });
        expect(await create({ name: 'what?' })).toMatchObject({
          errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
          errorMessage: "Topic name is invalid: 'what?' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        });
        expect(await create({ name: '' })).toMatchObject({
          errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
          errorMessage: 'Topic name is invalid: the empty string is not allowed',
        });
      });

      it('come into being when a client asks for them, if it may', async () => {
        const wanted = unique('auto');
        expect(await metadataOf(wanted, false)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });

        const found = await whenReady(
          () => metadataOf(wanted, true),
          (each) => (each?.errorCode === 0 ? 0 : 15),
        );

        expect(found?.partitions).toHaveLength(1);
        expect(await metadataOf('what?', true)).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION });
      });

      it('get more partitions, never fewer', async () => {
        const name = await newTopic(2);
        const grow = async (topic: string, count: number) => {
          const { topics } = await client.send(createPartitionsApi, 3, {
            topics: [{ name: topic, count, assignments: null }],
            timeoutMs: 10_000,
            validateOnly: false,
          });
          return topics[0];
        };

        expect(await grow(name, 4)).toMatchObject({ errorCode: 0 });
        const found = await whenReady(
          () => metadataOf(name),
          (each) => (each?.partitions.length === 4 ? 0 : 15),
        );
        expect(found?.partitions).toHaveLength(4);
        expect(await grow(name, 4)).toMatchObject({
          errorCode: ErrorCode.INVALID_PARTITIONS,
          errorMessage: 'Topic already has 4 partition(s).',
        });
        expect(await grow(name, 3)).toMatchObject({
          errorCode: ErrorCode.INVALID_PARTITIONS,
          errorMessage: `The topic ${name} currently has 4 partition(s); 3 would not be an increase.`,
        });
        expect(await grow(unique('missing'), 3)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
      });

      it('are deleted with their records and offsets', async () => {
        const name = await newTopic();
        await produce(name, buildBatch([{ value: 'x' }]));

        const { topics } = await client.send(deleteTopicsApi, 6, {
          topics: [
            { name, topicId: ZERO_UUID },
            { name: 'no-such-topic', topicId: ZERO_UUID },
          ],
          names: [],
          timeoutMs: 10_000,
        });

        expect(topics.map((each) => each.errorCode).sort()).toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]);
        await whenReady(
          () => metadataOf(name),
          (found) => (found?.errorCode === 0 ? 15 : 0),
        );
        expect((await create({ name }))?.errorCode).toBe(0);
        await whenReady(
          () => fetch(name, 0),
          (found) => (found.errorCode === 0 ? 0 : 15),
        );
        expect(await fetch(name, 0)).toMatchObject({ errorCode: 0, highWatermark: 0 });
      });
    });

    describe('configs', () => {
      const describe_ = async (name: string, keys: string[] | null) => {
        const { resources } = await client.send(describeConfigsApi, 4, {
          resources: [{ type: 2, name, keys }],
          includeSynonyms: false,
          includeDocumentation: false,
        });
        return resources[0];
      };
      const values = async (name: string, keys: string[]) =>
        Object.fromEntries((await describe_(name, keys))?.configs.map((each) => [each.name, [each.value, each.source]]) ?? []);

      it('of a topic name every key of Kafka 4.3 with its default', async () => {
        const topic = await newTopic();

        const configs = (await describe_(topic, null))?.configs ?? [];

        const sorted = configs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        const listed = Object.fromEntries(
          sorted.map(({ name, value, type, readOnly, sensitive }) => [name, { value, type, readOnly, sensitive }]),
        );
        await expect(`${JSON.stringify(listed, null, 2)}\n`).toMatchFileSnapshot('topic-configs.json');
      });

      it('are altered one by one or as a whole', async () => {
        const topic = await newTopic(1, { 'retention.ms': '1000' });
        const changed = await client.send(incrementalAlterConfigsApi, 1, {
          resources: [
            {
              type: 2,
              name: topic,
              configs: [
                { name: 'max.message.bytes', operation: 0, value: '2000' },
                { name: 'cleanup.policy', operation: 2, value: 'compact' },
              ],
            },
          ],
          validateOnly: false,
        });
        expect(changed.resources[0]).toMatchObject({ errorCode: 0, name: topic });
        const keys = ['max.message.bytes', 'retention.ms', 'cleanup.policy'];
        await whenReady(
          () => values(topic, keys),
          (found) => (found['max.message.bytes']?.[0] === '2000' ? 0 : 15),
        );
        expect(await values(topic, keys)).toEqual({
          'max.message.bytes': ['2000', 1],
          'retention.ms': ['1000', 1],
          'cleanup.policy': ['delete,compact', 1],
        });

        await client.send(alterConfigsApi, 2, {
          resources: [{ type: 2, name: topic, configs: [{ name: 'max.message.bytes', value: '3000' }] }],
          validateOnly: false,
        });
        await whenReady(
          () => values(topic, keys),
          (found) => (found['max.message.bytes']?.[0] === '3000' ? 0 : 15),
        );
        expect(await values(topic, keys)).toEqual({
          'max.message.bytes': ['3000', 1],
          'retention.ms': ['604800000', 5],
          'cleanup.policy': ['delete', 5],
        });
      });

      it('are refused with Kafka’s codes', async () => {
        const topic = await newTopic();
        const set = async (name: string, value: string, resource = topic) => {
          const { resources } = await client.send(incrementalAlterConfigsApi, 1, {
            resources: [{ type: 2, name: resource, configs: [{ name, operation: 0, value }] }],
            validateOnly: true,
          });
          return resources[0];
        };

        expect(await set('no.such.config', '1')).toMatchObject({ errorCode: ErrorCode.INVALID_CONFIG });
        expect(await set('retention.ms', 'soon')).toMatchObject({ errorCode: ErrorCode.INVALID_CONFIG });
        expect(await set('retention.ms', '1', 'no-such-topic')).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
        expect(await describe_('no-such-topic', null)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
      });
    });

    it('describes the cluster', async () => {
      const cluster = await client.send(describeClusterApi, 0, { includeOperations: false, endpointType: 1 });

      expect(cluster).toMatchObject({ errorCode: 0, controllerId: 1, brokers: [{ nodeId: 1, host: '127.0.0.1', port: target.port }] });
      expect(cluster.clusterId).toMatch(/^[\w-]{22}$/);
    });
  });
}
