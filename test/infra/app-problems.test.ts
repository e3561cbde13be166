import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { appProblems } from '../../infra/app-problems.ts';
import type { ConnectorPlan } from '../../infra/connector-plan.ts';
import { planPipeline } from '../../infra/plan-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';
import { pipelineOf } from './broken-pipelines.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'apps-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function planned(pipeline: string, connector: string, base: 'source' | 'sink', worker: Record<string, string> = {}) {
  const file = join(dir, 'pipeline.json');
  writeFileSync(file, JSON.stringify({ ...pipelineOf({ base, worker, name: connector }), name: pipeline }));
  const plan = (await planPipeline(file, REGISTRY)).connectors[0] as ConnectorPlan;
  return { connectors: [{ plan, bundle: { dir: '', hash: '', bytes: 0, gzipBytes: 0, inputs: [] } }] };
}

describe('pipelines of one app', () => {
  it('may not share a consumer group on one Kafka', async () => {
    expect(appProblems([await planned('a', 'out', 'sink'), await planned('b', 'out', 'sink')])).toEqual([
      "a/out and b/out: both would read as consumer group 'connect-out' of broker.example:9096, each a part of the records; rename one",
    ]);
    const elsewhere = await planned('b', 'out', 'sink', { 'bootstrap.servers': 'other.example:9096' });
    expect(appProblems([await planned('a', 'out', 'sink'), elsewhere])).toEqual([]);
    expect(appProblems([await planned('a', 'in', 'source'), await planned('b', 'in', 'source')])).toEqual([]);
  });

  it('may not have functions of one name', async () => {
    expect(appProblems([await planned('shop', 'eu-orders', 'source'), await planned('shop-eu', 'orders', 'source')])).toEqual([
      "shop/eu-orders and shop-eu/orders: both functions would be named 'shop-eu-orders'; rename one",
    ]);
  });

  it('are all judged before one is refused, and synth says so', async () => {
    const folder = join(dir, 'pipelines');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'a.json'),
      JSON.stringify({ ...pipelineOf({ base: 'source', config: { 'lambda.memory.mb': '1' } }), name: 'a' }),
    );
    writeFileSync(
      join(folder, 'b.json'),
      JSON.stringify({ ...pipelineOf({ base: 'source', config: { 'lambda.memory.mb': '2' } }), name: 'b' }),
    );
    const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ pipelines: folder }), CDK_OUTDIR: join(dir, 'cdk.out') };
    const { code, stderr } = await promisify(execFile)(process.execPath, [join(ROOT, 'infra/app.ts')], { env }).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('a.json: one mistake\n  connectors[0] (one): lambda.memory.mb: ');
    expect(stderr).toContain('b.json: one mistake\n  connectors[0] (one): lambda.memory.mb: ');
  });
});
