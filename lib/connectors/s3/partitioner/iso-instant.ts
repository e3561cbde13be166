import { IllegalArgumentException } from '../../../core/java/exceptions.ts';
import { DAY_MS, firstOfMonth, weekdayOf } from './gregorian.ts';

const DATE = /^(?:([+-]?\d{4,9})(?:-W(\d{1,2})(?:-(\d))?|-(\d{3})(?!\d)|-(\d{1,2})(?:-(\d{1,2}))?)?)?/;
const TIME = /^T(?:(\d{1,2})(?:[.,](\d+)|:(\d{1,2})(?:[.,](\d+)|:(\d{1,2})(?:[.,](\d+))?)?)?)?/;
const OFFSET = /^(?:Z|([+-])(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,]?(\d{1,3}))?)?)?)/;

/**
 * Reads a text as Joda-Time's `ISODateTimeFormat.dateTimeParser()` does, in UTC where it names no offset; milliseconds since the epoch.
 * Throws IllegalArgumentException.
 */
export function isoInstant(text: string): number {
  const date = DATE.exec(text)!;
  let at = date[0].length;
  const time = TIME.exec(text.slice(at));
  if (time !== null) at += time[0].length;
  const offset = time === null ? null : OFFSET.exec(text.slice(at));
  if (offset !== null) at += offset[0].length;
  if (text === '' || at === 0) throw new IllegalArgumentException(`Invalid format: "${text}"`);
  if (at < text.length) throw new IllegalArgumentException(`Invalid format: "${text}" is malformed at "${text.slice(at)}"`);
  return dayOf(date) * DAY_MS + (time === null ? 0 : millisOf(time)) - (offset === null ? 0 : offsetOf(offset));
}

function dayOf([, yearText, weekText, weekday, dayOfYear, month, day]: RegExpExecArray): number {
  if (yearText === undefined) return 0;
  const year = Number(yearText);
  if (weekText !== undefined) {
    const fourth = firstOfMonth(year, 1) + 3;
    const monday = fourth - weekdayOf(fourth) + 1;
    return monday + (inRange('weekOfWeekyear', weekText, 1, 53) - 1) * 7 + inRange('dayOfWeek', weekday ?? '1', 1, 7) - 1;
  }
  if (dayOfYear !== undefined) return firstOfMonth(year, 1) + inRange('dayOfYear', dayOfYear, 1, daysIn(year, 1, 12)) - 1;
  const inYear = inRange('monthOfYear', month ?? '1', 1, 12);
  return firstOfMonth(year, inYear) + inRange('dayOfMonth', day ?? '1', 1, daysIn(year, inYear, 1)) - 1;
}

function daysIn(year: number, month: number, months: number): number {
  const next = month + months;
  return (next > 12 ? firstOfMonth(year + 1, next - 12) : firstOfMonth(year, next)) - firstOfMonth(year, month);
}

function millisOf([, hour, hourFraction, minute, minuteFraction, second, fraction]: RegExpExecArray): number {
  const part = (digits: string | undefined, ofMs: number) => (digits === undefined ? 0 : Math.floor(Number(`0.${digits}`) * ofMs + 1e-6));
  return (
    inRange('hourOfDay', hour ?? '0', 0, 23) * 3_600_000 +
    part(hourFraction, 3_600_000) +
    inRange('minuteOfHour', minute ?? '0', 0, 59) * 60_000 +
    part(minuteFraction, 60_000) +
    inRange('secondOfMinute', second ?? '0', 0, 59) * 1000 +
    part(fraction, 1000)
  );
}

function offsetOf([, sign, hours = '0', minutes = '0', seconds = '0', millis = '0']: RegExpExecArray): number {
  const size = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(millis.padEnd(3, '0'));
  return sign === '-' ? -size : size;
}

function inRange(field: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new IllegalArgumentException(`Cannot parse "${text}": Value ${value} for ${field} must be in the range [${min},${max}]`);
}
