import type { ScheduleExpression } from './schedule-expression.ts';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY_MS = 86_400_000;
/** A schedule such as 29 February on a Monday needs up to 40 years; nobody waits longer. */
const HORIZON_DAYS = 366 * 40;

/** Parses the six fields of AWS's cron: Sunday is 1, one of the two day fields is `?`, `L`, `W` and `#` as in Quartz. */
export function parseCron(fields: string, timezone: string, expression: string): ScheduleExpression {
  const parts = fields.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = parts as [string, string, string, string, string, string];
  const fail = (why: string): Error => new Error(`cannot read the schedule '${expression}': ${why}`);
  if (parts.length !== 6) throw fail(`cron has 6 fields (minute hour day-of-month month day-of-week year), not ${parts.length}`);
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw fail('exactly one of day-of-month and day-of-week must be ?');

  const minutes = valuesOf(minute, 0, 59, [], fail);
  const hours = valuesOf(hour, 0, 23, [], fail);
  const months = new Set(valuesOf(month, 1, 12, MONTHS, fail));
  const years = new Set(valuesOf(year, 1970, 2199, [], fail));
  const isDay = dayOfMonth === '?' ? weekdayRule(dayOfWeek, fail) : monthDayRule(dayOfMonth, fail);

  return {
    next(afterMs) {
      const start = localTime(afterMs, timezone);
      const firstDay = Math.floor(start / DAY_MS);
      for (let day = firstDay; day < firstDay + HORIZON_DAYS; day++) {
        const date = new Date(day * DAY_MS);
        if (!years.has(date.getUTCFullYear()) || !months.has(date.getUTCMonth() + 1) || !isDay(date)) continue;
        for (const h of hours) {
          for (const m of minutes) {
            const at = toEpoch(day * DAY_MS + h * 3_600_000 + m * 60_000, timezone);
            if (at !== null && at > afterMs) return at;
          }
        }
      }
      return null;
    },
  };
}

function valuesOf(field: string, min: number, max: number, names: readonly string[], fail: (why: string) => Error): number[] {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw fail(`'${text}' is not between ${min} and ${max}`);
    return value;
  };
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range, step] = part.split('/') as [string, string | undefined];
    const [from, to] = range.split('-') as [string, string | undefined];
    const first = range === '*' ? min : number(from);
    const last = range === '*' ? max : to !== undefined ? number(to) : step !== undefined ? max : first;
    const by = step === undefined ? 1 : Number(step);
    if (!(by >= 1) || last < first) throw fail(`'${part}' is not a range`);
    for (let value = first; value <= last; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

type DayRule = (date: Date) => boolean;

function monthDayRule(field: string, fail: (why: string) => Error): DayRule {
  if (field === 'L') return (date) => date.getUTCDate() === lastDayOf(date);
  const [, nearest] = /^(\d+|L)W$/.exec(field) ?? [];
  if (nearest !== undefined)
    return (date) => date.getUTCDate() === nearestWeekday(date, nearest === 'L' ? lastDayOf(date) : Number(nearest));
  const days = new Set(valuesOf(field, 1, 31, [], fail));
  return (date) => days.has(date.getUTCDate());
}

function weekdayRule(field: string, fail: (why: string) => Error): DayRule {
  const [, lastOf] = /^(\w+)L$/.exec(field) ?? [];
  if (lastOf !== undefined) {
    const [weekday] = valuesOf(lastOf, 1, 7, DAYS, fail);
    return (date) => date.getUTCDay() + 1 === weekday && date.getUTCDate() + 7 > lastDayOf(date);
  }
  const [, nthDay, nth] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (nthDay !== undefined) {
    const [weekday] = valuesOf(nthDay, 1, 7, DAYS, fail);
    return (date) => date.getUTCDay() + 1 === weekday && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const days = new Set(valuesOf(field, 1, 7, DAYS, fail));
  return (date) => days.has(date.getUTCDay() + 1);
}

function lastDayOf(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The weekday nearest to a day, without leaving its month. */
function nearestWeekday(date: Date, day: number): number {
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < lastDayOf(date) ? day + 1 : day - 2;
  return day;
}

/** What a clock on the wall shows, as if it were UTC. */
function localTime(epochMs: number, timezone: string): number {
  return epochMs + offsetOf(epochMs, timezone);
}

/** The moment a wall clock shows this; null in the hour that summer time leaves out (AWS skips it; a repeated hour fires once). */
function toEpoch(localMs: number, timezone: string): number | null {
  const guess = localMs - offsetOf(localMs, timezone);
  const at = localMs - offsetOf(guess, timezone);
  return localTime(at, timezone) === localMs ? at : null;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetOf(epochMs: number, timezone: string): number {
  if (timezone === 'UTC') return 0;
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    formats.set(timezone, format);
  }
  const name = format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return hours === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
