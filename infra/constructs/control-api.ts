import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  type FunctionUrl,
  FunctionUrlAuthType,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { MAPPINGS_VARIABLE, TABLE_VARIABLE, WORKER_VARIABLE } from '../../functions/function-environment.ts';
import type { ConnectorProps } from '../../lib/core/connector.ts';
import { type ConnectorPlan, groupIdOf } from '../connector-plan.ts';
import type { ConnectState } from './connect-state.ts';
import type { ConnectorBundle } from './connector-bundle.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { physicalName } from './physical-name.ts';
import { referenceStatements } from './secret-access.ts';
import { SinkConnector } from './sink-connector.ts';
import type { SourceConnector } from './source-connector.ts';

export interface ControlApiProps {
  readonly pipeline: string;
  readonly worker: ConnectorProps;
  readonly plans: readonly ConnectorPlan[];
  /** By name; what the API starts and switches. */
  readonly connectors: ReadonlyMap<string, SourceConnector | SinkConnector>;
  readonly bundle: ConnectorBundle;
  readonly state: ConnectState;
  readonly kafka: KafkaAccess;
}

/** Connect's REST API of a stack, behind a function URL that lets nobody in without AWS credentials and the right to call it. */
export class ControlApi extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
  readonly url: FunctionUrl;
  /** Where `serverless-connect --stack` looks. */
  readonly output: CfnOutput;

  constructor(scope: Construct, id: string, props: ControlApiProps) {
    super(scope, id);
    const { bundle, connectors, kafka, pipeline, plans, state, worker } = props;
    const functionName = controlFunctionName(pipeline);
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `REST API of ${pipeline}`,
      inlinePolicies: {
        Logs: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${this.logGroup.logGroupArn}:*`] }),
          ],
        }),
      },
    });
    state.grantItems(
      this.role,
      plans.map(({ name, lambda }) => ({ name, shards: lambda.getNumber('lambda.state.shards') })),
    );
    state.grantListings(this.role);
    const functions = [...connectors.values()].map(({ worker: target }) => target.function.functionArn);
    this.role.addToPolicy(new PolicyStatement({ sid: 'Tick', actions: ['lambda:InvokeFunction'], resources: functions }));
    const mappings = mappingsOf(connectors);
    const ids = Object.values(mappings).flat();
    if (ids.length > 0) {
      const resources = ids.map((uuid) =>
        Stack.of(this).formatArn({
          service: 'lambda',
          resource: 'event-source-mapping',
          resourceName: uuid,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      );
      this.role.addToPolicy(new PolicyStatement({ sid: 'Mappings', actions: ['lambda:UpdateEventSourceMapping'], resources }));
    }
    for (const statement of this.#readingStatements(props)) this.role.addToPolicy(statement);

    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description: `REST API of ${pipeline}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundle.dir),
      handler: 'index.handler',
      role: this.role,
      logGroup: this.logGroup,
      // Connect gives a request 90 s.
      timeout: Duration.seconds(90),
      memorySize: 512,
      environment: {
        [TABLE_VARIABLE]: state.table.tableName,
        [WORKER_VARIABLE]: JSON.stringify(worker),
        [MAPPINGS_VARIABLE]: Stack.of(this).toJsonString(mappings),
        NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning',
      },
    });
    const vpc = kafka.functionNetwork();
    if (vpc !== null) (this.function.node.defaultChild as CfnFunction).vpcConfig = vpc;
    this.url = this.function.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    const isFirst = !Stack.of(this)
      .node.findAll()
      .some((each) => each instanceof ControlApi && each !== this);
    this.output = new CfnOutput(this, 'Url', {
      value: this.url.url,
      description: `REST API of ${pipeline}; requests are signed (AWS_IAM)`,
    });
    if (isFirst) this.output.overrideLogicalId('ControlUrl');
  }

  /** What validating a configuration and reading or setting the offsets of sinks needs. */
  #readingStatements({ kafka, plans, worker }: ControlApiProps): PolicyStatement[] {
    const values = plans.flatMap(({ config, name }) => Object.entries(config).map(([key, value]) => [`${name} ${key}`, value]));
    const sinks = plans.filter(({ manifest }) => manifest.kind === 'sink');
    const groups = sinks.flatMap((plan) =>
      plan.trigger === 'event' ? plan.topics.map((topic) => groupIdOf(plan, topic)) : [`connect-${plan.name}`],
    );
    const read = [...new Set(sinks.flatMap(({ topics }) => (topics.length === 0 ? ['*'] : topics)))];
    return [
      ...referenceStatements(Stack.of(this), Object.fromEntries(values), worker),
      ...kafka.networkStatements(),
      ...(sinks.length === 0 ? [] : kafka.clientStatements({ read, groups: [...new Set(groups)] })),
    ];
  }
}

/** Name of the function that serves a pipeline's REST API. */
function controlFunctionName(pipeline: string): string {
  return physicalName([pipeline, 'control-api']);
}

/** UUIDs by connector. */
function mappingsOf(connectors: ReadonlyMap<string, SourceConnector | SinkConnector>): Record<string, string[]> {
  return Object.fromEntries(
    [...connectors].flatMap(([name, connector]) =>
      connector instanceof SinkConnector && connector.mappings.size > 0
        ? [[name, [...connector.mappings.values()].map(({ ref }) => ref)]]
        : [],
    ),
  );
}
