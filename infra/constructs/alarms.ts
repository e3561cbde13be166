import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CONNECTOR_DIMENSIONS, type MetricName, NAMESPACE } from '../../functions/metrics.ts';
import { type ConnectorPlan, deadLetterTopicOf } from '../connector-plan.ts';
import type { SinkConnector } from './sink-connector.ts';
import type { SourceConnector } from './source-connector.ts';

/** What an alarm watches, and when it goes off. */
export interface AlarmPlan {
  /** Last part of its name. */
  readonly id: string;
  /** What happened and what to look at; operators read nothing else at night. */
  readonly description: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: ComparisonOperator;
  /** Periods in a row. @default 1 */
  readonly periods?: number;
  /** @default NOT_BREACHING */
  readonly missing?: TreatMissingData;
}

const MINUTE_S = 60;
const SHORTEST_S = 5 * MINUTE_S;
const DAY_S = 86_400;
/** CloudWatch looks back a week at most, and a day where periods are shorter than an hour. */
const MOST_DAYS = 7;
/** Of a schedule whose ticks have no fixed distance. */
const CRON_INTERVAL_S = 3_600;

/** A metric that the connector's function emits. */
export function connectorMetric(plan: ConnectorPlan, metricName: MetricName, statistic: string, periodS: number): Metric {
  const [pipeline, connector] = CONNECTOR_DIMENSIONS;
  const dimensionsMap = { [pipeline]: plan.pipeline, [connector]: plan.name };
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap, statistic, period: Duration.seconds(periodS) });
}

/** The alarms of one connector. */
export function connectorAlarms(plan: ConnectorPlan, connector: SourceConnector | SinkConnector): AlarmPlan[] {
  const { name } = plan;
  const intervalS = plan.trigger === 'schedule' ? (tickIntervalS(plan) ?? CRON_INTERVAL_S) : MINUTE_S;
  const periodS = alarmPeriodS(intervalS);
  const ofFunction = (metricName: string, statistic: string, period = SHORTEST_S): Metric =>
    connector.worker.function.metric(metricName, { statistic, period: Duration.seconds(period) });
  const alarms: AlarmPlan[] = [
    {
      id: 'task-failed',
      description: `a task of ${name} is FAILED: its trace is in the status, restart it when the reason is gone`,
      metric: connectorMetric(plan, 'FailedTasks', Stats.MAXIMUM, periodS),
      threshold: 1,
    },
    {
      id: 'runs-fail',
      description: `runs of ${name} end in errors again and again, timeouts and crashes included: see its log`,
      metric: ofFunction('Errors', Stats.SUM, periodS),
      threshold: 1,
      periods: 3,
    },
    {
      id: 'throttled',
      description: `${name} is not run because of concurrency limits: raise lambda.reserved.concurrency or the account's limit`,
      metric: ofFunction('Throttles', Stats.SUM),
      threshold: 1,
      periods: 3,
    },
  ];
  if (deadLetterTopicOf(plan) !== null) {
    alarms.push({
      id: 'dead-letters',
      description: `${name} sent records to its dead letter queue ${deadLetterTopicOf(plan)}`,
      metric: connectorMetric(plan, 'DeadLetters', Stats.SUM, SHORTEST_S),
      threshold: 1,
    });
  }
  if (plan.manifest.kind === 'sink') {
    const lag = plan.trigger === 'event' ? ofFunction('OffsetLag', Stats.MAXIMUM) : connectorMetric(plan, 'Lag', Stats.MAXIMUM, periodS);
    alarms.push(
      {
        id: 'lag-growing',
        description: `${name} falls behind its topics: it gets fewer records done than arrive`,
        metric: new MathExpression({
          expression: 'IF(lag > 0 AND RATE(lag) > 0, 1, 0)',
          usingMetrics: { lag },
          period: Duration.seconds(plan.trigger === 'event' ? SHORTEST_S : periodS),
          label: 'lag grows',
        }),
        threshold: 1,
        periods: periodS > SHORTEST_S ? 3 : 6,
      },
      {
        id: 'rewound',
        description: `${name} was given records from below its watermark: its group was reset or expired, or a topic was made anew`,
        metric: connectorMetric(plan, 'Rewinds', Stats.SUM, SHORTEST_S),
        threshold: 1,
      },
    );
  }
  if (plan.trigger === 'schedule') alarms.push(...tickAlarms(plan, ofFunction));
  else if ('mappings' in connector) alarms.push(...pollerAlarms(plan, connector, ofFunction));
  return alarms;
}

/** No tick within three times their distance, flexible window added; ticks by cron have no distance that could be waited for. */
function tickAlarms(plan: ConnectorPlan, ofFunction: (name: string, statistic: string, periodS: number) => Metric): AlarmPlan[] {
  const intervalS = tickIntervalS(plan);
  if (intervalS === null) return [];
  const patienceS = 3 * intervalS + plan.lambda.getNumber('lambda.schedule.window.minutes') * MINUTE_S;
  const periods = Math.ceil(patienceS / DAY_S);
  if (periods > MOST_DAYS) return [];
  return [
    {
      id: 'tick-missed',
      description: `${plan.name} was not started for three times the distance of its ticks: see its schedule, its role and the undelivered ticks`,
      metric: ofFunction('Invocations', Stats.SUM, periods > 1 ? DAY_S : Math.max(SHORTEST_S, patienceS)),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods,
      missing: TreatMissingData.BREACHING,
    },
  ];
}

/** Only provisioned pollers tell their errors; of others one sees that records wait and none come. */
function pollerAlarms(
  plan: ConnectorPlan,
  { mappings }: Pick<SinkConnector, 'mappings'>,
  ofFunction: (name: string, statistic: string) => Metric,
): AlarmPlan[] {
  const period = Duration.seconds(SHORTEST_S);
  const description = `the pollers of ${plan.name} cannot read Kafka: see the state of its event source mappings, credentials and network`;
  const provisioned = [...mappings.values()].filter(({ metricsConfig }) => metricsConfig !== undefined);
  if (provisioned.length === 0) {
    const metric = new MathExpression({
      expression: 'IF(lag > 0 AND FILL(runs, 0) == 0, 1, 0)',
      usingMetrics: { lag: ofFunction('OffsetLag', Stats.MAXIMUM), runs: ofFunction('Invocations', Stats.SUM) },
      period,
      label: 'records wait, none come',
    });
    return [{ id: 'poller-errors', description, metric, threshold: 1, periods: 3 }];
  }
  const usingMetrics = Object.fromEntries(
    provisioned.flatMap(({ ref }, index) =>
      ['PollingErrorCount', 'CommitErrorCount'].map((metricName, which) => [
        `m${index}x${which}`,
        new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap: { EventSourceMappingUUID: ref }, statistic: Stats.SUM, period }),
      ]),
    ),
  );
  const metric = new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics,
    period,
    label: 'errors of the pollers',
  });
  return [{ id: 'poller-errors', description, metric, threshold: 1, periods: 3 }];
}

/** Seconds between two ticks; null = a cron expression says. */
function tickIntervalS(plan: ConnectorPlan): number | null {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(plan.lambda.getText('lambda.schedule'));
  if (rate === null) return null;
  return Number(rate[1]) * { minute: MINUTE_S, hour: 3_600, day: DAY_S }[rate[2] as 'minute' | 'hour' | 'day'];
}

/** Long enough for one tick to fall into each. */
function alarmPeriodS(intervalS: number): number {
  return Math.min(DAY_S, Math.max(SHORTEST_S, intervalS));
}
