import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';

/** A builder with name, version, doc and parameters of a schema. Optional and default are left out: each transformation decides on them. */
export function copySchemaBasics(
  source: Schema,
  builder: SchemaBuilder = new SchemaBuilder(source.type, source.keySchema, source.valueSchema),
): SchemaBuilder {
  if (source.name !== null) builder.name(source.name);
  if (source.version !== null) builder.version(source.version);
  if (source.doc !== null) builder.doc(source.doc);
  if (source.parameters !== null) builder.parameters(source.parameters);
  return builder;
}
