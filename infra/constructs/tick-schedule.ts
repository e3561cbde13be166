import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ConnectorPlan } from '../connector-plan.ts';
import { physicalName } from './physical-name.ts';
import type { Undelivered } from './undelivered.ts';

/** Ticks a connector's function. A tick that cannot be delivered is not repeated: the next one does its work. */
export class TickSchedule extends Construct {
  readonly schedule: CfnSchedule;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: { plan: ConnectorPlan; function: LambdaFunction; undelivered: Undelivered }) {
    super(scope, id);
    const { plan } = props;
    const { queue } = props.undelivered;
    this.role = new Role(this, 'Role', {
      // The condition keeps other accounts' schedules from borrowing the role (confused deputy).
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      description: `starts connector ${plan.name} of ${plan.pipeline}`,
      inlinePolicies: {
        Tick: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'Tick', actions: ['lambda:InvokeFunction'], resources: [props.function.functionArn] }),
            new PolicyStatement({ sid: 'Undelivered', actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
          ],
        }),
      },
    });
    const windowMinutes = plan.lambda.getNumber('lambda.schedule.window.minutes');
    this.schedule = new CfnSchedule(this, 'Schedule', {
      name: physicalName([plan.pipeline, plan.name]),
      description: `ticks connector ${plan.name}`,
      scheduleExpression: plan.lambda.getText('lambda.schedule'),
      scheduleExpressionTimezone: plan.lambda.getText('lambda.schedule.timezone'),
      flexibleTimeWindow: windowMinutes === 0 ? { mode: 'OFF' } : { mode: 'FLEXIBLE', maximumWindowInMinutes: windowMinutes },
      target: {
        arn: props.function.functionArn,
        roleArn: this.role.roleArn,
        input: '{}',
        deadLetterConfig: { arn: queue.queueArn },
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
  }
}
