import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { networkNeeds, networkReport } from '../../infra/network-needs.ts';
import { planPipeline } from '../../infra/plan-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';
import { pipelineOf } from './broken-pipelines.ts';

const dir = mkdtempSync(join(tmpdir(), 'network-'));
afterAll(() => rmSync(dir, { recursive: true }));

const INSIDE = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] };

async function needsOf(base: 'source' | 'sink', config: Record<string, string>, stack?: object) {
  const file = join(dir, 'pipeline.json');
  writeFileSync(file, JSON.stringify(pipelineOf({ base, config, ...(stack === undefined ? {} : { stack }) })));
  const { pipeline, connectors } = await planPipeline(file, REGISTRY);
  return networkNeeds(pipeline, connectors);
}

describe('networkNeeds', () => {
  it('has none outside a VPC', async () => {
    expect(await needsOf('source', {})).toEqual([]);
    expect(networkReport('shop', [])).toBe('');
  });

  it('of a source: state, brokers, its own function, secrets, its database', async () => {
    const needs = await needsOf('source', { 'connection.password': `\${ssm:/shop/password}` }, INSIDE);
    expect(needs.map(({ what, endpoint }) => [what, endpoint])).toEqual([
      ['DynamoDB', 'gateway endpoint (free)'],
      ['Kafka (broker.example:9096)', null],
      ['Lambda', 'interface endpoint'],
      ['Secrets Manager', 'interface endpoint'],
      ['SSM', 'interface endpoint'],
      ['db.example', null],
    ]);
    expect(networkReport('shop', needs)).toContain('\n  Lambda: interface endpoint or NAT (one: tasks and hand-overs)');
  });

  it('of a sink fed by events: brokers only with dead letters, and what its pollers need unless they are provisioned', async () => {
    const whats = async (config: Record<string, string>) => (await needsOf('sink', config, INSIDE)).map(({ what }) => what);
    expect(await whats({})).toEqual(['DynamoDB', 'Secrets Manager', 'db.example', 'Lambda, STS, Secrets Manager']);
    expect(await whats({ 'lambda.pollers.max': '2' })).toEqual(['DynamoDB', 'Secrets Manager', 'db.example']);
    const dead = { 'lambda.pollers.max': '2', 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': 'dead' };
    expect(await whats(dead)).toContain('Kafka (broker.example:9096)');
  });
});
