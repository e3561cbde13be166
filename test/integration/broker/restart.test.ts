import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../lib/local/broker/broker.ts';
import { createTopicsApi } from '../../../lib/local/broker/wire/admin-apis.ts';
import { fetchApi, produceApi } from '../../../lib/local/broker/wire/data-apis.ts';
import { ErrorCode } from '../../../lib/local/broker/wire/error-code.ts';
import { offsetCommitApi, offsetFetchApi } from '../../../lib/local/broker/wire/group-apis.ts';
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  initProducerIdApi,
  txnOffsetCommitApi,
} from '../../../lib/local/broker/wire/transaction-apis.ts';
import { type BatchOptions, buildBatch } from '../../support/kafka/batch-builder.ts';
import { RawClient } from '../../support/kafka/raw-client.ts';

// A broker with a directory: whatever was acknowledged is there after it was killed.

const PROCESS = join(import.meta.dirname, 'broker-process.ts');

describe('a broker with a directory', () => {
  let dir: string;
  const children: ChildProcess[] = [];
  const brokers: Broker[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serverless-connect-broker-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const broker of brokers.splice(0)) await broker.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const start = async (): Promise<Broker> => {
    const broker = await startBroker({ dir });
    brokers.push(broker);
    return broker;
  };
  const stop = async (): Promise<void> => {
    for (const broker of brokers.splice(0)) await broker.close();
  };
  /** @returns what the process printed first, or why it ended */
  const spawnBroker = async (port: number): Promise<{ child: ChildProcess; line: string }> => {
    const child = spawn(process.execPath, [PROCESS, dir, String(port)], { stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    const first = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line') as Promise<[string]>;
    const ended = once(child, 'close').then(() => [errors] as [string]);
    const [line] = await Promise.race([first, ended]);
    return { child, line };
  };

  const createTopic = async (client: RawClient, name: string) =>
    client.send(createTopicsApi, 5, {
      topics: [{ name, partitions: 2, replicationFactor: 1, assignments: [], configs: [{ name: 'retention.ms', value: '5' }] }],
      timeoutMs: 1000,
      validateOnly: false,
    });
  const produce = async (
    client: RawClient,
    name: string,
    value: string,
    options: BatchOptions = {},
    transactionalId: string | null = null,
  ) => {
    const partitions = [{ index: 0, records: buildBatch([{ value }], options) }];
    const { topics } = await client.send(produceApi, 9, { transactionalId, acks: -1, timeoutMs: 1000, topics: [{ name, partitions }] });
    return topics[0]?.partitions[0];
  };
  const fetch = async (client: RawClient, name: string, isolationLevel = 0) => {
    const { topics } = await client.send(fetchApi, 11, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1e7,
      isolationLevel,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          name,
          partitions: [{ index: 0, currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1, maxBytes: 1e7 }],
        },
      ],
      forgotten: [],
      rackId: '',
    });
    return topics[0]?.partitions[0];
  };
  const offsetOf = async (client: RawClient, groupId: string, name: string) => {
    const { topics } = await client.send(offsetFetchApi, 7, { groupId, topics: [{ name, partitions: [0] }], requireStable: true });
    return topics[0]?.partitions[0];
  };

  it('keeps every acknowledged record through kill -9 at random moments', async () => {
    const topic = 'survivors';
    let { child, line } = await spawnBroker(0);
    const port = Number(line.split(':').at(-1));
    const kafka = new Kafka({
      brokers: [`127.0.0.1:${port}`],
      logLevel: logLevel.NOTHING,
      retry: { retries: 100, initialRetryTime: 20, maxRetryTime: 200 },
    });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const acknowledged: number[] = [];
    let running = true;
    const sending = (async () => {
      for (let next = 0; running; next += 10) {
        const numbers = Array.from({ length: 10 }, (_, at) => next + at);
        await producer.send({ topic, messages: numbers.map((each) => ({ value: `${each}` })) });
        acknowledged.push(...numbers);
      }
    })();

    for (let kill = 0; kill < 3; kill++) {
      await sleep(150 + Math.random() * 300);
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      ({ child, line } = await spawnBroker(port));
      expect(line).toBe(`listening on 127.0.0.1:${port}`);
    }
    await sleep(500);
    running = false;
    await sending;
    await producer.disconnect();

    const client = await RawClient.connect(port);
    const consumer = kafka.consumer({ groupId: 'readers', maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen: number[] = [];
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(Number(message.value));
      },
    });
    await expect.poll(() => new Set(seen).size, { timeout: 20_000 }).toBe(acknowledged.length);
    await consumer.disconnect();
    client.close();

    // Sequences survive as well: a batch whose answer was lost is not stored twice.
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(seen).toEqual(acknowledged);
  });

  it('remembers topics, configs, offsets, sequences and producer ids', async () => {
    let client = await RawClient.connect((await start()).port);
    await createTopic(client, 'kept');
    const { producerId } = await client.send(initProducerIdApi, 4, {
      transactionalId: null,
      timeoutMs: 1000,
      producerId: -1,
      producerEpoch: -1,
    });
    const sequence = (baseSequence: number) => ({ producerId, producerEpoch: 0, baseSequence });
    await produce(client, 'kept', 'a', sequence(0));
    await client.send(offsetCommitApi, 5, {
      groupId: 'group',
      generation: -1,
      memberId: '',
      instanceId: null,
      retentionMs: -1,
      topics: [{ name: 'kept', partitions: [{ index: 0, offset: 1, leaderEpoch: -1, metadata: 'm' }] }],
    });
    client.close();
    await stop();

    client = await RawClient.connect((await start()).port);

    expect((await createTopic(client, 'kept')).topics[0]?.errorCode).toBe(ErrorCode.TOPIC_ALREADY_EXISTS);
    expect(await offsetOf(client, 'group', 'kept')).toMatchObject({ offset: 1, metadata: 'm' });
    expect(await produce(client, 'kept', 'a', sequence(0))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await produce(client, 'kept', 'c', sequence(2))).toMatchObject({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(await produce(client, 'kept', 'b', sequence(1))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    const next = await client.send(initProducerIdApi, 4, { transactionalId: null, timeoutMs: 1000, producerId: -1, producerEpoch: -1 });
    expect(next.producerId).toBeGreaterThan(producerId);
    client.close();
  });

  it('goes on with an open transaction, its offsets and its owner', async () => {
    let client = await RawClient.connect((await start()).port);
    await createTopic(client, 'kept');
    const init = () => client.send(initProducerIdApi, 4, { transactionalId: 'txn', timeoutMs: 60_000, producerId: -1, producerEpoch: -1 });
    const { producerId, producerEpoch } = await init();
    const identity = { transactionalId: 'txn', producerId, producerEpoch };
    await client.send(addPartitionsToTxnApi, 3, { ...identity, topics: [{ name: 'kept', partitions: [0] }] });
    await produce(client, 'kept', 'a', { producerId, producerEpoch, baseSequence: 0, transactional: true }, 'txn');
    await client.send(addOffsetsToTxnApi, 3, { ...identity, groupId: 'group' });
    await client.send(txnOffsetCommitApi, 3, {
      ...identity,
      groupId: 'group',
      generation: -1,
      memberId: '',
      instanceId: null,
      topics: [{ name: 'kept', partitions: [{ index: 0, offset: 7, leaderEpoch: -1, metadata: null }] }],
    });
    client.close();
    await stop();

    client = await RawClient.connect((await start()).port);

    expect(await fetch(client, 'kept', 1)).toMatchObject({ lastStableOffset: 0, highWatermark: 1 });
    expect(await offsetOf(client, 'group', 'kept')).toMatchObject({ errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT });
    expect((await client.send(endTxnApi, 3, { ...identity, committed: true })).errorCode).toBe(0);
    expect(await fetch(client, 'kept', 1)).toMatchObject({ lastStableOffset: 2, highWatermark: 2 });
    expect(await offsetOf(client, 'group', 'kept')).toMatchObject({ offset: 7 });
    expect((await init()).producerEpoch).toBe(producerEpoch + 1);
    client.close();
  });

  it.each([
    ['half a header', (file: string) => appendFileSync(file, Buffer.alloc(30, 1))],
    ['half a batch', (file: string) => truncateSync(file, statSync(file).size - 3)],
    ['zeros', (file: string) => appendFileSync(file, Buffer.alloc(500))],
    ['a damaged last batch', (file: string) => appendFileSync(file, damaged())],
  ])('cuts %s off the end of a log and goes on behind the last whole batch', async (name, tear) => {
    let client = await RawClient.connect((await start()).port);
    await createTopic(client, 'torn');
    for (const value of ['a', 'b', 'c']) await produce(client, 'torn', value);
    client.close();
    await stop();
    const logs = join(dir, 'logs');
    const kept = name === 'half a batch' ? 2 : 3;

    tear(join(logs, readdirSync(logs)[0] as string, '0.log'));

    client = await RawClient.connect((await start()).port);
    expect(await fetch(client, 'torn')).toMatchObject({ highWatermark: kept });
    expect(await produce(client, 'torn', 'd')).toMatchObject({ errorCode: 0, baseOffset: kept });
    client.close();
  });

  it('refuses a second process, with the pid of the first', async () => {
    const { child, line } = await spawnBroker(0);
    expect(line).toMatch(/^listening on/);

    const second = await spawnBroker(0);

    expect(second.line).toContain(`process ${child.pid} has it`);
    expect(second.child.exitCode).not.toBe(0);
    await expect(startBroker({ dir })).rejects.toThrow(`process ${child.pid} has it`);
  });

  it('says that its port is taken, and lets go of the directory', async () => {
    const first = await startBroker();
    brokers.push(first);

    await expect(startBroker({ dir, port: first.port })).rejects.toThrow(
      /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*choose another port/,
    );

    await start();
  });
});

/** A whole batch at offset 3 with a byte that its checksum does not know. */
function damaged(): Buffer {
  const batch = buildBatch([{ value: 'damaged' }]);
  batch.writeBigInt64BE(3n, 0);
  batch[batch.length - 1] = 99;
  return batch;
}
