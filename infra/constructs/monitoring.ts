import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  type Metric,
  Stats,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type MetricName, NAMESPACE, TASK_DIMENSIONS } from '../../functions/metrics.ts';
import type { ConnectorPlan } from '../connector-plan.ts';
import { type AlarmPlan, connectorAlarms, connectorMetric } from './alarms.ts';
import { logicalPart, physicalName } from './physical-name.ts';
import type { SinkConnector } from './sink-connector.ts';
import type { SourceConnector } from './source-connector.ts';
import type { Undelivered } from './undelivered.ts';

export interface MonitoringProps {
  readonly pipeline: string;
  readonly plans: readonly ConnectorPlan[];
  readonly connectors: ReadonlyMap<string, SourceConnector | SinkConnector>;
  readonly undelivered: Undelivered;
  /** ARN of the SNS topic that is told of alarms and of their ends; null = nobody is. */
  readonly alarmsTopic: string | null;
}

const PERIOD_S = 300;
/** CloudWatch accepts so many characters in an alarm's name. */
const LONGEST_ALARM_NAME = 255;

/** Alarms for each connector of a stack, and one dashboard for all. */
export class Monitoring extends Construct {
  /** By connector, then by what they are about; those of the stack itself under ''. */
  readonly alarms: ReadonlyMap<string, ReadonlyMap<string, Alarm>>;
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { pipeline, plans, connectors } = props;
    const topic = props.alarmsTopic === null ? null : Topic.fromTopicArn(this, 'AlarmsTopic', props.alarmsTopic);
    const alarms = new Map<string, Map<string, Alarm>>();
    const add = (connector: string, alarm: AlarmPlan): void => {
      const of = alarms.get(connector) ?? new Map<string, Alarm>();
      alarms.set(connector, of.set(alarm.id, this.#alarm(pipeline, connector, alarm, topic)));
    };
    for (const plan of plans) {
      const connector = connectors.get(plan.name);
      if (connector !== undefined) for (const alarm of connectorAlarms(plan, connector)) add(plan.name, alarm);
    }
    add('', undeliveredAlarm(props.undelivered));
    this.alarms = alarms;
    this.dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: physicalName([pipeline, 'connectors'], LONGEST_ALARM_NAME),
      widgets: [
        [new AlarmStatusWidget({ title: pipeline, width: 24, alarms: [...alarms.values()].flatMap((of) => [...of.values()]) })],
        ...plans.flatMap((plan) => [
          [new TextWidget({ markdown: `## ${plan.name}\n${plan.manifest.kind}, \`${plan.manifest.className}\``, width: 24, height: 2 })],
          widgetsOf(plan, connectors.get(plan.name) as SourceConnector | SinkConnector, Stack.of(this).region),
        ]),
      ],
    });
  }

  #alarm(pipeline: string, connector: string, plan: AlarmPlan, topic: ITopic | null): Alarm {
    const id = plan.id.replaceAll('-', '');
    const alarm = new Alarm(this, connector === '' ? id : `${logicalPart(connector)}-${id}`, {
      alarmName: physicalName([pipeline, ...(connector === '' ? [] : [connector]), plan.id], LONGEST_ALARM_NAME),
      alarmDescription: plan.description,
      metric: plan.metric,
      threshold: plan.threshold,
      comparisonOperator: plan.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: plan.periods ?? 1,
      treatMissingData: plan.missing ?? TreatMissingData.NOT_BREACHING,
    });
    if (topic !== null) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }
}

function undeliveredAlarm({ queue }: Undelivered): AlarmPlan {
  return {
    id: 'undelivered',
    description: 'ticks or events came to nothing: the messages in the queue of undelivered ones say which and why',
    metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: Duration.seconds(PERIOD_S) }),
    threshold: 1,
  };
}

/** Records, how far behind, how long, and what went wrong. */
function widgetsOf(plan: ConnectorPlan, { worker }: SourceConnector | SinkConnector, region: string): IWidget[] {
  const graph = (title: string, metrics: IMetric[]): GraphWidget =>
    new GraphWidget({ title, left: metrics, width: 6, period: Duration.seconds(PERIOD_S), region });
  const perTask = (name: MetricName, statistic: string): IMetric =>
    new MathExpression({
      expression: `SEARCH('{${NAMESPACE},${TASK_DIMENSIONS.join(',')}} Pipeline="${plan.pipeline}" Connector="${plan.name}" MetricName="${name}"', '${statistic}', ${PERIOD_S})`,
      usingMetrics: {},
      label: name,
      period: Duration.seconds(PERIOD_S),
    });
  const ofConnector = (name: MetricName, statistic: string): IMetric => connectorMetric(plan, name, statistic, PERIOD_S);
  const ofFunction = (name: string, statistic: string): Metric =>
    worker.function.metric(name, { statistic, period: Duration.seconds(PERIOD_S) });
  const behind =
    plan.manifest.kind === 'source'
      ? [ofFunction('Invocations', Stats.SUM)]
      : [
          plan.trigger === 'event' ? ofFunction('OffsetLag', Stats.MAXIMUM) : ofConnector('Lag', Stats.MAXIMUM),
          ofConnector('OldestUnprocessedAge', Stats.MAXIMUM),
        ];
  return [
    graph('records', [perTask('RecordsIn', Stats.SUM), perTask('RecordsOut', Stats.SUM)]),
    graph(plan.manifest.kind === 'source' ? 'runs' : 'behind', behind),
    graph('duration', [ofConnector('TickDuration', Stats.AVERAGE), ofConnector('TickDuration', Stats.MAXIMUM)]),
    graph('trouble', [
      ofConnector('FailedTasks', Stats.MAXIMUM),
      ofConnector('DeadLetters', Stats.SUM),
      perTask('Retries', Stats.SUM),
      perTask('LeaseConflicts', Stats.SUM),
      ofFunction('Errors', Stats.SUM),
      ofFunction('Throttles', Stats.SUM),
    ]),
  ];
}
