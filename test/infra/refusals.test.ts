import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planPipeline } from '../../infra/plan-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';

const dir = mkdtempSync(join(tmpdir(), 'refusals-'));
afterAll(() => rmSync(dir, { recursive: true }));

const login = (secret: string, user: string, password: string): string =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="\${secretsManager:${secret}:${user}}" password="\${secretsManager:${secret}:${password}}";`;

const WORKER = {
  'bootstrap.servers': 'broker:9092',
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': 'SCRAM-SHA-512',
  'sasl.jaas.config': login('shop/kafka', 'username', 'password'),
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
};
const SINK = { 'connector.class': 'JdbcSink', 'connection.url': 'jdbc:sqlite:/tmp/a.db', topics: 'orders' };
const SOURCE = { 'connector.class': 'JdbcSource', 'connection.url': 'jdbc:sqlite:/tmp/a.db', mode: 'bulk', 'topic.prefix': 'a-' };

async function problemsOf(pipeline: unknown): Promise<string> {
  const file = join(dir, 'pipeline.json');
  writeFileSync(file, typeof pipeline === 'string' ? pipeline : JSON.stringify(pipeline));
  return planPipeline(file, REGISTRY).then(
    () => '',
    (error: Error) => error.message,
  );
}

const withConnector = (config: Record<string, string>, name = 'one') => ({ name: 'p', worker: WORKER, connectors: [{ name, config }] });

describe('refusals', () => {
  it.each([
    [
      'a function timeout over 14 minutes behind Kafka',
      { ...SINK, 'lambda.timeout.ms': '900000' },
      'at most 840000 ms, not 900000; lower it',
    ],
    ['a timeout of fractions of a second', { ...SOURCE, 'lambda.timeout.ms': '10500' }, 'lambda.timeout.ms: 10500 is no whole second'],
    ['LATEST as a start', { ...SINK, 'lambda.start.position': 'LATEST' }, 'would be lost without a trace; use TRIM_HORIZON'],
    ['a one-character topic', { ...SINK, topics: 'a' }, "topics: AWS does not accept the topic 'a'"],
    ['topics.regex behind an event trigger', { ...SINK, topics: '', 'topics.regex': 'a.*', 'lambda.trigger': 'event' }, 'topics.regex'],
    [
      'an on-failure destination without provisioned pollers',
      { ...SINK, 'lambda.on.failure.destination': 'arn:aws:sqs:eu-west-1:1:q' },
      'set lambda.pollers.max',
    ],
    [
      'more pollers at least than at most',
      { ...SINK, 'lambda.pollers.min': '3', 'lambda.pollers.max': '2' },
      'lambda.pollers.min: 3 is more than',
    ],
    ['a window that Lambda does not know', { ...SINK, 'lambda.batch.window.ms': '750' }, 'allowed: 500 and whole seconds'],
    [
      'reserved concurrency below tasks and one',
      { ...SOURCE, 'tasks.max': '4', 'lambda.reserved.concurrency': '4' },
      'need 5 concurrent invocations, not 4',
    ],
    [
      'log retention that CloudWatch does not know',
      { ...SOURCE, 'lambda.log.retention.days': '10' },
      'lambda.log.retention.days: Invalid value 10',
    ],
    ['a source behind an event trigger', { ...SOURCE, 'lambda.trigger': 'event' }, 'lambda.trigger: '],
    ['a connector that needs a disk', { 'connector.class': 'FileStreamSource', file: '/tmp/a', topic: 'lines' }, 'connector.class: '],
    ['an unknown key, with the nearest', { ...SOURCE, 'topic.prefx': 'b-' }, 'did you mean topic.prefix?'],
    ['an unknown class', { ...SOURCE, 'connector.class': 'JdbcSorce' }, 'JdbcSorce'],
    ['a schedule that Scheduler does not know', { ...SOURCE, 'lambda.schedule': 'rate(1 minutes)' }, 'lambda.schedule'],
  ])('%s', async (_what, config, message) => {
    const text = await problemsOf(withConnector(config));
    expect(text).toContain(message);
    expect(text).toContain('connectors[0] (one)');
  });

  it.each([
    [
      'no brokers',
      { worker: { ...WORKER, 'bootstrap.servers': '' } },
      'worker: bootstrap.servers: a deployed function has no embedded Kafka',
    ],
    ['MSK IAM without the cluster', { worker: { ...WORKER, 'sasl.mechanism': 'AWS_MSK_IAM' } }, "give the cluster's ARN"],
    ['a cluster that is none', { stack: { cluster: 'demo' } }, "'demo' is no MSK cluster"],
    ['subnets without security groups', { stack: { subnets: ['subnet-1'] } }, 'give both or neither'],
    ['no connector', { connectors: [] }, 'connectors'],
    [
      'worker keys beyond the environment',
      { worker: { ...WORKER, 'ssl.truststore.certificates': 'x'.repeat(4000) } },
      'a function has 4096',
    ],
    [
      'two connectors of one name',
      {
        connectors: [
          { name: 'a', config: SINK },
          { name: 'a', config: SINK },
        ],
      },
      'has this name too',
    ],
  ])('%s', async (_what, change, message) => {
    expect(await problemsOf({ ...withConnector(SINK), ...change })).toContain(message);
  });

  it('name every mistake of a file at once', async () => {
    const text = await problemsOf(
      withConnector({ ...SINK, topics: 'a', 'lambda.start.position': 'LATEST', 'lambda.batch.window.ms': '750' }),
    );
    expect(text).toContain('3 mistakes');
  });

  it('leave a valid file alone', async () => {
    expect(await problemsOf(withConnector(SINK))).toBe('');
    expect(await problemsOf(withConnector({ ...SOURCE, 'connection.password': `\${secretsManager:a:b}` }))).toBe('');
  });

  it('tell a file that is no pipeline', async () => {
    expect(await problemsOf({ name: 'a', config: SINK })).toContain('it is a connector file');
    expect(await problemsOf('{ "name": ')).toContain('pipeline.json');
  });
});
