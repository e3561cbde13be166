import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { TickReport } from '../../../lib/runtime/invocation.ts';
import { type DeployedPipeline, deployPipeline } from './deployed-pipeline.ts';

let pipeline: DeployedPipeline | null = null;
let reports: TickReport[] = [];
let failures: string[] = [];

afterEach(async () => {
  await pipeline?.close();
  pipeline = null;
});

async function deploy(options: Parameters<typeof deployPipeline>[0] = {}): Promise<DeployedPipeline> {
  reports = [];
  failures = [];
  pipeline = await deployPipeline({
    scheduler: { everyMs: 300 },
    host: {
      strict: true,
      onInvocation: (name, { functionError, payload }) => {
        if (functionError !== null) failures.push(`${name}: ${payload}`);
        else if (name.endsWith('source')) reports.push(JSON.parse(payload));
      },
    },
    ...options,
  });
  return pipeline;
}

async function until(claim: () => boolean, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!claim()) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${ms} ms; failures: ${failures.slice(0, 3).join('\n')}`);
    await sleep(20);
  }
}

describe('a deployed source', () => {
  it('runs one invocation per task', async () => {
    const { deployment, source, targetRows, insert } = await deploy({
      sourceKeys: { 'table.whitelist': 'people,places', 'tasks.max': '2' },
    });
    source.exec('CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
    insert(1, 500);
    deployment.start();

    await until(() => targetRows().length === 500, '500 rows');
    await until(() => new Set(reports.map(({ task }) => task)).size === 2, 'both tasks ran');

    expect(Math.max(...reports.map(({ fannedOut }) => fannedOut))).toBe(1);
    expect(failures).toEqual([]);
  });

  it('hands over at its deadline, hop by hop, until it is caught up', async () => {
    const { deployment, targetRows, insert } = await deploy({
      scheduler: {},
      sourceKeys: { 'batch.max.rows': '5', 'lambda.timeout.ms': '7000', 'lambda.shutdown.buffer.ms': '3000', 'poll.interval.ms': '1' },
      sinkKeys: { 'lambda.batch.size': '5000' },
    });
    insert(1, 30_000);
    deployment.start();

    await until(() => targetRows().length === 30_000, '30,000 rows', 90_000);

    expect(reports.filter(({ handedOver }) => handedOver).length).toBeGreaterThan(0);
    expect(reports.at(-1)?.outcome).toBe('caught-up');
    expect(failures).toEqual([]);
  });

  it('that was frozen for longer than its lease commits nothing when it thaws', async () => {
    const { deployment, targetRows, insert } = await deploy({
      scheduler: { everyMs: 1000 },
      sourceKeys: { 'batch.max.rows': '5', 'lambda.lease.ms': '15000' },
      sinkKeys: { 'lambda.batch.size': '5000' },
    });
    const name = deployment.functionOf('people-source');
    insert(1, 30_000);
    deployment.start();

    const lag = deployment.mappings.get('db-people');
    for (let records = 0; records === 0; records = (await lag?.lag()) ?? 0) await sleep(10);
    deployment.host.freeze(name);
    const finishedBefore = reports.filter(({ outcome }) => outcome !== 'held').length;
    // The lease, the grace of a tick's observation, and one tick.
    await sleep(22_000);
    deployment.host.thaw(name);
    await until(() => targetRows().length === 30_000, 'all rows', 90_000);
    await until(() => reports.some(({ outcome }) => outcome === 'lease-lost'), 'the frozen one noticed');

    expect(finishedBefore).toBe(0);
    expect(targetRows().map(({ id }) => id)).toEqual(Array.from({ length: 30_000 }, (_, index) => index + 1));
    expect(failures).toEqual([]);
  });
});

describe('a deployed sink', () => {
  it('drains its topic on a schedule', async () => {
    const { deployment, targetRows, insert } = await deploy({
      sinkKeys: { 'lambda.trigger': 'schedule', 'lambda.schedule': 'rate(1 minute)' },
    });
    insert(1, 1500);
    deployment.start();

    await until(() => targetRows().length === 1500, '1500 rows');

    expect(deployment.mappings.size).toBe(0);
    expect(deployment.schedules).toHaveLength(2);
    expect(failures).toEqual([]);
  });
});
