import { BigDecimal } from '../../core/data/big-decimal.ts';
import { Decimal } from '../../core/data/decimal.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import { decodeBase64 } from './base64.ts';
import { toDouble, toFloat, wholePart } from './json-number.ts';
import { type JsonScanner, nodeType } from './json-scanner.ts';

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const NULL = 0x6e;

/** Reads the value that follows, by a schema. Throws DataException where Connect does, JsonSyntaxError for what is no JSON. */
export type JsonReader = (scanner: JsonScanner) => unknown;

/** How nulls are read. */
export interface ReaderOptions {
  readonly replaceNullWithDefault: boolean;
}

const isNumber = (code: number): boolean => code === 0x2d || (code >= 0x30 && code <= 0x39);

/** Compiles the reader of a schema; null = schemaless. */
export function jsonReader(schema: Schema | null, options: ReaderOptions): JsonReader {
  if (schema === null) return readSchemaless;
  const absent = absentValue(schema, options);
  const read = logicalReader(schema) ?? typeReader(schema, options);
  return (scanner) => {
    if (scanner.peek() !== NULL) return read(scanner);
    scanner.literal('null');
    return absent();
  };
}

/** What stands for a null, or for a member that is missing. */
function absentValue(schema: Schema, options: ReaderOptions): () => unknown {
  if (schema.defaultValue !== null && options.replaceNullWithDefault) return () => schema.defaultValue;
  if (schema.optional) return () => null;
  return () => {
    throw new DataException(`Invalid null value for required ${schema.type} field`);
  };
}

/** Schemaless data: whole numbers are Long (64 bits, wrapped), others Double, objects Map. */
export function readSchemaless(scanner: JsonScanner): unknown {
  switch (scanner.peek()) {
    case QUOTE:
      return scanner.stringValue();
    case OPEN_BRACE: {
      const map = new Map<string, unknown>();
      if (!scanner.enter()) return map;
      do map.set(scanner.name(), readSchemaless(scanner));
      while (scanner.more(CLOSE_BRACE));
      return map;
    }
    case OPEN_BRACKET: {
      const list: unknown[] = [];
      if (!scanner.enter()) return list;
      do list.push(readSchemaless(scanner));
      while (scanner.more(CLOSE_BRACKET));
      return list;
    }
    case 0x74:
      scanner.literal('true');
      return true;
    case 0x66:
      scanner.literal('false');
      return false;
    case NULL:
      scanner.literal('null');
      return null;
    default: {
      const start = numberStart(scanner);
      if (!scanner.integral) return toDouble(scanner.text.slice(start, scanner.pos));
      return readLongFrom(scanner, start);
    }
  }
}

function numberStart(scanner: JsonScanner): number {
  if (!isNumber(scanner.text.charCodeAt(scanner.pos))) scanner.fail('Unexpected character: expected a value');
  return scanner.numberValue();
}

function readLongFrom(scanner: JsonScanner, start: number): bigint {
  return Number.isNaN(scanner.small) ? wholePart(scanner.text.slice(start, scanner.pos)) : BigInt(scanner.small);
}

/** `JsonNode.intValue`: anything but a number is 0, more than 32 bits wrap. */
function readInt(scanner: JsonScanner): number {
  if (!isNumber(scanner.peek())) {
    scanner.skipValue();
    return 0;
  }
  const start = scanner.numberValue();
  return Number.isNaN(scanner.small) ? Number(BigInt.asIntN(32, wholePart(scanner.text.slice(start, scanner.pos)))) : scanner.small | 0;
}

function readLong(scanner: JsonScanner): bigint {
  if (isNumber(scanner.peek())) return readLongFrom(scanner, scanner.numberValue());
  scanner.skipValue();
  return 0n;
}

/** A floating-point reader: anything but a number is 0. */
function floating(small: (value: number) => number, other: (text: string) => number): JsonReader {
  return (scanner) => {
    if (!isNumber(scanner.peek())) {
      scanner.skipValue();
      return 0;
    }
    const start = scanner.numberValue();
    return Number.isNaN(scanner.small) ? other(scanner.text.slice(start, scanner.pos)) : small(scanner.small);
  };
}

function typeReader(schema: Schema, options: ReaderOptions): JsonReader {
  switch (schema.type) {
    case 'INT8':
      return (scanner) => (readInt(scanner) << 24) >> 24;
    case 'INT16':
      return (scanner) => (readInt(scanner) << 16) >> 16;
    case 'INT32':
      return readInt;
    case 'INT64':
      return readLong;
    case 'FLOAT32':
      return floating(Math.fround, toFloat);
    case 'FLOAT64':
      return floating((value) => value, toDouble);
    case 'BOOLEAN':
      return (scanner) => {
        const isTrue = scanner.peek() === 0x74;
        scanner.skipValue();
        return isTrue;
      };
    case 'STRING':
      return (scanner) => (scanner.peek() === QUOTE ? scanner.stringValue() : readNoText(scanner));
    case 'BYTES':
      return (scanner) => (scanner.peek() === QUOTE ? bytesOf(scanner.stringValue(), 'Invalid bytes field') : readNoText(scanner));
    case 'ARRAY':
      return arrayReader(jsonReader(schema.valueSchema, options));
    case 'MAP':
      return schema.keySchema?.type === 'STRING' ? objectMapReader(schema, options) : pairsMapReader(schema, options);
    case 'STRUCT':
      return structReader(schema, options);
  }
}

/** `textValue()` and `binaryValue()` of something that is no text are null. */
function readNoText(scanner: JsonScanner): null {
  scanner.skipValue();
  scanner.uncheckedNull = true;
  return null;
}

function bytesOf(text: string, problem: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === null) throw new DataException(problem);
  return bytes;
}

/** Jackson iterates over an object's values too, and over nothing in a scalar. */
function arrayReader(readElement: JsonReader): JsonReader {
  return (scanner) => {
    const list: unknown[] = [];
    const open = scanner.peek();
    if (open === OPEN_BRACKET) {
      if (!scanner.enter()) return list;
      do list.push(readElement(scanner));
      while (scanner.more(CLOSE_BRACKET));
    } else if (open === OPEN_BRACE) {
      if (!scanner.enter()) return list;
      const members = new Map<string, unknown>();
      do members.set(scanner.name(), readElement(scanner));
      while (scanner.more(CLOSE_BRACE));
      list.push(...members.values());
    } else scanner.skipValue();
    return list;
  };
}

function objectMapReader(schema: Schema, options: ReaderOptions): JsonReader {
  const readValue = jsonReader(schema.valueSchema, options);
  return (scanner) => {
    const open = scanner.peek();
    if (open !== OPEN_BRACE)
      throw new DataException(`Maps with string fields should be encoded as JSON objects, but found ${nodeType(open)}`);
    const map = new Map<unknown, unknown>();
    if (!scanner.enter()) return map;
    do map.set(scanner.name(), readValue(scanner));
    while (scanner.more(CLOSE_BRACE));
    return map;
  };
}

function pairsMapReader(schema: Schema, options: ReaderOptions): JsonReader {
  const readKey = jsonReader(schema.keySchema, options);
  const readValue = jsonReader(schema.valueSchema, options);
  return (scanner) => {
    const open = scanner.peek();
    if (open !== OPEN_BRACKET) {
      throw new DataException(`Maps with non-string fields should be encoded as JSON array of tuples, but found ${nodeType(open)}`);
    }
    const map = new Map<unknown, unknown>();
    if (!scanner.enter()) return map;
    do {
      const entry = scanner.peek();
      if (entry !== OPEN_BRACKET) throw new DataException(`Found invalid map entry instead of array tuple: ${nodeType(entry)}`);
      const size = elementsAhead(scanner);
      if (size !== 2) throw new DataException(`Found invalid map entry, expected length 2 but found :${size}`);
      scanner.enter();
      const key = readKey(scanner);
      scanner.more(CLOSE_BRACKET);
      map.set(key, readValue(scanner));
      scanner.more(CLOSE_BRACKET);
    } while (scanner.more(CLOSE_BRACKET));
    return map;
  };
}

/** How many elements the array has that follows; the position stays. */
function elementsAhead(scanner: JsonScanner): number {
  const start = scanner.pos;
  let count = 0;
  if (scanner.enter()) {
    do {
      scanner.skipValue();
      count++;
    } while (scanner.more(CLOSE_BRACKET));
  }
  scanner.pos = start;
  return count;
}

function structReader(schema: Schema, options: ReaderOptions): JsonReader {
  const fields = schema.fields!;
  const size = fields.length;
  const readers = fields.map((field) => jsonReader(field.schema, options));
  const absents = fields.map((field) => absentValue(field.schema, options));
  const quoted = fields.map((field) => JSON.stringify(field.name));
  const indexes = new Map(fields.map((field) => [field.name, field.index]));
  return (scanner) => {
    const open = scanner.peek();
    if (open !== OPEN_BRACE) throw new DataException(`Structs should be encoded as JSON objects, but found ${nodeType(open)}`);
    if (scanner.inSchemaOrder) return readInSchemaOrder(scanner, schema, readers, absents);
    const slots: unknown[] = new Array(size).fill(undefined);
    let seen = 0;
    if (scanner.enter()) {
      // Members mostly come in the order of the fields: then a name is one comparison.
      let next = 0;
      do {
        let index: number;
        scanner.peek();
        if (next < size && scanner.text.startsWith(quoted[next]!, scanner.pos)) {
          index = next;
          scanner.pos += quoted[next]!.length;
          scanner.colon();
        } else index = indexes.get(scanner.name()) ?? -1;
        if (index < 0) scanner.skipValue();
        else {
          slots[index] = readers[index]!(scanner);
          seen++;
          next = index + 1;
        }
      } while (scanner.more(CLOSE_BRACE));
    }
    if (seen < size || slots.includes(undefined)) {
      for (let i = 0; i < size; i++) if (slots[i] === undefined) slots[i] = absents[i]!();
    }
    return scanner.uncheckedNull ? checkedStruct(schema, slots) : Struct.ofSlots(schema, slots);
  };
}

/** As Connect goes about it: the members first, then field after field. */
function readInSchemaOrder(
  scanner: JsonScanner,
  schema: Schema,
  readers: readonly JsonReader[],
  absents: readonly (() => unknown)[],
): Struct {
  const starts = new Map<string, number>();
  if (scanner.enter()) {
    do {
      const name = scanner.name();
      scanner.peek();
      starts.set(name, scanner.pos);
      scanner.skipValue();
    } while (scanner.more(CLOSE_BRACE));
  }
  const end = scanner.pos;
  const struct = new Struct(schema);
  for (const field of schema.fields!) {
    const start = starts.get(field.name);
    if (start !== undefined) scanner.pos = start;
    struct.put(field, start === undefined ? absents[field.index]!() : readers[field.index]!(scanner));
  }
  scanner.pos = end;
  return struct;
}

/** As Connect builds it, every value checked: a null may stand where the schema wants a text. */
function checkedStruct(schema: Schema, slots: readonly unknown[]): Struct {
  const struct = new Struct(schema);
  for (const field of schema.fields!) struct.put(field, slots[field.index]);
  return struct;
}

/** The reader of a logical type, by the schema's name alone, whatever its type; null = no logical type. */
function logicalReader(schema: Schema): JsonReader | null {
  switch (schema.name) {
    case DECIMAL_NAME:
      return (scanner) => readDecimal(scanner, schema);
    case DATE_NAME:
      return (scanner) => ConnectDate.toLogical(schema, requireInt(scanner, 'Date'));
    case TIME_NAME:
      return (scanner) => ConnectTime.toLogical(schema, requireInt(scanner, 'Time'));
    case TIMESTAMP_NAME:
      return (scanner) => {
        const code = scanner.peek();
        const start = scanner.pos;
        if (isNumber(code)) {
          scanner.numberValue();
          if (!Number.isNaN(scanner.small)) return new Date(scanner.small);
          if (scanner.integral) return ConnectTimestamp.toLogical(schema, wholePart(scanner.text.slice(start, scanner.pos)));
        }
        throw new DataException(`Invalid type for Timestamp, underlying representation should be integral but was ${nodeType(code)}`);
      };
    default:
      return null;
  }
}

function requireInt(scanner: JsonScanner, type: string): number {
  const code = scanner.peek();
  if (isNumber(code)) {
    scanner.numberValue();
    if ((scanner.small | 0) === scanner.small) return scanner.small;
  }
  throw new DataException(`Invalid type for ${type}, underlying representation should be integer but was ${nodeType(code)}`);
}

function readDecimal(scanner: JsonScanner, schema: Schema): BigDecimal {
  const code = scanner.peek();
  if (code === QUOTE) {
    const bytes = bytesOf(scanner.stringValue(), 'Invalid bytes for Decimal field');
    try {
      return Decimal.toLogical(schema, bytes);
    } catch (error) {
      throw new DataException('Invalid bytes for Decimal field', { cause: error });
    }
  }
  if (!isNumber(code)) {
    throw new DataException(`Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeType(code)}`);
  }
  const start = scanner.numberValue();
  return BigDecimal.parse(scanner.text.slice(start, scanner.pos));
}
