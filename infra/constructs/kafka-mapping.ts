import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type ConnectorPlan, groupIdOf } from '../connector-plan.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { logicalPart } from './physical-name.ts';

/** Feeds a sink's function from one topic. On the L1: the L2s grant wildcards and miss ways to authenticate. */
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
    for (const statement of kafka.pollerStatements(topic, groupId)) {
      // Each topic needs statements of its own; an id may stand in a policy once.
      statement.sid = `${statement.sid}${logicalPart(topic)}`;
      role.addToPolicy(statement);
    }
    const destination = lambda.getString('lambda.on.failure.destination');
    for (const statement of destinationStatements(destination, kafka)) {
      statement.sid = `OnFailure${logicalPart(topic)}`;
      role.addToPolicy(statement);
    }
    const minimumPollers = lambda.get('lambda.pollers.min') as number | null;
    const maximumPollers = lambda.get('lambda.pollers.max') as number | null;
    const provisioned = minimumPollers !== null || maximumPollers !== null;
    const windowMs = lambda.getNumber('lambda.batch.window.ms');
    const filter = lambda.getString('lambda.filter');
    this.resource = new CfnEventSourceMapping(this, 'Resource', {
      functionName: props.function.functionArn,
      topics: [topic],
      ...kafka.eventSource(groupId),
      startingPosition: lambda.getText('lambda.start.position'),
      batchSize: lambda.getNumber('lambda.batch.size'),
      // 500 ms is what Lambda does when nothing is said; it takes whole seconds only.
      ...(windowMs === 500 ? {} : { maximumBatchingWindowInSeconds: windowMs / 1000 }),
      ...(provisioned
        ? {
            provisionedPollerConfig: {
              ...(minimumPollers === null ? {} : { minimumPollers }),
              maximumPollers: maximumPollers ?? Math.max(plan.tasksMax, minimumPollers ?? 1),
            },
            // Only provisioned pollers understand partial answers.
            functionResponseTypes: ['ReportBatchItemFailures'],
          }
        : {}),
      ...(destination === null ? {} : { destinationConfig: { onFailure: { destination } } }),
      ...(filter === null ? {} : { filterCriteria: { filters: filtersOf(filter) } }),
    });
    // Lambda checks the role's rights when it creates a mapping.
    this.resource.node.addDependency(role);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html */
function destinationStatements(destination: string | null, kafka: KafkaAccess): PolicyStatement[] {
  if (destination === null) return [];
  const topic = /^kafka:\/\/(.+)$/.exec(destination)?.[1];
  if (topic !== undefined) return kafka.clientStatements({ write: [topic] }).filter(({ sid }) => sid === 'KafkaWrite');
  const service = /^arn:[^:]+:(sqs|sns|s3):/.exec(destination)?.[1];
  if (service === 's3') return [new PolicyStatement({ actions: ['s3:PutObject'], resources: [`${destination}/*`] })];
  const action = service === 'sns' ? 'sns:Publish' : 'sqs:SendMessage';
  return [new PolicyStatement({ actions: [action], resources: [destination] })];
}

/** One pattern, or a list of patterns of which one must match. */
function filtersOf(text: string): { pattern: string }[] {
  const patterns: unknown = JSON.parse(text);
  return (Array.isArray(patterns) ? patterns : [patterns]).map((pattern) => ({ pattern: JSON.stringify(pattern) }));
}
