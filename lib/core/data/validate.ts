import { DataException } from '../errors.ts';
import { BigDecimal } from './big-decimal.ts';
import { javaClassName } from './java-text.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema } from './schema.ts';
import { StructValue } from './struct-value.ts';

/** Where a value stands; written out only when something is wrong with it. */
type Location = string | null | { readonly part: string; readonly of: Location };

/**
 * Connect's `ConnectSchema.validateValue`: throws DataException unless the value is what the schema says. A default does not make
 * null valid. INT8, INT16 and INT32 take integral numbers of their range, FLOAT32 and FLOAT64 any number, INT64 a bigint.
 */
export function validateValue(fieldName: string | null, schema: Schema, value: unknown): void {
  check(schema, value, fieldName);
}

function check(schema: Schema, value: unknown, location: Location): void {
  if (value === null || value === undefined) {
    if (schema.optional) return;
    throw new DataException(`Invalid value: null used for required ${describe(location)}, schema type: ${schema.type}`);
  }
  if (!hasClassFor(schema, value)) {
    const name = schema.name === null ? '' : ` "${schema.name}"`;
    throw new DataException(
      `Invalid Java object for schema${name} with type ${schema.type}: class ${javaClassName(value)} for ${describe(location)}`,
    );
  }
  switch (schema.type) {
    case 'STRUCT': {
      const struct = value as StructValue;
      if (!struct.schema.equals(schema)) throw new DataException('Struct schemas do not match.');
      struct.validate();
      return;
    }
    case 'ARRAY': {
      const elements: Location = { part: 'element of array', of: location };
      const elementSchema = present(schema.valueSchema, elements);
      for (const element of value as unknown[]) check(elementSchema, element, elements);
      return;
    }
    case 'MAP': {
      const keys: Location = { part: 'key of map', of: location };
      const values: Location = { part: 'value of map', of: location };
      const keySchema = present(schema.keySchema, keys);
      const valueSchema = present(schema.valueSchema, values);
      for (const [key, entry] of value as Map<unknown, unknown>) {
        check(keySchema, key, keys);
        check(valueSchema, entry, values);
      }
    }
  }
}

function present(schema: Schema | null, location: Location): Schema {
  if (schema === null) throw new DataException(`No schema defined for ${describe(location)}`);
  return schema;
}

function describe(location: Location): string {
  if (location === null) return 'value';
  return typeof location === 'string' ? `field: "${location}"` : `${location.part} ${describe(location.of)}`;
}

/** Whether a value other than null is of a class that the schema's type, or its logical type, takes. Elements are not looked at. */
export function hasClassFor(schema: Schema, value: unknown): boolean {
  if (schema.name !== null) {
    switch (schema.name) {
      case DECIMAL_NAME:
        return value instanceof BigDecimal;
      case DATE_NAME:
      case TIME_NAME:
      case TIMESTAMP_NAME:
        return value instanceof Date;
    }
  }
  switch (schema.type) {
    case 'INT8':
      return typeof value === 'number' && (value << 24) >> 24 === value;
    case 'INT16':
      return typeof value === 'number' && (value << 16) >> 16 === value;
    case 'INT32':
      return typeof value === 'number' && (value | 0) === value;
    case 'INT64':
      return typeof value === 'bigint';
    case 'FLOAT32':
    case 'FLOAT64':
      return typeof value === 'number';
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
      return typeof value === 'string';
    case 'BYTES':
      return value instanceof Uint8Array;
    case 'ARRAY':
      return Array.isArray(value);
    case 'MAP':
      return value instanceof Map;
    case 'STRUCT':
      return value instanceof StructValue;
  }
}
