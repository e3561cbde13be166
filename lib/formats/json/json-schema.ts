import type { Schema, SchemaType } from '../../core/data/schema.ts';
import { SchemaBuilder } from '../../core/data/schema-builder.ts';
import { DataException } from '../../core/errors.ts';
import { readData } from './json-data.ts';
import { isMembers, type JsonNode, JsonNumber, nodeText } from './json-node.ts';
import { wholePart } from './json-number.ts';
import { jsonReader, type ReaderOptions } from './json-reader.ts';
import { jsonWriter, quote, type WriterOptions } from './json-writer.ts';

/** Names of the types in the envelope; only floating point differs from Connect's own. */
const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
  STRUCT: 'struct',
};
const PRIMITIVES: ReadonlyMap<string, SchemaType> = new Map(
  (Object.keys(TYPE_NAMES) as SchemaType[]).slice(0, -3).map((type) => [TYPE_NAMES[type], type]),
);

/** A schema as the envelope has it; null is `null`. `field` = the name of the struct field it belongs to, which comes last. */
export function schemaText(schema: Schema | null, options: WriterOptions, field?: string): string {
  if (schema === null) return 'null';
  const members = [`"type":"${TYPE_NAMES[schema.type]}"`];
  if (schema.type === 'ARRAY') members.push(`"items":${schemaText(schema.valueSchema, options)}`);
  if (schema.type === 'MAP') {
    members.push(`"keys":${schemaText(schema.keySchema, options)}`, `"values":${schemaText(schema.valueSchema, options)}`);
  }
  if (schema.fields !== null) {
    members.push(`"fields":[${schema.fields.map(({ name, schema: of }) => schemaText(of, options, name)).join(',')}]`);
  }
  members.push(`"optional":${schema.optional}`);
  if (schema.name !== null) members.push(`"name":${quote(schema.name)}`);
  if (schema.version !== null) members.push(`"version":${schema.version}`);
  if (schema.doc !== null) members.push(`"doc":${quote(schema.doc)}`);
  if (schema.parameters !== null) {
    const parameters = [...schema.parameters].map(([key, value]) => `${quote(key)}:${quote(value)}`);
    members.push(`"parameters":{${parameters.join(',')}}`);
  }
  if (schema.defaultValue !== null) members.push(`"default":${jsonWriter(schema, options)(schema.defaultValue)}`);
  if (field !== undefined) members.push(`"field":${quote(field)}`);
  return `{${members.join(',')}}`;
}

/** The schema in an envelope. Throws DataException (or SchemaBuilderException) with Connect's messages. */
export function schemaOf(node: JsonNode, options: ReaderOptions): Schema | null {
  if (node === null) return null;
  const members = isMembers(node) ? node : new Map<string, JsonNode>();
  const builder = builderOf(members, options);
  if (members.get('optional') === true) builder.optional();
  else builder.required();
  const name = members.get('name');
  if (typeof name === 'string') builder.name(name);
  const version = members.get('version');
  if (version instanceof JsonNumber && version.integral) builder.version(Number(BigInt.asIntN(32, wholePart(version.text))));
  const doc = members.get('doc');
  if (typeof doc === 'string') builder.doc(doc);
  const parameters = members.get('parameters');
  if (isMembers(parameters)) {
    for (const [key, value] of parameters) {
      if (typeof value !== 'string') throw new DataException('Schema parameters must have string values.');
      builder.parameter(key, value);
    }
  }
  const defaultValue = members.get('default');
  if (defaultValue !== undefined) {
    builder.defaultValue(readData(jsonReader(builder.build(), options), nodeText(defaultValue)));
  }
  return builder.build();
}

function builderOf(members: ReadonlyMap<string, JsonNode>, options: ReaderOptions): SchemaBuilder {
  const type = members.get('type');
  if (typeof type !== 'string') throw new DataException("Schema must contain 'type' field");
  const primitive = PRIMITIVES.get(type);
  if (primitive !== undefined) return SchemaBuilder.type(primitive);
  switch (type) {
    case 'array': {
      const items = members.get('items') ?? null;
      if (items === null) throw new DataException('Array schema did not specify the element type');
      return SchemaBuilder.array(schemaOf(items, options)!);
    }
    case 'map': {
      const keys = members.get('keys');
      if (keys === undefined) throw new DataException('Map schema did not specify the key type');
      const values = members.get('values');
      if (values === undefined) throw new DataException('Map schema did not specify the value type');
      return SchemaBuilder.map(schemaOf(keys, options)!, schemaOf(values, options)!);
    }
    case 'struct':
      return structBuilder(members.get('fields'), options);
    default:
      throw new DataException(`Unknown schema type: ${type}`);
  }
}

function structBuilder(fields: JsonNode | undefined, options: ReaderOptions): SchemaBuilder {
  if (!Array.isArray(fields)) throw new DataException('Struct schema\'s "fields" argument is not an array.');
  const builder = SchemaBuilder.struct();
  for (const field of fields as readonly JsonNode[]) {
    const name = isMembers(field) ? field.get('field') : undefined;
    if (typeof name !== 'string') throw new DataException("Struct schema's field name not specified properly");
    builder.field(name, schemaOf(field, options)!);
  }
  return builder;
}
