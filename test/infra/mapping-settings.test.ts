import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesised, synthesiseTemplate } from './synth.ts';

type Statement = { Sid?: string; Action: string | string[]; Resource: string | string[] };

let glue: Synthesised;
let confluent: Synthesised;
beforeAll(async () => {
  glue = await synthesiseTemplate('test/fixtures/pipelines/glue-registry.json');
  confluent = await synthesiseTemplate('test/fixtures/pipelines/confluent-registry.json');
});

const mappings = ({ resources }: Synthesised) => resources('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);
const granted = ({ resources }: Synthesised, sid: RegExp) =>
  resources('AWS::IAM::Policy')
    .flatMap(({ properties }) => (properties.PolicyDocument as { Statement: Statement[] }).Statement)
    .filter(({ Sid }) => sid.test(Sid ?? ''))
    .map(({ Action, Resource }) => [Action, Resource]);
const KAFKA = 'arn:aws:kafka:eu-west-1:111122223333';

describe('a schema registry', () => {
  it('of Glue is read with the rights of the function, and decodes to JSON for a JsonConverter', () => {
    expect(mappings(glue).map(({ AmazonManagedKafkaEventSourceConfig }) => AmazonManagedKafkaEventSourceConfig)).toEqual(
      ['orders', 'refunds'].map((topic) => ({
        ConsumerGroupId: `connect-large-orders-${topic}`,
        SchemaRegistryConfig: {
          SchemaRegistryURI: 'arn:aws:glue:eu-west-1:111122223333:registry/shop',
          EventRecordFormat: 'JSON',
          SchemaValidationConfigs: [{ Attribute: 'VALUE' }],
        },
      })),
    );
    expect(granted(glue, /^Registry/)).toEqual([
      ['glue:GetRegistry', 'arn:aws:glue:eu-west-1:111122223333:registry/shop'],
      ['glue:GetSchemaVersion', ['arn:aws:glue:eu-west-1:111122223333:registry/shop', 'arn:aws:glue:eu-west-1:111122223333:schema/shop/*']],
    ]);
  });

  it('of Confluent is asked with secrets, and leaves bytes for converters of bytes', () => {
    const basic = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/registry-AbCdEf';
    const ca = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/ca-AbCdEf';
    expect(mappings(confluent)[0]?.SelfManagedKafkaEventSourceConfig).toEqual({
      ConsumerGroupId: 'connect-archive',
      SchemaRegistryConfig: {
        SchemaRegistryURI: 'https://psrc-1.example',
        EventRecordFormat: 'SOURCE',
        SchemaValidationConfigs: [{ Attribute: 'KEY' }, { Attribute: 'VALUE' }],
        AccessConfigs: [
          { Type: 'BASIC_AUTH', URI: basic },
          { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: ca },
        ],
      },
    });
    expect(granted(confluent, /^RegistrySecrets/)).toEqual([['secretsmanager:GetSecretValue', [basic, ca]]]);
  });
});

describe('provisioned pollers', () => {
  it('share what they cost in a group', () => {
    expect(mappings(glue).map(({ ProvisionedPollerConfig }) => ProvisionedPollerConfig)).toEqual(
      ['orders', 'refunds'].map(() => ({ MinimumPollers: 1, MaximumPollers: 5, PollerGroupName: 'shop' })),
    );
  });
});

describe('a mapping that begins at a time', () => {
  it('says it in seconds', () => {
    expect(mappings(confluent)[0]).toMatchObject({
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: Date.parse('2026-01-31T06:00:00Z') / 1000,
    });
  });
});

describe('failed batches', () => {
  it('go to a topic of the same cluster with the right to write there, and nothing else', () => {
    expect(mappings(glue)[0]?.DestinationConfig).toEqual({ OnFailure: { Destination: 'kafka://orders-failed' } });
    expect(granted(glue, /^OnFailure/)).toEqual([
      [
        ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
        `${KAFKA}:topic/demo/0a1b2c3d-1111-2222-3333-444455556666-2/orders-failed`,
      ],
    ]);
  });

  it('go to a bucket with the rights that Lambda asks for', () => {
    expect(granted(confluent, /^OnFailure/)).toEqual([
      ['s3:PutObject', 'arn:aws:s3:::shop-failed/*'],
      ['s3:ListBucket', 'arn:aws:s3:::shop-failed'],
    ]);
  });
});
