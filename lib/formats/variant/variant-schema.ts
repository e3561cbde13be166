import type { Schema } from '../../core/data/schema.ts';
import { SchemaBuilder } from '../../core/data/schema-builder.ts';
import { BYTES_SCHEMA } from '../../core/data/schemas.ts';

/** Name of the struct that holds a value of any shape: a dictionary of names and a value, both in the open variant encoding. */
export const VARIANT_NAME = 'org.apache.kafka.connect.data.Variant';

export function variantBuilder(): SchemaBuilder {
  return SchemaBuilder.struct().name(VARIANT_NAME).field('metadata', BYTES_SCHEMA).field('value', BYTES_SCHEMA);
}

export function isVariant(schema: Schema | null): boolean {
  return schema?.name === VARIANT_NAME;
}
