import type middy from '@middy/core';
import { type MetricGroup, metricLine } from '../../lib/aws/embedded-metrics.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { type InvocationWatch, newInvocationWatch } from '../../lib/runtime/invocation-watch.ts';
import { StateConflictException } from '../../lib/state/errors.ts';
import { CONNECTOR_DIMENSIONS, METRICS, type MetricName, NAMESPACE, TASK_DIMENSIONS } from '../metrics.ts';
import type { InvocationContext } from './abort-at-deadline.ts';

/** Whose metrics these are. */
export interface MeasuredFunction {
  readonly pipeline: string;
  readonly connector: string;
}

/** Gauges say something also where they are zero. */
const GAUGES: readonly MetricName[] = ['Lag', 'OldestUnprocessedAge', 'TickDuration'];

/** Writes one line of metrics for each invocation, failed ones included. `write` gets it without its end. */
export function measure(
  of: MeasuredFunction,
  clock: Clock,
  write: (line: string) => void,
): middy.MiddlewareObj<unknown, unknown, Error, InvocationContext> {
  const started = new WeakMap<InvocationContext, number>();
  const end = (context: InvocationContext, error: Error | null | undefined): void => {
    const startedAt = started.get(context);
    if (startedAt === undefined) return;
    started.delete(context);
    write(lineOf(of, context, clock.now(), values(context.watch, clock.monotonic() - startedAt, clock.now(), error ?? null)));
  };
  return {
    before({ context }) {
      started.set(context, clock.monotonic());
      context.watch = newInvocationWatch();
    },
    after: ({ context }) => end(context, null),
    onError: ({ context, error }) => end(context, error),
  };
}

function values(watch: InvocationWatch, durationMs: number, nowMs: number, error: Error | null): Partial<Record<MetricName, number>> {
  const { figures, failedTasks, leaseConflicts } = watch;
  // Another invocation delivered the same partitions, or the sink was paused while its poller still ran: nobody has to act.
  const conflict = error instanceof StateConflictException;
  const failed = error !== null && !conflict && (error as { code?: unknown }).code !== 'not-started';
  const { oldestTimestampMs } = figures;
  return {
    RecordsIn: figures.recordsIn,
    RecordsOut: figures.recordsOut,
    DeadLetters: figures.deadLetters,
    Retries: figures.retries,
    Rewinds: figures.rewinds,
    DuplicatesSkipped: figures.duplicatesSkipped,
    FailedTasks: failedTasks + (failed ? 1 : 0),
    LeaseConflicts: leaseConflicts + (conflict ? 1 : 0),
    ...(figures.lag === null ? {} : { Lag: figures.lag }),
    ...(oldestTimestampMs === undefined ? {} : { OldestUnprocessedAge: Math.max(0, nowMs - oldestTimestampMs) }),
    TickDuration: Math.round(durationMs),
  };
}

function lineOf(of: MeasuredFunction, context: InvocationContext, nowMs: number, measured: Partial<Record<MetricName, number>>): string {
  const { task } = context.watch;
  const published = (Object.keys(METRICS) as MetricName[]).filter((name) => {
    const value = measured[name];
    return value !== undefined && (value !== 0 || GAUGES.includes(name));
  });
  const group = (dimensions: readonly string[], names: readonly MetricName[]): MetricGroup => ({
    namespace: NAMESPACE,
    dimensions,
    metrics: names.map((name) => ({ name, unit: METRICS[name].unit })),
  });
  const groups = [
    group(
      CONNECTOR_DIMENSIONS,
      published.filter((name) => METRICS[name].ofConnector),
    ),
  ];
  if (task !== null) groups.push(group(TASK_DIMENSIONS, published));
  const members = {
    Pipeline: of.pipeline,
    Connector: of.connector,
    ...(task === null ? {} : { Task: String(task) }),
    requestId: context.awsRequestId,
  };
  return metricLine(groups, { ...members, ...measured }, nowMs);
}
