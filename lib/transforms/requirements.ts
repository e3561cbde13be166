import { javaClassName } from '../core/data/java-text.ts';
import type { Field, Schema } from '../core/data/schema.ts';
import { Struct } from '../core/data/struct.ts';
import { validateValue } from '../core/data/validate.ts';
import { DataException } from '../core/errors.ts';

/** Schemaless data a transformation can work on. `purpose` stands in the message, e.g. `cast types`. */
export function requireMap(value: unknown, purpose: string): ReadonlyMap<unknown, unknown> {
  if (value instanceof Map) return value;
  throw new DataException(`Only Map objects supported in absence of schema for [${purpose}], found: ${nullSafeClass(value)}`);
}

export function requireMapOrNull(value: unknown, purpose: string): ReadonlyMap<unknown, unknown> | null {
  return value === null || value === undefined ? null : requireMap(value, purpose);
}

export function requireStruct(value: unknown, purpose: string): Struct {
  if (value instanceof Struct) return value;
  throw new DataException(`Only Struct objects supported for [${purpose}], found: ${nullSafeClass(value)}`);
}

export function requireStructOrNull(value: unknown, purpose: string): Struct | null {
  return value === null || value === undefined ? null : requireStruct(value, purpose);
}

/** The fields of a schema that has to be a struct's. */
export function fieldsOf(schema: Schema): readonly Field[] {
  if (schema.fields === null) throw new DataException('Cannot list fields on non-struct type');
  return schema.fields;
}

/** A value on its way into a field of the same schema it came from: only a null has to be checked again. */
export function intoField(field: Field, value: unknown): unknown {
  if (value === null) validateValue(field.name, field.schema, null);
  return value;
}

function nullSafeClass(value: unknown): string {
  return value === null || value === undefined ? 'null' : javaClassName(value);
}
