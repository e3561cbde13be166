import { parseCron } from './cron.ts';

/** When a schedule fires next. */
export interface ScheduleExpression {
  /** First time after `afterMs` (epoch ms), for a schedule created at `createdMs`; null = never again. */
  next(afterMs: number, createdMs: number): number | null;
}

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Parses EventBridge Scheduler's `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)` and `at(2026-12-24T18:00:00)`; cron and at are local times of
 * `timezone`. Throws Error with the expression and what is allowed. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseScheduleExpression(expression: string, timezone = 'UTC'): ScheduleExpression {
  const [, kind, body] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') {
    const [, count, unit, plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(body ?? '') ?? [];
    const amount = Number(count);
    // AWS refuses `rate(1 minutes)` and `rate(5 minute)`.
    if (unit === undefined || amount < 1 || (amount === 1) !== (plural === '')) throw malformed(expression);
    const periodMs = amount * (UNIT_MS[unit] as number);
    return { next: (afterMs, createdMs) => createdMs + Math.max(0, Math.floor((afterMs - createdMs) / periodMs) + 1) * periodMs };
  }
  if (kind === 'cron') return parseCron(body as string, timezone, expression);
  if (kind === 'at') {
    const once = Date.parse(`${body}Z`);
    if (Number.isNaN(once)) throw malformed(expression);
    return { next: (afterMs) => (once > afterMs ? once : null) };
  }
  throw malformed(expression);
}

function malformed(expression: string): Error {
  return new Error(
    `cannot read the schedule '${expression}': allowed are rate(N minutes|hours|days) with a singular unit for 1, cron(minute hour day-of-month month day-of-week year), at(yyyy-mm-ddThh:mm:ss)`,
  );
}
