import { parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type AvroJsonSchema, AvroNames, branchName, bytesJson } from './avro-json.ts';

/** What a Parquet file holds, read by hyparquet: its schema as text, the Avro schema of its footer, its codec, its rows in Avro's JSON encoding. */
export async function parquetFileContent(file: Buffer): Promise<Record<string, unknown>> {
  const bytes = new Uint8Array(file).buffer;
  const metadata = parquetMetadata(bytes);
  const values = new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']));
  const avroSchema = JSON.parse(values.get('parquet.avro.schema') ?? 'null') as AvroJsonSchema;
  const rows = await parquetReadObjects({ file: bytes, metadata, compressors, utf8: false });
  const codecs = new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec)));
  const names = new AvroNames();
  return {
    schema: messageText(metadata.schema),
    avroSchema,
    codec: [...codecs].join(),
    rows: rows.map((row) => avroJson(row, avroSchema, '', names)),
  };
}

function messageText(elements: readonly SchemaElement[]): string {
  let at = 0;
  const next = (indent: string): string => {
    const { name, repetition_type, type, type_length, num_children } = elements[at]!;
    const annotation = annotationOf(elements[at++]!);
    const repetition = (repetition_type ?? 'REQUIRED').toLowerCase();
    if (type !== undefined) {
      const primitive =
        type === 'BYTE_ARRAY' ? 'binary' : type === 'FIXED_LEN_BYTE_ARRAY' ? `fixed_len_byte_array(${type_length})` : type.toLowerCase();
      return `${indent}${repetition} ${primitive} ${name}${annotation};\n`;
    }
    let text = `${indent}${repetition} group ${name}${annotation} {\n`;
    for (let i = 0; i < (num_children ?? 0); i++) text += next(`${indent}  `);
    return `${text}${indent}}\n`;
  };
  const root = elements[at++]!;
  let text = `message ${root.name} {\n`;
  for (let i = 0; i < (root.num_children ?? 0); i++) text += next('  ');
  return `${text}}\n`;
}

function annotationOf({ logical_type: logical, converted_type: converted }: SchemaElement): string {
  if (logical === undefined) return converted === undefined ? '' : ` (${converted})`;
  switch (logical.type) {
    case 'DECIMAL':
      return ` (DECIMAL(${logical.precision},${logical.scale}))`;
    case 'TIME':
    case 'TIMESTAMP':
      return ` (${logical.type}(${logical.unit},${logical.isAdjustedToUTC}))`;
    default:
      return ` (${logical.type})`;
  }
}

function avroJson(value: unknown, given: AvroJsonSchema, inside: string, names: AvroNames): unknown {
  const { schema, namespace } = names.resolve(given, inside);
  if (Array.isArray(schema)) {
    if (value === null || value === undefined) return null;
    const others = schema.filter((branch) => branch !== 'null') as AvroJsonSchema[];
    const branch = others[0]!;
    return { [branchName(names.resolve(branch, namespace).schema, namespace)]: avroJson(value, branch, namespace, names) };
  }
  const object = typeof schema === 'string' ? { type: schema } : (schema as Readonly<Record<string, unknown>>);
  switch (object.type) {
    case 'int':
      return value instanceof Date ? Math.floor(value.getTime() / 86_400_000) : Number(value);
    case 'long':
      return value instanceof Date ? value.getTime() : Number(value);
    case 'bytes':
    case 'fixed':
      return typeof value === 'number' ? decimalJson(value, Number(object.scale)) : bytesJson(value as Uint8Array);
    case 'string':
    case 'enum':
      return typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString();
    case 'array':
      return listOf(value).map((element) => avroJson(element, object.items as AvroJsonSchema, namespace, names));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object).map(([key, entry]) => [key, avroJson(entry, object.values as AvroJsonSchema, namespace, names)]),
      );
    case 'record':
      return Object.fromEntries(
        (object.fields as { name: string; type: AvroJsonSchema }[]).map(({ name, type }) => [
          name,
          avroJson((value as Record<string, unknown>)[name], type, namespace, names),
        ]),
      );
    default:
      return typeof object.type === 'string' && /^(null|boolean|float|double)$/.test(object.type)
        ? value
        : avroJson(value, object.type as AvroJsonSchema, namespace, names);
  }
}

/** A list of groups without a group between is one more level to hyparquet. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : (value as { readonly array: unknown[] }).array;
}

function decimalJson(value: number, scale: number): string {
  let unscaled = BigInt(Math.round(value * 10 ** scale));
  const bytes: number[] = [];
  do {
    bytes.unshift(Number(BigInt.asUintN(8, unscaled)));
    unscaled >>= 8n;
  } while (!((unscaled === 0n && bytes[0]! < 0x80) || (unscaled === -1n && bytes[0]! >= 0x80)));
  return bytesJson(Uint8Array.from(bytes));
}
