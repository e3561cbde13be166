/** What the runtime's own idle tick costs: 100 SQLite tables, the embedded Kafka, DynamoDB's own account of capacity. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { createKafkaClients } from '../../../lib/kafka/kafkajs/kafka-clients.ts';
import { type Broker, startBroker } from '../../../lib/local/broker/broker.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { runTick } from '../../../lib/runtime/invocation.ts';
import { record } from '../../support/kafka/clients.ts';
import { collectingSink, into } from '../../support/runtime/collecting-sink.ts';
import { SILENT } from '../../support/runtime/fakes.ts';
import { CapacityMeter } from '../../support/state/capacity-meter.ts';
import { type DynamoTarget, dynaliteTarget } from '../../support/state/targets.ts';

describe('an idle tick of the JDBC source', () => {
  let folder: string;
  let broker: Broker;
  let kafka: KafkaClients;
  let target: DynamoTarget;
  let meter: CapacityMeter;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'serverless-connect-idle-'));
    broker = await startBroker({});
    kafka = createKafkaClients({ logger: SILENT, clock: SYSTEM_CLOCK, random: Math.random });
    target = await dynaliteTarget();
    meter = new CapacityMeter(target.client);
  });
  afterAll(async () => {
    await kafka?.close();
    await broker?.close();
    await target?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const tables of [1, 100]) {
    it(`costs at most 2 write and 3 read units with ${tables} table(s)`, async () => {
      const file = join(folder, `${tables}.db`);
      const database = new DatabaseSync(file);
      for (let at = 0; at < tables; at++) {
        database.exec(`create table t${at} (id integer primary key, name text not null); insert into t${at} values (1, 'a')`);
      }
      database.close();
      const connector = `idle-${tables}`;
      const stores = target.open();
      const config = {
        name: connector,
        'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
        'connection.url': `jdbc:sqlite:${file}`,
        mode: 'incrementing',
        'incrementing.column.name': 'id',
        'topic.prefix': `${connector}-`,
        'tasks.max': '1',
      };
      await stores.configs.putConfig(connector, { config, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: Date.now() });
      const tick = (owner: string) =>
        runTick(
          {},
          {
            stores,
            kafka: async () => kafka,
            plugins: createPluginResolver(REGISTRY),
            workerProps: {
              'bootstrap.servers': broker.bootstrap,
              'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
              'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
            },
            resolveVariables: async (props) => props,
            logger: SILENT,
            clock: SYSTEM_CLOCK,
            random: Math.random,
            owner,
            connector,
            remainingMs: () => 60_000,
            signal: new AbortController().signal,
          },
        );
      const first = await tick('first');
      expect(first.figures.recordsIn).toBe(tables);
      expect(await stores.offsets.list(connector)).toHaveLength(tables);
      for (const owner of ['second', 'third', 'fourth']) {
        const cost = await meter.measure(async () => {
          const report = await tick(owner);
          expect(report).toMatchObject({ outcome: 'caught-up', figures: { recordsIn: 0 } });
        });
        expect(cost.writeUnits).toBeLessThanOrEqual(2);
        expect(cost.readUnits).toBeLessThanOrEqual(3);
      }
    });
  }
});

describe('an idle tick of a scheduled sink', () => {
  let broker: Broker;
  let kafka: KafkaClients;
  let target: DynamoTarget;
  let meter: CapacityMeter;

  beforeAll(async () => {
    broker = await startBroker({});
    kafka = createKafkaClients({ logger: SILENT, clock: SYSTEM_CLOCK, random: Math.random });
    target = await dynaliteTarget();
    meter = new CapacityMeter(target.client);
  });
  afterAll(async () => {
    await kafka?.close();
    await broker?.close();
    await target?.close();
  });

  for (const partitions of [1, 100]) {
    it(`costs at most 2 write and 3 read units with ${partitions} partition(s)`, async () => {
      const connector = `idle-sink-${partitions}`;
      const topic = `idle-${partitions}`;
      const settings = { 'bootstrap.servers': broker.bootstrap };
      const admin = kafka.admin(settings);
      await admin.createTopic({ topic, partitions, replicationFactor: 1, configs: {} });
      await admin.close();
      const producer = kafka.producer(settings);
      const all = Array.from({ length: partitions }, (_, partition) => record(topic, { partition, value: Buffer.from(`v${partition}`) }));
      expect((await producer.send(all)).failed.size).toBe(0);
      await producer.close();
      const stores = target.open();
      const got: unknown[] = [];
      const config = { name: connector, 'connector.class': 'Collecting', topics: topic, 'tasks.max': '1', 'lambda.trigger': 'schedule' };
      await stores.configs.putConfig(connector, { config, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: Date.now() });
      const tick = (owner: string) =>
        runTick(
          {},
          {
            stores,
            kafka: async () => kafka,
            plugins: createPluginResolver(REGISTRY, [collectingSink('Collecting', into(got))]),
            workerProps: { ...settings, 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
            resolveVariables: async (props) => props,
            logger: SILENT,
            clock: SYSTEM_CLOCK,
            random: Math.random,
            owner,
            connector,
            remainingMs: () => 60_000,
            signal: new AbortController().signal,
          },
        );
      await tick('first');
      expect(got).toHaveLength(partitions);
      expect(await stores.offsets.listWatermarks(connector)).toHaveLength(partitions);
      for (const owner of ['second', 'third', 'fourth']) {
        const cost = await meter.measure(async () => {
          expect(await tick(owner)).toMatchObject({ outcome: 'caught-up', figures: { recordsIn: 0 } });
        });
        expect(cost.writeUnits).toBeLessThanOrEqual(2);
        expect(cost.readUnits).toBeLessThanOrEqual(3);
      }
    });
  }
});
