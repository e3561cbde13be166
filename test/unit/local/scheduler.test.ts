import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseScheduleExpression } from '../../../lib/local/scheduler/schedule-expression.ts';
import { createScheduler } from '../../../lib/local/scheduler/scheduler.ts';

const at = (text: string): number => Date.parse(text);
const next = (expression: string, after: string, timezone?: string): string | null => {
  const found = parseScheduleExpression(expression, timezone).next(at(after), 0);
  return found === null ? null : new Date(found).toISOString().slice(0, 16);
};

describe('schedule expressions', () => {
  it.each([
    ['rate(1 minute)', '2026-11-22T10:00:00Z', '2026-11-22T10:01'],
    ['rate(2 hours)', '2026-11-22T10:00:00Z', '2026-11-22T12:00'],
    ['cron(0 8 * * ? *)', '2026-11-22T10:00:00Z', '2026-11-23T08:00'],
    ['cron(0/15 * * * ? *)', '2026-11-22T10:16:00Z', '2026-11-22T10:30'],
    ['cron(30 6,18 ? * MON-FRI *)', '2026-11-20T18:30:00Z', '2026-11-23T06:30'],
    ['cron(0 0 L * ? *)', '2027-02-01T00:00:00Z', '2027-02-28T00:00'],
    ['cron(0 0 ? * 6L *)', '2026-11-01T00:00:00Z', '2026-11-27T00:00'],
    ['cron(0 9 ? * MON#2 *)', '2026-11-01T00:00:00Z', '2026-11-09T09:00'],
    ['cron(0 0 1W * ? *)', '2026-07-31T00:00:00Z', '2026-08-03T00:00'],
    ['cron(0 0 29 FEB ? *)', '2026-11-22T00:00:00Z', '2028-02-29T00:00'],
    ['at(2026-12-24T18:00:00)', '2026-11-22T10:00:00Z', '2026-12-24T18:00'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('follows the time zone, skips the hour that summer time leaves out and fires once in a repeated one', () => {
    expect(next('cron(0 8 * * ? *)', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T06:00');
    expect(next('cron(30 2 * * ? *)', '2027-03-27T12:00:00Z', 'Europe/Berlin')).toBe('2027-03-29T00:30');
    expect(next('cron(30 2 * * ? *)', '2026-10-25T00:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T01:30');
    expect(next('cron(30 2 * * ? *)', '2026-10-25T01:30:00Z', 'Europe/Berlin')).toBe('2026-10-26T01:30');
  });

  it('ends with the last year', () => {
    expect(next('cron(0 0 1 1 ? 2027)', '2026-11-22T00:00:00Z')).toBe('2027-01-01T00:00');
    expect(next('cron(0 0 1 1 ? 2026)', '2026-11-22T00:00:00Z')).toBeNull();
  });

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(10 seconds)',
    'cron(* * * * *)',
    'cron(0 8 * * * *)',
    'cron(61 8 * * ? *)',
    'every minute',
  ])('refuses %s', (expression) => {
    expect(() => parseScheduleExpression(expression)).toThrow(`cannot read the schedule '${expression}'`);
  });
});

describe('scheduler', () => {
  beforeEach(() => void vi.useFakeTimers({ now: at('2026-11-22T10:00:30Z') }));
  afterEach(() => void vi.useRealTimers());

  it('ticks a rate at once and then in its interval, a cron at its times, without waiting for the work', async () => {
    const ticks: string[] = [];
    const scheduler = createScheduler();
    const deliver = (name: string) => async (): Promise<void> => {
      ticks.push(name);
      await new Promise(() => undefined);
    };
    scheduler.add({ name: 'rate', expression: 'rate(1 minute)', deliver: deliver('rate') });
    scheduler.add({ name: 'cron', expression: 'cron(2 * * * ? *)', deliver: deliver('cron') });

    await vi.advanceTimersByTimeAsync(125_000);

    expect(ticks).toEqual(['rate', 'rate', 'cron', 'rate']);
  });

  it('speeds up, repeats and delays ticks on request, and stops', async () => {
    const at: number[] = [];
    const scheduler = createScheduler({
      everyMs: 100,
      duplicate: (_name, tick) => tick === 0,
      delayMs: (_name, tick) => (tick === 3 ? 30 : 0),
    });
    scheduler.add({ name: 'a', expression: 'rate(1 day)', deliver: async () => void at.push(Date.now() % 1000) });

    await vi.advanceTimersByTimeAsync(350);
    expect(at).toEqual([0, 0, 100, 230, 300]);

    scheduler.disable('a');
    await vi.advanceTimersByTimeAsync(500);
    expect(scheduler.ticks('a')).toBe(5);
    scheduler.enable('a');
    await vi.advanceTimersByTimeAsync(100);
    expect(scheduler.ticks('a')).toBe(6);
    await scheduler.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(scheduler.ticks('a')).toBe(6);
  });

  it('reports a delivery that failed and goes on', async () => {
    const errors: string[] = [];
    const scheduler = createScheduler({ everyMs: 10, onError: (name, error) => errors.push(`${name}: ${(error as Error).message}`) });
    scheduler.add({ name: 'a', expression: 'rate(1 minute)', deliver: () => Promise.reject(new Error('no function')) });

    await vi.advanceTimersByTimeAsync(10);
    await scheduler.close();

    expect(errors).toEqual(['a: no function', 'a: no function']);
  });
});
