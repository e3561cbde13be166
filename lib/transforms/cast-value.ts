import { Buffer } from 'node:buffer';
import { BigDecimal } from '../core/data/big-decimal.ts';
import { doubleToInt, doubleToLong, parseFloat32, toByte, toInt, toShort } from '../core/data/java-numbers.ts';
import { javaClassName, javaToString } from '../core/data/java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, DATE_NAME, TIME_NAME, TIMESTAMP_NAME } from '../core/data/logical.ts';
import type { Schema, SchemaType } from '../core/data/schema.ts';
import { StructValue } from '../core/data/struct-value.ts';
import { formatTemporal } from '../core/data/values-dates.ts';
import { ConfigException, DataException } from '../core/errors.ts';
import { NumberFormatException } from '../core/java/exceptions.ts';
import { parseDouble, parseWhole } from '../core/java/parse-number.ts';

/** Types that can be cast to. */
const OUTPUT_TYPES: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING'];
/** Types that can be cast from. */
const INPUT_TYPES: readonly SchemaType[] = [...OUTPUT_TYPES, 'BYTES'];
const ALL_TYPES: readonly string[] = [...INPUT_TYPES, 'ARRAY', 'MAP', 'STRUCT'];

/** A text that is an int without further ado; the usual case. */
const SHORT_INTEGER = /^-?[0-9]{1,9}$/;

/** The type a spec names, in any case. Throws ConfigException. */
export function outputType(text: string): SchemaType {
  const type = text.trim().toUpperCase();
  if (!ALL_TYPES.includes(type)) {
    throw ConfigException.invalid(
      `Invalid type found in casting spec: ${text.trim()}`,
      `java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${type}`,
    );
  }
  if (!OUTPUT_TYPES.includes(type as SchemaType)) {
    throw new ConfigException(`Cast transformation does not support casting to ${type}; supported types are [${OUTPUT_TYPES.join(', ')}]`);
  }
  return type as SchemaType;
}

/** A value cast to a type as Connect does it; `schema` is the value's, null = schemaless. Null stays null. Throws DataException. */
export function castValue(schema: Schema | null, value: unknown, target: SchemaType): unknown {
  if (value === null || value === undefined) return null;
  const type = schema === null ? schemalessType(value) : schema.type;
  if (type === null) {
    throw new DataException(
      `Cast transformation was passed a value of type class ${javaClassName(value)} which is not supported by Connect's data API`,
    );
  }
  if (!INPUT_TYPES.includes(type)) {
    throw new DataException(`Cast transformation does not support casting from ${type}; supported types are [${INPUT_TYPES.join(', ')}]`);
  }
  if (target === 'STRING') return castToString(schema, value);
  const raw = schema === null || schema.name === null ? value : encodeLogical(schema, value);
  try {
    return castTo(target, raw);
  } catch (error) {
    if (!(error instanceof NumberFormatException)) throw error;
    throw new DataException(`Value (${javaToString(raw, schema)}) was out of range for requested data type`, { cause: error });
  }
}

/** The type of data without schema; null where Connect's data model has none (dates, decimals, foreign objects). */
function schemalessType(value: unknown): SchemaType | null {
  switch (typeof value) {
    case 'string':
      return 'STRING';
    case 'bigint':
      return 'INT64';
    case 'boolean':
      return 'BOOLEAN';
    case 'number':
      return 'FLOAT64';
    default:
  }
  if (value instanceof Uint8Array) return 'BYTES';
  if (Array.isArray(value)) return 'ARRAY';
  if (value instanceof Map) return 'MAP';
  return value instanceof StructValue ? 'STRUCT' : null;
}

function encodeLogical(schema: Schema, value: unknown): unknown {
  switch (schema.name) {
    case DATE_NAME:
      return ConnectDate.fromLogical(schema, value as Date);
    case TIME_NAME:
      return ConnectTime.fromLogical(schema, value as Date);
    case TIMESTAMP_NAME:
      return ConnectTimestamp.fromLogical(schema, value as Date);
    default:
      return value;
  }
}

function castToString(schema: Schema | null, value: unknown): string {
  if (value instanceof Date) return formatTemporal(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return javaToString(value, schema);
}

function castTo(target: SchemaType, value: unknown): unknown {
  switch (target) {
    case 'INT8':
      return typeof value === 'string' ? Number(parseWhole(value, -128n, 127n)) : toByte(intOf(value));
    case 'INT16':
      return typeof value === 'string' ? Number(parseWhole(value, -32768n, 32767n)) : toShort(intOf(value));
    case 'INT32':
      if (typeof value !== 'string') return intOf(value);
      return SHORT_INTEGER.test(value) ? Number(value) | 0 : Number(parseWhole(value, -(2n ** 31n), 2n ** 31n - 1n));
    case 'INT64':
      return typeof value === 'string' ? parseWhole(value, -(2n ** 63n), 2n ** 63n - 1n) : longOf(value);
    case 'FLOAT32':
      return typeof value === 'string' ? parseFloatText(value) : floatOf(value);
    case 'FLOAT64':
      return typeof value === 'string' ? parseDouble(trimmed(value)) : doubleOf(value);
    default:
      return typeof value === 'string' ? value.toLowerCase() === 'true' : longOf(value) !== 0n;
  }
}

/** `Number.intValue`: doubles saturate, longs and decimals wrap. */
function intOf(value: unknown): number {
  if (typeof value === 'number') return doubleToInt(value);
  return toInt(longOf(value));
}

function longOf(value: unknown): bigint {
  if (typeof value === 'number') return doubleToLong(value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  // A multiple of 10^64 is one of 2^64: its low bits, all that is left of it, are zero.
  if (value instanceof BigDecimal) return value.scale <= -64 ? 0n : BigInt.asIntN(64, value.toBigInt());
  throw unexpected(value);
}

function floatOf(value: unknown): number {
  if (typeof value === 'number') return Math.fround(value);
  if (typeof value === 'bigint') return parseFloat32(String(value));
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof BigDecimal) return value.toFloat();
  throw unexpected(value);
}

function doubleOf(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (value instanceof BigDecimal) return value.toNumber();
  throw unexpected(value);
}

/** `Float.parseFloat`; a decimal text is rounded once. */
function parseFloatText(text: string): number {
  const digits = trimmed(text);
  const double = parseDouble(digits);
  return /^[+-]?[\d.]+(?:[eE][+-]?\d+)?[fFdD]?$/.test(digits) ? parseFloat32(digits.replace(/[fFdD]$/, '')) : Math.fround(double);
}

/** Without the characters up to the blank at both ends, as Java's `trim`. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

function unexpected(value: unknown): DataException {
  return new DataException(`Unexpected type in Cast transformation: class ${javaClassName(value)}`);
}
