import type { Schema } from '../../core/data/schema.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import { type AvroSchema, isNamed, splitFullName } from './avro-schema.ts';

export const NAMESPACE = 'io.confluent.connect.avro';
/** Name of a struct that has none; the second is ConnectDefault2, and so on. */
export const DEFAULT_NAME = 'ConnectDefault';
export const MAP_ENTRY = 'MapEntry';
export const UNION_NAME = `${NAMESPACE}.Union`;
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`;
export const FIXED_SIZE = 'connect.fixed.size';
export const PRECISION = 'connect.decimal.precision';
export const DEFAULT_PRECISION = 64;
export const RECORD_DOC = `${NAMESPACE}.record.doc`;
export const ENUM_DOC = `${NAMESPACE}.enum.doc.`;
export const FIELD_DOC = `${NAMESPACE}.field.doc.`;
/** Parameter that tells that a default came from an Avro field. */
export const FIELD_DEFAULT = `${NAMESPACE}.field.default`;
export const ENUM_DEFAULT = `${NAMESPACE}.enum.default.`;
export const DISCARDED_RECORD_DOC = 'connect.record.doc';
export const DISCARDED_ENUM_DOC = 'connect.enum.doc';
export const VARIANT_NAME = 'org.apache.kafka.connect.data.Variant';
export const GENERALIZED_UNION = 'org.apache.kafka.connect.data.Union';
export const GENERALIZED_ENUM = 'org.apache.kafka.connect.data.Enum';
export const GENERALIZED_UNION_PREFIX = 'connect_union_';
export const GENERALIZED_FIELD_PREFIX = 'connect_union_field_';

const AVRO_TYPE_OF: Readonly<Record<string, string>> = {
  INT32: 'int',
  INT64: 'long',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
};

export function enumParameter(options: AvroDataOptions): string {
  return options.generalizedSumTypeSupport ? GENERALIZED_ENUM : ENUM_PARAMETER;
}

/** A struct that stands for a union, one optional field per member. */
export function isUnion(schema: Schema): boolean {
  return schema.type === 'STRUCT' && (schema.name === UNION_NAME || (schema.parameters?.has(GENERALIZED_UNION) ?? false));
}

export function isEnum(schema: Schema): boolean {
  return (
    schema.type === 'STRING' &&
    schema.parameters !== null &&
    (schema.parameters.has(GENERALIZED_ENUM) || schema.parameters.has(ENUM_PARAMETER))
  );
}

export function isFixed(schema: Schema): boolean {
  return schema.type === 'BYTES' && schema.name !== null && (schema.parameters?.has(FIXED_SIZE) ?? false);
}

export function isVariant(schema: Schema): boolean {
  return schema.type === 'STRUCT' && schema.name === VARIANT_NAME;
}

/** Whether a map becomes an Avro map, which has string keys, rather than an array of entries. */
export function hasAvroKeys({ keySchema }: Schema, { allowOptionalMapKeys }: AvroDataOptions): boolean {
  return keySchema?.type === 'STRING' && (!keySchema.optional || allowOptionalMapKeys);
}

/** The field of a union struct that an Avro branch belongs to. `index` counts all branches. */
export function fieldOfBranch(branch: AvroSchema, index: number, options: AvroDataOptions): string {
  if (options.generalizedSumTypeSupport) return GENERALIZED_FIELD_PREFIX + index;
  if (!isNamed(branch)) return branch.type;
  return options.enhancedSchemaSupport ? branch.fullName : splitName(branch.name, options).name;
}

/** The same from the Connect side; `index` counts the fields. */
export function fieldOfMember(schema: Schema, index: number, options: AvroDataOptions): string {
  if (options.generalizedSumTypeSupport) return GENERALIZED_FIELD_PREFIX + index;
  if (schema.type === 'STRUCT' || isEnum(schema) || isFixed(schema)) {
    const name = schema.name ?? '';
    return options.enhancedSchemaSupport ? scrubFullName(name, options) : splitName(name, options).name;
  }
  return AVRO_TYPE_OF[schema.type] ?? '';
}

/** Name and namespace of a schema's name, each part scrubbed where that is asked for. */
export function splitName(fullName: string, options: AvroDataOptions): { readonly name: string; readonly namespace: string | null } {
  return splitFullName(scrubFullName(fullName, options));
}

export function scrubFullName(name: string, options: AvroDataOptions): string {
  return options.scrubInvalidNames ? name.split('.').map(scrub).join('.') : name;
}

export function scrubName(name: string, options: AvroDataOptions): string {
  return options.scrubInvalidNames ? scrub(name) : name;
}

/** As Java's URLEncoder writes it, every `%`, `+`, `.`, `-` and `*` an underscore; a digit in front gets an `x`. */
function scrub(name: string): string {
  if (name === '' || /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  // a lone surrogate is a question mark to Java's encoder
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return (/^[0-9]/.test(encoded) ? `x${encoded}` : encoded).replace(/%20/g, '_').replace(/[^A-Za-z0-9_]/g, '_');
}
