import { DataException, SchemaBuilderException } from '../errors.ts';
import { NullPointerException } from '../java/exceptions.ts';
import { BigDecimal } from './big-decimal.ts';
import { Decimal } from './decimal.ts';
import { doubleToString, floatToString, toByte, toInt, toShort } from './java-numbers.ts';
import { javaClassName, javaToString } from './java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, MILLIS_PER_DAY } from './logical.ts';
import { DATE_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema, SchemaType } from './schema.ts';
import { SchemaBuilder } from './schema-builder.ts';
import { BOOLEAN_SCHEMA, BYTES_SCHEMA, FLOAT64_SCHEMA, INT32_SCHEMA, INT64_SCHEMA, STRING_SCHEMA } from './schemas.ts';
import { Struct } from './struct.ts';
import { formatTemporal } from './values-dates.ts';
import { asDouble, asLong, unableToConvert } from './values-numbers.ts';
import { parseString } from './values-parse.ts';

// Connect's `Values`: conversions between data types as headers need them. `schema` is that of the value, null = schemaless. Null stays
// null for scalars; what cannot be converted is a DataException.

export { parseString } from './values-parse.ts';

export function convertToBoolean(schema: Schema | null, value: unknown): boolean | null {
  if (isNull(value)) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const parsed = parseString(value).value;
    if (typeof parsed === 'boolean') return parsed;
  }
  return asLong(value, schema) !== 0n;
}

export function convertToByte(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : toByte(asLong(value, schema));
}

export function convertToShort(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : toShort(asLong(value, schema));
}

export function convertToInteger(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : toInt(asLong(value, schema));
}

export function convertToLong(schema: Schema | null, value: unknown): bigint | null {
  return isNull(value) ? null : BigInt.asIntN(64, asLong(value, schema));
}

export function convertToFloat(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : Math.fround(asDouble(value, schema));
}

export function convertToDouble(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : asDouble(value, schema);
}

/** A text of the value that {@link parseString} can read back for most: texts inside of lists, maps and structs are quoted. */
export function convertToString(schema: Schema | null, value: unknown): string | null {
  return isNull(value) ? null : textOf(schema, value, false);
}

/** The list itself, or the list that a text spells. */
export function convertToList(_schema: Schema | null, value: unknown): unknown[] {
  const list = parsedIfText(required(value));
  if (Array.isArray(list)) return list;
  throw unableToConvert(list, null, 'Schema{ARRAY}');
}

export function convertToMap(_schema: Schema | null, value: unknown): Map<unknown, unknown> {
  const map = parsedIfText(required(value));
  if (map instanceof Map) return map;
  throw unableToConvert(map, null, 'Schema{MAP}');
}

export function convertToStruct(_schema: Schema | null, value: unknown): Struct {
  const struct = required(value);
  if (struct instanceof Struct) return struct;
  throw unableToConvert(struct, null, 'Schema{STRUCT}');
}

/** Days since the epoch of a number; a Timestamp loses its time, toward zero. */
export function convertToDate(schema: Schema | null, value: unknown): Date {
  const date = parsedIfText(required(value));
  if (date instanceof Date) {
    if (schema === null || schema.name === DATE_NAME) return date;
    if (schema.name === TIMESTAMP_NAME) return ConnectDate.toLogical(ConnectDate.SCHEMA, Math.trunc(date.getTime() / MILLIS_PER_DAY));
  }
  return ConnectDate.toLogical(ConnectDate.SCHEMA, toInt(asLong(date, schema)));
}

/** Milliseconds since midnight of a number; a Timestamp loses its date, and a Date counts as its number of days. */
export function convertToTime(schema: Schema | null, value: unknown): Date {
  const time = parsedIfText(required(value));
  if (time instanceof Date) {
    if (schema === null || schema.name === TIME_NAME) return time;
    if (schema.name === TIMESTAMP_NAME) {
      const ms = time.getTime() % MILLIS_PER_DAY;
      return ConnectTime.toLogical(ConnectTime.SCHEMA, ms < 0 ? ms + MILLIS_PER_DAY : ms);
    }
  }
  return ConnectTime.toLogical(ConnectTime.SCHEMA, toInt(asLong(time, schema)));
}

/** Milliseconds since the epoch of a number. */
export function convertToTimestamp(schema: Schema | null, value: unknown): Date {
  const timestamp = parsedIfText(required(value));
  if (timestamp instanceof Date) {
    if (schema === null || schema.name === TIMESTAMP_NAME) return timestamp;
    if (schema.name === DATE_NAME) ConnectDate.fromLogical(schema, timestamp);
    if (schema.name === TIME_NAME) ConnectTime.fromLogical(schema, timestamp);
    if (schema.name === DATE_NAME || schema.name === TIME_NAME) return new Date(timestamp.getTime());
  }
  return ConnectTimestamp.toLogical(ConnectTimestamp.SCHEMA, BigInt.asIntN(64, asLong(timestamp, schema)));
}

/** Bytes become a decimal of this scale; a decimal stays as it is, numbers and texts get the scale of their digits. */
export function convertToDecimal(_schema: Schema | null, value: unknown, scale: number): BigDecimal {
  const decimal = required(value);
  if (decimal instanceof BigDecimal) return decimal;
  if (decimal instanceof Uint8Array) return Decimal.toLogical(Decimal.schema(scale), decimal);
  if (typeof decimal === 'number' || typeof decimal === 'bigint') return BigDecimal.valueOf(Number(decimal));
  if (typeof decimal === 'string') return BigDecimal.parse(decimal);
  throw unableToConvert(decimal, null, String(Decimal.schema(scale)));
}

/** The schema that a schemaless value obviously has; null where there is none, as for dates, decimals and mixed or empty lists. */
export function inferSchema(value: unknown): Schema | null {
  switch (typeof value) {
    case 'string':
      return STRING_SCHEMA;
    case 'boolean':
      return BOOLEAN_SCHEMA;
    case 'bigint':
      return INT64_SCHEMA;
    case 'number':
      return javaClassName(value) === 'java.lang.Integer' ? INT32_SCHEMA : FLOAT64_SCHEMA;
  }
  if (value instanceof Uint8Array) return BYTES_SCHEMA;
  if (value instanceof Struct) return value.schema;
  if (Array.isArray(value)) {
    const elements = new CommonType();
    if (value.length === 0 || !value.every((element) => elements.includes(element))) return null;
    return SchemaBuilder.array(elements.schema()).build();
  }
  if (value instanceof Map) {
    const keys = new CommonType();
    const values = new CommonType();
    if (value.size === 0 || ![...value].every(([key, entry]) => keys.includes(key) && values.includes(entry))) return null;
    return SchemaBuilder.map(keys.schema(), values.schema()).build();
  }
  return null;
}

/** The one type that all elements have, without anything that lies deeper. */
class CommonType {
  #type: SchemaType | null = null;
  #optional = false;

  /** False when this element has another type, or none that is known. */
  includes(element: unknown): boolean {
    if (isNull(element)) {
      this.#optional = true;
      return true;
    }
    const schema = inferSchema(element);
    if (schema === null) return false;
    this.#type ??= schema.type;
    return schema.type === this.#type;
  }

  schema(): Schema {
    if (this.#type === null) throw new SchemaBuilderException('type cannot be null');
    const builder = SchemaBuilder.type(this.#type);
    return (this.#optional ? builder.optional() : builder).build();
  }
}

function textOf(schema: Schema | null, value: unknown, embedded: boolean): string {
  if (isNull(value)) return 'null';
  switch (typeof value) {
    case 'string':
      return embedded ? quoted(value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')) : value;
    case 'number':
      return schema?.type === 'FLOAT32' ? floatToString(value) : schema?.type === 'FLOAT64' ? doubleToString(value) : javaToString(value);
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof BigDecimal) return value.toString();
  if (value instanceof Date) return formatTemporal(value);
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return embedded ? quoted(base64) : base64;
  }
  if (Array.isArray(value)) return `[${value.map((element) => textOf(schema?.valueSchema ?? null, element, true)).join(',')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, entry]) => `${textOf(schema?.keySchema ?? null, key, true)}:${textOf(schema?.valueSchema ?? null, entry, true)}`,
    );
    return `{${entries.join(',')}}`;
  }
  if (value instanceof Struct) {
    const fields = value.schema.fields!.map((field) => `${textOf(null, field.name, true)}:${textOf(field.schema, value.get(field), true)}`);
    return `{${fields.join(',')}}`;
  }
  throw new DataException(`Failed to serialize unexpected value type ${javaClassName(value)}: ${String(value)}`);
}

function quoted(text: string): string {
  return `"${text}"`;
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function required(value: unknown): unknown {
  if (isNull(value)) throw new DataException('Unable to convert a null value to a schema that requires a value');
  return value;
}

/** What a text spells; the text `null` spells nothing that could be converted. */
function parsedIfText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const parsed = parseString(value).value;
  if (parsed === null) throw new NullPointerException(`the text ${JSON.stringify(value)} says null, which cannot be converted`);
  return parsed;
}
