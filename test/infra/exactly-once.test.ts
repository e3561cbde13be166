import { expect, it } from 'vitest';
import { synthesise } from './synth.ts';

it('an exactly-once source has the rights on its transactional ids, their groups and the sequence topic, and no more', async () => {
  const { resources } = await synthesise('test/fixtures/pipelines/exactly-once.json');
  const policies = [...resources('AWS::IAM::Policy'), ...resources('AWS::IAM::Role')]
    .map(({ properties }) => JSON.stringify(properties))
    .join();
  const cluster = 'demo/0a1b2c3d-1111-2222-3333-444455556666-2';
  const resourcesOf = (sid: string) => {
    const [, found = ''] = new RegExp(`"Resource":([^{}]*),"Sid":"${sid}"`).exec(policies) ?? [];
    return [JSON.parse(found)].flat().map((arn: string) => arn.replace('arn:aws:kafka:eu-west-1:111122223333:', ''));
  };

  expect(resourcesOf('KafkaTransactions')).toEqual([`transactional-id/${cluster}/shop-customers-*`]);
  expect(resourcesOf('KafkaGroups')).toEqual([`group/${cluster}/shop-customers-*`]);
  expect(resourcesOf('KafkaRead')).toEqual([`topic/${cluster}/__serverless_connect_sequence`]);
  expect(resourcesOf('KafkaWrite')).toEqual([`topic/${cluster}/shop-*`, `topic/${cluster}/__serverless_connect_sequence`]);
});
