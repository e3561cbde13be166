import { avroIncompatibilities } from '../../formats/avro/avro-compatibility.ts';
import type { AvroSchema } from '../../formats/avro/avro-schema.ts';
import { avroSchemaText } from '../../formats/avro/avro-schema-text.ts';
import { type KnownTypes, parseAvroSchema } from '../../formats/avro/parse-avro-schema.ts';
import type { ParsedSchema, SchemaProvider } from '../../registry/parsed-schema.ts';
import type { SchemaReference } from '../../registry/schema-registry.ts';

/** An Avro schema as registries want it. */
export interface ParsedAvro extends ParsedSchema {
  readonly avro: AvroSchema;
}

/** The parsed form of a schema; types of `referenced` are only named in its text. */
export function parsedAvro(avro: AvroSchema, references: readonly SchemaReference[] = [], referenced: Iterable<string> = []): ParsedAvro {
  const recordName = avro.type === 'record' ? avro.fullName : null;
  return { schemaType: 'AVRO', text: avroSchemaText(avro, referenced), references, recordName, avro };
}

/** What a registry serde needs of Avro. */
export const AVRO_SCHEMAS: SchemaProvider<ParsedAvro> = {
  schemaType: 'AVRO',
  label: 'Avro',
  parse({ schema, references }, resolved) {
    const known: KnownTypes = new Map();
    for (const text of resolved.values()) parseAvroSchema(text, known);
    const referenced = [...known.keys()];
    return parsedAvro(parseAvroSchema(schema, known), references, referenced);
  },
  incompatibilities: (reader, writer) => avroIncompatibilities(reader.avro, writer.avro),
};
