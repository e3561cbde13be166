import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../lib/local/broker/broker.ts';
import { apiVersionsApi, metadataApi } from '../../../lib/local/broker/wire/admin-apis.ts';
import { type Api, writeRequest } from '../../../lib/local/broker/wire/api.ts';
import { fetchApi, listOffsetsApi, produceApi } from '../../../lib/local/broker/wire/data-apis.ts';
import { ErrorCode } from '../../../lib/local/broker/wire/error-code.ts';
import { ZERO_UUID } from '../../../lib/local/broker/wire/fields.ts';
import { joinGroupApi } from '../../../lib/local/broker/wire/group-apis.ts';
import { buildBatch, sealBatch } from '../../support/kafka/batch-builder.ts';
import { RawClient } from '../../support/kafka/raw-client.ts';

/** Requests that are right, to be damaged. */
const requests: Buffer[] = [
  request(metadataApi, 9, {
    topics: [{ topicId: ZERO_UUID, name: 'topic' }],
    allowAutoTopicCreation: false,
    includeClusterOperations: false,
    includeTopicOperations: false,
  }),
  request(produceApi, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1,
    topics: [{ name: 'topic', partitions: [{ index: 0, records: buildBatch([{ value: 'x' }]) }] }],
  }),
  request(listOffsetsApi, 6, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: 'topic', partitions: [{ index: 0, currentLeaderEpoch: -1, timestamp: 5 }] }],
  }),
  request(fetchApi, 11, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1e6,
    isolationLevel: 1,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        name: 'topic',
        partitions: [{ index: 0, currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1, maxBytes: 1e6 }],
      },
    ],
    forgotten: [],
    rackId: '',
  }),
  request(joinGroupApi, 3, {
    groupId: 'group',
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 10,
    memberId: '',
    instanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(3) }],
    reason: null,
  }),
];

function request<Q>(api: Api<Q, unknown>, version: number, body: Q): Buffer {
  return writeRequest(api, version, 1, 'fuzz', body);
}

const damaged = fc
  .record({
    which: fc.nat(requests.length - 1),
    changes: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 }),
    cut: fc.option(fc.nat()),
  })
  .map(({ which, changes, cut }) => {
    const bytes = Buffer.from(requests[which] as Buffer);
    for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
    return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
  });

/** Also right lengths in front of anything, or the damage would mostly be in the length. */
const framed = fc.oneof(damaged, fc.uint8Array({ maxLength: 300 }).map(Buffer.from)).map((bytes) => {
  const body = bytes.subarray(Math.min(4, bytes.length));
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
});

describe('the embedded broker', () => {
  let broker: Broker;
  const faults: unknown[] = [];

  beforeAll(async () => {
    broker = await startBroker({ onError: (error) => faults.push(error) });
    const client = await RawClient.connect(broker.port);
    const topics = [{ topicId: ZERO_UUID, name: 'topic' }];
    const options = { allowAutoTopicCreation: true, includeClusterOperations: false, includeTopicOperations: false };
    expect((await client.send(metadataApi, 9, { topics, ...options })).topics[0]?.errorCode).toBe(0);
    client.close();
  });
  afterAll(async () => {
    await broker.close();
  });

  const alive = async (): Promise<void> => {
    const client = await RawClient.connect(broker.port);
    const { errorCode } = await client.send(apiVersionsApi, 0, { clientSoftwareName: '', clientSoftwareVersion: '' });
    client.close();
    expect(errorCode).toBe(0);
  };

  it('survives arbitrary bytes and damaged requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(framed, damaged, fc.uint8Array({ maxLength: 2_000 })), { minLength: 1, maxLength: 5 }),
        async (parts) => {
          const socket = connect(broker.port, '127.0.0.1');
          socket.on('error', () => undefined).resume();
          await once(socket, 'connect');
          for (const part of parts) socket.write(part);
          socket.end();
          await Promise.race([once(socket, 'close'), sleep(20)]);
          socket.destroy();
          await alive();
        },
      ),
      { numRuns: 500 },
    );

    expect(faults).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])('survives records that are nothing of codec %i under a right checksum', async (codec) => {
    const client = await RawClient.connect(broker.port);
    const batch = Buffer.concat([buildBatch([{ value: 'x' }]).subarray(0, 61), Buffer.alloc(40, 0xff)]);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt16BE(codec, 21);
    const topics = [{ topicId: ZERO_UUID, name: `codec-${codec}` }];
    await client.send(metadataApi, 9, {
      topics,
      allowAutoTopicCreation: true,
      includeClusterOperations: false,
      includeTopicOperations: false,
    });
    const produced = await client.send(produceApi, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1,
      topics: [{ name: `codec-${codec}`, partitions: [{ index: 0, records: sealBatch(batch) }] }],
    });
    expect(produced.topics[0]?.partitions[0]?.errorCode).toBe(0);

    const listed = await client.send(listOffsetsApi, 6, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: `codec-${codec}`, partitions: [{ index: 0, currentLeaderEpoch: -1, timestamp: 5 }] }],
    });

    expect(listed.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.CORRUPT_MESSAGE);
    client.close();
    expect(faults).toEqual([]);
  });

  it('survives connections that stop half-way', async () => {
    const sockets = Array.from({ length: 50 }, () => connect(broker.port, '127.0.0.1'));
    for (const [at, socket] of sockets.entries()) {
      socket.on('error', () => undefined);
      const whole = requests[at % requests.length] as Buffer;
      socket.write(whole.subarray(0, (at * 7) % whole.length));
    }

    await alive();
    for (const socket of sockets) socket.resetAndDestroy();

    await alive();
    expect(faults).toEqual([]);
  });
});
