import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnEventInvokeConfig,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { type CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  BUNDLE_VARIABLE,
  CONNECTOR_VARIABLE,
  PIPELINE_VARIABLE,
  TABLE_VARIABLE,
  WORKER_VARIABLE,
} from '../../functions/function-environment.ts';
import type { ConnectorPlan } from '../connector-plan.ts';
import type { ConnectState } from './connect-state.ts';
import type { ConnectorBundle } from './connector-bundle.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { needStatements } from './need-statements.ts';
import { physicalName } from './physical-name.ts';
import { referenceStatements } from './secret-access.ts';
import type { Undelivered } from './undelivered.ts';

export interface ConnectorFunctionProps {
  readonly plan: ConnectorPlan;
  readonly bundle: ConnectorBundle;
  readonly state: ConnectState;
  readonly kafka: KafkaAccess;
  readonly undelivered: Undelivered;
  /** The function invokes itself: one invocation per task, and hand-overs. */
  readonly handsOver: boolean;
  readonly reservedConcurrency: number | null;
}

/** One connector's function with its role, its log group and how it answers asynchronous events. */
export class ConnectorFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
  /** How it answers asynchronous events; null for a sink fed by a mapping, which has none. */
  readonly asynchronous: CfnEventInvokeConfig | null;

  constructor(scope: Construct, id: string, props: ConnectorFunctionProps) {
    super(scope, id);
    const { plan, bundle, state, kafka } = props;
    const { lambda } = plan;
    const stack = Stack.of(this);
    const functionName = physicalName([plan.pipeline, plan.name]);
    this.logGroup = new LogGroup(this, 'Logs', { logGroupName: `/aws/lambda/${functionName}`, removalPolicy: RemovalPolicy.DESTROY });
    // Any number of days, as the configuration says; the L2 knows an enumeration only.
    (this.logGroup.node.defaultChild as CfnLogGroup).retentionInDays = lambda.getNumber('lambda.log.retention.days');

    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `connector ${plan.name} of ${plan.pipeline}`,
      inlinePolicies: {
        Logs: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${this.logGroup.logGroupArn}:*`] }),
          ],
        }),
      },
    });
    state.grantItems(this.role, [{ name: plan.name, shards: lambda.getNumber('lambda.state.shards') }]);
    if (props.handsOver) {
      const self = stack.formatArn({
        service: 'lambda',
        resource: 'function',
        resourceName: functionName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
      this.role.addToPolicy(new PolicyStatement({ sid: 'HandOver', actions: ['lambda:InvokeFunction'], resources: [self] }));
    }
    for (const statement of referenceStatements(stack, plan.config, plan.worker)) this.role.addToPolicy(statement);
    for (const statement of needStatements(stack, plan)) this.role.addToPolicy(statement);
    for (const statement of kafka.networkStatements()) this.role.addToPolicy(statement);

    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description: `${plan.manifest.kind} connector ${plan.name} (${plan.manifest.className})`.slice(0, 256),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundle.dir),
      handler: 'index.handler',
      role: this.role,
      logGroup: this.logGroup,
      timeout: Duration.millis(plan.timeoutMs),
      memorySize: lambda.getNumber('lambda.memory.mb'),
      ...(lambda.getBoolean('lambda.tracing') ? { tracing: Tracing.ACTIVE } : {}),
      ...(props.handsOver ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...(props.reservedConcurrency === null ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      environment: {
        [TABLE_VARIABLE]: state.table.tableName,
        [PIPELINE_VARIABLE]: plan.pipeline,
        [CONNECTOR_VARIABLE]: plan.name,
        [WORKER_VARIABLE]: JSON.stringify(plan.worker),
        [BUNDLE_VARIABLE]: bundle.hash.slice(0, 16),
        // kafkajs arms a timer with a negative delay and Node 24 says so in the log of each environment.
        NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning',
      },
    });
    const resource = this.function.node.defaultChild as CfnFunction;
    const vpc = kafka.functionNetwork();
    if (vpc !== null) resource.vpcConfig = vpc;
    this.asynchronous = props.handsOver ? this.#asynchronous(props.undelivered) : null;
  }

  #asynchronous({ queue }: Undelivered): CfnEventInvokeConfig {
    this.role.addToPolicy(new PolicyStatement({ sid: 'Undelivered', actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    const config = new CfnEventInvokeConfig(this, 'Async', {
      functionName: this.function.functionName,
      qualifier: '$LATEST',
      // The next tick is the retry; a tick that waited a minute is out of date.
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    // Lambda checks the role's right to send when this is created.
    config.node.addDependency(this.role);
    return config;
  }
}
