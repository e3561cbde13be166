import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { INDEX_KEYS, INDEX_NAME, INDEXED_ATTRIBUTES, TABLE_KEYS } from '../../lib/state/table-shape.ts';
import { type Synthesised, synthesiseTemplate } from './synth.ts';

type Statement = { Sid?: string; Action: string | string[]; Resource: unknown; Condition?: unknown };

let orders: Synthesised;
let msk: Synthesised;
let lake: Synthesised;

beforeAll(async () => {
  orders = await synthesiseTemplate('infra/pipelines/orders.json');
  msk = await synthesiseTemplate('test/fixtures/pipelines/msk-iam.json');
  lake = await synthesiseTemplate('test/fixtures/pipelines/s3-sink.json');
});

/** Every statement of every policy, with the connector whose role it belongs to somewhere in its id. */
function statements({ resources }: Synthesised): (Statement & { of: string })[] {
  const inline = resources('AWS::IAM::Role').flatMap(({ id, properties }) =>
    ((properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.map((statement) => ({ ...statement, of: id })),
    ),
  );
  const attached = resources('AWS::IAM::Policy').flatMap(({ id, properties }) =>
    (properties.PolicyDocument as { Statement: Statement[] }).Statement.map((statement) => ({ ...statement, of: id })),
  );
  return [...inline, ...attached];
}

const ofConnector = (synthesised: Synthesised, part: string, sid: string) =>
  statements(synthesised).find(({ of, Sid }) => of.includes(part) && Sid === sid);

describe('state', () => {
  it('is one table of the shape the stores need, on demand, recoverable, never removed by accident', () => {
    orders.template.resourceCountIs('AWS::DynamoDB::Table', 1);
    orders.template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        KeySchema: [
          { AttributeName: TABLE_KEYS.partition, KeyType: 'HASH' },
          { AttributeName: TABLE_KEYS.sort, KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: INDEX_NAME,
            KeySchema: [
              { AttributeName: INDEX_KEYS.partition, KeyType: 'HASH' },
              { AttributeName: INDEX_KEYS.sort, KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...INDEXED_ATTRIBUTES] },
          },
        ],
      },
    });
  });

  it('keeps its logical id', () => {
    expect(orders.resources('AWS::DynamoDB::Table').map(({ id }) => id)).toEqual(['StateTable962DE04C']);
  });

  it("gives each connector its own items and nobody else's", () => {
    const keysOf = (synthesised: Synthesised, part: string): unknown => ofConnector(synthesised, part, 'State')?.Condition;
    expect(keysOf(orders, 'orderssource')).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['connector#orders-source'] },
    });
    expect(keysOf(msk, 'customerswarehouse')).toEqual({
      'ForAllValues:StringEquals': {
        'dynamodb:LeadingKeys': ['connector#customers%2Fwarehouse', 'connector#customers%2Fwarehouse#1'],
      },
    });
    expect(ofConnector(orders, 'orderssource', 'State')?.Action).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
  });
});

describe('source connector', () => {
  it('is a function that a schedule ticks without retries', () => {
    orders.template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'orders-orders-source',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 512,
      Timeout: 900,
      RecursiveLoop: 'Allow',
      ReservedConcurrentExecutions: Match.absent(),
      Environment: {
        Variables: Match.objectLike({
          SERVERLESS_CONNECT_CONNECTOR: 'orders-source',
          SERVERLESS_CONNECT_BUNDLE: Match.stringLikeRegexp('^[0-9a-f]{16}$'),
        }),
      },
    });
    orders.template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Input: '{}',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: { Arn: Match.anyValue() },
      },
    });
    orders.template.resourcePropertiesCountIs(
      'AWS::Lambda::EventInvokeConfig',
      { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      1,
    );
  });

  it('follows its lambda.* keys', () => {
    msk.template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'msk-iam-customers',
      MemorySize: 1024,
      Timeout: 300,
      ReservedConcurrentExecutions: 5,
      VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'], SecurityGroupIds: ['sg-0123456789abcdef0'] },
      Tags: Match.arrayWith([{ Key: 'team', Value: 'shop' }]),
    });
    msk.template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 6 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Zurich',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    });
  });

  it('may invoke itself and nothing else', () => {
    const invoking = statements(orders).filter(({ Action }) => Action === 'lambda:InvokeFunction');
    expect(invoking.map(({ of }) => of.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      expect.stringContaining('orderssource'),
      expect.stringContaining('orderssource'),
      expect.stringContaining('ControlRole'),
    ]);
    expect(JSON.stringify(ofConnector(orders, 'orderssource', 'HandOver')?.Resource)).toContain(':function:orders-orders-source');
  });

  it('may write its topics on MSK, with its own cluster in every resource', () => {
    expect(ofConnector(msk, 'customersWorker', 'KafkaWrite')).toMatchObject({
      Action: [
        'kafka-cluster:CreateTopic',
        'kafka-cluster:DescribeTopic',
        'kafka-cluster:DescribeTopicDynamicConfiguration',
        'kafka-cluster:WriteData',
      ],
      Resource: 'arn:aws:kafka:eu-west-1:111122223333:topic/demo/0a1b2c3d-1111-2222-3333-444455556666-2/shop-*',
    });
    expect(ofConnector(msk, 'customersWorker', 'KafkaCluster')?.Action).toEqual([
      'kafka-cluster:Connect',
      'kafka-cluster:WriteDataIdempotently',
    ]);
    expect(ofConnector(msk, 'customersWorker', 'KafkaRead')).toBeUndefined();
  });
});

describe('event sink', () => {
  it('is fed by a mapping that starts at the beginning', () => {
    orders.template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      Topics: ['shop-orders'],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: Match.absent(),
      FunctionResponseTypes: Match.absent(),
      ProvisionedPollerConfig: Match.absent(),
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['b-1.example:9096', 'b-2.example:9096'] } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'connect-orders-sink' },
      SourceAccessConfigurations: [{ Type: 'SASL_SCRAM_512_AUTH', URI: Match.anyValue() }],
    });
    orders.template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'orders-orders-sink',
      Timeout: 840,
      RecursiveLoop: Match.absent(),
      ReservedConcurrentExecutions: 1,
    });
  });

  it('has a mapping and a group per topic, and partial answers with provisioned pollers only', () => {
    msk.template.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    for (const topic of ['shop-customers', 'shop-orders']) {
      msk.template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        Topics: [topic],
        EventSourceArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/demo/0a1b2c3d-1111-2222-3333-444455556666-2',
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: `connect-customers/warehouse-${topic}` },
        SourceAccessConfigurations: Match.absent(),
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 5,
        ProvisionedPollerConfig: { MaximumPollers: 3 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:111122223333:failed' } },
      });
    }
  });

  it('gives its pollers the rights on exactly its topics and groups', () => {
    const of = (kind: string, names: readonly string[]) =>
      names.map((name) => `arn:aws:kafka:eu-west-1:111122223333:${kind}/demo/0a1b2c3d-1111-2222-3333-444455556666-2/${name}`);
    expect(ofConnector(msk, 'warehouse', 'KafkaRead')?.Resource).toEqual(of('topic', ['shop-customers', 'shop-orders']));
    expect(ofConnector(msk, 'warehouse', 'KafkaGroups')?.Resource).toEqual(
      of('group', ['connect-customers/warehouse-shop-customers', 'connect-customers/warehouse-shop-orders']),
    );
  });
});

describe('scheduled sink', () => {
  it('is ticked, hands over and reads its topics itself', () => {
    msk.template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 day)' });
    msk.template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'msk-iam-nightly', RecursiveLoop: 'Allow' });
    expect(ofConnector(msk, 'nightly', 'KafkaGroups')?.Resource).toContain(':group/demo/');
    expect(ofConnector(msk, 'nightly', 'KafkaWrite')).toBeUndefined();
  });
});

describe('configurations', () => {
  it('are written by a custom resource per connector, secrets as references only', () => {
    orders.template.hasResourceProperties('Custom::ConnectorConfiguration', {
      connector: 'orders-source',
      config: Match.serializedJson(Match.objectLike({ 'connection.password': `\${secretsManager:shop/db:password}` })),
      writer: 'deployment orders',
      initialState: 'STARTED',
      onRemoval: 'keep',
    });
    msk.template.hasResourceProperties('Custom::ConnectorConfiguration', { connector: 'nightly', onRemoval: 'delete' });
  });
});

describe('what starts a connector', () => {
  it.each(['AWS::Scheduler::Schedule', 'AWS::Lambda::EventSourceMapping'])('waits for its configuration (%s)', (type) => {
    const configurations = msk.resources('Custom::ConnectorConfiguration').map(({ id }) => id);
    for (const resource of Object.values(msk.template.findResources(type))) {
      expect(configurations.filter((id) => (resource.DependsOn as string[]).includes(id))).toHaveLength(1);
    }
  });
});

describe('permissions', () => {
  it.each(['orders', 'msk'] as const)('name a resource wherever AWS allows it (%s)', (which) => {
    const all = statements(which === 'orders' ? orders : msk);
    const unrestricted = all.filter(({ Resource }) => Resource === '*' || (Array.isArray(Resource) && Resource.includes('*')));
    // Network interfaces do not exist before they are created; MSK knows no resource for the addresses of brokers.
    expect(unrestricted.map(({ Sid }) => Sid).sort()).toEqual(
      which === 'orders' ? [] : ['Network', 'Network', 'Network', 'Network', 'PollerBrokers'],
    );
    const actions = all.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('come from no managed policy', () => {
    for (const { resources } of [orders, msk]) {
      for (const { properties } of resources('AWS::IAM::Role')) expect(properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('reach exactly the secrets and parameters that a configuration refers to', () => {
    const secrets = JSON.stringify(ofConnector(orders, 'orderssink', 'Secrets')?.Resource);
    expect(secrets).toContain(':secret:shop/warehouse-??????');
    expect(secrets).toContain(':secret:shop/kafka-??????');
    expect(secrets).not.toContain('shop/db');
    expect(JSON.stringify(ofConnector(msk, 'customersWorker', 'Parameters')?.Resource)).toContain(':parameter/shop/db/password');
  });

  it("are those that a connector's manifest declares, on what its configuration names, defaults included", () => {
    const granted = statements(lake).filter(({ Action }) => JSON.stringify(Action).includes('s3:'));
    const resources = granted.map(({ Resource }) => JSON.stringify(Resource));
    expect(resources.some((resource) => resource.includes(':s3:::lake"'))).toBe(true);
    expect(resources.some((resource) => resource.includes(':s3:::lake/topics/*'))).toBe(true);
    expect(JSON.stringify(statements(lake))).not.toContain('kms:');
  });

  it('let nobody but the scheduler of this account tick', () => {
    const roles = orders
      .resources('AWS::IAM::Role')
      .filter(({ properties }) => JSON.stringify(properties).includes('scheduler.amazonaws.com'));
    expect(roles).toHaveLength(1);
    expect(roles[0]?.properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [{ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }],
    });
  });
});

describe('logs', () => {
  it('are kept for as long as the configuration says, in a group of the function', () => {
    orders.template.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/lambda/orders-orders-source', RetentionInDays: 14 });
  });
});
