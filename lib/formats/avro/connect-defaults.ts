import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import type { AvroField, AvroSchema, Json } from './avro-schema.ts';
import { fieldOfBranch } from './connect-names.ts';
import { toLogical } from './default-values.ts';
import { isJsonArray, isJsonObject } from './json-exact.ts';

/** The default of a field as Avro hands it out: undefined where there is none, or where it does not fit its type. */
export function fieldDefaultOf({ type, defaultValue }: AvroField): Json | undefined {
  return defaultValue === undefined || !fits(type, defaultValue) ? undefined : defaultValue;
}

function fits(schema: AvroSchema, value: Json): boolean {
  if (schema.type === 'union') return value === null || schema.types.some((branch) => fits(branch, value));
  if (value === null) return true;
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
    case 'long':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'float':
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint' || floatOfText(value) !== null;
    case 'string':
    case 'enum':
    case 'bytes':
    case 'fixed':
      return typeof value === 'string';
    case 'array':
      return isJsonArray(value);
    case 'map':
    case 'record':
      return isJsonObject(value);
    default:
      return false;
  }
}

/**
 * A default in Connect's form. `ofField`: it is an Avro field's own default, in which numbers that are no JSON are texts; otherwise it is the
 * property `connect.default`. DataException where it cannot be of this schema.
 */
export function connectDefaultOf(schema: Schema, avro: AvroSchema, value: Json, ofField: boolean, options: AvroDataOptions): unknown {
  if (value === null) return null;
  const converted = encoded(schema, avro, value, ofField, options);
  return converted === null ? null : toLogical(schema, converted);
}

function encoded(schema: Schema, avro: AvroSchema, value: Json, ofField: boolean, options: AvroDataOptions): unknown {
  switch (avro.type) {
    case 'boolean':
      return value === true || value === 'true';
    case 'int':
      return number(value) | 0;
    case 'long':
      return typeof value === 'bigint' ? BigInt.asIntN(64, value) : BigInt(Math.trunc(number(value)));
    case 'float':
      return Math.fround(ofField ? (floatOfText(value) ?? number(value)) : number(value));
    case 'double':
      return ofField ? (floatOfText(value) ?? number(value)) : number(value);
    case 'string':
    case 'enum':
      return typeof value === 'string' ? value : String(value);
    case 'bytes':
    case 'fixed':
      return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'latin1')) : null;
    case 'array':
      return ofArray(schema, avro.items, value, ofField, options);
    case 'map': {
      if (!isJsonObject(value)) throw new DataException('Invalid JSON for map default value');
      const of = (entry: Json) => connectDefaultOf(schema.valueSchema as Schema, avro.values, entry, ofField, options);
      return new Map(Object.entries(value).map(([key, entry]) => [key, of(entry)]));
    }
    case 'record': {
      if (!isJsonObject(value)) throw new DataException('Invalid JSON for record default value');
      const struct = new Struct(schema);
      for (const field of avro.fields) {
        const target = schema.field(field.name);
        if (target === null) throw new DataException(`${field.name} is not a valid field name`);
        const given = value[field.name] ?? fieldDefaultOf(field);
        struct.put(
          target,
          given === undefined
            ? target.schema.defaultValue
            : connectDefaultOf(target.schema, branchOf(field.type, given), given, ofField, options),
        );
      }
      return struct;
    }
    case 'union':
      return ofUnion(schema, avro.types, value, ofField, options);
    default:
      return null;
  }
}

function ofArray(schema: Schema, items: AvroSchema, value: Json, ofField: boolean, options: AvroDataOptions): unknown {
  if (!isJsonArray(value)) throw new DataException('Invalid JSON for array default value');
  // a map of other than string keys: its default cannot be told from an array of pairs
  if (schema.type !== 'ARRAY') throw new DataException('Invalid JSON for map default value');
  return value.map((element) => connectDefaultOf(schema.valueSchema as Schema, branchOf(items, element), element, ofField, options));
}

/** A default of a union is one of its first branch. */
function ofUnion(schema: Schema, types: readonly AvroSchema[], value: Json, ofField: boolean, options: AvroDataOptions): unknown {
  const [first] = types;
  if (first === undefined || first.type === 'null') return null;
  if (!fits(first, value)) return null;
  const field = schema.field(fieldOfBranch(first, 0, options));
  if (field === null) throw new DataException('Did not find matching union field for data');
  return new Struct(schema).put(field, connectDefaultOf(field.schema, first, value, ofField, options));
}

/** Of an optional type the type; other unions stay. */
function branchOf(schema: AvroSchema, value: Json): AvroSchema {
  if (schema.type !== 'union' || schema.types.length > 2 || !schema.types.some((branch) => branch.type === 'null')) return schema;
  return schema.types.find((branch) => branch.type !== 'null' && value !== null) ?? schema;
}

/** Jackson's `doubleValue` and `intValue`: 0 for what is no number. */
function number(value: Json): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
}

function floatOfText(value: Json): number | null {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : null;
}
