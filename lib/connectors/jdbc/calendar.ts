const DAY_MS = 86_400_000;
/** Where the calendar of java.util.GregorianCalendar jumps from 4 to 15 October 1582. */
const CUTOVER_DAY = -141_427;

/** `date.calendar.system`: LEGACY counts Julian before 15 October 1582, as java.sql.Date prints and reads. */
export type CalendarSystem = 'LEGACY' | 'PROLEPTIC_GREGORIAN';

/** Days since 1970-01-01 of a date as it is written. */
export function dayOf(year: number, month: number, day: number, calendar: CalendarSystem): number {
  if (calendar === 'LEGACY' && (year < 1582 || (year === 1582 && (month < 10 || (month === 10 && day < 15)))))
    return julianDay(year, month, day);
  return gregorianDay(year, month, day);
}

function gregorianDay(year: number, month: number, day: number): number {
  if (year > 99) return Date.UTC(year, month - 1, day) / DAY_MS;
  const date = new Date(0);
  return date.setUTCFullYear(year, month - 1, day) / DAY_MS;
}

function julianDay(year: number, month: number, day: number): number {
  const shift = month <= 2 ? 1 : 0;
  const y = year - shift;
  const dayOfYear = Math.floor((153 * (month + (shift === 1 ? 9 : -3)) + 2) / 5) + day - 1;
  // 1 March of year 0 in the Julian calendar is day -719470 of the epoch.
  return Math.floor((y * 1461) / 4) + dayOfYear - 719_470;
}

/** `2024-02-29`: how this calendar writes a day since 1970-01-01; years before 1 are written `0044-03-15 BC`. */
export function dateText(epochDay: number, calendar: CalendarSystem): string {
  const [year, month, day] = calendar === 'LEGACY' && epochDay < CUTOVER_DAY ? julianDate(epochDay) : gregorianDate(epochDay);
  const shown = year <= 0 ? 1 - year : year;
  return `${String(shown).padStart(4, '0')}-${two(month)}-${two(day)}${year <= 0 ? ' BC' : ''}`;
}

function gregorianDate(epochDay: number): [year: number, month: number, day: number] {
  const date = new Date(epochDay * DAY_MS);
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
}

function julianDate(epochDay: number): [year: number, month: number, day: number] {
  const days = epochDay + 719_470;
  const year = Math.floor((4 * days + 3) / 1461);
  const dayOfYear = days - Math.floor((1461 * year) / 4);
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  return month < 10 ? [year, month + 3, day] : [year + 1, month - 9, day];
}

export function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
