import { JavaDateFormat } from '../java/date-format.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, MILLIS_PER_DAY } from './logical.ts';
import type { SchemaAndValue } from './schema-and-value.ts';

// None of these patterns has two-digit years, so the present does not matter to them.
const DATE_FORMAT = new JavaDateFormat('yyyy-MM-dd', 0);
const TIME_FORMAT = new JavaDateFormat("HH:mm:ss.SSS'Z'", 0);
const TIMESTAMP_FORMAT = new JavaDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", 0);

/** A text of exactly the length of a date, time or timestamp, read as leniently as Java does (`2024-02-30` is March 1st); else null. */
export function parseTemporal(token: string): SchemaAndValue | null {
  const text = token.replaceAll('\\:', ':');
  switch (text.length) {
    case 10:
      return parse(text, DATE_FORMAT, ConnectDate);
    case 13:
      return parse(text, TIME_FORMAT, ConnectTime);
    case 24:
      return parse(text, TIMESTAMP_FORMAT, ConnectTimestamp);
    default:
      return null;
  }
}

/** A date of four-digit year, with or without time, in the digits that Java prints. */
const COMMON = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)\.(\d{3})Z)?$/;
/** From here on JavaScript's calendar is Java's, also for months and days that roll over. */
const FIRST_GREGORIAN_YEAR = 1600;

function commonMillis(text: string): number | null {
  const match = COMMON.exec(text);
  if (match === null || Number(match[1]) < FIRST_GREGORIAN_YEAR) return null;
  const [, year, month, day, hour = 0, minute = 0, second = 0, ms = 0] = match.map(Number);
  return match[4] === undefined ? Date.UTC(year!, month! - 1, day) : Date.UTC(year!, month! - 1, day, hour, minute, second, ms);
}

function parse(text: string, format: JavaDateFormat, { SCHEMA }: { SCHEMA: SchemaAndValue['schema'] }): SchemaAndValue | null {
  const ms = commonMillis(text) ?? format.parse(text);
  return ms === null ? null : { schema: SCHEMA, value: new Date(ms) };
}

/** A time below one day after the epoch (everything before it too), a date at midnight, else a timestamp. */
export function formatTemporal(date: Date): string {
  const ms = date.getTime();
  if (ms < MILLIS_PER_DAY) return TIME_FORMAT.format(ms);
  return (ms % MILLIS_PER_DAY === 0 ? DATE_FORMAT : TIMESTAMP_FORMAT).format(ms);
}
