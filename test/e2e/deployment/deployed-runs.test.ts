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

/** More than a source moves in the seconds that these tests leave it, also on a quick machine. */
const ROWS = 600_000;

async function startSourceOnly(deployment: DeployedPipeline['deployment']): Promise<void> {
  deployment.start();
  for (const mapping of deployment.mappings.values()) await mapping.disable();
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
    const { deployment, insert } = await deploy({
      scheduler: {},
      sourceKeys: { 'batch.max.rows': '5', 'lambda.timeout.ms': '5000', 'lambda.shutdown.buffer.ms': '2500', 'poll.interval.ms': '1' },
    });
    insert(1, ROWS);
    await startSourceOnly(deployment);

    await until(() => reports.some(({ outcome }) => outcome === 'caught-up'), 'the source is caught up', 120_000);

    expect(reports.filter(({ handedOver }) => handedOver).length).toBeGreaterThan(0);
    expect(reports.reduce((sum, { figures }) => sum + figures.recordsOut, 0)).toBe(ROWS);
    expect(failures).toEqual([]);
  });

  it('that was frozen for longer than its lease commits nothing when it thaws', async () => {
    const { deployment, insert } = await deploy({
      scheduler: { everyMs: 1000 },
      sourceKeys: { 'batch.max.rows': '5', 'lambda.lease.ms': '15000', 'poll.interval.ms': '1' },
    });
    const name = deployment.functionOf('people-source');
    insert(1, ROWS);
    await startSourceOnly(deployment);

    const lag = deployment.mappings.get('db-people');
    for (let records = 0; records === 0; records = (await lag?.lag()) ?? 0) await sleep(5);
    deployment.host.freeze(name);
    await until(() => reports.some(({ outcome }) => outcome === 'caught-up'), 'another invocation took the task and went through', 120_000);
    const before = reports.length;
    deployment.host.thaw(name);
    await until(() => reports.some(({ outcome }) => outcome === 'lease-lost'), 'the frozen one noticed');
    insert(ROWS + 1, ROWS + 10);
    await until(() => reports.slice(before).some(({ figures }) => figures.recordsIn === 10), 'ten further rows, and none before them');

    const later = reports.slice(before).filter(({ outcome }) => outcome === 'caught-up');
    expect(later.reduce((sum, { figures }) => sum + figures.recordsIn, 0)).toBe(10);
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
