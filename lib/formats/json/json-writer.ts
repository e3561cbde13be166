import { BigDecimal } from '../../core/data/big-decimal.ts';
import { Decimal } from '../../core/data/decimal.ts';
import { doubleToString, floatToString } from '../../core/data/java-numbers.ts';
import { javaClassName } from '../../core/data/java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { hasClassFor } from '../../core/data/validate.ts';
import { DataException } from '../../core/errors.ts';
import { encodeBase64 } from './base64.ts';

/** Writes one value of a schema as JSON. Throws DataException for what the schema does not take. */
export type JsonWriter = (value: unknown) => string;

/** What is configured of writing. */
export interface WriterOptions {
  readonly replaceNullWithDefault: boolean;
  readonly decimalFormat: 'BASE64' | 'NUMERIC';
}

// Surrogates are always escaped, one by one: Jackson does not write characters beyond the BMP as UTF-8 unless it is told to.
const NEEDS_ESCAPE = /[^\u0020\u0021\u0023-\u005b\u005d-\ud7ff\ue000-\uffff]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A JSON string, byte for byte as Jackson writes it. */
export function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? quoteEscaped(text) : `"${text}"`;
}

function quoteEscaped(text: string): string {
  let result = '"';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code !== 0x22 && code !== 0x5c && (code < 0xd800 || code > 0xdfff)) continue;
    const char = text[at]!;
    result += text.slice(from, at) + (ESCAPES[char] ?? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`);
    from = at + 1;
  }
  return `${result}${text.slice(from)}"`;
}

function quoteNonFinite(value: number, text: string): string {
  return Number.isFinite(value) ? text : `"${text}"`;
}

const writeDouble = (value: number): string => quoteNonFinite(value, doubleToString(value));
const writeFloat = (value: number): string => quoteNonFinite(value, floatToString(value));

/** Compiles the writer of a schema; null = schemaless. */
export function jsonWriter(schema: Schema | null, options: WriterOptions): JsonWriter {
  if (schema === null) return writeSchemaless;
  const write = logicalWriter(schema, options) ?? typeWriter(schema, options);
  const absent = absentText(schema, write, options);
  return (value) => (value === null || value === undefined ? absent() : write(value));
}

function absentText(schema: Schema, write: JsonWriter, options: WriterOptions): () => string {
  if (schema.defaultValue !== null && options.replaceNullWithDefault) return () => write(schema.defaultValue);
  if (schema.optional) return () => 'null';
  return () => {
    throw new DataException('Conversion error: null value for field that is required and has no default value');
  };
}

/** Schemaless data: the value's own class decides; a map whose keys are all texts is an object, any other a list of pairs. */
export function writeSchemaless(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return (value | 0) === value && !Object.is(value, -0) ? String(value) : writeDouble(value);
    default:
  }
  if (value === null || value === undefined) return 'null';
  if (value instanceof Map) return writeSchemalessMap(value);
  if (Array.isArray(value)) return `[${value.map(writeSchemaless).join(',')}]`;
  if (value instanceof Uint8Array) return `"${encodeBase64(value)}"`;
  if (value instanceof Struct) throw new DataException('Mismatching schema.');
  throw new DataException(`Java class class ${javaClassName(value)} does not have corresponding schema type.`);
}

function writeSchemalessMap(map: ReadonlyMap<unknown, unknown>): string {
  let text = '{';
  for (const [key, value] of map) {
    if (typeof key !== 'string') return writePairs(map, writeSchemaless, writeSchemaless);
    text += `${text.length === 1 ? '' : ','}${quote(key)}:${writeSchemaless(value)}`;
  }
  return `${text}}`;
}

function writePairs(map: ReadonlyMap<unknown, unknown>, writeKey: JsonWriter, writeValue: JsonWriter): string {
  const pairs: string[] = [];
  for (const [key, value] of map) pairs.push(`[${writeKey(key)},${writeValue(value)}]`);
  return `[${pairs.join(',')}]`;
}

function invalidType(schema: Schema, value: unknown): DataException {
  return new DataException(`Invalid type for ${schema.type}: class ${javaClassName(value)}`);
}

/** A writer that first makes sure that the value is of the schema's class. */
function checked(schema: Schema, write: (value: never) => string): JsonWriter {
  return (value) => {
    if (!hasClassFor(schema, value)) throw invalidType(schema, value);
    return write(value as never);
  };
}

function typeWriter(schema: Schema, options: WriterOptions): JsonWriter {
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
    case 'BOOLEAN':
      return checked(schema, String);
    case 'FLOAT32':
      return checked(schema, writeFloat);
    case 'FLOAT64':
      return checked(schema, writeDouble);
    case 'STRING':
      return checked(schema, quote);
    case 'BYTES':
      return (value) => {
        if (!(value instanceof Uint8Array)) throw new DataException(`Invalid type for bytes type: class ${javaClassName(value)}`);
        return `"${encodeBase64(value)}"`;
      };
    case 'ARRAY': {
      const writeElement = jsonWriter(schema.valueSchema, options);
      return checked(schema, (value: unknown[]) => `[${value.map((element) => writeElement(element)).join(',')}]`);
    }
    case 'MAP':
      return mapWriter(schema, options);
    case 'STRUCT':
      return structWriter(schema, options);
  }
}

function mapWriter(schema: Schema, options: WriterOptions): JsonWriter {
  const writeKey = jsonWriter(schema.keySchema, options);
  const writeValue = jsonWriter(schema.valueSchema, options);
  if (schema.keySchema?.type !== 'STRING') return checked(schema, (map: Map<unknown, unknown>) => writePairs(map, writeKey, writeValue));
  return checked(schema, (map: Map<unknown, unknown>) => {
    const members = new Map<string, string>();
    for (const [key, value] of map) {
      const text = writeKey(key);
      // A null key becomes the member "null".
      members.set(text === 'null' ? '"null"' : text, writeValue(value));
    }
    return `{${[...members].map(([key, value]) => `${key}:${value}`).join(',')}}`;
  });
}

function structWriter(schema: Schema, options: WriterOptions): JsonWriter {
  const fields = schema.fields!;
  const size = fields.length;
  const names = fields.map((field, index) => `${index === 0 ? '{' : ','}${quote(field.name)}:`);
  const writers = fields.map((field) => jsonWriter(field.schema, options));
  return (value) => {
    if (!(value instanceof Struct)) throw invalidType(schema, value);
    if (value.schema !== schema && !value.schema.equals(schema)) throw new DataException('Mismatching schema.');
    if (size === 0) return '{}';
    let text = '';
    for (let i = 0; i < size; i++) text += names[i]! + writers[i]!(value.valueAt(i));
    return `${text}}`;
  };
}

/** The writer of a logical type, by the schema's name alone; null = no logical type. */
function logicalWriter(schema: Schema, options: WriterOptions): JsonWriter | null {
  switch (schema.name) {
    case DECIMAL_NAME:
      return (value) => {
        if (!(value instanceof BigDecimal)) throw notLogical('Decimal', 'BigDecimal', value);
        return options.decimalFormat === 'NUMERIC' ? value.toString() : `"${encodeBase64(Decimal.fromLogical(schema, value))}"`;
      };
    case DATE_NAME:
      return (value) => {
        if (!(value instanceof Date)) throw notLogical('Date', 'Date', value);
        return String(ConnectDate.fromLogical(schema, value));
      };
    case TIME_NAME:
      return (value) => {
        if (!(value instanceof Date)) throw notLogical('Time', 'Date', value);
        return String(ConnectTime.fromLogical(schema, value));
      };
    case TIMESTAMP_NAME:
      return (value) => {
        if (!(value instanceof Date)) throw notLogical('Timestamp', 'Date', value);
        return String(ConnectTimestamp.fromLogical(schema, value));
      };
    default:
      return null;
  }
}

function notLogical(type: string, expected: string, value: unknown): DataException {
  return new DataException(`Invalid type for ${type}, expected ${expected} but was class ${javaClassName(value)}`);
}
