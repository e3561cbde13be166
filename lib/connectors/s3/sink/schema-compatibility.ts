import { schemasEqual } from '../../../core/data/connect-schema.ts';
import { javaToString } from '../../../core/data/java-text.ts';
import type { Schema, SchemaType } from '../../../core/data/schema.ts';
import { project } from '../../../core/data/schema-projector.ts';
import { SchemaProjectorException } from '../../../core/errors.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { ENUM_PARAMETERS, isMetadataParameter } from './schema-parameters.ts';

export type Compatibility = 'NONE' | 'BACKWARD' | 'FORWARD' | 'FULL';

/** What `schema.compatibility` says; whatever it does not know is NONE, and only upper case is known. */
export function compatibilityOf(text: string): Compatibility {
  return text === 'BACKWARD' || text === 'FORWARD' || text === 'FULL' ? text : 'NONE';
}

/**
 * Whether a record of this schema needs new objects, because it cannot be brought into the current one.
 * Throws SchemaProjectorException where nothing is known of one of them.
 */
export function needsNewFile(compatibility: Compatibility, schema: Schema | null, current: Schema | null): boolean {
  if (current === schema) return false;
  if (current === null || schema === null) {
    throw new SchemaProjectorException('Switch between schema-based and schema-less data is not supported');
  }
  if (compatibility === 'NONE') return !schemasEqual(schema, current);
  if (schema.version === null || current.version === null) {
    throw new SchemaProjectorException(`Schema version required for ${compatibility} compatibility`);
  }
  if (incompatible(schema, current)) return true;
  return compatibility === 'FORWARD' ? schema.version < current.version : schema.version > current.version;
}

/** The record in the current schema. Throws SchemaProjectorException. */
export function projected(compatibility: Compatibility, record: SinkRecord, current: Schema | null): SinkRecord {
  const { valueSchema, value } = record;
  if (compatibility === 'NONE' || valueSchema === current || current === null || schemasEqual(valueSchema, current)) return record;
  const changed = project(valueSchema!, value, current, parametersProblem);
  return changed === value ? record : record.with({ valueSchema: current, value: changed });
}

const PROMOTABLE: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

function incompatible(schema: Schema, current: Schema): boolean {
  const from = PROMOTABLE.indexOf(schema.type);
  if (schema.type !== current.type && !(from >= 0 && PROMOTABLE.indexOf(current.type) >= from)) return true;
  if (schema.name !== current.name || parametersDiffer(schema, current)) return true;
  if (schema.optional && !current.optional && current.defaultValue === null) return true;
  if (schema.type === 'STRUCT') return fieldsIncompatible(schema, current);
  if (schema.type === 'ARRAY') return incompatible(schema.valueSchema!, current.valueSchema!);
  if (schema.type === 'MAP') {
    return incompatible(schema.keySchema!, current.keySchema!) || incompatible(schema.valueSchema!, current.valueSchema!);
  }
  return false;
}

function fieldsIncompatible(schema: Schema, current: Schema): boolean {
  for (const field of schema.fields!) {
    const other = current.field(field.name);
    if (other !== null && incompatible(field.schema, other.schema)) return true;
  }
  return current.fields!.some((field) => schema.field(field.name) === null && !field.schema.optional && field.schema.defaultValue === null);
}

/** Documentation does not count; an enumeration may have fewer symbols than the current one. */
function parametersDiffer(schema: Schema, current: Schema): boolean {
  const own = relevant(schema);
  const other = relevant(current);
  if (!isEnum(schema) || !isEnum(current)) {
    if (own.size !== other.size) return true;
  }
  for (const [name, value] of own) if (other.get(name) !== value) return true;
  return false;
}

function parametersProblem(source: Schema, target: Schema): string | null {
  if (source.parameters === null || target.parameters === null || !parametersDiffer(source, target)) return null;
  const own = javaToString(source.parameters);
  const other = javaToString(target.parameters);
  return isEnum(source) && isEnum(target)
    ? `Schema parameters mismatch. Source parameter: ${own} is not a subset of target parameters: ${other}`
    : `Schema parameters not equal. source parameters: ${own} and target parameters: ${other}`;
}

function relevant({ parameters }: Schema): ReadonlyMap<string, string> {
  return new Map([...(parameters ?? [])].filter(([name]) => !isMetadataParameter(name)));
}

function isEnum({ parameters }: Schema): boolean {
  return parameters !== null && ENUM_PARAMETERS.some((name) => parameters.has(name));
}
