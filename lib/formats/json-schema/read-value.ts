import { BigDecimal } from '../../core/data/big-decimal.ts';
import { Decimal } from '../../core/data/decimal.ts';
import { toInt, toShort } from '../../core/data/java-numbers.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical.ts';
import type { Field, Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import { decodeBase64 } from '../json/base64.ts';
import { isMembers, type JsonNode, JsonNumber } from '../json/json-node.ts';
import { toDouble, toFloat, wholePart } from '../json/json-number.ts';
import { encodeVariant } from '../variant/encode-variant.ts';
import { isVariant, VARIANT_NAME } from '../variant/variant-schema.ts';
import { EXTRAS_FIELD, GENERALIZED_FIELD_PREFIX, GENERALIZED_UNION, ONE_OF_NAME } from './names.ts';
import type { JsonSchemaOptions } from './options.ts';

/** Reads a value of a schema; undefined = the document has no such member. Throws DataException for what does not fit. */
export type ValueReader = (node: JsonNode | undefined) => unknown;

/** Stands for a document without content, which is neither null nor a value. */
export const MISSING: JsonNode = [];

/** The reader of a schema. Kinds are converted as Jackson does: a text where a number should be is 0, a number where a text should be null. */
export function valueReader(schema: Schema, options: JsonSchemaOptions): ValueReader {
  return new ReaderCompiler(options).reader(schema);
}

class ReaderCompiler {
  readonly #options: JsonSchemaOptions;
  /** Structs that hold themselves find their own reader here. */
  readonly #structs = new Map<Schema, ValueReader>();

  constructor(options: JsonSchemaOptions) {
    this.#options = options;
  }

  reader(schema: Schema): ValueReader {
    const known = this.#structs.get(schema);
    if (known !== undefined) return known;
    let read: (node: JsonNode) => unknown = () => null;
    const reader: ValueReader = (node) => {
      if (node !== null && node !== undefined) return read(node);
      if (schema.defaultValue !== null) return schema.defaultValue;
      if (node === undefined || schema.optional) return null;
      throw new DataException(`Invalid null value for required ${schema.type} field`);
    };
    if (schema.type === 'STRUCT') this.#structs.set(schema, reader);
    read = logicalReader(schema) ?? this.#typed(schema);
    return reader;
  }

  #typed(schema: Schema): (node: JsonNode) => unknown {
    switch (schema.type) {
      case 'BOOLEAN':
        return (node) => node === true;
      case 'INT8':
        return (node) => (toInt(integer(node)) << 24) >> 24;
      case 'INT16':
        return (node) => toShort(integer(node));
      case 'INT32':
        return (node) => toInt(integer(node));
      case 'INT64':
        return integer;
      case 'FLOAT32':
        return (node) => (node instanceof JsonNumber ? toFloat(node.text) : 0);
      case 'FLOAT64':
        return (node) => (node instanceof JsonNumber ? toDouble(node.text) : 0);
      case 'STRING':
        return (node) => (typeof node === 'string' ? node : null);
      case 'BYTES':
        return bytesOf;
      case 'ARRAY':
        return this.#array(schema.valueSchema!);
      case 'MAP':
        return this.#map(schema.keySchema!, schema.valueSchema);
      case 'STRUCT':
        return isUnion(schema) ? this.#union(schema) : this.#struct(schema);
    }
  }

  #array(valueSchema: Schema): (node: JsonNode) => unknown {
    const read = this.reader(valueSchema);
    return (node) => childrenOf(node).map((element) => read(element));
  }

  #map(keySchema: Schema, valueSchema: Schema | null): (node: JsonNode) => unknown {
    const readValue = valueSchema === null ? () => null : this.reader(valueSchema);
    if (keySchema.type === 'STRING' && !keySchema.optional) {
      return (node) => {
        if (!isMembers(node)) {
          throw new DataException(`Maps with string fields should be encoded as JSON objects, but found ${nodeKind(node)}`);
        }
        const map = new Map<string, unknown>();
        for (const [key, value] of node) map.set(key, readValue(value));
        return map;
      };
    }
    const readKey = this.reader(keySchema);
    return (node) => {
      if (!Array.isArray(node) || node === MISSING) {
        throw new DataException(`Maps with non-string fields should be encoded as JSON array of objects, but found ${nodeKind(node)}`);
      }
      const map = new Map<unknown, unknown>();
      for (const entry of node as readonly JsonNode[]) {
        if (!isMembers(entry)) throw new DataException(`Found invalid map entry instead of object: ${nodeKind(entry)}`);
        if (entry.size !== 2) throw new DataException(`Found invalid map entry, expected length 2 but found :${entry.size}`);
        map.set(readKey(entry.get('key')), readValue(entry.get('value')));
      }
      return map;
    };
  }

  #struct(schema: Schema): (node: JsonNode) => unknown {
    const extras = this.#options.preserveAdditionalProperties ? extrasField(schema) : null;
    const fields = schema.fields!.filter((field) => field !== extras);
    // A struct's fields may hold the struct itself, whose reader is not complete before this one is.
    let readers: readonly ValueReader[] | null = null;
    return (node) => {
      if (!isMembers(node)) throw new DataException(`Structs should be encoded as JSON objects, but found ${nodeKind(node)}`);
      readers ??= fields.map((field) => this.reader(field.schema));
      const struct = new Struct(schema);
      for (let i = 0; i < fields.length; i++) {
        const field = fields[i]!;
        const value = readers[i]!(node.get(field.name));
        if (value !== null) struct.put(field, value);
      }
      if (extras !== null) putExtras(struct, extras, node);
      return struct;
    };
  }

  #union(schema: Schema): (node: JsonNode) => unknown {
    const prefix = schema.parameters?.has(GENERALIZED_UNION) ? GENERALIZED_FIELD_PREFIX : `${ONE_OF_NAME}.field.`;
    return (node) => {
      let best: Field | null = null;
      let most = 0;
      for (const field of schema.fields!) {
        if (isOfSimpleType(field.schema, node)) {
          best = field;
          break;
        }
        const matching = matchingMembers(field.schema, node);
        if (matching > most) {
          most = matching;
          best = field;
        }
      }
      if (best === null) throw new DataException('Did not find matching oneof field for data');
      return new Struct(schema).put(`${prefix}${best.index}`, this.reader(best.schema)(node));
    };
  }
}

/** A struct that stands for one of several schemas. */
export function isUnion(schema: Schema): boolean {
  return schema.name === ONE_OF_NAME || (schema.parameters?.has(GENERALIZED_UNION) ?? false);
}

/** The field for undeclared properties; null = the schema has none. */
export function extrasField(schema: Schema): Field | null {
  const field = schema.field(EXTRAS_FIELD);
  if (field === null || field.schema.type !== 'MAP') return null;
  return field.schema.keySchema?.type === 'STRING' && isVariant(field.schema.valueSchema) ? field : null;
}

function putExtras(struct: Struct, extras: Field, members: ReadonlyMap<string, JsonNode>): void {
  const map = new Map<string, Struct>();
  for (const [name, node] of members) {
    if (name === EXTRAS_FIELD) {
      throw new DataException(
        `JSON payload contains a property named '${EXTRAS_FIELD}' which collides with the reserved field name for preserve.additional.properties=true. Rename the property in the source data or disable the config.`,
      );
    }
    if (struct.schema.field(name) === null) map.set(name, variantStruct(extras.schema.valueSchema!, node));
  }
  if (map.size > 0) struct.put(extras, map);
}

function logicalReader(schema: Schema): ((node: JsonNode) => unknown) | null {
  switch (schema.name) {
    case DECIMAL_NAME:
      return (node) => decimalOf(schema, node);
    case DATE_NAME:
      return (node) => ConnectDate.toLogical(schema, Number(integral(node, 'Date', 'integer', 32)));
    case TIME_NAME:
      return (node) => ConnectTime.toLogical(schema, Number(integral(node, 'Time', 'integer', 32)));
    case TIMESTAMP_NAME:
      return (node) => ConnectTimestamp.toLogical(schema, integral(node, 'Timestamp', 'integral', 64));
    case VARIANT_NAME:
      return (node) => variantStruct(schema, node);
    default:
      return null;
  }
}

function variantStruct(schema: Schema, node: JsonNode): Struct {
  const { metadata, value } = encodeVariant(node);
  return new Struct(schema).put('metadata', metadata).put('value', value);
}

/** `bits` 32: numbers beyond are refused, as they are no Java int; 64: they wrap. */
function integral(node: JsonNode, type: string, expected: string, bits: 32 | 64): bigint {
  if (node instanceof JsonNumber && node.integral) {
    const value = BigInt(node.text);
    if (bits === 64 || BigInt.asIntN(32, value) === value) return BigInt.asIntN(64, value);
  }
  throw new DataException(`Invalid type for ${type}, underlying representation should be ${expected} but was ${nodeKind(node)}`);
}

function decimalOf(schema: Schema, node: JsonNode): BigDecimal {
  if (node instanceof JsonNumber) return BigDecimal.parse(node.text);
  if (typeof node !== 'string') {
    throw new DataException(`Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeKind(node)}`);
  }
  const bytes = decodeBase64(node);
  try {
    if (bytes !== null) return Decimal.toLogical(schema, bytes);
  } catch (error) {
    throw new DataException('Invalid bytes for Decimal field', { cause: error });
  }
  throw new DataException('Invalid bytes for Decimal field');
}

function bytesOf(node: JsonNode): Uint8Array | BigDecimal {
  if (node instanceof JsonNumber) return BigDecimal.parse(node.text);
  if (typeof node !== 'string') return new BigDecimal(0n, 0);
  const bytes = decodeBase64(node);
  if (bytes === null) throw new DataException('Invalid bytes field');
  return bytes;
}

function integer(node: JsonNode): bigint {
  return node instanceof JsonNumber ? wholePart(node.text) : 0n;
}

function childrenOf(node: JsonNode): readonly JsonNode[] {
  if (Array.isArray(node)) return node as readonly JsonNode[];
  return isMembers(node) ? [...node.values()] : [];
}

function isOfSimpleType(schema: Schema, node: JsonNode): boolean {
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return node instanceof JsonNumber && node.integral;
    case 'FLOAT32':
    case 'FLOAT64':
      return node instanceof JsonNumber;
    case 'BOOLEAN':
      return typeof node === 'boolean';
    case 'STRING':
      return typeof node === 'string';
    case 'BYTES':
      return node instanceof JsonNumber && !node.integral;
    case 'ARRAY':
      return Array.isArray(node);
    case 'MAP':
      return Array.isArray(node) || isMembers(node);
    case 'STRUCT':
      return false;
  }
}

/** How many members of an object are fields of a struct, counted all the way down. */
function matchingMembers(schema: Schema, node: JsonNode): number {
  if (schema.type !== 'STRUCT' || !isMembers(node)) return 0;
  let matching = 0;
  for (const [name, member] of node) {
    const field = schema.field(name);
    if (field !== null) matching += 1 + matchingMembers(field.schema, member);
  }
  return matching;
}

/** What a node is, in Jackson's words. */
function nodeKind(node: JsonNode): string {
  if (node === null) return 'NULL';
  if (node === MISSING) return 'MISSING';
  if (typeof node === 'boolean') return 'BOOLEAN';
  if (typeof node === 'string') return 'STRING';
  if (node instanceof JsonNumber) return 'NUMBER';
  return isMembers(node) ? 'OBJECT' : 'ARRAY';
}
