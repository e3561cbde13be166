import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLineLogger } from '../../../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { createKafkaClients } from '../../../lib/kafka/kafkajs/kafka-clients.ts';
import { deployLocally, type LocalDeployment } from '../../../lib/local/deployment/local-deployment.ts';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { type Ask, signedClient } from '../../support/control/signed-client.ts';

const ROOT = join(import.meta.dirname, '../../..');
const closing: (() => Promise<void> | void)[] = [];
let deployment: LocalDeployment;
let ask: Ask;

/** The orders pipeline as it stands in this repository. Nothing of it moves: every request here is refused before anything outside is asked. */
beforeAll(async () => {
  const assembly = mkdtempSync(join(tmpdir(), 'control-refusals-'));
  closing.push(() => rmSync(assembly, { recursive: true, force: true }));
  await promisify(execFile)(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: assembly, CDK_VALIDATION: 'false' },
  });
  const dynamoDb = await startDynamoDb();
  closing.push(() => dynamoDb.close());
  const logger = createLineLogger({ level: () => 'error', now: () => 0, write: () => undefined });
  const kafka = createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
  closing.push(() => kafka.close());
  deployment = await deployLocally({ assembly, dynamoDbEndpoint: dynamoDb.endpoint, kafka });
  closing.push(() => deployment.close());
  ask = signedClient(deployment.controlUrl as string);
}, 120_000);

afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const FILE = 'infra/pipelines/orders.json';
const refusal = (...texts: string[]) => ({
  status: 409,
  body: {
    error_code: 409,
    message: expect.stringMatching(new RegExp(texts.map((text) => text.replaceAll(/[.*]/g, '\\$&')).join('.*'), 's')),
  },
});

describe('the API of a deployed stack', () => {
  it('answers for its connectors', async () => {
    expect(await ask('GET', '/connectors')).toMatchObject({ status: 200, body: ['orders-sink', 'orders-source'] });
    expect((await ask('GET', '/connectors/orders-source/config')).body).toMatchObject({
      'connection.password': '$'.concat('{secretsManager:shop/db:password}'),
    });
    const plugins = (await ask('GET', '/connector-plugins')).body as { class: string }[];
    expect(plugins.map((plugin) => plugin.class).sort()).toEqual([
      'io.confluent.connect.jdbc.JdbcSinkConnector',
      'io.confluent.connect.jdbc.JdbcSourceConnector',
    ]);
  });

  it('refuses to create a connector', async () => {
    const config = { 'connector.class': 'JdbcSourceConnector' };
    expect(await ask('POST', '/connectors', { name: 'another', config })).toMatchObject(refusal('another cannot be created', FILE));
    expect(await ask('POST', '/connectors', { name: 'orders-source', config })).toMatchObject(refusal('orders-source', FILE));
    expect(await ask('PUT', '/connectors/another/config', config)).toMatchObject(refusal('another cannot be created', FILE));
    expect((await ask('GET', '/connectors')).body).toEqual(['orders-sink', 'orders-source']);
  });

  it('refuses to delete one', async () => {
    expect(await ask('DELETE', '/connectors/orders-sink')).toMatchObject(refusal('orders-sink cannot be deleted', FILE));
    expect(await ask('DELETE', '/connectors/nobody')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/connectors/orders-sink/status')).toMatchObject({ body: { connector: { state: 'UNASSIGNED' } } });
  });

  it.each([
    ['orders-source', 'connector.class', 'io.confluent.connect.jdbc.JdbcSinkConnector'],
    ['orders-source', 'connector.class', 'com.example.Unknown'],
    ['orders-source', 'key.converter', 'org.apache.kafka.connect.json.JsonConverter'],
    ['orders-sink', 'value.converter', 'org.apache.kafka.connect.storage.StringConverter'],
    ['orders-sink', 'header.converter', 'org.apache.kafka.connect.storage.StringConverter'],
    ['orders-source', 'transforms', 'mask'],
    ['orders-source', 'predicates', 'isOrder'],
    ['orders-sink', 'topics', 'shop-orders,shop-items'],
    ['orders-sink', 'topics.regex', 'shop-.*'],
    ['orders-sink', 'tasks.max', '4'],
    ['orders-source', 'connection.url', 'jdbc:postgresql://elsewhere.example:5432/shop'],
    ['orders-sink', 'connection.url', 'jdbc:sqlite:/tmp/x'],
    ['orders-source', 'connection.password', '$'.concat('{secretsManager:other/db:password}')],
    ['orders-source', 'connection.password', 'written-literally'],
    ['orders-source', 'producer.override.bootstrap.servers', 'elsewhere.example:9092'],
    ['orders-source', 'lambda.schedule', 'rate(5 minutes)'],
    ['orders-source', 'lambda.memory.mb', '1024'],
    ['orders-sink', 'lambda.batch.size', '100'],
  ])('refuses to change %s: %s', async (connector, key, value) => {
    const path = `/connectors/${connector}/config`;
    const before = (await ask('GET', path)).body as Record<string, string>;

    for (const answer of [await ask('PATCH', path, { [key]: value }), await ask('PUT', path, { ...before, [key]: value })]) {
      expect(answer).toMatchObject(refusal(connector, key, FILE));
      expect(JSON.stringify(answer.body)).not.toContain('written-literally');
    }
    expect((await ask('GET', path)).body).toEqual(before);
  });

  it('names every fixed key of a request, those that are taken away too', async () => {
    const { 'connection.url': _, ...rest } = (await ask('GET', '/connectors/orders-source/config')).body as Record<string, string>;
    const changed = { ...rest, 'lambda.schedule': 'rate(2 minutes)', 'poll.interval.ms': '1000' };

    const { body, status } = await ask('PUT', '/connectors/orders-source/config', changed);

    expect(status).toBe(409);
    const { message } = body as { message: string };
    expect(message).toContain('connection.url');
    expect(message).toContain('lambda.schedule');
    expect(message).not.toContain('poll.interval.ms');
    expect(await ask('PATCH', '/connectors/orders-source/config', { 'connection.url': null })).toMatchObject(
      refusal('connection.url', FILE),
    );
  });
});

describe('without credentials', () => {
  const paths = ['/', '/connectors', '/connectors/orders-source/config', '/connector-plugins', '/admin/loggers', '/nowhere'];

  it.each(['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'])('%s is answered with 403 and nothing else', async (method) => {
    const invocations = deployment.host.stats('orders-control-api').invocations;
    for (const path of paths) {
      const answer = await fetch(new URL(path, deployment.controlUrl as string), { method });
      expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 403, text: '{"Message":"Forbidden"}' });
    }
    expect(deployment.host.stats('orders-control-api').invocations).toBe(invocations);
  });

  it('a signature by another key, or of another request, is no credential', async () => {
    const stranger = signedClient(deployment.controlUrl as string, { accessKeyId: 'local', secretAccessKey: 'guessed' });
    expect(await stranger('GET', '/connectors')).toMatchObject({ status: 403 });
    const other = signedClient(deployment.controlUrl as string, { accessKeyId: 'other', secretAccessKey: 'local' });
    expect(await other('GET', '/connectors')).toMatchObject({ status: 403 });
  });
});
