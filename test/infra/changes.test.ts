import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GroupsByConnector, regroupingProblem } from '../../lib/config/sink-groups.ts';
import { pipelineOf } from './broken-pipelines.ts';
import { type Synthesised, synthesiseTemplate } from './synth.ts';

type Connector = { name: string; config: Record<string, string> };
const dir = mkdtempSync(join(tmpdir(), 'changes-'));
const connector = (base: 'source' | 'sink', name: string, config: Record<string, string> = {}): Connector =>
  (pipelineOf({ base, config, name }) as { connectors: [Connector] }).connectors[0];
const { worker } = pipelineOf({ base: 'source' }) as { worker: Record<string, string> };

async function version(connectors: readonly Connector[], more: object = {}): Promise<Synthesised> {
  const file = join(dir, 'shop.json');
  writeFileSync(file, JSON.stringify({ name: 'shop', worker, connectors, ...more }));
  return synthesiseTemplate(file);
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

describe('a sink that goes from one topic to several', () => {
  const groupsOf = ({ resources }: Synthesised): Record<string, unknown> =>
    Object.fromEntries(
      resources('AWS::Lambda::EventSourceMapping').map(({ properties }) => [
        (properties.Topics as string[])[0],
        (properties.SelfManagedKafkaEventSourceConfig as { ConsumerGroupId: string }).ConsumerGroupId,
      ]),
    );
  const toldOf = ({ resources }: Synthesised) => resources('Custom::ConnectorNames')[0]?.properties.groups as GroupsByConnector;

  it('keeps the group of the first with lambda.group.topic; without it the deployment is refused', async () => {
    const one = await version([connector('sink', 'out', { topics: 'orders' })]);
    const two = await version([connector('sink', 'out', { topics: 'orders,refunds' })]);
    const kept = await version([connector('sink', 'out', { topics: 'orders,refunds', 'lambda.group.topic': 'orders' })]);
    expect(groupsOf(one)).toEqual({ orders: 'connect-out' });
    expect(groupsOf(kept)).toEqual({ orders: 'connect-out', refunds: 'connect-out-refunds' });
    for (const each of [one, two, kept]) expect(toldOf(each)).toEqual({ out: groupsOf(each) });

    expect(regroupingProblem(toldOf(one), toldOf(kept))).toBeNull();
    expect(regroupingProblem(toldOf(one), toldOf(two))).toContain('keep the group with "lambda.group.topic": "orders" in out');
  });
});

describe('what a refused deployment must not change', () => {
  it('waits for the refusal: code of connectors, configurations and what starts them', () => {
    const [names] = first.resources('Custom::ConnectorNames');
    const functions = Object.values(first.template.findResources('AWS::Lambda::Function')).filter(({ Properties }) =>
      JSON.stringify(Properties).includes('SERVERLESS_CONNECT_CONNECTOR'),
    );
    expect(functions).toHaveLength(2);
    for (const { DependsOn } of functions) expect(DependsOn).toContain(names?.id);
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
