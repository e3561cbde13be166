import { type BigDecimal, bytesOfBigInt, Decimal } from '../../core/data/decimal.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../core/data/logical.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical-names.ts';
import type { Schema } from '../../core/data/schema.ts';
import type { Struct } from '../../core/data/struct.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import type { AvroSchema, Json } from './avro-schema.ts';
import { hasAvroKeys, isUnion, scrubName } from './connect-names.ts';
import { isJsonArray, isJsonObject } from './json-exact.ts';

/** A default of Connect data as the JSON of an Avro default. */
export function defaultToJson(schema: Schema, value: unknown, options: AvroDataOptions): Json {
  if (value === null || value === undefined) return null;
  switch (schema.name) {
    case DECIMAL_NAME:
      return latin1(bytesOfBigInt((value as BigDecimal).unscaled));
    case DATE_NAME:
      return ConnectDate.fromLogical(schema, value as Date);
    case TIME_NAME:
      return ConnectTime.fromLogical(schema, value as Date);
    case TIMESTAMP_NAME:
      return exact(ConnectTimestamp.fromLogical(schema, value as Date));
  }
  switch (schema.type) {
    case 'INT64':
      return exact(value as bigint);
    case 'BYTES':
      return latin1(value as Uint8Array);
    case 'ARRAY':
      return (value as unknown[]).map((element) => defaultToJson(schema.valueSchema as Schema, element, options));
    case 'MAP': {
      const entries = [...(value as Map<unknown, unknown>)].map(([key, entry]): [unknown, Json, Json] => [
        key,
        defaultToJson(schema.keySchema as Schema, key, options),
        defaultToJson(schema.valueSchema as Schema, entry, options),
      ]);
      if (hasAvroKeys(schema, options)) return Object.fromEntries(entries.map(([key, , entry]) => [String(key), entry]));
      return entries.map(([, key, entry]) => [key, entry]);
    }
    case 'STRUCT': {
      const struct = value as Struct;
      const fields = schema.fields ?? [];
      // a default of a union is one of its first member
      if (isUnion(schema)) return fields[0] === undefined ? {} : defaultToJson(fields[0].schema, struct.get(fields[0].name), options);
      return Object.fromEntries(
        fields.map((field) => [scrubName(field.name, options), defaultToJson(field.schema, struct.get(field.name), options)]),
      );
    }
    default:
      return value as Json;
  }
}

/** Whether a default fits its schema, as Avro checks it; of a union any branch will do. */
export function isValidDefault(schema: AvroSchema, value: Json): boolean {
  switch (schema.type) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' && (value | 0) === value;
    case 'long':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    case 'float':
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'string':
    case 'bytes':
    case 'fixed':
      return typeof value === 'string';
    case 'enum':
      return typeof value === 'string';
    case 'array':
      return isJsonArray(value) && value.every((element) => isValidDefault(schema.items, element));
    case 'map':
      return isJsonObject(value) && Object.values(value).every((entry) => isValidDefault(schema.values, entry));
    case 'union':
      return schema.types.some((branch) => isValidDefault(branch, value));
    case 'record':
      return (
        isJsonObject(value) &&
        schema.fields.every((field) => {
          const given = value[field.name] ?? field.defaultValue;
          return isValidDefault(field.type, given === undefined ? null : given);
        })
      );
  }
}

/** The encoded form of a logical type back in its own. */
export function toLogical(schema: Schema, value: unknown): unknown {
  switch (schema.name) {
    case DECIMAL_NAME:
      return Decimal.toLogical(schema, value as Uint8Array);
    case DATE_NAME:
      return ConnectDate.toLogical(schema, value as number);
    case TIME_NAME:
      return ConnectTime.toLogical(schema, value as number);
    case TIMESTAMP_NAME:
      return ConnectTimestamp.toLogical(schema, value as bigint);
    default:
      return value;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function exact(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
