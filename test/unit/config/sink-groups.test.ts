import { describe, expect, it } from 'vitest';
import { mappingGroup, regroupingProblem } from '../../../lib/config/sink-groups.ts';

const groupsOf = (topics: readonly string[], config: Record<string, string> = {}) =>
  topics.map((topic) => mappingGroup('out', config, topics, topic));

describe('mappingGroup', () => {
  it.each([
    [['orders'], {}, ['connect-out']],
    [['orders', 'refunds'], {}, ['connect-out-orders', 'connect-out-refunds']],
    [['orders', 'refunds'], { 'lambda.group.topic': 'orders' }, ['connect-out', 'connect-out-refunds']],
    [['orders'], { 'lambda.group.topic': '' }, ['connect-out-orders']],
    [['orders'], { 'consumer.override.group.id': 'shop' }, ['shop']],
    [['orders', 'refunds'], { 'consumer.override.group.id': 'shop' }, ['shop-orders', 'shop-refunds']],
  ])('%j with %j', (topics, config, groups) => {
    expect(groupsOf(topics, config)).toEqual(groups);
  });
});

describe('regroupingProblem', () => {
  it('has nothing against topics that come, go or stay', () => {
    expect(regroupingProblem({ out: { a: 'g' } }, { out: { a: 'g', b: 'g-b' }, more: { a: 'h' } })).toBeNull();
    expect(regroupingProblem({ out: { a: 'g', b: 'g-b' } }, { out: { a: 'g' } })).toBeNull();
  });

  it('names topic and groups, and how to keep the group of a single topic', () => {
    expect(
      regroupingProblem({ out: { orders: 'connect-out' } }, { out: { orders: 'connect-out-orders', refunds: 'connect-out-refunds' } }),
    ).toBe(
      'out would read orders as group connect-out-orders, not as connect-out any more: a group that is new reads its topic from the beginning; ' +
        'keep the group with "lambda.group.topic": "orders" in out, or deploy with --context renames=confirmed if that is meant',
    );
  });

  it('names how to keep the group of one of several topics', () => {
    const problem = regroupingProblem(
      { out: { orders: 'connect-out-orders', refunds: 'connect-out-refunds' } },
      { out: { orders: 'connect-out' } },
    );
    expect(problem).toContain('keep the group with "lambda.group.topic": "" in out, or');
  });
});
