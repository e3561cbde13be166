import { JavaException } from '../../core/java/exceptions.ts';
import { isMembers, type JsonNode, nodeText, readNode } from '../../formats/json/json-node.ts';
import { JsonScanner } from '../../formats/json/json-scanner.ts';
import { incompatibilities } from '../../formats/json-schema/compatibility.ts';
import type { ParsedSchema, SchemaProvider } from '../../registry/parsed-schema.ts';
import type { SchemaReference, SchemaText } from '../../registry/schema-registry.ts';

/** A JSON Schema document as a registry keeps it. */
export interface JsonParsedSchema extends ParsedSchema {
  readonly schemaType: 'JSON';
  readonly root: JsonNode;
  /** The documents that `$ref` may name, by name. */
  readonly resolved: ReadonlyMap<string, JsonNode>;
}

/** `text` is JSON. Throws JavaException (IOException) for anything else. */
export function parsedJsonSchema(
  text: string,
  references: readonly SchemaReference[] = [],
  resolved: ReadonlyMap<string, string> = new Map(),
): JsonParsedSchema {
  const root = parse(text);
  const title = isMembers(root) ? root.get('title') : undefined;
  return {
    schemaType: 'JSON',
    text: nodeText(root),
    references,
    recordName: typeof title === 'string' ? title : null,
    root,
    resolved: new Map([...resolved].map(([name, each]) => [name, parse(each)])),
  };
}

function parse(text: string): JsonNode {
  try {
    return readNode(new JsonScanner(text));
  } catch (error) {
    throw new JavaException('Invalid schema', 'java.io.IOException', { cause: error });
  }
}

export const jsonSchemaProvider: SchemaProvider<JsonParsedSchema> = {
  schemaType: 'JSON',
  label: 'JSON',
  parse: ({ schema, references }: SchemaText, resolved) => parsedJsonSchema(schema, references, resolved),
  incompatibilities: (reader, writer) => incompatibilities(reader, writer),
};
