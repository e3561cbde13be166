import { incompatibilities } from '../../formats/protobuf/compatibility.ts';
import { readSchemaFile } from '../../formats/protobuf/descriptor-file.ts';
import { ProtoTypes } from '../../formats/protobuf/descriptors.ts';
import type { ParsedSchema, SchemaProvider } from '../../registry/parsed-schema.ts';
import type { SchemaReference, SchemaText } from '../../registry/schema-registry.ts';

/** A `.proto` file as a registry keeps it, with one of its messages in view. */
export interface ProtobufParsedSchema extends ParsedSchema {
  readonly schemaType: 'PROTOBUF';
  readonly types: ProtoTypes;
  /** Full name of the message that data has. */
  readonly recordName: string | null;
}

/** The text stays as it is, so that the registry finds it again. Throws ProtoSyntaxError, IllegalArgumentException. */
export function parsedProtobufSchema(
  text: string,
  references: readonly SchemaReference[] = [],
  resolved: ReadonlyMap<string, string> = new Map(),
  types: ProtoTypes = new ProtoTypes(readSchemaFile(text), resolved),
): ProtobufParsedSchema {
  const first = types.file.messages[0]?.name ?? types.file.enums[0]?.name ?? null;
  const recordName = first === null || types.file.packageName === '' ? first : `${types.file.packageName}.${first}`;
  return { schemaType: 'PROTOBUF', text, references, recordName, types };
}

export const protobufProvider: SchemaProvider<ProtobufParsedSchema> = {
  schemaType: 'PROTOBUF',
  label: 'Protobuf',
  parse: ({ schema, references }: SchemaText, resolved) => parsedProtobufSchema(schema, references, resolved),
  incompatibilities: (reader, writer) => incompatibilities(reader.types.file, writer.types.file),
};
