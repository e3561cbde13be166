/**
 * Java's GregorianCalendar in UTC with the rules of the United States (weeks begin on Sunday, week 1 holds 1 January): Julian dates before
 * 15 October 1582, Gregorian ones from then on. Days count from 1970-01-01, months from 0, days of the week from 1 = Sunday.
 */
export const DAY_MS = 86_400_000;

/** 1582-10-15, the first Gregorian day. */
const CUTOVER_DAY = -141_427;
const CUTOVER_YEAR = 1582;

/** A day as year (0 = 1 BC), month and day of the month. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since the epoch of a date in the proleptic Gregorian calendar; month 0–11, any day. */
function gregorianDay(year: number, month: number, day: number): number {
  const y = month <= 1 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function julianDay(year: number, month: number, day: number): number {
  const y = month <= 1 ? year - 1 : year;
  const cycle = Math.floor(y / 4);
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1;
  return cycle * 1461 + (y - cycle * 4) * 365 + dayOfYear - 719_470;
}

/** The first of a month (0–11) as days since the epoch, in the calendar of that time. */
export function firstOfMonth(year: number, month: number): number {
  if (year > CUTOVER_YEAR) return gregorianDay(year, month, 1);
  if (year < CUTOVER_YEAR) return julianDay(year, month, 1);
  const gregorian = gregorianDay(year, month, 1);
  return gregorian >= CUTOVER_DAY ? gregorian : julianDay(year, month, 1);
}

/** The date of a day since the epoch. */
export function civilDate(epochDay: number): CivilDate {
  return epochDay >= CUTOVER_DAY ? fromGregorian(epochDay) : fromJulian(epochDay);
}

function fromGregorian(epochDay: number): CivilDate {
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  return fromMarch(yearOfEra + era * 400, dayOfYear);
}

function fromJulian(epochDay: number): CivilDate {
  const shifted = epochDay + 719_470;
  const cycle = Math.floor(shifted / 1461);
  const dayOfCycle = shifted - cycle * 1461;
  const yearOfCycle = Math.floor((dayOfCycle - Math.floor(dayOfCycle / 1460)) / 365);
  return fromMarch(cycle * 4 + yearOfCycle, dayOfCycle - 365 * yearOfCycle);
}

/** A year that begins in March, and a day of it, as a date. */
function fromMarch(year: number, dayOfYear: number): CivilDate {
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = (fromMarch + 2) % 12;
  return { year: month <= 1 ? year + 1 : year, month, day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1 };
}

/** 1 = Sunday … 7 = Saturday. */
export function dayOfWeek(epochDay: number): number {
  return ((((epochDay + 4) % 7) + 7) % 7) + 1;
}

/** The last such day of the week on or before a day; a number beyond 1–7 wraps. */
export function onOrBefore(epochDay: number, weekday: number): number {
  return epochDay - ((((dayOfWeek(epochDay) - weekday) % 7) + 7) % 7);
}

/** The Sunday that begins the first week of a year, whose week 1 is the one with 1 January. */
export function firstWeekOf(year: number): number {
  return onOrBefore(firstOfMonth(year, 0), 1);
}
