import type { RawValue } from '../client.ts';
import { type Instant, instantOfMs, parseInstant } from '../instant.ts';
import { SqlException } from '../sql-exception.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { timeZone } from '../time-zone.ts';
import type { ValueReader } from './dialect.ts';

const DAY_MS = 86_400_000;
const UTC = timeZone('UTC');

/** Reads what `node:sqlite` gives, whatever storage class a value has: SQLite types values, not columns. */
export const sqliteValues: ValueReader = {
  integer(raw, name, min, max) {
    const number = Math.trunc(numberOf(raw));
    if (number >= min && number <= max) return number;
    throw badValue(name, raw);
  },
  long(raw) {
    if (typeof raw === 'bigint') return raw;
    return BigInt(Math.trunc(numberOf(raw)));
  },
  double: numberOf,
  boolean: (raw) => numberOf(raw) !== 0,
  text(raw) {
    if (typeof raw === 'string') return raw;
    return raw instanceof Uint8Array ? Buffer.from(raw).toString('utf8') : String(raw);
  },
  bytes: (raw) => (raw instanceof Uint8Array ? raw : Buffer.from(String(raw), 'utf8')),
  decimal(raw) {
    const text = String(raw);
    if (raw instanceof Uint8Array || !/^[+-]?\.?\d/.test(text)) throw badValue('BigDecimal', raw);
    return text;
  },
  date(raw, settings) {
    // The driver writes dates as milliseconds; other programs write texts.
    if (typeof raw !== 'string') return numberOf(raw);
    return instantOfText(raw, { ...settings, zone: UTC }, 'date').epochMs;
  },
  time(raw, settings) {
    if (typeof raw !== 'string') return numberOf(raw);
    return instantOfText(`1970-01-01 ${raw}`, settings, 'time').epochMs % DAY_MS;
  },
  timestamp(raw, settings) {
    return new Date(typeof raw === 'string' ? instantOfText(raw, settings, 'timestamp').epochMs : numberOf(raw));
  },
  instant(raw, settings): Instant {
    if (typeof raw !== 'string') return instantOfMs(numberOf(raw));
    return instantOfText(raw, settings, 'timestamp');
  },
};

function instantOfText(raw: string, settings: SqlSettings, type: string): Instant {
  const instant = parseInstant(raw, settings.zone, settings.calendar);
  if (instant === null) throw badValue(type, raw);
  return instant;
}

function numberOf(raw: RawValue): number {
  const number =
    typeof raw === 'string' && raw.trim() !== ''
      ? Number(raw)
      : typeof raw === 'bigint' || typeof raw === 'number'
        ? Number(raw)
        : Number.NaN;
  if (Number.isNaN(number)) throw badValue('number', raw);
  return number;
}

function badValue(type: string, raw: RawValue): SqlException {
  const shown = raw instanceof Uint8Array ? `a blob of ${raw.length} bytes` : `'${String(raw)}'`;
  return new SqlException({
    message: `Bad value for type ${type} : ${shown}`,
    javaClass: 'java.sql.SQLException',
    sqlState: '22000',
    outage: false,
  });
}
