import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '../../lib/local/broker/broker.ts';
import { startDynamoDb } from '../../lib/local/dynamodb/start-dynamodb.ts';
import { type RunningCli, startCli, waitFor } from '../support/cli/run-cli.ts';
import { readAll, testClients, values } from '../support/kafka/clients.ts';

/** Short, so that the test is; the rules are those of 30 s. */
const LEASE_MS = 5_000;

describe('two processes on one table', () => {
  let folder: string;
  let input: string;
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDb>>;
  const clients = testClients();
  const running: RunningCli[] = [];
  let written = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'serverless-connect-two-'));
    input = join(folder, 'input.txt');
    writeFileSync(input, '');
    [broker, dynamoDb] = await Promise.all([startBroker(), startDynamoDb()]);
    writeFileSync(
      join(folder, 'worker.properties'),
      `bootstrap.servers=${broker.bootstrap}\nkey.converter=org.apache.kafka.connect.storage.StringConverter\nvalue.converter=org.apache.kafka.connect.storage.StringConverter\noffset.flush.interval.ms=300\ngroup.id=two\n`,
    );
    writeFileSync(
      join(folder, 'source.json'),
      JSON.stringify({
        name: 'lines',
        config: { 'connector.class': 'FileStreamSource', file: input, topic: 'lines', 'lambda.lease.ms': String(LEASE_MS) },
      }),
    );
    writeFileSync(
      join(folder, 'sink.json'),
      JSON.stringify({
        name: 'copy',
        config: {
          'connector.class': 'FileStreamSink',
          file: join(folder, 'output.txt'),
          topics: 'lines',
          'lambda.lease.ms': String(LEASE_MS),
        },
      }),
    );
  });

  afterAll(async () => {
    for (const { child, end } of running) {
      child.kill('SIGCONT');
      await end('SIGKILL');
    }
    await clients.close();
    await dynamoDb.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(name: string): RunningCli {
    const cwd = join(folder, name);
    mkdirSync(cwd);
    const files = ['worker.properties', 'source.json', 'sink.json'].map((file) => join(folder, file));
    const cli = startCli(['standalone', '--dynamodb', dynamoDb.endpoint, ...files], {
      cwd,
      env: { AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    });
    running.push(cli);
    return cli;
  }

  function append(lines: number): void {
    appendFileSync(input, Array.from({ length: lines }, () => `line ${written++}\n`).join(''));
  }

  async function inTopic(): Promise<string[]> {
    const reader = clients.reader({ 'bootstrap.servers': broker.bootstrap });
    try {
      return values(await readAll(reader, 'lines')) as string[];
    } catch {
      return [];
    } finally {
      await reader.close();
    }
  }

  it('one works and the other waits quietly; a frozen owner is replaced, and when it thaws it can commit nothing', async () => {
    append(100);
    const first = start('first');
    await waitFor(async () => (await inTopic()).length === 100, first);
    const second = start('second');
    await waitFor(() => second.output().includes('connected to Kafka'), second);

    append(100);
    await waitFor(async () => (await inTopic()).length >= 200, second);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // Nobody froze: every line once, in order, and no complaint of the one that waits.
    expect(await inTopic()).toEqual(Array.from({ length: 200 }, (_, i) => `line ${i}`));
    expect(second.output()).not.toMatch(/"level":"(?:error|warn)"/);

    first.child.kill('SIGSTOP');
    append(100);
    await waitFor(async () => (await inTopic()).length >= 300, second, 60_000);

    first.child.kill('SIGCONT');
    append(100);
    await waitFor(async () => (await inTopic()).length >= 400, second, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const lines = await inTopic();
    expect(new Set(lines)).toEqual(new Set(Array.from({ length: 400 }, (_, i) => `line ${i}`)));

    // Whoever owns the task now goes on from where the group of both stands: a third process repeats nothing.
    expect(await first.end('SIGTERM')).toBe(0);
    expect(await second.end('SIGTERM')).toBe(0);
    const third = start('third');
    append(10);
    await waitFor(async () => (await inTopic()).includes('line 409'), third);
    expect((await inTopic()).length).toBe(lines.length + 10);
    expect(await third.end('SIGTERM')).toBe(0);
  });
});
