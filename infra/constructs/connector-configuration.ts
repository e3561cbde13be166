import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { TABLE_VARIABLE } from '../../functions/function-environment.ts';
import { type ConnectorPlan, groupsOf } from '../connector-plan.ts';
import type { ConnectState } from './connect-state.ts';
import type { ConnectorBundle } from './connector-bundle.ts';
import { logicalPart, physicalName } from './physical-name.ts';

/** Type of the custom resource that holds one connector's configuration. */
export const CONFIGURATION_TYPE = 'Custom::ConnectorConfiguration';
/** Type of the one that holds their names, and refuses what looks like a rename. */
const NAMES_TYPE = 'Custom::ConnectorNames';

/** Writes each connector's configuration to the table when the stack is deployed; a changed one is planned anew at the next tick. */
export class ConnectorConfigurations extends Construct {
  /** By connector. What starts a connector depends on it: nothing runs before its configuration is there. */
  readonly resources: ReadonlyMap<string, CustomResource>;
  /** Refuses what looks like a rename; whatever a refused deployment must not change depends on it. */
  readonly names: CustomResource;

  constructor(
    scope: Construct,
    id: string,
    props: { pipeline: string; plans: readonly ConnectorPlan[]; bundle: ConnectorBundle; state: ConnectState },
  ) {
    super(scope, id);
    const { pipeline, plans, state } = props;
    const functionName = physicalName([pipeline, 'connector-configurations']);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `writes connector configurations of ${pipeline}`,
      inlinePolicies: {
        Logs: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${logGroup.logGroupArn}:*`] }),
          ],
        }),
      },
    });
    state.grantItems(
      role,
      plans.map(({ name, lambda }) => ({ name, shards: lambda.getNumber('lambda.state.shards') })),
    );
    const target = new LambdaFunction(this, 'Function', {
      functionName,
      description: 'writes connector configurations',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.bundle.dir),
      handler: 'index.handler',
      role,
      logGroup,
      timeout: Duration.minutes(1),
      memorySize: 256,
      environment: { [TABLE_VARIABLE]: state.table.tableName },
    });
    this.names = new CustomResource(this, 'Names', {
      serviceToken: target.functionArn,
      resourceType: NAMES_TYPE,
      properties: {
        connectors: plans.map(({ name }) => name).sort(),
        groups: Object.fromEntries(plans.map((plan) => [plan.name, groupsOf(plan)])),
        ...(this.node.tryGetContext('renames') === 'confirmed' ? { renames: 'confirmed' } : {}),
      },
    });
    const resources = new Map<string, CustomResource>();
    for (const plan of plans) {
      const resource = new CustomResource(this, `Connector${logicalPart(plan.name)}`, {
        serviceToken: target.functionArn,
        resourceType: CONFIGURATION_TYPE,
        properties: {
          connector: plan.name,
          config: JSON.stringify(plan.config),
          writer: `deployment ${pipeline}`,
          initialState: plan.initialState === 'RUNNING' ? 'STARTED' : plan.initialState,
          onRemoval: plan.lambda.getText('lambda.on.removal'),
        },
      });
      // A refused rename changes nothing.
      resource.node.addDependency(this.names);
      resources.set(plan.name, resource);
    }
    this.resources = resources;
  }
}
