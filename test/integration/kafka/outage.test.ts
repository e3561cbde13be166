import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../../lib/local/broker/broker.ts';
import { readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { startKafka } from '../../support/kafka/start-kafka.ts';

/** A broker that can go down and come back at the same address, with its data. */
interface Mortal {
  readonly bootstrap: string;
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

async function embedded(): Promise<Mortal> {
  const dir = mkdtempSync(join(tmpdir(), 'serverless-connect-outage-'));
  let broker = await startBroker({ dir });
  const { bootstrap, port } = broker;
  return {
    bootstrap,
    down: () => broker.close(),
    up: async () => {
      broker = await startBroker({ dir, port });
    },
    stop: async () => {
      await broker.close();
      rmSync(dir, { recursive: true });
    },
  };
}

async function real(): Promise<Mortal> {
  const kafka = await startKafka();
  return { bootstrap: kafka.bootstrap, down: () => kafka.kill(), up: () => kafka.restart(), stop: () => kafka.stop() };
}

const unavailable = kafkaUnavailable();

describe.each([
  { name: 'embedded broker', start: embedded, reason: null },
  { name: `Apache Kafka 4.3.0${unavailable === null ? '' : ` (skipped: ${unavailable})`}`, start: real, reason: unavailable },
])('outage of the $name', ({ start, reason }) => {
  it.skipIf(reason !== null)('costs no record, no order, and no client has to be made anew', async () => {
    const broker = await start();
    const clients = testClients();
    try {
      const settings = { 'bootstrap.servers': broker.bootstrap };
      const topic = unique('outage');
      const producer = clients.producer(settings);
      const reader = clients.reader(settings);
      const groups = clients.groupOffsets(settings);
      const admin = clients.admin(settings);
      const exactlyOnce = clients.transactionalProducer(unique('txn'), settings);
      await exactlyOnce.fence();
      const numbered = (from: number) => Array.from({ length: 50 }, (_, i) => record(topic, { value: Buffer.from(`${from + i}`) }));
      await producer.send(numbered(0));
      await groups.commit('g', new Map([[`${topic}-0`, 1]]));
      const sends: Promise<unknown>[] = [];
      let sent = 50;
      const failed: unknown[] = [];
      const sendFor = async (ms: number) => {
        for (const until = Date.now() + ms; Date.now() < until; sent += 50) {
          sends.push(producer.send(numbered(sent)).then((result) => failed.push(...result.failed.values())));
          await sleep(10);
        }
      };
      await sendFor(100);
      const goingDown = broker.down();
      await sendFor(100);
      await goingDown;
      await sendFor(100);
      await broker.up();
      await sendFor(100);
      await Promise.all(sends);
      expect(failed).toEqual([]);
      expect(values(await readAll(reader, topic)).map(Number)).toEqual(Array.from({ length: sent }, (_, i) => i));
      await groups.commit('g', new Map([[`${topic}-0`, 9]]));
      expect(await groups.fetch('g', [{ topic, partition: 0 }])).toEqual(new Map([[`${topic}-0`, 9]]));
      expect(await admin.listTopics()).toContain(topic);
      exactlyOnce.begin();
      await exactlyOnce.send([record(topic, { value: Buffer.from('end') })]);
      await exactlyOnce.commit();
      expect(values(await readAll(reader, topic)).at(-1)).toBe('end');
    } finally {
      await clients.close();
      await broker.stop();
    }
  });
});
