import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Synthesised, synthesise } from './synth.ts';

const dir = mkdtempSync(join(tmpdir(), 'control-api-'));
let orders: Synthesised;
let without: Synthesised;

beforeAll(async () => {
  orders = await synthesise('infra/pipelines/orders.json');
  const file = join(dir, 'orders.json');
  const pipeline = JSON.parse(readFileSync(join(import.meta.dirname, '../../infra/pipelines/orders.json'), 'utf8'));
  writeFileSync(file, JSON.stringify({ ...pipeline, stack: { control: false } }));
  without = await synthesise(file);
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true }));

interface Statement {
  readonly Sid?: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function statements(): Statement[] {
  return orders
    .resources('AWS::IAM::Policy')
    .filter(({ id }) => id.startsWith('Control'))
    .flatMap(({ properties }) => (properties.PolicyDocument as { Statement: Statement[] }).Statement);
}

describe('the REST API of a stack', () => {
  it('is behind a function URL that asks for signatures, and its address is an output', () => {
    orders.template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    orders.template.resourceCountIs('AWS::Lambda::Url', 1);
    expect(Object.keys(orders.template.findOutputs('ControlUrl'))).toEqual(['ControlUrl']);
    // Nobody outside is given the right to call it.
    orders.template.resourceCountIs('AWS::Lambda::Permission', 0);
  });

  it('may start the functions of the stack, switch its mappings and use its connectors’ items, nothing else', () => {
    const [mapping] = orders.resources('AWS::Lambda::EventSourceMapping');
    const byId = new Map(statements().map((statement) => [statement.Sid, statement]));

    expect([...byId.keys()].sort()).toEqual(['Listings', 'Loggers', 'Mappings', 'Secrets', 'State', 'Tick']);
    expect(byId.get('Mappings')).toMatchObject({ Action: 'lambda:UpdateEventSourceMapping' });
    expect(JSON.stringify(byId.get('Mappings')?.Resource)).toContain(`{"Ref":"${mapping?.id}"}`);
    expect(byId.get('Tick')).toMatchObject({ Action: 'lambda:InvokeFunction', Resource: [expect.anything(), expect.anything()] });
    expect(byId.get('State')?.Condition).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['connector#orders-source', 'connector#orders-sink'] },
    });
    expect(byId.get('Listings')).toMatchObject({
      Action: 'dynamodb:Query',
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['connectors', 'tasks'] } },
    });
    expect(statements().filter(({ Resource }) => Resource === '*')).toEqual([]);
  });

  it('can be left out', () => {
    without.template.resourceCountIs('AWS::Lambda::Url', 0);
    expect(without.template.findOutputs('ControlUrl')).toEqual({});
    expect(without.stack.pipeline.control).toBeNull();
  });

  it('can be overridden', () => {
    expect(orders.stack.pipeline.control?.function.functionName).toBeDefined();
    expect(orders.stack.pipeline.control?.role.roleArn).toBeDefined();
  });
});
