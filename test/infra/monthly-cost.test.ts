import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ConnectorPlan } from '../../infra/connector-plan.ts';
import { costReport, monthlyCost, ticksPerMonth } from '../../infra/monthly-cost.ts';
import { planPipeline } from '../../infra/plan-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';
import { pipelineOf } from './broken-pipelines.ts';

const dir = mkdtempSync(join(tmpdir(), 'cost-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function planOf(base: 'source' | 'sink', config: Record<string, string> = {}): Promise<ConnectorPlan> {
  const file = join(dir, 'pipeline.json');
  writeFileSync(file, JSON.stringify(pipelineOf({ base, config })));
  return (await planPipeline(file, REGISTRY)).connectors[0] as ConnectorPlan;
}

describe('ticksPerMonth', () => {
  it.each([
    ['rate(1 minute)', 43_800],
    ['rate(5 minutes)', 8_760],
    ['rate(1 hour)', 730],
    ['rate(2 days)', 15.2],
    ['cron(0 6 * * ? *)', 30.4],
    ['cron(0/15 * * * ? *)', 2_920],
    ['cron(0 6 ? * MON-FRI *)', 21.7],
    ['cron(0,30 8-17 ? * MON-FRI *)', 434.5],
    ['cron(0 6 1 * ? *)', 1],
  ])('%s', (expression, ticks) => {
    expect(Math.abs(ticksPerMonth(expression) - ticks) / ticks).toBeLessThan(0.03);
  });
});

describe('monthlyCost', () => {
  it('of an idle source is some cents, and less with fewer ticks', async () => {
    const every = monthlyCost(await planOf('source'));
    const rarely = monthlyCost(await planOf('source', { 'lambda.schedule': 'rate(5 minutes)' }));
    expect(every.idle).toBeGreaterThan(0.05);
    expect(every.idle).toBeLessThan(0.3);
    expect(rarely.idle).toBeCloseTo(every.idle / 5, 5);
    expect(every.inputs).toContain('43800 ticks of 150 ms at 512 MB');
  });

  it('counts an invocation for each task of a tick', async () => {
    const one = monthlyCost(await planOf('source'));
    const four = monthlyCost(await planOf('source', { 'tasks.max': '4' }));
    expect(four.idle).toBeCloseTo(one.idle * 5, 5);
    expect(four.hints).toContain('at most 4 × 1 = 4 connections to the source');
  });

  it('of a sink is nothing at idle, but for provisioned pollers, which it says are dear', async () => {
    expect(monthlyCost(await planOf('sink')).idle).toBe(0);
    const provisioned = monthlyCost(await planOf('sink', { 'lambda.pollers.max': '2', topics: 'orders,refunds' }));
    expect(provisioned.idle).toBeCloseTo(2 * 135.05, 2);
    expect(provisioned.hints.join()).toContain('less than provisioned pollers');
  });

  it('of provisioned pollers counts a unit per ten, for each mapping or for a group of them', async () => {
    const cost = async (config: Record<string, string>) => monthlyCost(await planOf('sink', { topics: 'aa,bb,cc', ...config }));
    const alone = await cost({ 'lambda.pollers.min': '11', 'lambda.pollers.max': '20' });
    expect(alone.idle).toBeCloseTo(6 * 135.05, 2);
    expect(alone.inputs).toContain('6 event poller units at $0.185 an hour');
    expect((await cost({ 'lambda.pollers.max': '5', 'lambda.pollers.group': 'shop' })).idle).toBeCloseTo(135.05, 2);
  });

  it('says how many connections the target sees, where tasks hold any', async () => {
    expect((await planOf('sink')).manifest.connectionsPerTask).toBe(1);
    const limited = monthlyCost(await planOf('sink', { 'tasks.max': '4', 'lambda.reserved.concurrency': '2' }));
    expect(limited.hints).toContain('at most 2 × 1 = 2 connections to the target');
    const lake = monthlyCost({ ...(await planOf('sink')), manifest: { kind: 'sink', className: 'Lake' } });
    expect(lake.hints.join()).not.toContain('connections');
  });

  it('falls with larger batches', async () => {
    const small = monthlyCost(await planOf('sink', { 'lambda.batch.size': '10' }));
    const large = monthlyCost(await planOf('sink', { 'lambda.batch.size': '1000' }));
    expect(large.perMillion).toBeLessThan(small.perMillion);
  });

  it('is told per connector', async () => {
    const text = costReport('shop', [{ plan: await planOf('source'), bundle: { bytes: 812_345, gzipBytes: 234_567 } }]);
    expect(text).toMatch(
      /^shop: expected cost.*\n {2}one: \$0\.\d\d a month at idle, \$0\.\d{3} per million records \(.*\)\n.*bundle 812 kB, 235 kB compressed$/,
    );
  });
});
