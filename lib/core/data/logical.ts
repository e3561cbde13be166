import { DataException } from '../errors.ts';
import { dateOfEpochMillis, epochMillisOf } from './epoch-millis.ts';
import { DATE_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema } from './schema.ts';
import { SchemaBuilder } from './schema-builder.ts';

export { dateOfEpochMillis, epochMillisOf } from './epoch-millis.ts';
export { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';

export const MILLIS_PER_DAY = 86_400_000;

function named(schema: Schema, name: string, what: string): void {
  if (schema.name !== name) throw new DataException(`Requested conversion of ${what} object but the schema does not match.`);
}

/** Days since the epoch, UTC; in memory a Date at midnight. */
export const ConnectDate = {
  LOGICAL_NAME: DATE_NAME,
  builder: () => SchemaBuilder.int32().name(DATE_NAME).version(1),
  SCHEMA: SchemaBuilder.int32().name(DATE_NAME).version(1).build(),

  fromLogical(schema: Schema, value: Date): number {
    named(schema, DATE_NAME, 'Date');
    const ms = value.getTime();
    if (ms % MILLIS_PER_DAY !== 0) {
      throw new DataException('Kafka Connect Date type should not have any time fields set to non-zero values.');
    }
    return (ms / MILLIS_PER_DAY) | 0;
  },

  toLogical(schema: Schema, value: number): Date {
    named(schema, DATE_NAME, 'Date');
    return dateOfEpochMillis(value * MILLIS_PER_DAY);
  },
};

/** Milliseconds since midnight; in memory a Date on the first day of the epoch. */
export const ConnectTime = {
  LOGICAL_NAME: TIME_NAME,
  builder: () => SchemaBuilder.int32().name(TIME_NAME).version(1),
  SCHEMA: SchemaBuilder.int32().name(TIME_NAME).version(1).build(),

  fromLogical(schema: Schema, value: Date): number {
    named(schema, TIME_NAME, 'Time');
    const ms = value.getTime();
    if (ms < 0 || ms > MILLIS_PER_DAY) {
      throw new DataException('Kafka Connect Time type should not have any date fields set to non-zero values.');
    }
    return ms;
  },

  toLogical(schema: Schema, value: number): Date {
    // Connect says "Date object" here too.
    named(schema, TIME_NAME, 'Date');
    if (value < 0 || value > MILLIS_PER_DAY) {
      throw new DataException('Time values must use number of milliseconds greater than 0 and less than 86400000');
    }
    return new Date(value);
  },
};

/** Milliseconds since the epoch. */
export const ConnectTimestamp = {
  LOGICAL_NAME: TIMESTAMP_NAME,
  builder: () => SchemaBuilder.int64().name(TIMESTAMP_NAME).version(1),
  SCHEMA: SchemaBuilder.int64().name(TIMESTAMP_NAME).version(1).build(),

  fromLogical(schema: Schema, value: Date): bigint {
    named(schema, TIMESTAMP_NAME, 'Timestamp');
    return epochMillisOf(value);
  },

  toLogical(schema: Schema, value: bigint): Date {
    named(schema, TIMESTAMP_NAME, 'Timestamp');
    return dateOfEpochMillis(value);
  },
};
