import { DataException } from '../errors.ts';
import { isJavaDigit } from '../java/digits.ts';
import { javaTrim } from '../java/trim.ts';
import { BigDecimal } from './big-decimal.ts';
import { Decimal } from './decimal.ts';
import { fitsLong, toByte, toInt, toShort } from './java-numbers.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from './logical.ts';
import { DATE_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema, SchemaType } from './schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from './schema-and-value.ts';
import { SchemaBuilder } from './schema-builder.ts';
import {
  BOOLEAN_SCHEMA,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  INT8_SCHEMA,
  INT16_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  STRING_SCHEMA,
} from './schemas.ts';
import { parseTemporal } from './values-dates.ts';
import { asDouble, asLong } from './values-numbers.ts';
import { ValueTokens } from './values-tokens.ts';

const TRUE: SchemaAndValue = { schema: BOOLEAN_SCHEMA, value: true };
const FALSE: SchemaAndValue = { schema: BOOLEAN_SCHEMA, value: false };
const ARRAY_OF_NULL = SchemaBuilder.arrayOfNull().build();
/** Java's long has no more digits. */
const LONG_DIGITS = 19;

/**
 * Connect's `Values.parseString`: what a text looks like. `null` and null have no schema and no value; `true`, numbers (the smallest
 * integer type, else FLOAT32, FLOAT64, Decimal), dates, times, timestamps, `[…]` and `{…}` get theirs; all else is the text itself.
 */
export function parseString(text: string | null): SchemaAndValue {
  if (text === null) return NULL_SCHEMA_AND_VALUE;
  if (text === '') return { schema: STRING_SCHEMA, value: text };
  return parse(new ValueTokens(text), false) ?? NULL_SCHEMA_AND_VALUE;
}

/** `embedded` = inside of an array or map, where a text must be quoted. Null = the literal `null`, or nothing left. */
function parse(tokens: ValueTokens, embedded: boolean): SchemaAndValue | null {
  if (!tokens.hasNext()) return null;
  const start = tokens.mark();
  if (embedded && tokens.consume('"')) return parseQuoted(tokens);
  if (consumeLiteral(tokens, embedded, 'null')) return null;
  if (consumeLiteral(tokens, embedded, 'true')) return TRUE;
  if (consumeLiteral(tokens, embedded, 'false')) return FALSE;
  try {
    if (tokens.consume('[')) return parseArray(tokens);
    if (tokens.consume('{')) return parseMap(tokens);
  } catch (error) {
    if (!(error instanceof DataException)) throw error;
    tokens.rewindTo(start);
  }
  const token = tokens.next();
  const trimmed = javaTrim(token);
  if (trimmed === '') return { schema: STRING_SCHEMA, value: token };
  const scalar = parseScalar(tokens, trimmed);
  if (scalar !== null) return scalar;
  if (embedded) throw new DataException('Failed to parse embedded value');
  return { schema: STRING_SCHEMA, value: tokens.original };
}

/** At the top a literal counts only when nothing follows: `true}` is a text. */
function consumeLiteral(tokens: ValueTokens, embedded: boolean, literal: string): boolean {
  const start = tokens.mark();
  if (!tokens.consume(literal)) return false;
  if (embedded || !tokens.hasNext()) return true;
  tokens.rewindTo(start);
  return false;
}

function parseQuoted(tokens: ValueTokens): SchemaAndValue {
  let content = '';
  // As Connect does it, a blank token vanishes: the text of `" "` is empty.
  while (tokens.hasNext() && !tokens.consume('"')) content += tokens.next();
  return parseTemporal(content) ?? { schema: STRING_SCHEMA, value: content };
}

function parseArray(tokens: ValueTokens): SchemaAndValue {
  const elements: unknown[] = [];
  const common = new CommonSchema();
  while (tokens.hasNext()) {
    if (tokens.consume(']')) {
      const { schema } = common;
      if (schema === null) return { schema: ARRAY_OF_NULL, value: elements };
      return { schema: SchemaBuilder.array(schema).build(), value: elements.map((element) => align(schema, element)) };
    }
    if (tokens.consume(',')) throw new DataException(`Unable to parse an empty array element: ${tokens.original}`);
    const element = parse(tokens, true);
    common.merge(element);
    elements.push(element?.value ?? null);
    const position = tokens.mark();
    if (tokens.consume(']')) tokens.rewindTo(position);
    else if (!tokens.consume(',')) throw new DataException("Array elements missing ',' delimiter");
  }
  throw new DataException(`Array is missing ${tokens.previous === ',' ? "element after ','" : "terminating ']'"}: ${tokens.original}`);
}

function parseMap(tokens: ValueTokens): SchemaAndValue {
  const entries: [unknown, unknown][] = [];
  const keys = new CommonSchema();
  const values = new CommonSchema();
  while (tokens.hasNext()) {
    if (tokens.consume('}')) return finishMap(entries, keys.schema, values.schema);
    if (tokens.consume(',')) throw new DataException(`Unable to parse a map entry with no key or value: ${tokens.original}`);
    const key = parse(tokens, true);
    if (key === null || key.value === null) throw new DataException(`Map entry may not have a null key: ${tokens.original}`);
    if (!tokens.consume(':')) throw new DataException(`Map entry is missing ':': ${tokens.original}`);
    const value = parse(tokens, true);
    entries.push([key.value, value?.value ?? null]);
    tokens.consume(',');
    keys.merge(key);
    values.merge(value);
  }
  throw new DataException(`Map is missing ${tokens.previous === ',' ? "element after ','" : "terminating '}'"}: ${tokens.original}`);
}

function finishMap(entries: readonly (readonly [unknown, unknown])[], keys: Schema | null, values: Schema | null): SchemaAndValue {
  if (keys === null) return { schema: SchemaBuilder.mapOf(null, null).build(), value: new Map(entries) };
  const aligned = new Map<unknown, unknown>();
  for (const [key, value] of entries) aligned.set(align(keys, key), values === null ? value : align(values, value));
  return { schema: SchemaBuilder.mapOf(keys, values).build(), value: aligned };
}

function parseScalar(tokens: ValueTokens, token: string): SchemaAndValue | null {
  const first = token[0]!;
  const isDigit = isJavaDigit(first);
  if (isDigit) {
    // An unescaped colon parts a time or timestamp into five tokens.
    const position = tokens.mark();
    const rest = tokens.nextTokens(4);
    const temporal = rest === null ? null : parseTemporal(token + rest);
    if (temporal !== null) return temporal;
    tokens.rewindTo(position);
    const date = parseTemporal(token);
    if (date !== null) return date;
  }
  if (!isDigit && first !== '+' && first !== '-') return null;
  const decimal = BigDecimal.tryParse(token);
  return decimal === null ? null : numberOf(decimal);
}

function numberOf(decimal: BigDecimal): SchemaAndValue {
  const whole = exactLong(decimal);
  if (whole !== null) {
    const number = Number(whole);
    if (toByte(whole) === number) return { schema: INT8_SCHEMA, value: number };
    if (toShort(whole) === number) return { schema: INT16_SCHEMA, value: number };
    if (toInt(whole) === number) return { schema: INT32_SCHEMA, value: number };
    return { schema: INT64_SCHEMA, value: whole };
  }
  if (decimal.scale !== 0) {
    const float = decimal.toFloat();
    if (Number.isFinite(float)) return { schema: FLOAT32_SCHEMA, value: float };
    const double = decimal.toNumber();
    if (Number.isFinite(double)) return { schema: FLOAT64_SCHEMA, value: double };
  }
  return { schema: Decimal.schema(decimal.scale), value: decimal };
}

/** Null where there is a fraction, or more than a long holds. */
function exactLong(decimal: BigDecimal): bigint | null {
  if (decimal.unscaled === 0n) return 0n;
  const digits = decimal.precision - decimal.scale;
  if (digits > LONG_DIGITS || digits <= 0 || !decimal.isWhole()) return null;
  const whole = decimal.toBigInt();
  return fitsLong(whole) ? whole : null;
}

const NUMERIC: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

/** The schema that all elements can have: the widest number, or the last of schemas of one type; null = none, or no elements. */
class CommonSchema {
  schema: Schema | null = null;
  #compatible = true;

  merge(latest: SchemaAndValue | null): void {
    if (latest === null || latest.schema === null || !this.#compatible) return;
    this.schema = this.schema === null ? latest.schema : wider(this.schema, latest.schema);
    this.#compatible = this.schema !== null;
  }
}

function wider(previous: Schema, latest: Schema): Schema | null {
  if (previous.type === latest.type) return latest;
  const from = NUMERIC.indexOf(previous.type);
  const to = NUMERIC.indexOf(latest.type);
  if (from < 0 || to < 0) return null;
  return from > to ? previous : latest;
}

/** An element as the common schema has it. A null has no place among elements that have one. */
function align(schema: Schema, value: unknown): unknown {
  if (value === null) throw new DataException('Unable to convert a null value to a schema that requires a value');
  switch (schema.type) {
    case 'INT8':
      return toByte(asLong(value, null));
    case 'INT16':
      return toShort(asLong(value, null));
    case 'INT32':
      if (schema.name === DATE_NAME) return value instanceof Date ? value : ConnectDate.toLogical(schema, toInt(asLong(value, null)));
      if (schema.name === TIME_NAME) return value instanceof Date ? value : ConnectTime.toLogical(schema, toInt(asLong(value, null)));
      return toInt(asLong(value, null));
    case 'INT64':
      if (schema.name === TIMESTAMP_NAME) return value instanceof Date ? value : ConnectTimestamp.toLogical(schema, asLong(value, null));
      return asLong(value, null);
    case 'FLOAT32':
      return Math.fround(asDouble(value, null));
    case 'FLOAT64':
      return asDouble(value, null);
    default:
      return value;
  }
}
