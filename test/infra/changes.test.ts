import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pipelineOf } from './broken-pipelines.ts';
import { type Synthesised, synthesise } from './synth.ts';

type Connector = { name: string; config: Record<string, string> };
const dir = mkdtempSync(join(tmpdir(), 'changes-'));
const connector = (base: 'source' | 'sink', name: string, config: Record<string, string> = {}): Connector =>
  (pipelineOf({ base, config, name }) as { connectors: [Connector] }).connectors[0];
const { worker } = pipelineOf({ base: 'source' }) as { worker: Record<string, string> };

async function version(connectors: readonly Connector[], more: object = {}): Promise<Synthesised> {
  const file = join(dir, 'shop.json');
  writeFileSync(file, JSON.stringify({ name: 'shop', worker, connectors, ...more }));
  return synthesise(file);
}

const idsOf = ({ template }: Synthesised): Map<string, string> =>
  new Map(
    Object.entries((template.toJSON() as { Resources: Record<string, { Type: string }> }).Resources).map(([id, { Type }]) => [id, Type]),
  );

let first: Synthesised;
beforeAll(async () => {
  first = await version([connector('source', 'in'), connector('sink', 'out', { topics: 'orders,refunds' })]);
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('logical ids', () => {
  it('stay when order, settings, plug-ins and topics change', async () => {
    const changed = await version(
      [
        connector('sink', 'out', { topics: 'refunds,orders', 'lambda.batch.size': '500', 'tasks.max': '3', 'errors.tolerance': 'all' }),
        connector('source', 'in', {
          'lambda.memory.mb': '1024',
          'lambda.schedule': 'rate(5 minutes)',
          transforms: 'a',
          'transforms.a.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
          'transforms.a.field': 'row',
        }),
      ],
      { stack: { tags: { team: 'shop' }, subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] } },
    );
    expect([...idsOf(changed)].sort()).toEqual([...idsOf(first)].sort());
  });

  it('of the others stay when a connector comes or goes', async () => {
    const more = await version([
      connector('source', 'before'),
      connector('source', 'in'),
      connector('sink', 'out', { topics: 'orders,refunds' }),
      connector('sink', 'behind'),
    ]);
    const ids = idsOf(more);
    expect([...idsOf(first)].filter(([id, type]) => ids.get(id) !== type)).toEqual([]);
    const table = [...ids].filter(([, type]) => type === 'AWS::DynamoDB::Table');
    expect(table).toEqual([['StateTable962DE04C', 'AWS::DynamoDB::Table']]);
  });

  it('of names that differ in punctuation only do not meet', async () => {
    const both = await version([connector('source', 'a-b'), connector('source', 'ab'), connector('source', 'a.b')]);
    expect(both.resources('AWS::Scheduler::Schedule')).toHaveLength(3);
  });
});

describe('a mapping', () => {
  it('is not replaced: what AWS cannot change stays the same', async () => {
    const changed = await version([
      connector('source', 'in', { 'tasks.max': '2' }),
      connector('sink', 'out', { topics: 'orders,refunds', 'lambda.batch.window.ms': '5000' }),
    ]);
    const fixed = ({ resources }: Synthesised): unknown[] =>
      resources('AWS::Lambda::EventSourceMapping').map(({ id, properties }) => [
        id,
        properties.Topics,
        properties.StartingPosition,
        properties.SelfManagedEventSource,
        properties.SelfManagedKafkaEventSourceConfig,
      ]);
    expect(fixed(changed)).toEqual(fixed(first));
  });
});

describe('connectors that vanish', () => {
  it('are compared with those that appear before anything else of the deployment', () => {
    const [names] = first.resources('Custom::ConnectorNames');
    expect(names?.properties.connectors).toEqual(['in', 'out']);
    for (const resource of Object.values(first.template.findResources('Custom::ConnectorConfiguration'))) {
      expect(resource.DependsOn).toContain(names?.id);
    }
  });
});
