import { SchemaParseException } from './avro-errors.ts';
import { type AvroField, type AvroNamedSchema, type AvroProps, type AvroSchema, isNamed } from './avro-schema.ts';
import { jsonText } from './json-exact.ts';

interface Written {
  /** Types that need no definition any more, by full name; null = one that is defined elsewhere. */
  readonly names: Map<string, AvroNamedSchema | null>;
  /** For comparing: every type is written in full and without docs, but for those that are being written. null = a schema as registries want it. */
  readonly open: Set<AvroNamedSchema> | null;
}

/**
 * The schema as JSON text, members in the order Java's Avro writes them; registries compare texts. A named type is defined where it stands
 * first and named afterwards, in short form within its own namespace. Types of `referenced` (full names) are never defined. SchemaParseException for
 * two types of one name: the second would be taken for the first.
 */
export function avroSchemaText(schema: AvroSchema, referenced: Iterable<string> = []): string {
  return write(schema, null, { names: new Map([...referenced].map((name) => [name, null])), open: null });
}

function write(schema: AvroSchema, namespace: string | null, written: Written): string {
  if (schema.type === 'union') return `[${schema.types.map((branch) => write(branch, namespace, written)).join(',')}]`;
  if (isNamed(schema)) return writeNamed(schema, namespace, written);
  const type = `"type":"${schema.type}"`;
  if (schema.type === 'array') return `{${type},"items":${write(schema.items, namespace, written)}${props(schema.props)}}`;
  if (schema.type === 'map') return `{${type},"values":${write(schema.values, namespace, written)}${props(schema.props)}}`;
  return schema.props.size === 0 ? `"${schema.type}"` : `{${type}${props(schema.props)}}`;
}

function writeNamed(schema: AvroNamedSchema, namespace: string | null, written: Written): string {
  if (written.open !== null) {
    if (written.open.has(schema)) return JSON.stringify(schema.fullName);
    written.open.add(schema);
    const text = define(schema, namespace, written);
    written.open.delete(schema);
    return text;
  }
  const defined = written.names.get(schema.fullName);
  if (defined !== undefined) {
    if (defined !== null && defined !== schema && shapeText(defined) !== shapeText(schema)) {
      throw new SchemaParseException(`Can't redefine: ${schema.fullName}`);
    }
    return JSON.stringify(schema.namespace === namespace ? schema.name : schema.fullName);
  }
  written.names.set(schema.fullName, schema);
  return define(schema, namespace, written);
}

function define(schema: AvroNamedSchema, namespace: string | null, written: Written): string {
  const parts = [`"type":"${schema.type === 'record' && schema.isError ? 'error' : schema.type}"`, `"name":${JSON.stringify(schema.name)}`];
  if (schema.namespace !== namespace) parts.push(`"namespace":${JSON.stringify(schema.namespace ?? '')}`);
  if (schema.doc !== null && written.open === null) parts.push(`"doc":${JSON.stringify(schema.doc)}`);
  if (schema.type === 'record') {
    parts.push(`"fields":[${schema.fields.map((field) => writeField(field, schema.namespace, written)).join(',')}]`);
  } else if (schema.type === 'enum') {
    parts.push(`"symbols":${jsonText(schema.symbols)}`);
    if (schema.enumDefault !== null) parts.push(`"default":${JSON.stringify(schema.enumDefault)}`);
  } else parts.push(`"size":${schema.size}`);
  const aliases = schema.aliases.map((alias) =>
    alias.startsWith(`${schema.namespace}.`) ? alias.slice((schema.namespace ?? '').length + 1) : alias,
  );
  return `{${parts.join(',')}${props(schema.props)}${aliases.length === 0 ? '' : `,"aliases":${jsonText(aliases)}`}}`;
}

function shapeText(schema: AvroSchema): string {
  return write(schema, null, { names: new Map(), open: new Set() });
}

function writeField(field: AvroField, namespace: string | null, written: Written): string {
  const parts = [`"name":${JSON.stringify(field.name)}`, `"type":${write(field.type, namespace, written)}`];
  if (field.doc !== null && written.open === null) parts.push(`"doc":${JSON.stringify(field.doc)}`);
  if (field.defaultValue !== undefined) parts.push(`"default":${jsonText(field.defaultValue)}`);
  if (field.order !== 'ascending') parts.push(`"order":"${field.order}"`);
  if (field.aliases.length > 0) parts.push(`"aliases":${jsonText(field.aliases)}`);
  return `{${parts.join(',')}${props(field.props)}}`;
}

function props(given: AvroProps): string {
  return [...given].map(([name, value]) => `,${JSON.stringify(name)}:${jsonText(value)}`).join('');
}
