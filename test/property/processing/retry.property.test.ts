import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetriableException } from '../../../lib/core/errors.ts';
import { ProcessingContext } from '../../../lib/processing/processing-context.ts';
import { type RetryPolicy, RetryWithToleranceOperator } from '../../../lib/processing/retry-with-tolerance.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { ManualClock } from '../../support/processing/record-path.ts';

const policies = fc.record<RetryPolicy>({
  tolerance: fc.constantFrom('none', 'all'),
  retryTimeoutMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200_000 })),
  retryDelayMaxMs: fc.integer({ min: 1, max: 100_000 }),
  outages: fc.constantFrom('tolerated', 'handed-back'),
});

describe('RetryWithToleranceOperator', () => {
  it('never waits past the deadline, calls once more than it waits, and ends in one of the allowed ways', async () => {
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.nat(12),
        fc.nat(3_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (policy, failures, takesMs, random) => {
          const clock = new ManualClock();
          const waits: number[] = [];
          const sleeping = {
            now: () => clock.time,
            monotonic: () => clock.time,
            sleep: (ms: number) => {
              waits.push(ms);
              return clock.sleep(ms);
            },
          };
          const metrics = new TaskErrorMetrics();
          let reports = 0;
          const reporter = {
            report: () => {
              reports++;
              return null;
            },
          };
          const operator = new RetryWithToleranceOperator<null>({
            policy,
            clock: sleeping,
            random: () => random,
            metrics,
            reporters: [reporter],
          });
          const context = new ProcessingContext<null>(null);
          let calls = 0;
          let lastCallAt = 0;
          const operation = {
            stage: 'VALUE_CONVERTER',
            executingClass: 'a.B',
            call: () => {
              lastCallAt = clock.time;
              clock.time += takesMs;
              if (++calls <= failures) throw new RetriableException('busy');
              return 'done';
            },
          } as const;
          let thrown: unknown = null;
          let result: unknown = null;
          try {
            result = await operator.execute(context, operation, null);
          } catch (error) {
            thrown = error;
          }
          expect(waits.length).toBe(calls - 1);
          expect(metrics.retries).toBe(waits.length);
          expect(lastCallAt).toBeLessThanOrEqual(policy.retryTimeoutMs);
          for (const [i, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(Math.max(300 * 2 ** i, 0));
          if (calls > failures) {
            expect([result, thrown, context.failed, reports]).toEqual(['done', null, false, 0]);
          } else if (policy.outages === 'handed-back') {
            expect(thrown).toMatchObject({ retriable: true });
            expect([reports, metrics.recordsSkipped]).toEqual([0, 0]);
          } else if (policy.tolerance === 'all') {
            expect([result, thrown, context.failed, reports, metrics.recordsSkipped]).toEqual([null, null, true, 1, 1]);
          } else {
            expect(thrown).toMatchObject({ retriable: false, message: 'Tolerance exceeded in error handler' });
            expect(reports).toBe(1);
          }
        },
      ),
    );
  });
});
