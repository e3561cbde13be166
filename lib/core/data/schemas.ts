import { SchemaBuilder } from './schema-builder.ts';

/** Schemas of the primitive types, required and optional, without name, version or doc. */
export const INT8_SCHEMA = SchemaBuilder.int8().build();
export const INT16_SCHEMA = SchemaBuilder.int16().build();
export const INT32_SCHEMA = SchemaBuilder.int32().build();
export const INT64_SCHEMA = SchemaBuilder.int64().build();
export const FLOAT32_SCHEMA = SchemaBuilder.float32().build();
export const FLOAT64_SCHEMA = SchemaBuilder.float64().build();
export const BOOLEAN_SCHEMA = SchemaBuilder.boolean().build();
export const STRING_SCHEMA = SchemaBuilder.string().build();
export const BYTES_SCHEMA = SchemaBuilder.bytes().build();
export const OPTIONAL_INT8_SCHEMA = SchemaBuilder.int8().optional().build();
export const OPTIONAL_INT16_SCHEMA = SchemaBuilder.int16().optional().build();
export const OPTIONAL_INT32_SCHEMA = SchemaBuilder.int32().optional().build();
export const OPTIONAL_INT64_SCHEMA = SchemaBuilder.int64().optional().build();
export const OPTIONAL_FLOAT32_SCHEMA = SchemaBuilder.float32().optional().build();
export const OPTIONAL_FLOAT64_SCHEMA = SchemaBuilder.float64().optional().build();
export const OPTIONAL_BOOLEAN_SCHEMA = SchemaBuilder.boolean().optional().build();
export const OPTIONAL_STRING_SCHEMA = SchemaBuilder.string().optional().build();
export const OPTIONAL_BYTES_SCHEMA = SchemaBuilder.bytes().optional().build();
