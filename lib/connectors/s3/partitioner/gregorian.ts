/** Days of the proleptic Gregorian calendar, as ISO 8601 and Joda-Time count them. */

export const DAY_MS = 86_400_000;

/** A date; `month` is 1 to 12. */
export interface GregorianDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The date of a day since the epoch. */
export function gregorianDate(epochDay: number): GregorianDate {
  const date = new Date(epochDay * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The first of a month (1 to 12) as days since the epoch. */
export function firstOfMonth(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, 1) / DAY_MS;
}

/** 1 = Monday … 7 = Sunday. */
export function weekdayOf(epochDay: number): number {
  return ((((epochDay + 3) % 7) + 7) % 7) + 1;
}
