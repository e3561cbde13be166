import type { JsonNode } from '../json/json-node.ts';
import { type JsonSchema, loadDocument } from './document.ts';

/** A document with those it refers to. */
export interface DocumentWithReferences {
  readonly root: JsonNode;
  readonly resolved: ReadonlyMap<string, JsonNode>;
}

/**
 * Why documents of the schema `writer` may not be valid for the schema `reader`, each with its place; empty = they are. Follows the rules by
 * which Confluent's registry compares versions, for types, properties, items and unions; bounds and patterns are not compared.
 */
export function incompatibilities(reader: DocumentWithReferences, writer: DocumentWithReferences): string[] {
  const found: string[] = [];
  compare(loadDocument(reader.root, reader.resolved), loadDocument(writer.root, writer.resolved), '#', found, new Set());
  return found;
}

function compare(reader: JsonSchema, writer: JsonSchema, at: string, found: string[], visited: Set<JsonSchema>): void {
  if (reader.kind === 'reference' || writer.kind === 'reference') {
    if (visited.has(reader) || visited.has(writer)) return;
    const seen = new Set([...visited, reader, writer]);
    compare(
      reader.kind === 'reference' ? reader.target() : reader,
      writer.kind === 'reference' ? writer.target() : writer,
      at,
      found,
      seen,
    );
    return;
  }
  if (reader.kind === 'any') return;
  if (reader.kind === 'combined' || writer.kind === 'combined') {
    compareCombined(reader, writer, at, found, visited);
    return;
  }
  if (reader.kind === 'number' && writer.kind === 'number') {
    if (reader.integer && !writer.integer) found.push(`${at}: the type was narrowed to integer`);
    return;
  }
  if (isEnum(reader) && isEnum(writer)) {
    const allowed = new Set(reader.values.map((value) => JSON.stringify(value)));
    if (!writer.values.every((value) => allowed.has(JSON.stringify(value)))) found.push(`${at}: the enum was narrowed`);
    return;
  }
  if (reader.kind !== writer.kind) {
    found.push(`${at}: the type was changed from ${writer.kind} to ${reader.kind}`);
    return;
  }
  if (reader.kind === 'array' && writer.kind === 'array' && reader.items !== null && writer.items !== null) {
    compare(reader.items, writer.items, `${at}/items`, found, visited);
  }
  if (reader.kind === 'object' && writer.kind === 'object') compareObjects(reader, writer, at, found, visited);
}

function compareObjects(
  reader: Extract<JsonSchema, { kind: 'object' }>,
  writer: Extract<JsonSchema, { kind: 'object' }>,
  at: string,
  found: string[],
  visited: Set<JsonSchema>,
): void {
  if (writer.permitsAdditional && !reader.permitsAdditional) found.push(`${at}: additional properties are no longer permitted`);
  for (const [name, schema] of reader.properties) {
    const place = `${at}/properties/${name}`;
    const before = writer.properties.get(name);
    if (before !== undefined) compare(schema, before, place, found, visited);
    else if (writer.permitsAdditional && writer.additionalProperties === null && schema.kind !== 'any') {
      found.push(`${place}: a property was added to an open content model`);
    }
    const isNew = reader.required.has(name) && !(writer.required.has(name) && writer.properties.has(name));
    if (isNew && !schema.members.has('default')) found.push(`${place}: a property was made required`);
  }
  for (const name of writer.properties.keys()) {
    if (!reader.properties.has(name) && !reader.permitsAdditional) found.push(`${at}/properties/${name}: a property was removed`);
  }
}

/** Every alternative of the writer must be one of the reader's. */
function compareCombined(reader: JsonSchema, writer: JsonSchema, at: string, found: string[], visited: Set<JsonSchema>): void {
  if (reader.kind === 'combined' && reader.criterion === 'allOf') {
    for (const part of reader.subschemas) {
      const same = writer.kind === 'combined' && writer.criterion === 'allOf' ? writer.subschemas : [writer];
      if (!same.some((each) => fits(part, each, visited))) found.push(`${at}: a part was added to allOf`);
    }
    return;
  }
  const accepts = reader.kind === 'combined' ? reader.subschemas : [reader];
  const gives = writer.kind === 'combined' ? writer.subschemas : [writer];
  const every = writer.kind === 'combined' && writer.criterion === 'allOf' ? 'some' : 'every';
  if (!gives[every]((each: JsonSchema) => accepts.some((part) => fits(part, each, visited))))
    found.push(`${at}: the alternatives were narrowed`);
}

function fits(reader: JsonSchema, writer: JsonSchema, visited: Set<JsonSchema>): boolean {
  const found: string[] = [];
  compare(reader, writer, '#', found, visited);
  return found.length === 0;
}

function isEnum(schema: JsonSchema): schema is Extract<JsonSchema, { kind: 'enum' | 'const' }> {
  return schema.kind === 'enum' || schema.kind === 'const';
}
