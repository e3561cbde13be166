import { dateOfEpochMillis, epochMillisOf } from '../core/data/epoch-millis.ts';
import { javaClassName } from '../core/data/java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, DATE_NAME, TIME_NAME, TIMESTAMP_NAME } from '../core/data/logical.ts';
import type { Schema } from '../core/data/schema.ts';
import { INT64_SCHEMA, OPTIONAL_INT64_SCHEMA, OPTIONAL_STRING_SCHEMA, STRING_SCHEMA } from '../core/data/schemas.ts';
import { ConnectException, DataException } from '../core/errors.ts';
import type { JavaDateFormat } from '../core/java/date-format.ts';
import { NullPointerException } from '../core/java/exceptions.ts';

/** How a timestamp can be written. */
export type TimestampType = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp';
export const TIMESTAMP_TYPES: readonly TimestampType[] = ['string', 'unix', 'Date', 'Time', 'Timestamp'];

/** Unit of a unix timestamp. */
export type UnixPrecision = 'nanoseconds' | 'microseconds' | 'milliseconds' | 'seconds';
export const UNIX_PRECISIONS: readonly UnixPrecision[] = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds'];

/** What texts and numbers need to be read and written. */
export interface TimestampOptions {
  readonly format: JavaDateFormat | null;
  readonly precision: UnixPrecision;
}

const DAY_MS = 86_400_000n;
const LONG_MAX = 2n ** 63n - 1n;
const LONG_MIN = -(2n ** 63n);

const SCHEMAS: Readonly<Record<TimestampType, readonly [required: Schema, optional: Schema]>> = {
  string: [STRING_SCHEMA, OPTIONAL_STRING_SCHEMA],
  unix: [INT64_SCHEMA, OPTIONAL_INT64_SCHEMA],
  Date: [ConnectDate.SCHEMA, ConnectDate.builder().optional().build()],
  Time: [ConnectTime.SCHEMA, ConnectTime.builder().optional().build()],
  Timestamp: [ConnectTimestamp.SCHEMA, ConnectTimestamp.builder().optional().build()],
};

/** The schema of a type. */
export function timestampSchema(type: TimestampType, optional: boolean): Schema {
  return SCHEMAS[type][optional ? 1 : 0];
}

/** What a schema says a timestamp is written as. Throws ConnectException. */
export function typeOfSchema(schema: Schema): TimestampType {
  switch (schema.name) {
    case TIMESTAMP_NAME:
      return 'Timestamp';
    case DATE_NAME:
      return 'Date';
    case TIME_NAME:
      return 'Time';
    default:
  }
  if (schema.type === 'STRING') return 'string';
  if (schema.type === 'INT64') return 'unix';
  throw new ConnectException(`Schema ${String(schema)} does not correspond to a known timestamp type format`);
}

/** The same of data without schema. Throws DataException. */
export function typeOfValue(value: unknown): TimestampType {
  if (value instanceof Date) return 'Timestamp';
  if (typeof value === 'bigint') return 'unix';
  if (typeof value === 'string') return 'string';
  throw new DataException(`TimestampConverter does not support class ${javaClassName(value)} objects as timestamps`);
}

/** A timestamp of any type as a Date. Throws DataException. */
export function toDate(value: unknown, type: TimestampType, { format, precision }: TimestampOptions): Date {
  switch (type) {
    case 'string': {
      if (typeof value !== 'string')
        throw new DataException(`Expected string timestamp to be a String, but found class ${javaClassName(value)}`);
      if (format === null) throw new NullPointerException('a text is to be read as a timestamp, which needs `format`');
      const ms = format.parse(value);
      if (ms !== null) return Number.isSafeInteger(ms) ? dateOfEpochMillis(BigInt(ms)) : new Date(ms);
      throw new DataException(`Could not parse timestamp: value (${value}) does not match pattern (${format.pattern})`);
    }
    case 'unix':
      if (typeof value !== 'bigint')
        throw new DataException(`Expected Unix timestamp to be a Long, but found class ${javaClassName(value)}`);
      return dateOfEpochMillis(unixToMillis(value, precision));
    default:
      if (value instanceof Date) return value;
      throw new DataException(`Expected ${type} to be a java.util.Date, but found class ${javaClassName(value)}`);
  }
}

/** A Date as a timestamp of any type. */
export function fromDate(date: Date, type: TimestampType, { format, precision }: TimestampOptions): unknown {
  switch (type) {
    case 'string':
      return format!.format(date.getTime());
    case 'unix':
      return millisToUnix(epochMillisOf(date), precision);
    case 'Date': {
      const ms = epochMillisOf(date);
      return dateOfEpochMillis(ms - inDay(ms));
    }
    case 'Time':
      return new Date(Number(inDay(epochMillisOf(date))));
    case 'Timestamp':
      return date;
  }
}

function inDay(ms: bigint): bigint {
  return ((ms % DAY_MS) + DAY_MS) % DAY_MS;
}

/** Java's TimeUnit: toward zero, and saturating. */
function unixToMillis(value: bigint, precision: UnixPrecision): bigint {
  switch (precision) {
    case 'seconds':
      return saturated(value * 1000n);
    case 'milliseconds':
      return value;
    case 'microseconds':
      return value / 1000n;
    case 'nanoseconds':
      return value / 1_000_000n;
  }
}

function millisToUnix(ms: bigint, precision: UnixPrecision): bigint {
  switch (precision) {
    case 'seconds':
      return ms / 1000n;
    case 'milliseconds':
      return ms;
    case 'microseconds':
      return saturated(ms * 1000n);
    case 'nanoseconds':
      return saturated(ms * 1_000_000n);
  }
}

function saturated(value: bigint): bigint {
  return value > LONG_MAX ? LONG_MAX : value < LONG_MIN ? LONG_MIN : value;
}
