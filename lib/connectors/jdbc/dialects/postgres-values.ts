import { dateOfEpochMillis } from '../../../core/data/epoch-millis.ts';
import type { RawValue } from '../client.ts';
import { type Instant, parseEpochMs, parseInstant } from '../instant.ts';
import { psqlException } from '../pg-errors.ts';
import type { SqlException } from '../sql-exception.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { timeZone } from '../time-zone.ts';
import type { ValueReader } from './dialect.ts';

const DAY_MS = 86_400_000;
/** How PostgreSQL's JDBC driver shows `infinity` and `-infinity` (PGStatement.DATE_POSITIVE_INFINITY). */
const POSITIVE_INFINITY_MS = 9_223_372_036_825_200_000n;
const NEGATIVE_INFINITY_MS = -9_223_372_036_832_400_000n;

/** Reads PostgreSQL's text format. */
export const postgresValues: ValueReader = {
  integer(raw, name, min, max) {
    const number = Number(raw);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    const cut = Math.trunc(number);
    if (!(cut >= min && cut <= max)) throw badValue(name, raw, '22003');
    return cut;
  },
  long(raw) {
    const text = raw as string;
    const point = text.indexOf('.');
    try {
      return BigInt(point < 0 ? text : text.slice(0, point));
    } catch {
      throw badValue('long', raw, '22003');
    }
  },
  double(raw) {
    const text = raw as string;
    const number = Number(text);
    if (!Number.isNaN(number) || text === 'NaN') return number;
    return money(text);
  },
  boolean(raw) {
    const text = (raw as string).toLowerCase();
    if (text === 't' || text === '1' || text === 'true') return true;
    if (text === 'f' || text === '0' || text === 'false') return false;
    throw badValue('boolean', raw, '22000');
  },
  text: (raw) => raw as string,
  bytes(raw) {
    const text = raw as string;
    // Bit strings come as their digits.
    return text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text, 'utf8');
  },
  decimal(raw) {
    const text = raw as string;
    if (/^[+-]?\d/.test(text)) return text;
    throw badValue('BigDecimal', raw, '22003');
  },
  date(raw, settings) {
    const ms = parseEpochMs(raw as string, UTC, settings.calendar);
    if (Number.isNaN(ms)) throw badValue('date', raw, '22007');
    return ms;
  },
  time(raw, settings) {
    const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?$/.exec(raw as string);
    if (match === null) throw badValue('time', raw, '22007');
    const [, hours, minutes, seconds, fraction = '0', sign, offsetHours, offsetMinutes = '0', offsetSeconds = '0'] = match;
    const wall =
      (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + Math.trunc(Number(fraction.padEnd(9, '0')) / 1_000_000);
    if (sign === undefined) return settings.zone.instantOf(wall);
    const offsetMs = (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60 + Number(offsetSeconds)) * 1000;
    return (((wall - (sign === '-' ? -offsetMs : offsetMs)) % DAY_MS) + DAY_MS) % DAY_MS;
  },
  timestamp(raw, settings) {
    const ms = parseEpochMs(raw as string, settings.zone, settings.calendar);
    return Number.isNaN(ms) ? dateOfEpochMillis(infinity(raw, 'timestamp')) : new Date(ms);
  },
  instant(raw: RawValue, settings: SqlSettings): Instant {
    const instant = parseInstant(raw as string, settings.zone, settings.calendar);
    return instant ?? { epochMs: Number(infinity(raw, 'timestamp')), nanos: 0 };
  },
};

const UTC = timeZone('UTC');

/** `$1,234.50` and `-$0.50`, in the C locale that the client sets. */
function money(text: string): number {
  const number = Number(text.replace(/[$,()]/g, ''));
  if (Number.isNaN(number)) throw badValue('double', text, '22003');
  return text.includes('(') ? -number : number;
}

function infinity(raw: RawValue, type: string): bigint {
  if (raw === 'infinity') return POSITIVE_INFINITY_MS;
  if (raw === '-infinity') return NEGATIVE_INFINITY_MS;
  throw badValue(type, raw, '22007');
}

/** The inverse: what PostgreSQL calls these two moments; null = any other. */
export function infinityText(epochMillis: bigint): string | null {
  if (epochMillis === POSITIVE_INFINITY_MS) return 'infinity';
  return epochMillis === NEGATIVE_INFINITY_MS ? '-infinity' : null;
}

function badValue(type: string, raw: RawValue, sqlState: string): SqlException {
  return psqlException(`Bad value for type ${type} : ${String(raw)}`, sqlState, false);
}
