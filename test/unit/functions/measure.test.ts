import middy from '@middy/core';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../functions/metrics.ts';
import type { InvocationContext } from '../../../functions/middleware/abort-at-deadline.ts';
import { measure } from '../../../functions/middleware/measure.ts';
import { metricLine } from '../../../lib/aws/embedded-metrics.ts';
import { ConnectException } from '../../../lib/core/errors.ts';
import { StateConflictException } from '../../../lib/state/errors.ts';
import { readMetricLine } from '../../support/embedded-metrics.ts';

/** Runs one invocation that takes 250 ms and answers the lines it wrote. */
async function linesOf(work: (context: InvocationContext) => void): Promise<string[]> {
  const lines: string[] = [];
  let nowMs = 1_700_000_000_000;
  const clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => undefined };
  const handler = middy<unknown, null, Error, InvocationContext>()
    .use(measure({ pipeline: 'orders', connector: 'orders-sink' }, clock, (line) => lines.push(line)))
    .handler(async (_event, context) => {
      nowMs += 250;
      work(context);
      return null;
    });
  await Promise.allSettled([handler({}, { awsRequestId: 'r-1' } as InvocationContext)]);
  return lines;
}

const named = (line: string | undefined, task: boolean): Record<string, number> =>
  Object.fromEntries(
    readMetricLine(line ?? '')
      .filter(({ dimensions }) => 'Task' in dimensions === task)
      .map(({ name, value }) => [name, value]),
  );

describe('measure', () => {
  it('writes one line for an invocation: of its task, and what alarms look at of its connector', async () => {
    const lines = await linesOf(({ watch }) => {
      watch.task = 2;
      Object.assign(watch.figures, { recordsIn: 7, recordsOut: 6, deadLetters: 1, lag: 0, oldestTimestampMs: 1_699_999_999_000 });
    });

    expect(lines).toHaveLength(1);
    expect(named(lines[0], true)).toEqual({
      RecordsIn: 7,
      RecordsOut: 6,
      DeadLetters: 1,
      Lag: 0,
      OldestUnprocessedAge: 1250,
      TickDuration: 250,
    });
    expect(named(lines[0], false)).toEqual({ DeadLetters: 1, Lag: 0, OldestUnprocessedAge: 1250, TickDuration: 250 });
    const [{ dimensions, namespace }] = readMetricLine(lines[0] as string).filter(({ name }) => name === 'RecordsIn') as [never];
    expect({ dimensions, namespace }).toEqual({
      dimensions: { Pipeline: 'orders', Connector: 'orders-sink', Task: '2' },
      namespace: 'ServerlessConnect',
    });
    expect(JSON.parse(lines[0] as string)).toMatchObject({ requestId: 'r-1', Retries: 0 });
  });

  it('publishes no counter that is zero, for each costs money; the line holds it all the same', async () => {
    const [line] = await linesOf(() => undefined);

    expect(named(line, false)).toEqual({ TickDuration: 250 });
    expect(named(line, true)).toEqual({});
    expect(Object.keys(METRICS).filter((name) => !(name in JSON.parse(line as string)))).toEqual(['Lag', 'OldestUnprocessedAge']);
  });

  it.each([
    ['a failure', new ConnectException('no'), { FailedTasks: 1 }],
    ['failed tasks that wait beside a failure', new ConnectException('no'), { FailedTasks: 3 }],
    ['a conflict', new StateConflictException('another was there'), { LeaseConflicts: 1 }],
    ['a paused sink', new ConnectException('paused', { code: 'not-started' }), {}],
  ])('tells %s', async (what, error, told) => {
    const [line] = await linesOf(({ watch }) => {
      watch.task = 0;
      if (what.includes('wait')) watch.failedTasks = 2;
      throw error;
    });

    expect(named(line, true)).toEqual({ TickDuration: 250, ...told });
  });
});

describe('readMetricLine', () => {
  it.each([
    ['a missing dimension', { dimensions: ['Connector'], metrics: [{ name: 'A', unit: 'Count' as const }] }, { A: 1 }],
    ['a missing value', { dimensions: [], metrics: [{ name: 'A', unit: 'Count' as const }] }, {}],
  ])('refuses %s', (_what, group, members) => {
    expect(() => readMetricLine(metricLine([{ namespace: 'N', ...group }], members, 1))).toThrow();
  });
});
