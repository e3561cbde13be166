import type { SchemaKind, SchemaReference, SchemaText } from './schema-registry.ts';

/** A schema that a format has understood. */
export interface ParsedSchema {
  readonly schemaType: SchemaKind;
  /** What is sent to the registry. */
  readonly text: string;
  readonly references: readonly SchemaReference[];
  /** The record or message name that RecordNameStrategy uses; null = it has none. */
  readonly recordName: string | null;
}

/** What a registry serializer needs of a format. */
export interface SchemaProvider<S extends ParsedSchema> {
  readonly schemaType: SchemaKind;
  /** As messages say it: `Avro`, `JSON`, `Protobuf`. */
  readonly label: string;
  /**
   * A schema of this text; `resolved` has the texts of its references by name, each before the one that needs it. Throws where the text is
   * no schema of this kind.
   */
  parse(schema: SchemaText, resolved: ReadonlyMap<string, string>): S;
  /** Why data written with `writer` cannot be read with `reader`; empty = it can. */
  incompatibilities(reader: S, writer: S): readonly string[];
}

/** A parsed schema as the text a registry wants. */
export function schemaTextOf({ schemaType, text, references }: ParsedSchema): SchemaText {
  return { schemaType, schema: text, references };
}
