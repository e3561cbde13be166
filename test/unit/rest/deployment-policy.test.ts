import { describe, expect, it } from 'vitest';
import type { DeploymentPolicy } from '../../../lib/config/deployment-policy.ts';
import { refuseChange, refuseCreation, refuseDeletion } from '../../../lib/rest/deployment-policy.ts';
import type { RestException } from '../../../lib/rest/rest-exception.ts';

const policy: DeploymentPolicy = {
  file: 'pipelines/orders.json',
  connectors: { source: { fixedKeys: ['connection.url'] }, sink: { fixedKeys: ['topics', 'tasks.max'] } },
};
const SECRET = '$'.concat('{secretsManager:shop/db:password}');
const config = {
  name: 'source',
  'connector.class': 'JdbcSourceConnector',
  'connection.url': 'jdbc:postgresql://db/shop?password=inside',
  'connection.password': SECRET,
  'key.converter': 'StringConverter',
  'key.converter.encoding': 'UTF-8',
  transforms: 'mask',
  'transforms.mask.type': 'MaskField',
  'transforms.mask.fields': 'card',
  'batch.max.rows': '100',
  'tasks.max': '1',
  'lambda.schedule': 'rate(1 minute)',
};

function refused(after: Record<string, string | null>, name = 'source'): RestException | null {
  try {
    refuseChange(policy, name, config, { ...config, ...after });
    return null;
  } catch (error) {
    return error as RestException;
  }
}

describe('a deployment', () => {
  it.each([
    ['connector.class', 'Other'],
    ['key.converter', 'JsonConverter'],
    ['value.converter', 'JsonConverter'],
    ['header.converter', 'JsonConverter'],
    ['transforms', 'mask,more'],
    ['transforms.mask.type', 'Cast'],
    ['transforms.mask.predicate', 'isCard'],
    ['predicates', 'isCard'],
    ['predicates.isCard.type', 'RecordIsTombstone'],
    ['connection.url', 'jdbc:postgresql://other/shop'],
    ['connection.password', 'literal'],
    ['connection.password', '$'.concat('{secretsManager:other:password}')],
    ['connection.user', '$'.concat('{ssm:/other/user}')],
    ['lambda.schedule', 'rate(2 minutes)'],
    ['lambda.timeout.ms', '60000'],
    ['producer.override.sasl.mechanism', 'PLAIN'],
    ['consumer.override.bootstrap.servers', 'other:9092'],
  ])('fixes %s (%s)', (key, value) => {
    const error = refused({ [key]: value });

    expect(error?.status).toBe(409);
    expect(error?.message).toContain(`${key} (deployed: `);
    expect(error?.message).toContain('pipelines/orders.json');
  });

  it.each([
    ['batch.max.rows', '200'],
    ['tasks.max', '4'],
    ['topics', 'of-another-connector'],
    ['key.converter.encoding', 'US-ASCII'],
    ['transforms.mask.fields', 'card,name'],
    ['errors.tolerance', 'all'],
    ['producer.override.linger.ms', '5'],
  ])('leaves %s to REST', (key, value) => {
    expect(refused({ [key]: value })).toBeNull();
  });

  it('fixes of each connector what was derived from it', () => {
    expect(refused({ topics: 'a' }, 'sink')?.message).toContain('topics (deployed: nothing, given: a)');
    expect(refused({ 'tasks.max': '2' }, 'sink')?.status).toBe(409);
  });

  it('sees a key that is taken away', () => {
    expect(refused({ 'connection.url': null })?.message).toContain('given: nothing');
    expect(refused({ 'batch.max.rows': null })).toBeNull();
  });

  it('shows no secret', () => {
    const message =
      refused({ 'connection.password': 'literal', 'connection.url': 'jdbc:postgresql://other/shop?password=new' })?.message ?? '';

    expect(message).toContain('connection.password (deployed: [hidden], given: [hidden])');
    expect(message).not.toMatch(/literal|inside|=new/);
  });

  it('creates and deletes no connector', () => {
    expect(() => refuseCreation(policy, 'another')).toThrow(/another cannot be created by REST.*pipelines\/orders\.json/);
    expect(() => refuseChange(policy, 'another', null, config)).toThrow(/another cannot be created by REST/);
    expect(() => refuseDeletion(policy, 'source')).toThrow(/source cannot be deleted by REST.*pipelines\/orders\.json/);
  });
});

describe('without a deployment', () => {
  it('nothing is fixed', () => {
    refuseCreation(null, 'any');
    refuseDeletion(null, 'any');
    refuseChange(null, 'any', null, config);
    refuseChange(null, 'any', config, {});
  });
});
