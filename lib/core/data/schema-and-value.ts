import type { Schema } from './schema.ts';

/** A value with its schema; schema null = schemaless. */
export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** Null without a schema: what most converters make of null bytes. */
export const NULL_SCHEMA_AND_VALUE: SchemaAndValue = Object.freeze({ schema: null, value: null });
