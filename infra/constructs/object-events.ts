import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ConnectorPlan } from '../connector-plan.ts';
import { physicalName } from './physical-name.ts';

/** How many batches a message may fail in: an object that takes several invocations comes again after each. */
const RECEIVES = 10;
/** What a queue of this kind gives a function at once. */
const BATCH_MAX = 10;
/** One group: one batch at a time, in order, which is what one task can do. */
const GROUP = 'objects';

/**
 * Feeds a source's function with the objects that are created in its bucket: EventBridge → queue → function. The bucket is not of this stack: it
 * must have EventBridge switched on. https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
 */
export class ObjectEvents extends Construct {
  readonly queue: Queue;
  /** Messages that failed too often. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, props: { plan: ConnectorPlan; function: LambdaFunction; role: Role }) {
    super(scope, id);
    const { plan, role } = props;
    const fifo = { fifo: true, contentBasedDeduplication: true, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.failed = new Queue(this, 'Failed', { ...fifo, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...fifo,
      // Not before the function that has a message can be over
      visibilityTimeout: Duration.millis(plan.timeoutMs + 60_000),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.failed, maxReceiveCount: RECEIVES },
    });
    const prefix = plan.config['topics.dir'] ?? 'topics';
    new Rule(this, 'Created', {
      ruleName: physicalName([plan.pipeline, plan.name, 'objects']),
      description: `objects for connector ${plan.name}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [plan.config['s3.bucket.name']] },
          ...(prefix === '' ? {} : { object: { key: [{ prefix: `${prefix}${plan.config['directory.delim'] ?? '/'}` }] } }),
        },
      },
      targets: [new SqsQueue(this.queue, { messageGroupId: GROUP })],
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ObjectEvents',
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [this.queue.queueArn],
      }),
    );
    const mapping = new CfnEventSourceMapping(this, 'Mapping', {
      functionName: props.function.functionArn,
      eventSourceArn: this.queue.queueArn,
      batchSize: Math.min(BATCH_MAX, plan.lambda.getNumber('lambda.batch.size')),
      functionResponseTypes: ['ReportBatchItemFailures'],
    });
    // Lambda checks the role's rights when it creates a mapping.
    mapping.node.addDependency(role);
  }
}
