import { BigDecimal } from '../../core/data/big-decimal.ts';
import { bigIntOfBytes, bytesOfBigInt } from '../../core/data/decimal.ts';
import { javaClassName } from '../../core/data/java-text.ts';
import {
  DATE_NAME,
  DECIMAL_NAME,
  dateOfEpochMillis,
  epochMillisOf,
  MILLIS_PER_DAY,
  TIME_NAME,
  TIMESTAMP_NAME,
} from '../../core/data/logical.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import { civilDate, firstOfMonth } from '../../core/java/calendar.ts';
import { IllegalArgumentException, JavaException } from '../../core/java/exceptions.ts';
import { VARIANT_NAME } from '../variant/variant-schema.ts';
import type { MessageValue } from './message-value.ts';
import { DATE, DECIMAL, TIME_OF_DAY, TIMESTAMP, VARIANT } from './names.ts';
import { WireWriter } from './wire-writer.ts';

const DAY = BigInt(MILLIS_PER_DAY);
/** 0001-01-01 and 9999-12-31, the ends of google.protobuf.Timestamp. */
const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_799n;

/** Whether a schema is a logical type with a message of its own, by its name alone. */
export function isLogical(schema: Schema): boolean {
  return logicalMessageOf(schema) !== '';
}

const MESSAGES: Readonly<Record<string, string>> = {
  [DECIMAL_NAME]: DECIMAL,
  [DATE_NAME]: DATE,
  [TIME_NAME]: TIME_OF_DAY,
  [TIMESTAMP_NAME]: TIMESTAMP,
  [VARIANT_NAME]: VARIANT,
};

/** Full name of the message that holds values of a logical type. */
export function logicalMessageOf(schema: Schema): string {
  return MESSAGES[schema.name ?? ''] ?? '';
}

/** The message of a logical value, encoded. DataException for what does not fit. */
export function encodeLogical(schema: Schema, value: unknown): Uint8Array {
  const writer = new WireWriter();
  switch (schema.name) {
    case DECIMAL_NAME:
      if (!(value instanceof BigDecimal)) throw notLogical('Decimal', 'BigDecimal', value);
      bytesField(writer, 1, bytesOfBigInt(value.unscaled));
      intField(writer, 2, value.precision);
      intField(writer, 3, value.scale);
      return writer.bytes();
    case DATE_NAME: {
      const { year, month, day } = dateParts(dateOf('Date', value));
      intField(writer, 1, year);
      intField(writer, 2, month);
      intField(writer, 3, day);
      return writer.bytes();
    }
    case TIME_NAME: {
      const ms = dateOf('Time', value).getTime();
      if (ms < 0 || ms > MILLIS_PER_DAY) {
        throw new DataException('Time values must use number of millis greater than 0 and less than 86400000');
      }
      intField(writer, 1, Math.floor(ms / 3_600_000) % 24);
      intField(writer, 2, Math.floor(ms / 60_000) % 60);
      intField(writer, 3, Math.floor(ms / 1000) % 60);
      intField(writer, 4, (ms % 1000) * 1_000_000);
      return writer.bytes();
    }
    case TIMESTAMP_NAME: {
      const ms = epochMillisOf(dateOf('Timestamp', value));
      const second = floorDiv(ms, 1000n);
      checkSecond(second);
      if (second !== 0n) {
        writer.tag(1, 0);
        writer.bigVarint(second);
      }
      intField(writer, 2, Number(ms - second * 1000n) * 1_000_000);
      return writer.bytes();
    }
    default: {
      if (!(value instanceof Struct)) throw notLogical('Variant', 'Struct', value);
      bytesField(writer, 1, value.get('metadata') as Uint8Array);
      bytesField(writer, 2, value.get('value') as Uint8Array);
      return writer.bytes();
    }
  }
}

/** The value of a logical message. */
export function decodeLogical(schema: Schema, value: unknown): unknown {
  const message = value as MessageValue;
  const part = (name: string) => {
    const field = message.type.byName.get(name);
    return field === undefined ? 0 : message.get(field);
  };
  const int = (name: string) => Number(part(name));
  switch (schema.name) {
    case DECIMAL_NAME:
      return rounded(new BigDecimal(bigIntOfBytes(part('value') as Uint8Array), int('scale')), int('precision') >>> 0);
    case DATE_NAME:
      return dateOfParts(int('year'), int('month'), int('day'));
    case TIME_NAME:
      return timeOfParts(int('hours'), int('minutes'), int('seconds'), int('nanos'));
    case TIMESTAMP_NAME: {
      const second = BigInt(part('seconds') as bigint | number);
      const nanos = int('nanos');
      checkSecond(second);
      if (nanos < 0 || nanos > 999_999_999)
        throw new IllegalArgumentException(`Timestamp is not valid. Nanos (${nanos}) must be in range [0, 999999999].`);
      return dateOfEpochMillis(second * 1000n + BigInt(Math.floor(nanos / 1_000_000)));
    }
    default:
      return new Struct(schema).put('metadata', part('metadata')).put('value', part('value'));
  }
}

/** To so many digits, half away from zero, as the message says; 0 = all of them. */
function rounded(value: BigDecimal, precision: number): BigDecimal {
  const drop = value.precision - precision;
  if (precision === 0 || drop <= 0) return value;
  const unit = 10n ** BigInt(drop);
  const magnitude = value.unscaled < 0n ? -value.unscaled : value.unscaled;
  const half = magnitude / unit + (magnitude % unit >= unit / 2n ? 1n : 0n);
  const result = new BigDecimal(value.unscaled < 0n ? -half : half, value.scale - drop);
  return rounded(result, precision);
}

function dateParts(date: Date): { readonly year: number; readonly month: number; readonly day: number } {
  const ms = epochMillisOf(date);
  if (ms % DAY !== 0n) throw new DataException('Kafka Connect Date type should not have any time fields set to non-zero values.');
  const { year, month, day } = civilDate(Number(ms / DAY));
  return { year: year > 0 ? year : 1 - year, month: month + 1, day };
}

function dateOfParts(year: number, month: number, day: number): Date {
  if (year < 1 || year > 292_278_994) throw new IllegalArgumentException('YEAR');
  if (month < 1 || month > 12) throw new IllegalArgumentException('MONTH');
  const first = firstOfMonth(year, month - 1);
  const next = month === 12 ? firstOfMonth(year + 1, 0) : firstOfMonth(year, month);
  const found = first + day - 1;
  if (day < 1 || found >= next || civilDate(found).day !== day) throw new IllegalArgumentException('DAY_OF_MONTH');
  return dateOfEpochMillis(BigInt(found) * DAY);
}

function timeOfParts(hours: number, minutes: number, seconds: number, nanos: number): Date {
  const check = (value: number, most: number, what: string) => {
    if (value >= 0 && value <= most) return;
    throw new JavaException(`Invalid value for ${what} (valid values 0 - ${most}): ${value}`, 'java.time.DateTimeException');
  };
  check(hours, 23, 'HourOfDay');
  check(minutes, 59, 'MinuteOfHour');
  check(seconds, 59, 'SecondOfMinute');
  check(nanos, 999_999_999, 'NanoOfSecond');
  return new Date(((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / 1_000_000));
}

function checkSecond(second: bigint): void {
  if (second >= FIRST_SECOND && second <= LAST_SECOND) return;
  throw new IllegalArgumentException(`Timestamp is not valid. Seconds (${second}) must be in range [${FIRST_SECOND}, +${LAST_SECOND}].`);
}

function floorDiv(value: bigint, by: bigint): bigint {
  return value / by - (value % by < 0n ? 1n : 0n);
}

function intField(writer: WireWriter, number: number, value: number): void {
  if (value === 0) return;
  writer.tag(number, 0);
  writer.int32(value);
}

function bytesField(writer: WireWriter, number: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  writer.tag(number, 2);
  writer.delimited(bytes);
}

function dateOf(type: string, value: unknown): Date {
  if (value instanceof Date) return value;
  throw notLogical(type, 'Date', value);
}

function notLogical(type: string, expected: string, value: unknown): DataException {
  return new DataException(`Invalid type for ${type}, expected ${expected} but was class ${javaClassName(value)}`);
}
