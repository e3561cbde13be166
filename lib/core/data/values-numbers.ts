import { DataException } from '../errors.ts';
import { NumberFormatException } from '../java/exceptions.ts';
import { BigDecimal } from './big-decimal.ts';
import { doubleToLong } from './java-numbers.ts';
import { javaClassName, javaToString } from './java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from './logical.ts';
import { DATE_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema } from './schema.ts';

/** What every conversion says that cannot be. */
export function unableToConvert(value: unknown, schema: Schema | null, to: string, cause?: unknown): DataException {
  return new DataException(`Unable to convert ${javaToString(value, schema)} (class ${javaClassName(value)}) to ${to}`, { cause });
}

/** A whole number of a value as Java narrows it to long: numbers, texts of numbers, and dates whose schema says what they are. */
export function asLong(value: unknown, schema: Schema | null, cause?: unknown): bigint {
  let failure = cause;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return doubleToLong(value);
  if (value instanceof BigDecimal) return longOf(value);
  if (typeof value === 'string') {
    try {
      return longOf(BigDecimal.parse(value));
    } catch (error) {
      if (!(error instanceof NumberFormatException)) throw error;
      failure = error;
    }
  }
  if (value instanceof Date) {
    switch (schema?.name) {
      case DATE_NAME:
        return BigInt(ConnectDate.fromLogical(schema, value));
      case TIME_NAME:
        return BigInt(ConnectTime.fromLogical(schema, value));
      case TIMESTAMP_NAME:
        return ConnectTimestamp.fromLogical(schema, value);
    }
  }
  throw unableToConvert(value, schema, schema === null ? 'a number' : String(schema), failure);
}

export function asDouble(value: unknown, schema: Schema | null): number {
  let failure: unknown;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof BigDecimal) return value.toNumber();
  if (typeof value === 'string') {
    try {
      return BigDecimal.parse(value).toNumber();
    } catch (error) {
      if (!(error instanceof NumberFormatException)) throw error;
      failure = error;
    }
  }
  return Number(asLong(value, schema, failure));
}

/** The low 64 bits of the whole part; zero where the exponent leaves no others. */
function longOf(value: BigDecimal): bigint {
  // 10^64 and more has 64 zero bits at the end, so digits beyond the scale of -64 do not matter.
  if (value.scale <= -64) return 0n;
  return BigInt.asIntN(64, value.toBigInt());
}
