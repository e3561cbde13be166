import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS, NAMESPACE } from '../../functions/metrics.ts';
import { encodeKafkaEvent } from '../../lib/kafka/event-source-mapping.ts';
import { readMetricLine, type StoredMetric } from '../support/embedded-metrics.ts';
import { type CheckedDeployment, deployChecked } from '../support/permissions/checked-deployment.ts';
import { allows } from '../support/permissions/policy.ts';
import { TestS3 } from '../support/s3/test-s3.ts';

const ROWS = 300;
const SECRET = 'marked-password-4711';
/** What Lambda does with a role by itself, out of a function's sight. */
const OF_THE_SERVICE = new Map([
  ['Logs', "Lambda writes a function's output to its log group"],
  ['Undelivered', 'Lambda sends events that a function failed at to the queue'],
]);
/** Actions that no run without faults needs. */
const OF_FAULTS = new Map([
  ['s3:AbortMultipartUpload', 'an upload that is given up'],
  ['s3:GetObject', 'looking for an object whose completion S3 refused'],
  ['dynamodb:DeleteItem', 'plans and offsets of earlier configurations'],
  ['dynamodb:BatchGetItem', 'offsets of many partitions at once'],
]);
/** What is not done here: by function, statement or action. */
const NOT_HERE = new Map([
  ['shop-control-api Loggers', 'levels that are set for all'],
  ['shop-control-api Secrets', 'validation of a configuration that refers to a secret'],
  ['shop-control-api secretsmanager:GetSecretValue', 'validation of a configuration that refers to a secret'],
  ['shop-connector-configurations dynamodb:Query', 'removal of a connector with its state'],
]);

let checked: CheckedDeployment;
let dir: string;
let source: DatabaseSync;
const s3 = new TestS3('lake', { accessKeyId: 'shop-people-lake', secretAccessKey: 'local' });
const without = new Set<string>();

function pipeline(bootstrapServers: string): object {
  const password = `\${secretsManager:shop/db:password}`;
  return {
    name: 'shop',
    worker: {
      'bootstrap.servers': bootstrapServers,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    },
    connectors: [
      {
        name: 'people-source',
        config: {
          'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
          'connection.url': `jdbc:sqlite:${join(dir, 'source.db')}`,
          'connection.password': password,
          mode: 'incrementing',
          'incrementing.column.name': 'id',
          'table.whitelist': 'people,places',
          'topic.prefix': 'db-',
          'poll.interval.ms': '100',
          'tasks.max': '2',
          'lambda.failure.backoff.ms': '500',
        },
      },
      {
        name: 'people-sink',
        config: {
          'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
          'connection.url': `jdbc:sqlite:${join(dir, 'target.db')}`,
          'connection.password': password,
          topics: 'db-people',
          'table.name.format': 'people',
          'insert.mode': 'upsert',
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'auto.create': 'true',
          'errors.tolerance': 'all',
          'errors.deadletterqueue.topic.name': 'dead',
          'errors.deadletterqueue.topic.replication.factor': '1',
        },
      },
      {
        name: 'people-lake',
        config: {
          'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
          topics: 'db-people',
          'tasks.max': '2',
          's3.bucket.name': 'lake',
          's3.region': 'us-east-1',
          's3.object.tagging': 'true',
          's3.acl.canned': 'bucket-owner-full-control',
          'storage.class': 'io.confluent.connect.s3.storage.S3Storage',
          'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
          'flush.size': '10',
          'errors.tolerance': 'all',
        },
      },
    ],
  };
}

async function until(claim: () => boolean, what: string, ms = 120_000): Promise<void> {
  const end = Date.now() + ms;
  while (!claim()) {
    if (Date.now() > end) {
      const refused = checked.proxy.calls.filter(({ allowedBy }) => allowedBy.length === 0);
      throw new Error(
        `${what} did not come true within ${ms} ms; refused: ${JSON.stringify(refused.slice(0, 3))}; ${checked.proxy.unknown}; ${checked.lines
          .slice(-5)
          .map(({ line }) => line)
          .join('\n')}`,
      );
    }
    await sleep(50);
  }
}

function targetRows(): number {
  const target = new DatabaseSync(join(dir, 'target.db'));
  try {
    return (target.prepare('SELECT count(*) AS n FROM people').get() as { n: number }).n;
  } catch {
    return 0;
  } finally {
    target.close();
  }
}

const metrics = (): StoredMetric[] =>
  checked.lines.filter(({ line }) => line.includes('"_aws"')).flatMap(({ line }) => readMetricLine(line));
const emitted = (name: string): boolean => metrics().some((metric) => metric.name === name && metric.value > 0);
const refusals = () => checked.proxy.calls.filter(({ allowedBy }) => allowedBy.length === 0);

/** Asks the REST API as a function URL would. */
async function rest(method: string, path: string, body?: string): Promise<void> {
  const { host } = checked.deployment;
  const [rawPath, rawQueryString = ''] = path.split('?');
  const result = await host.invoke('shop-control-api', {
    version: '2.0',
    rawPath,
    rawQueryString,
    headers: { host: 'local', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    requestContext: { http: { method, path: rawPath, sourceIp: '127.0.0.1' } },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body }),
  });
  const { statusCode } = JSON.parse(result.payload) as { statusCode?: number };
  if (statusCode === undefined || statusCode >= 300)
    throw new Error(`${method} ${path}: ${result.payload}; ${checked.proxy.unknown}; ${JSON.stringify(refusals())}`);
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'permission-rows-'));
  source = new DatabaseSync(join(dir, 'source.db'));
  source.exec('PRAGMA journal_mode = WAL; CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  source.exec("CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO places VALUES (1, 'here')");
  const insert = source.prepare('INSERT INTO people (id, name) VALUES (?, ?)');
  for (let id = 1; id <= ROWS; id++) insert.run(id, `person ${id}`);
  await s3.start();
  checked = await deployChecked({
    name: 'shop',
    pipeline,
    secrets: { 'shop/db': JSON.stringify({ password: SECRET }) },
    without,
    services: { s3: s3.url },
  });
  checked.deployment.start();
  await until(() => targetRows() === ROWS, 'all rows in the target');
  const producer = checked.kafka.producer({ 'bootstrap.servers': checked.bootstrap });
  await producer.send([{ topic: 'db-people', partition: 0, key: null, value: Buffer.from('no JSON'), timestamp: Date.now(), headers: [] }]);
  await producer.close();
  await until(() => emitted('DeadLetters'), 'a dead letter');
  await until(() => [...s3.objects.values()].some(({ tags }) => Object.keys(tags).length > 0), 'tagged objects');
  await until(() => emitted('Lag') || metrics().some(({ name }) => name === 'Lag'), 'a lag');
  for (const [method, path] of [
    ['GET', '/connectors?expand=status&expand=info'],
    ['GET', '/connectors/people-source/offsets'],
    ['PUT', '/connectors/people-sink/pause'],
    ['PUT', '/connectors/people-sink/resume'],
    ['PUT', '/connectors/people-source/pause'],
    ['PUT', '/connectors/people-source/resume'],
    ['POST', '/connectors/people-source/restart?includeTasks=true'],
  ] as const) {
    await rest(method, path);
  }
}, 300_000);

afterAll(async () => {
  await checked?.close();
  await s3.stop();
  source.close();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

describe('policies', () => {
  it('are sufficient: nothing was refused that functions did', () => {
    expect(checked.proxy.unknown).toEqual([]);
    expect(refusals()).toEqual([]);
    expect(new Set(checked.proxy.calls.map(({ functionName }) => functionName))).toEqual(new Set(checked.policies.keys()));
  });

  it('hold no statement that nothing needs: without any of them a call would be refused', () => {
    const superfluous: string[] = [];
    for (const [functionName, statements] of checked.policies) {
      const calls = checked.proxy.calls.filter((call) => call.functionName === functionName);
      for (const statement of statements) {
        const others = statements.filter((one) => one !== statement);
        const needed = calls.some((call) => allows(statement, call) && !others.some((other) => allows(other, call)));
        if (!needed && !OF_THE_SERVICE.has(statement.sid)) superfluous.push(`${functionName} ${statement.sid}`);
      }
    }
    expect(superfluous.filter((one) => !NOT_HERE.has(one))).toEqual([]);
  });

  it('hold no action that nothing needs, faults aside', () => {
    const used = new Set(checked.proxy.calls.map(({ functionName, action }) => `${functionName} ${action}`));
    const unused = [...checked.policies].flatMap(([functionName, statements]) =>
      statements
        .filter(({ sid }) => !OF_THE_SERVICE.has(sid))
        .flatMap(({ actions }) => actions)
        .filter((action) => !used.has(`${functionName} ${action}`) && !OF_FAULTS.has(action))
        .map((action) => `${functionName} ${action}`),
    );
    expect(unused.filter((one) => !NOT_HERE.has(one))).toEqual([]);
  });
});

describe('metrics', () => {
  it('are lines in embedded metric format, one for each invocation', () => {
    const ofConnectors = checked.lines.filter(({ line }) => line.includes('"_aws"'));
    for (const { line } of ofConnectors) expect(readMetricLine(line).length).toBeGreaterThan(0);
    for (const connector of ['people-source', 'people-sink', 'people-lake']) {
      const { name } = checked.deployment.functions.find((one) => one.connector === connector) as { name: string };
      const written = ofConnectors.filter(({ functionName }) => functionName === name);
      const { invocations } = checked.deployment.stats(connector);
      expect(written.length).toBeLessThanOrEqual(invocations);
      // Some are running at this moment.
      expect(written.length).toBeGreaterThanOrEqual(Math.floor(invocations * 0.8));
      expect(JSON.parse(written[0]?.line ?? '{}')).toMatchObject({ Pipeline: 'shop', Connector: connector });
    }
  });

  it('tell what was done, by task', () => {
    const total = (name: string, connector: string): number =>
      metrics()
        .filter(({ dimensions, ...metric }) => metric.name === name && dimensions.Connector === connector && dimensions.Task !== undefined)
        .reduce((sum, { value }) => sum + value, 0);
    expect(total('RecordsOut', 'people-source')).toBeGreaterThanOrEqual(ROWS + 1);
    expect(total('RecordsIn', 'people-sink')).toBeGreaterThanOrEqual(ROWS + 1);
    expect(
      new Set(
        metrics()
          .filter(({ dimensions }) => dimensions.Connector === 'people-source')
          .map(({ dimensions }) => dimensions.Task ?? ''),
      ),
    ).toContain('1');
  });
});

describe('secrets', () => {
  it('are in no template, environment, log or state', () => {
    const places = JSON.stringify([checked.template.resources, checked.lines.map(({ line }) => line)]);
    expect(places).not.toContain(SECRET);
    expect(checked.proxy.calls.filter(({ action }) => action === 'secretsmanager:GetSecretValue').length).toBeGreaterThan(0);
  });
});

// Last, for it breaks what runs.
describe('a statement taken away', () => {
  it('fails the task, and the metric that the alarm looks at says so', async () => {
    const [secrets] = (checked.policies.get('shop-people-source') ?? []).filter(({ actions }) =>
      actions.includes('secretsmanager:GetSecretValue'),
    );
    expect(secrets).toBeDefined();
    without.add(secrets?.sid ?? '');
    await checked.deployment.host.recycle('shop-people-source');
    await until(() => refusals().length > 0, 'a refused call');
    await until(() => emitted('FailedTasks'), 'a failed task among the metrics');
    expect(refusals().every(({ action }) => action === 'secretsmanager:GetSecretValue')).toBe(true);
  });

  it('alarms look at metrics only that functions emit', async () => {
    const sink = checked.deployment.functionOf('people-sink');
    for (const mapping of checked.deployment.mappings.values()) await mapping.disable();
    without.clear();
    // Another record at an offset that was delivered: the topic was made anew.
    const record = {
      topic: 'db-people',
      partition: 0,
      offset: 0,
      timestamp: 1,
      timestampType: 'CREATE_TIME' as const,
      key: Buffer.from('x'),
      value: Buffer.from('new'),
      headers: [],
    };
    await checked.deployment.host.invoke(sink, encodeKafkaEvent([record], { clusterArn: null, bootstrapServers: checked.bootstrap }));
    await until(() => emitted('Rewinds'), 'a rewind');
    const alarmed = new Set(
      checked.template.resources
        .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
        .flatMap((resource) => [...JSON.stringify(resource.properties).matchAll(/"MetricName":"(\w+)","Namespace":"ServerlessConnect"/g)])
        .map(([, name]) => name as string),
    );
    expect([...alarmed].sort()).toEqual(
      Object.keys(METRICS)
        .filter((name) => alarmed.has(name))
        .sort(),
    );
    expect(alarmed.size).toBeGreaterThanOrEqual(4);
    const names = new Set(
      metrics()
        .filter(({ namespace }) => namespace === NAMESPACE)
        .map(({ name }) => name),
    );
    expect([...alarmed].filter((name) => !names.has(name))).toEqual([]);
  });
});
