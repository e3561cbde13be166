import { SchemaParseException } from './avro-errors.ts';
import {
  type AvroField,
  type AvroNamedSchema,
  type AvroPrimitiveType,
  type AvroProps,
  type AvroRecord,
  type AvroSchema,
  branchName,
  type Json,
  primitive,
  splitFullName,
} from './avro-schema.ts';
import { isJsonArray, isJsonObject, jsonText, parseJson } from './json-exact.ts';

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
const SCHEMA_RESERVED = new Set(['type', 'name', 'namespace', 'doc', 'fields', 'items', 'values', 'symbols', 'size', 'aliases']);
const FIELD_RESERVED = new Set(['name', 'type', 'doc', 'default', 'order', 'aliases']);

/** Named types that are known while a schema is read, by full name. */
export type KnownTypes = Map<string, AvroNamedSchema>;

/**
 * Reads an Avro schema (specification 1.12) from JSON text. Types of `known` may be named without being defined, and those the text defines
 * are added. SchemaParseException for everything that is no schema.
 */
export function parseAvroSchema(text: string, known: KnownTypes = new Map()): AvroSchema {
  const trimmed = text.trim();
  // a registry may keep a primitive type without its quotes
  if (PRIMITIVES.has(trimmed)) return primitive(trimmed as AvroPrimitiveType);
  return parseType(parseJson(trimmed), null, known);
}

function parseType(json: Json, namespace: string | null, known: KnownTypes): AvroSchema {
  if (typeof json === 'string') return parseReference(json, namespace, known);
  if (isJsonArray(json)) return parseUnion(json, namespace, known);
  if (!isJsonObject(json)) throw new SchemaParseException(`No type: ${jsonText(json)}`);
  const { type } = json;
  if (typeof type !== 'string') {
    if (type === undefined) throw new SchemaParseException(`No type: ${jsonText(json)}`);
    // {"type": {…}} and {"type": […]} are the inner type
    return parseType(type, namespace, known);
  }
  const props = otherMembers(json, type === 'enum' ? new Set([...SCHEMA_RESERVED, 'default']) : SCHEMA_RESERVED);
  if (PRIMITIVES.has(type)) return { type: type as AvroPrimitiveType, props };
  switch (type) {
    case 'array':
      return { type, props, items: parseType(member(json, 'items'), namespace, known) };
    case 'map':
      return { type, props, values: parseType(member(json, 'values'), namespace, known) };
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return parseNamed(type, json, props, namespace, known);
    default:
      return parseReference(type, namespace, known);
  }
}

function parseReference(name: string, namespace: string | null, known: KnownTypes): AvroSchema {
  if (PRIMITIVES.has(name)) return primitive(name as AvroPrimitiveType);
  const found = known.get(name.includes('.') || namespace === null ? name : `${namespace}.${name}`) ?? known.get(name);
  if (found === undefined) throw new SchemaParseException(`Undefined name: "${name}"`);
  return found;
}

function parseUnion(json: readonly Json[], namespace: string | null, known: KnownTypes): AvroSchema {
  const types = json.map((branch) => parseType(branch, namespace, known));
  const names = new Set<string>();
  for (const branch of types) {
    if (branch.type === 'union') throw new SchemaParseException('Nested union');
    const name = branchName(branch);
    if (names.has(name)) throw new SchemaParseException(`Duplicate in union:${name}`);
    names.add(name);
  }
  return { type: 'union', props: new Map(), types };
}

function parseNamed(
  type: 'record' | 'error' | 'enum' | 'fixed',
  json: { readonly [key: string]: Json },
  props: AvroProps,
  outer: string | null,
  known: KnownTypes,
): AvroSchema {
  const given = member(json, 'name');
  if (typeof given !== 'string') throw new SchemaParseException(`No name in schema: ${jsonText(json)}`);
  const space = typeof json.namespace === 'string' ? json.namespace || null : outer;
  const { name, namespace } = given.includes('.') ? splitFullName(given) : { name: given, namespace: space };
  checkName(name);
  const fullName = namespace === null ? name : `${namespace}.${name}`;
  const doc = typeof json.doc === 'string' ? json.doc : null;
  const aliases = texts(json.aliases).map((alias) => (alias.includes('.') || namespace === null ? alias : `${namespace}.${alias}`));
  const named = { name, namespace, fullName, doc, aliases, props };
  if (known.has(fullName)) throw new SchemaParseException(`Can't redefine: ${fullName}`);
  if (type === 'enum') {
    const symbols = texts(member(json, 'symbols'));
    const enumDefault = typeof json.default === 'string' ? json.default : null;
    return remember(known, { ...named, type, symbols, enumDefault });
  }
  if (type === 'fixed') {
    const size = member(json, 'size');
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0)
      throw new SchemaParseException(`Invalid or no size: ${jsonText(json)}`);
    return remember(known, { ...named, type, size });
  }
  const record: AvroRecord = { ...named, type: 'record', fields: [], isError: type === 'error' };
  remember(known, record);
  const fields = member(json, 'fields');
  if (!isJsonArray(fields)) throw new SchemaParseException(`Record has no fields: ${jsonText(json)}`);
  record.fields = fields.map((field) => parseField(field, namespace, known));
  const seen = new Set<string>();
  for (const field of record.fields) {
    if (seen.has(field.name)) throw new SchemaParseException(`Duplicate field ${field.name} in record ${fullName}`);
    seen.add(field.name);
  }
  return record;
}

function remember<T extends AvroNamedSchema>(known: KnownTypes, schema: T): T {
  known.set(schema.fullName, schema);
  return schema;
}

function parseField(json: Json, namespace: string | null, known: KnownTypes): AvroField {
  if (!isJsonObject(json) || typeof json.name !== 'string') throw new SchemaParseException(`No field name: ${jsonText(json)}`);
  checkName(json.name);
  const order = json.order === 'descending' || json.order === 'ignore' ? json.order : 'ascending';
  return {
    name: json.name,
    type: parseType(member(json, 'type'), namespace, known),
    doc: typeof json.doc === 'string' ? json.doc : null,
    defaultValue: json.default,
    order,
    aliases: texts(json.aliases),
    props: otherMembers(json, FIELD_RESERVED),
  };
}

/** Avro's rule for names: letters (of any alphabet), digits and underscores, no digit first. SchemaParseException otherwise. */
export function checkName(name: string): void {
  if (name === '') throw new SchemaParseException('Empty name');
  if (!/^[\p{L}_]/u.test(name)) throw new SchemaParseException(`Illegal initial character: ${name}`);
  if (!/^[\p{L}\p{Nd}_]*$/u.test(name)) throw new SchemaParseException(`Illegal character in: ${name}`);
}

function member(json: { readonly [key: string]: Json }, name: string): Json {
  const value = json[name];
  if (value === undefined) throw new SchemaParseException(`No ${name}: ${jsonText(json)}`);
  return value;
}

function texts(json: Json | undefined): string[] {
  return json !== undefined && isJsonArray(json) ? json.filter((entry) => typeof entry === 'string') : [];
}

function otherMembers(json: { readonly [key: string]: Json }, reserved: ReadonlySet<string>): AvroProps {
  return new Map(Object.entries(json).filter(([name]) => !reserved.has(name)));
}
