import { ConnectException, DataException, RetriableException, SchemaBuilderException } from '../../../lib/core/errors.ts';
import { JavaException } from '../../../lib/core/java/exceptions.ts';
import type { Stage } from '../../../lib/core/stage.ts';
import { KafkaException } from '../../../lib/kafka/errors.ts';
import { ProcessingContext } from '../../../lib/processing/processing-context.ts';
import { RetryWithToleranceOperator } from '../../../lib/processing/retry-with-tolerance.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { type ConformanceCase, encodeError } from '../format/case.ts';

const EXCEPTIONS: Readonly<Record<string, () => Error>> = {
  ConnectException: () => new ConnectException('boom'),
  DataException: () => new DataException('boom'),
  SchemaBuilderException: () => new SchemaBuilderException('boom'),
  RetriableException: () => new RetriableException('boom'),
  RuntimeException: () => new JavaException('boom', 'java.lang.RuntimeException'),
  IOException: () => new JavaException('boom', 'java.io.IOException'),
  KafkaRetriable: () =>
    new KafkaException('boom', { kafkaCode: null, retriable: true, javaClass: 'org.apache.kafka.common.errors.TimeoutException' }),
  ConnectExceptionCausedByRetriable: () => new ConnectException('boom', { cause: new RetriableException('boom') }),
};

interface RetryInput {
  readonly stage: Stage;
  readonly exception: string;
  readonly failures: number;
  readonly callTakesMs: number;
  readonly stopDuringWait?: number;
  readonly contextAlreadyFailed?: boolean;
}

/** A clock that moves by waiting and by calls only. */
class CaseClock {
  time = 0;
  readonly waits: number[] = [];
  onWait: (count: number) => void = () => undefined;

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    this.onWait(this.waits.length);
    if (signal?.aborted !== true) this.time += ms;
    return Promise.resolve();
  }
}

export async function run({ op, config = {}, input, expect }: ConformanceCase): Promise<unknown> {
  const { stage, exception, failures, callTakesMs, stopDuringWait, contextAlreadyFailed } = input as unknown as RetryInput;
  const make = EXCEPTIONS[exception];
  if (make === undefined) throw new Error(`unknown exception ${exception}`);
  const clock = new CaseClock();
  let reports = 0;
  let drawn = 0;
  const operator = new RetryWithToleranceOperator<string>({
    policy: {
      tolerance: config['errors.tolerance'] as 'none' | 'all',
      retryTimeoutMs: Number(config['errors.retry.timeout'] ?? 0),
      retryDelayMaxMs: Number(config['errors.retry.delay.max.ms'] ?? 60_000),
      outages: 'tolerated',
    },
    clock,
    random: () => (drawn++ * 0.37) % 1,
    metrics: new TaskErrorMetrics(),
    reporters: [
      {
        report: () => {
          reports++;
          return null;
        },
      },
    ],
  });
  const context = new ProcessingContext('record');
  if (op === 'executeFailed') {
    const outcome = await outcomeOf(async () => {
      await operator.executeFailed(context, stage, 'any.Class', make());
      return { outcome: 'reported' };
    });
    return { ...outcome, contextFailed: context.failed, reports };
  }
  if (contextAlreadyFailed) context.fail(stage, 'any.Class', make());
  clock.onWait = (count) => {
    if (count === stopDuringWait) operator.stop();
  };
  let calls = 0;
  const operation = {
    stage,
    executingClass: 'any.Class',
    call: () => {
      calls++;
      clock.time += callTakesMs;
      if (failures < 0 || calls <= failures) throw make();
      return 'result';
    },
  };
  const outcome = await outcomeOf(async () => ({
    outcome: (await operator.execute(context, operation, 'record')) === null ? 'dropped' : 'ok',
  }));
  return {
    ...outcome,
    calls,
    waits: clock.waits.map((wait, i) => rangeOf((expect.waits as readonly unknown[])[i], wait)),
    ...(drawn === 0 ? { elapsedMs: clock.time } : {}),
    contextFailed: context.failed,
    ...(context.failed ? { contextError: (context.error as Error).name } : {}),
    reports,
    withinToleranceLimits: operator.withinToleranceLimits(),
  };
}

async function outcomeOf(action: () => Promise<{ outcome: string }>): Promise<Record<string, unknown>> {
  try {
    return await action();
  } catch (error) {
    return { outcome: 'fatal', error: encodeError(error) };
  }
}

/** A random wait is recorded as the range it lies in. */
function rangeOf(expected: unknown, wait: number): unknown {
  const range = expected as { readonly atLeast?: number; readonly lessThan?: number } | undefined;
  return range?.lessThan !== undefined && wait >= (range.atLeast ?? 0) && wait < range.lessThan ? range : wait;
}
