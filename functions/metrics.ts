import type { MetricUnit } from '../lib/aws/embedded-metrics.ts';

/** Namespace of the metrics in CloudWatch. */
export const NAMESPACE = 'ServerlessConnect';
/** Dimensions of a connector's metrics. */
export const CONNECTOR_DIMENSIONS = ['Pipeline', 'Connector'] as const;
/** Dimensions of a task's metrics. */
export const TASK_DIMENSIONS = [...CONNECTOR_DIMENSIONS, 'Task'] as const;

/** One metric that functions emit. */
export interface Metric {
  readonly unit: MetricUnit;
  /** What it says, for docs and dashboards. */
  readonly says: string;
  /** Published for the connector as well: alarms look there, for they cannot name tasks that come and go. */
  readonly ofConnector: boolean;
}

/** Every metric; counters are published where they are not zero, for CloudWatch bills each metric in each hour in which it is published. */
export const METRICS = {
  RecordsIn: { unit: 'Count', says: 'records that a source polled or a sink consumed', ofConnector: false },
  RecordsOut: { unit: 'Count', says: 'records that Kafka acknowledged or a sink was given', ofConnector: false },
  DeadLetters: { unit: 'Count', says: 'records sent to the dead letter queue', ofConnector: true },
  Retries: { unit: 'Count', says: 'operations that were tried again', ofConnector: false },
  Rewinds: { unit: 'Count', says: 'batches below the watermark that were no redelivery', ofConnector: true },
  DuplicatesSkipped: { unit: 'Count', says: 'redelivered records that were recognised', ofConnector: false },
  FailedTasks: { unit: 'Count', says: 'tasks that are FAILED, or runs that failed', ofConnector: true },
  LeaseConflicts: { unit: 'Count', says: "runs that found a task's lease with another owner, or lost it", ofConnector: false },
  Lag: { unit: 'Count', says: 'records behind the end of the topics, of scheduled sinks', ofConnector: true },
  OldestUnprocessedAge: {
    unit: 'Milliseconds',
    says: 'age of the oldest record that a sink was given, by its Kafka timestamp',
    ofConnector: true,
  },
  TickDuration: { unit: 'Milliseconds', says: 'how long the run took', ofConnector: true },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
