import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { type Broker, startBroker } from '../../../lib/local/broker/broker.ts';
import { readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { type FaultProxy, startFaultProxy, type Verdict } from '../../support/kafka/fault-proxy.ts';

const PRODUCE = 0;
/** An answer of version 8 ends: partition, error code (2), base offset, append time, start offset (8 each), 0 errors (4), message (2), throttle (4). */
const ERROR_FROM_END = 2 + 24 + 4 + 2 + 4;
const NOT_ENOUGH_REPLICAS = 19;

type Fault = 'pass' | 'cut' | 'swallow' | 'falsify';

describe('producer under faults', () => {
  let broker: Broker;
  let proxy: FaultProxy;
  let clients: KafkaClients;

  beforeAll(async () => {
    broker = await startBroker();
    proxy = await startFaultProxy(broker.port);
    clients = testClients();
  });
  afterAll(async () => {
    await clients.close();
    await proxy.close();
    await broker.close();
  });

  it('stores every record once and in order, but those that are too large, whatever happens to requests and answers', async () => {
    const fault = fc.oneof(
      { weight: 6, arbitrary: fc.constant<Fault>('pass') },
      { weight: 1, arbitrary: fc.constantFrom<Fault>('cut', 'swallow', 'falsify') },
    );
    const send = fc.array(fc.record({ partition: fc.nat(1), size: fc.constantFrom(5, 300, 1_200) }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(send, { minLength: 1, maxLength: 12 }),
        fc.array(fault, { maxLength: 30 }),
        fc.constantFrom('none', 'lz4'),
        fc.constantFrom('1000', '1048576'),
        async (sends, faults, compression, batchSize) => {
          const topic = unique('faulty');
          const settings = { 'bootstrap.servers': proxy.bootstrap, 'request.timeout.ms': '150', 'client.id': topic };
          const admin = clients.admin(settings);
          await admin.createTopic({ topic, partitions: 2, replicationFactor: 1, configs: { 'max.message.bytes': '1000' } });
          const left = [...faults];
          proxy.interfere = ({ direction, apiKey, frame }): Verdict => {
            if (apiKey !== PRODUCE) return 'pass';
            const next = left.shift() ?? 'pass';
            if (next !== 'falsify') return next;
            if (direction === 'request') return 'pass';
            const falsified = Buffer.from(frame);
            falsified.writeInt16BE(NOT_ENOUGH_REPLICAS, falsified.length - ERROR_FROM_END);
            return falsified;
          };
          const producer = clients.producer({ ...settings, 'batch.size': batchSize, 'compression.type': compression });
          let serial = 0;
          const accepted: string[][] = [[], []];
          const results = await Promise.all(
            sends.map(async (drafts) => {
              const records = drafts.map(({ partition, size }) =>
                // random bytes: a compressed batch stays about as large
                record(topic, {
                  partition,
                  value: Buffer.from(
                    `${serial++}:${Array.from({ length: size }, () => String.fromCharCode(33 + Math.random() * 90)).join('')}`,
                  ),
                }),
              );
              for (const { partition, value } of records) {
                if ((value?.length ?? 0) < 1_000) accepted[partition ?? 0]?.push(Buffer.from(value ?? []).toString());
              }
              const { failed } = await producer.send(records);
              return [...failed].map(([index, error]) => [records[index]?.value?.length, (error as { kafkaCode?: unknown }).kafkaCode]);
            }),
          );
          proxy.interfere = () => 'pass';
          for (const [size, code] of results.flat()) {
            expect(size).toBeGreaterThan(1_000);
            expect(code).toBe('MESSAGE_TOO_LARGE');
          }
          expect(results.flat().length).toBe(serial - (accepted[0]?.length ?? 0) - (accepted[1]?.length ?? 0));
          const reader = clients.reader(settings);
          for (const partition of [0, 1]) expect(values(await readAll(reader, topic, partition))).toEqual(accepted[partition]);
          await Promise.all([admin.close(), producer.close(), reader.close()]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
