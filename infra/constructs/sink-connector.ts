import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { deadLetterTopicOf, groupIdOf } from '../connector-plan.ts';
import { ConnectorFunction } from './connector-function.ts';
import { logicalPart } from './physical-name.ts';
import { type ConnectorProps, reservedConcurrencyOf } from './source-connector.ts';
import { TickSchedule } from './tick-schedule.ts';

/** A sink connector: fed by one event source mapping per topic, or ticked by a schedule and reading Kafka itself. */
export class SinkConnector extends Construct {
  readonly function: ConnectorFunction;
  /** What starts it: a schedule, or a mapping per topic. */
  readonly starters: readonly Construct[];

  constructor(scope: Construct, id: string, props: ConnectorProps) {
    super(scope, id);
    const { plan, kafka } = props;
    const scheduled = plan.trigger === 'schedule';
    this.function = new ConnectorFunction(this, 'Worker', {
      ...props,
      handsOver: scheduled,
      // `tasks.max` is how much of the target a sink may use at the same time.
      reservedConcurrency: reservedConcurrencyOf(plan) ?? (scheduled ? null : plan.tasksMax),
    });
    const deadLetters = deadLetterTopicOf(plan);
    const write = deadLetters === null ? [] : [deadLetters];
    const { role } = this.function;
    if (scheduled) {
      const read = plan.topics.length === 0 ? ['*'] : plan.topics;
      for (const statement of kafka.clientStatements({ read, write, groups: [`connect-${plan.name}`] })) role.addToPolicy(statement);
      this.starters = [new TickSchedule(this, 'Ticks', { plan, function: this.function.function })];
      return;
    }
    if (write.length > 0) for (const statement of kafka.clientStatements({ write })) role.addToPolicy(statement);
    this.starters = plan.topics.map((topic) => this.#mapping(topic, props));
  }

  #mapping(topic: string, { plan, kafka }: ConnectorProps): Construct {
    const { lambda } = plan;
    const groupId = groupIdOf(plan, topic);
    const { role, function: target } = this.function;
    for (const statement of kafka.pollerStatements(topic, groupId)) {
      // Each topic needs statements of its own; an id may stand in a policy once.
      statement.sid = `${statement.sid}${logicalPart(topic)}`;
      role.addToPolicy(statement);
    }
    const destination = lambda.getString('lambda.on.failure.destination');
    if (destination !== null) for (const statement of destinationStatements(destination, logicalPart(topic))) role.addToPolicy(statement);
    const minimumPollers = lambda.get('lambda.pollers.min') as number | null;
    const maximumPollers = lambda.get('lambda.pollers.max') as number | null;
    const provisioned = minimumPollers !== null || maximumPollers !== null;
    const windowMs = lambda.getNumber('lambda.batch.window.ms');
    const filter = lambda.getString('lambda.filter');
    const mapping = new CfnEventSourceMapping(this, `Topic${logicalPart(topic)}`, {
      functionName: target.functionArn,
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
    mapping.node.addDependency(role);
    return mapping;
  }
}

function destinationStatements(destination: string, topicId: string): PolicyStatement[] {
  const action = /^arn:[^:]+:(sqs|sns|s3):/.exec(destination)?.[1];
  const actions = { sqs: 'sqs:SendMessage', sns: 'sns:Publish', s3: 's3:PutObject' };
  if (action === undefined) return [];
  const resources = [action === 's3' ? `${destination}/*` : destination];
  return [new PolicyStatement({ sid: `OnFailure${topicId}`, actions: [actions[action as keyof typeof actions]], resources })];
}

/** One pattern, or a list of patterns of which one must match. */
function filtersOf(text: string): { pattern: string }[] {
  const patterns: unknown = JSON.parse(text);
  return (Array.isArray(patterns) ? patterns : [patterns]).map((pattern) => ({ pattern: JSON.stringify(pattern) }));
}
