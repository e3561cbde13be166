import { SchemaProjectorException } from '../errors.ts';
import { doubleToInt, doubleToLong, parseFloat32 } from './java-numbers.ts';
import { javaToString } from './java-text.ts';
import type { Schema, SchemaType } from './schema.ts';
import { Struct } from './struct.ts';
import { valuesEqual } from './value-equality.ts';

/** Each of these can become any later one. */
const PROMOTABLE: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

/** What is wrong between the parameters of two schemas; null = nothing. */
export type ParametersRule = (source: Schema, target: Schema) => string | null;

const sameParameters: ParametersRule = (source, target) =>
  valuesEqual(source.parameters, target.parameters)
    ? null
    : `Schema parameters not equal. source parameters: ${javaToString(source.parameters)} and target parameters: ${javaToString(target.parameters)}`;

/**
 * The value as the target schema has it: numbers are promoted, fields of the target that the source lacks get their default or stay
 * empty, others are dropped. Throws SchemaProjectorException where the schemas do not allow it; the value is not validated.
 */
export function project(source: Schema, value: unknown, target: Schema, parameters: ParametersRule = sameParameters): unknown {
  checkCompatible(source, target, parameters);
  const isNull = value === null || value === undefined;
  if (source.optional && !target.optional) {
    if (target.defaultValue === null) {
      throw new SchemaProjectorException('Writer schema is optional, however, target schema does not provide a default value.');
    }
    return isNull ? target.defaultValue : projectPresent(source, value, target, parameters);
  }
  return isNull ? null : projectPresent(source, value, target, parameters);
}

function checkCompatible(source: Schema, target: Schema, parameters: ParametersRule): void {
  if (source.type !== target.type && !isPromotable(source.type, target.type)) {
    throw new SchemaProjectorException(`Schema type mismatch. source type: ${source.type} and target type: ${target.type}`);
  }
  if (source.name !== target.name) {
    throw new SchemaProjectorException(`Schema name mismatch. source name: ${source.name} and target name: ${target.name}`);
  }
  const problem = parameters(source, target);
  if (problem !== null) throw new SchemaProjectorException(problem);
}

function isPromotable(source: SchemaType, target: SchemaType): boolean {
  const from = PROMOTABLE.indexOf(source);
  return from >= 0 && PROMOTABLE.indexOf(target) >= from;
}

function projectPresent(source: Schema, value: unknown, target: Schema, parameters: ParametersRule): unknown {
  switch (target.type) {
    case 'STRUCT':
      return projectStruct(source, value as Struct, target, parameters);
    case 'ARRAY':
      return (value as unknown[]).map((element) => project(source.valueSchema!, element, target.valueSchema!, parameters));
    case 'MAP': {
      const projected = new Map<unknown, unknown>();
      for (const [key, entry] of value as Map<unknown, unknown>) {
        projected.set(
          project(source.keySchema!, key, target.keySchema!, parameters),
          project(source.valueSchema!, entry, target.valueSchema!, parameters),
        );
      }
      return projected;
    }
    default:
      return typeof value === 'number' || typeof value === 'bigint' ? promote(value, target.type) : value;
  }
}

function projectStruct(source: Schema, value: Struct, target: Schema, parameters: ParametersRule): Struct {
  const projected = new Struct(target);
  for (const field of target.fields!) {
    const from = source.field(field.name);
    if (from === null) {
      if (field.schema.optional) continue;
      if (field.schema.defaultValue === null) {
        throw new SchemaProjectorException(`Required field \`${field.name}\` is missing from source schema: ${String(source)}`);
      }
      projected.put(field, field.schema.defaultValue);
      continue;
    }
    try {
      projected.put(field, project(from.schema, value.get(field.name), field.schema, parameters));
    } catch (error) {
      if (error instanceof SchemaProjectorException) throw new SchemaProjectorException(`Error projecting ${from.name}`, { cause: error });
      throw error;
    }
  }
  return projected;
}

function promote(value: number | bigint, type: SchemaType): unknown {
  switch (type) {
    case 'INT64':
      return typeof value === 'bigint' ? value : doubleToLong(value);
    case 'FLOAT32':
      return typeof value === 'bigint' ? parseFloat32(String(value)) : Math.fround(value);
    case 'FLOAT64':
      return Number(value);
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return typeof value === 'number' ? doubleToInt(value) : value;
    default:
      return value;
  }
}
