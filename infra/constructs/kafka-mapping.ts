import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { startTimeMs } from '../../lib/config/lambda-keys.ts';
import { type ConnectorPlan, groupIdOf, groupsOf } from '../connector-plan.ts';
import { maximumPollersOf } from '../mapping-refusals.ts';
import { type PollerRegistry, pollerRegistry } from '../schema-registry.ts';
import type { KafkaAccess } from './kafka-access.ts';

/** Feeds a sink's function from one topic; the role has the rights of {@link mappingStatements}. On the L1: the L2s grant wildcards and miss ways to authenticate. */
export class KafkaMapping extends Construct {
  readonly resource: CfnEventSourceMapping;

  constructor(
    scope: Construct,
    id: string,
    props: { plan: ConnectorPlan; topic: string; kafka: KafkaAccess; function: LambdaFunction; role: Role },
  ) {
    super(scope, id);
    const { plan, topic, kafka, role } = props;
    const { lambda } = plan;
    const groupId = groupIdOf(plan, topic);
    const registry = pollerRegistry(plan);
    const destination = lambda.getString('lambda.on.failure.destination');
    const minimumPollers = lambda.get('lambda.pollers.min') as number | null;
    const maximumPollers = lambda.get('lambda.pollers.max') as number | null;
    const provisioned = minimumPollers !== null || maximumPollers !== null;
    const windowMs = lambda.getNumber('lambda.batch.window.ms');
    const filter = lambda.getString('lambda.filter');
    const start = lambda.getString('lambda.start.timestamp');
    const startMs = start === null ? null : startTimeMs(start);
    const pollerGroupName = lambda.getString('lambda.pollers.group');
    this.resource = new CfnEventSourceMapping(this, 'Resource', {
      functionName: props.function.functionArn,
      topics: [topic],
      ...kafka.eventSource(groupId, registry),
      startingPosition: lambda.getText('lambda.start.position'),
      // CloudFormation takes seconds.
      ...(startMs === null ? {} : { startingPositionTimestamp: startMs / 1000 }),
      batchSize: lambda.getNumber('lambda.batch.size'),
      // 500 ms is what Lambda does when nothing is said; it takes whole seconds only.
      ...(windowMs === 500 ? {} : { maximumBatchingWindowInSeconds: windowMs / 1000 }),
      ...(provisioned
        ? {
            provisionedPollerConfig: {
              ...(minimumPollers === null ? {} : { minimumPollers }),
              maximumPollers: maximumPollersOf(plan),
              ...(pollerGroupName === null ? {} : { pollerGroupName }),
            },
            // Only provisioned pollers understand partial answers.
            functionResponseTypes: ['ReportBatchItemFailures'],
            // … and tell their errors.
            metricsConfig: { metrics: ['ErrorCount'] },
          }
        : {}),
      ...(destination === null ? {} : { destinationConfig: { onFailure: { destination } } }),
      ...(filter === null ? {} : { filterCriteria: { filters: filtersOf(filter) } }),
    });
    // Lambda checks the role's rights when it creates a mapping.
    this.resource.node.addDependency(role);
  }
}

/** Rights that Lambda takes from a sink's role, for all its mappings together. `write` = topics that the function itself writes. */
export function mappingStatements(plan: ConnectorPlan, kafka: KafkaAccess, write: readonly string[]): PolicyStatement[] {
  const registry = pollerRegistry(plan);
  return [
    ...kafka.clientStatements({ read: plan.topics, groups: Object.values(groupsOf(plan)), write }),
    ...kafka.pollerStatements(),
    ...destinationStatements(plan.lambda.getString('lambda.on.failure.destination'), kafka),
    ...(registry === null ? [] : registryStatements(registry)),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html */
function destinationStatements(destination: string | null, kafka: KafkaAccess): PolicyStatement[] {
  if (destination === null) return [];
  const topic = /^kafka:\/\/(.+)$/.exec(destination)?.[1];
  if (topic !== undefined) return kafka.destinationStatements(topic);
  const grant = (sid: string, action: string, resource: string) => new PolicyStatement({ sid, actions: [action], resources: [resource] });
  const service = /^arn:[^:]+:(sqs|sns|s3):/.exec(destination)?.[1];
  if (service === 's3')
    return [grant('OnFailure', 's3:PutObject', `${destination}/*`), grant('OnFailureBucket', 's3:ListBucket', destination)];
  return [grant('OnFailure', service === 'sns' ? 'sns:Publish' : 'sqs:SendMessage', destination)];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html#services-consume-kafka-events-auth */
function registryStatements({ access, uri }: PollerRegistry): PolicyStatement[] {
  const grant = (sid: string, actions: string[], resources: string[]) => new PolicyStatement({ sid, actions, resources });
  if (uri.startsWith('arn:')) {
    // Versions are asked for by the schema's id, and belong to registry and schemas alike.
    const schemas = `${uri.replace(':registry/', ':schema/')}/*`;
    return [grant('Registry', ['glue:GetRegistry'], [uri]), grant('RegistrySchemas', ['glue:GetSchemaVersion'], [uri, schemas])];
  }
  if (access.length === 0) return [];
  return [
    grant(
      'RegistrySecrets',
      ['secretsmanager:GetSecretValue'],
      access.map(({ secret }) => secret),
    ),
  ];
}

/** One pattern, or a list of patterns of which one must match. */
function filtersOf(text: string): { pattern: string }[] {
  const patterns: unknown = JSON.parse(text);
  return (Array.isArray(patterns) ? patterns : [patterns]).map((pattern) => ({ pattern: JSON.stringify(pattern) }));
}
