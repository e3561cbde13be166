import type { RawValue } from '../client.ts';
import { type Instant, parseEpochMs, parseInstant } from '../instant.ts';
import { mysqlFailure } from '../mysql-errors.ts';
import type { SqlException } from '../sql-exception.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { timeZone } from '../time-zone.ts';
import type { ValueReader } from './dialect.ts';

const UTC = timeZone('UTC');
const INT64_MAX = 2n ** 63n - 1n;
const BOXES: Readonly<Record<string, string>> = { byte: 'Byte', short: 'Short', int: 'Integer' };

/** Reads MySQL's text protocol: texts, and bytes of binary columns. */
export const mysqlValues: ValueReader = {
  integer(raw, name, min, max) {
    // Bits come as bytes, the highest first.
    const number = raw instanceof Uint8Array ? Number(bitsOf(raw)) : Math.trunc(Number(raw));
    if (number >= min && number <= max) return number;
    throw outside(Number.isNaN(number) ? raw : number, `java.lang.${BOXES[name] ?? name}`);
  },
  long(raw) {
    const text = raw as string;
    const point = text.indexOf('.');
    const value = BigInt(point < 0 ? text : text.slice(0, point));
    if (value > INT64_MAX || value < -INT64_MAX - 1n) throw outside(text, 'java.lang.Long');
    return value;
  },
  double: (raw) => Number(raw),
  boolean: (raw) => (raw instanceof Uint8Array ? bitsOf(raw) !== 0n : Number(raw) !== 0),
  text: (raw) => (raw instanceof Uint8Array ? Buffer.from(raw).toString('utf8') : (raw as string)),
  bytes: (raw) => (raw instanceof Uint8Array ? raw : Buffer.from(raw as string, 'utf8')),
  decimal: (raw) => raw as string,
  date(raw, settings) {
    const text = raw as string;
    // A YEAR is its first of January.
    return wholeMs(text.length === 4 ? `${text}-01-01` : text, 'DATE', { ...settings, zone: UTC });
  },
  time(raw, { zone }) {
    const match = /^(-?\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(raw as string);
    const hours = Number(match?.[1]);
    if (match === null || !(hours >= 0 && hours < 24) || match[1]!.startsWith('-')) throw noWallClock(String(raw));
    const ms = Math.trunc(Number((match[4] ?? '0').padEnd(9, '0')) / 1_000_000);
    return zone.instantOf((hours * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000 + ms);
  },
  timestamp: (raw, settings) => new Date(wholeMs(raw as string, 'TIMESTAMP', settings)),
  instant(raw, settings): Instant {
    const text = raw as string;
    refuseZero(text);
    const instant = parseInstant(text, settings.zone, settings.calendar);
    if (instant === null) throw badValue('TIMESTAMP', text);
    return instant;
  },
};

function wholeMs(text: string, type: string, { zone, calendar }: SqlSettings): number {
  refuseZero(text);
  const ms = parseEpochMs(text, zone, calendar);
  if (Number.isNaN(ms)) throw badValue(type, text);
  return ms;
}

/** `0000-00-00`, and dates with month or day 0: no calendar has them. */
function refuseZero(text: string): void {
  if (text.startsWith('0000-00-00')) throw mysqlFailure('Zero date value prohibited', 'S1009', false);
  if (text.startsWith('00', 5) || text.startsWith('00', 8)) throw mysqlFailure(`The value '${text}' has no month or day`, 'S1009', false);
}

function bitsOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  return value;
}

function outside(value: unknown, type: string): SqlException {
  return mysqlFailure(`Value '${String(value)}' is outside of valid range for type ${type}`, '22003', false);
}

function noWallClock(text: string): SqlException {
  return mysqlFailure(
    `The value '${text}' is an invalid TIME value. JDBC Time objects represent a wall-clock time and not a duration as MySQL treats them. ` +
      'If you are treating this type as a duration, consider retrieving this value as a string and dealing with it according to your requirements.',
    'S1009',
    false,
  );
}

function badValue(type: string, raw: RawValue): SqlException {
  return mysqlFailure(`Cannot convert string '${String(raw)}' to java.sql.${type === 'DATE' ? 'Date' : 'Timestamp'} value`, 'S1009', false);
}
