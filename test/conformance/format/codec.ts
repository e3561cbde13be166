import { BigDecimal } from '../../../lib/core/data/big-decimal.ts';
import { ConnectSchema, schemasEqual } from '../../../lib/core/data/connect-schema.ts';
import { dateOfEpochMillis, epochMillisOf } from '../../../lib/core/data/epoch-millis.ts';
import type { Field, Schema, SchemaType } from '../../../lib/core/data/schema.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SchemaReference, type SharedStruct as Shared } from '../../../lib/formats/schema-reference.ts';

/** A schema as the cases have it. */
export interface SchemaJson {
  readonly type: string;
  readonly optional: boolean;
  readonly name?: string;
  readonly version?: number;
  readonly doc?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly default?: ValueJson;
  readonly fields?: readonly { readonly name: string; readonly schema: SchemaJson }[];
  readonly key?: SchemaJson | null;
  readonly value?: SchemaJson | null;
  /** Stands for the enclosing struct schema of this name. */
  readonly recursive?: true;
}

type SharedStruct = Shared & { readonly name: string | null };

/** A schema of a case; unchecked, so that a case may hold what SchemaBuilder would refuse. */
export function decodeSchema(json: SchemaJson | null | undefined, enclosing: readonly SharedStruct[] = []): Schema | null {
  if (json === null || json === undefined) return null;
  if (json.recursive === true) return new SchemaReference(enclosing.findLast(({ name }) => name === json.name)!, json.optional);
  const shared: SharedStruct = { name: json.name ?? null, built: null, parameters: new Map() };
  const within = json.type === 'struct' ? [...enclosing, shared] : enclosing;
  const init = {
    type: json.type.toUpperCase() as SchemaType,
    optional: json.optional,
    name: json.name ?? null,
    version: json.version ?? null,
    doc: json.doc ?? null,
    parameters: json.parameters === undefined ? null : new Map(Object.entries(json.parameters)),
    fields: json.fields?.map(({ name, schema }, index): Field => ({ name, index, schema: decodeSchema(schema, within)! })) ?? null,
    keySchema: decodeSchema(json.key, within),
    valueSchema: decodeSchema(json.value, within),
  };
  shared.built = new ConnectSchema(init);
  // A Struct as default has the schema itself without its default.
  if (json.default !== undefined) shared.built = new ConnectSchema({ ...init, defaultValue: decodeValue(json.default, shared.built) });
  return shared.built;
}

/** `like`: where it says `recursive`, the schema is not gone into; null and absent = everywhere but in itself. */
export function encodeSchema(schema: Schema | null, like: SchemaJson | null = null, within: readonly Schema[] = []): SchemaJson | null {
  if (schema === null) return null;
  if (like?.recursive === true || (like === null && within.includes(schema))) {
    return { type: schema.type.toLowerCase(), optional: schema.optional, name: schema.name ?? '', recursive: true };
  }
  const inside = [...within, schema];
  const json: Record<string, unknown> = { type: schema.type.toLowerCase(), optional: schema.optional };
  if (schema.name !== null) json.name = schema.name;
  if (schema.version !== null) json.version = schema.version;
  if (schema.doc !== null) json.doc = schema.doc;
  if (schema.parameters !== null) json.parameters = Object.fromEntries(schema.parameters);
  if (schema.defaultValue !== null) json.default = encodeValue(schema.defaultValue, schema, { anyStruct: true });
  if (schema.fields !== null) {
    json.fields = schema.fields.map((field, index) => {
      return { name: field.name, schema: encodeSchema(field.schema, like?.fields?.[index]?.schema, inside) };
    });
  }
  if (schema.type === 'MAP') json.key = encodeSchema(schema.keySchema, like?.key, inside);
  if (schema.type === 'MAP' || schema.type === 'ARRAY') json.value = encodeSchema(schema.valueSchema, like?.value, inside);
  return json as unknown as SchemaJson;
}

/** A value as the cases have it: null, or an object whose one member names the kind. */
export type ValueJson = Readonly<Record<string, unknown>> | null;

/** An object of a class that Connect does not know. */
export class ForeignObject {
  readonly javaClass: string;

  constructor(javaClass: string) {
    this.javaClass = javaClass;
  }
}

/** A value of a case, by its own kind; `schema` is that of its place and needed for structs only. */
export function decodeValue(json: ValueJson | undefined, schema: Schema | null = null): unknown {
  if (json === null || json === undefined) return null;
  const kind = Object.keys(json)[0]!;
  const content = json[kind];
  switch (kind) {
    case 'int64':
    case 'biginteger':
      return BigInt(content as string);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return Number(content);
    case 'boolean':
    case 'string':
    case 'class':
      return content;
    case 'bytes':
      return new Uint8Array(Buffer.from(content as string, 'base64'));
    case 'decimal': {
      const { unscaled, scale } = content as { unscaled: string; scale: number };
      return new BigDecimal(BigInt(unscaled), scale);
    }
    case 'date':
      return dateOfEpochMillis(BigInt(content as string | number));
    case 'array':
      return (content as ValueJson[]).map((element) => decodeValue(element, schema?.valueSchema));
    case 'map':
      return new Map(
        (content as [ValueJson, ValueJson][]).map(([key, value]) => [
          decodeValue(key, schema?.keySchema),
          decodeValue(value, schema?.valueSchema),
        ]),
      );
    case 'struct': {
      const own = json.schema === undefined ? schema : decodeSchema(json.schema as SchemaJson);
      if (own?.fields == null) throw new Error(`a struct stands where its schema is not known: ${JSON.stringify(json)}`);
      const values = content as Record<string, ValueJson>;
      return Struct.ofSlots(
        own,
        own.fields.map((field) => decodeValue(values[field.name], field.schema)),
      );
    }
    case 'java':
      return new ForeignObject(content as string);
    default:
      throw new Error(`unknown kind of value: ${kind}`);
  }
}

/**
 * A value in the form of the cases. A number without schema becomes `{"number": n}`, which the comparison takes for each of Java's five
 * kinds. `anyStruct`: the schema of a struct is not given, whatever it is.
 */
export function encodeValue(value: unknown, schema: Schema | null = null, { anyStruct = false } = {}): ValueJson {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
      return { string: value };
    case 'boolean':
      return { boolean: value };
    case 'bigint':
      return { int64: String(value) };
    case 'number':
      return encodeNumber(value, schema);
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof BigDecimal) return { decimal: { unscaled: String(value.unscaled), scale: value.scale } };
  if (value instanceof Date) return { date: String(epochMillisOf(value)) };
  if (Array.isArray(value)) return { array: value.map((element) => encodeValue(element, schema?.valueSchema)) };
  if (value instanceof Map) {
    return { map: [...value].map(([key, entry]) => [encodeValue(key, schema?.keySchema), encodeValue(entry, schema?.valueSchema)]) };
  }
  if (value instanceof Struct) {
    const fields = value.schema.fields!.map((field) => [field.name, encodeValue(value.valueAt(field.index), field.schema)]);
    const own = anyStruct || schemasEqual(value.schema, schema) ? {} : { schema: encodeSchema(value.schema) };
    return { struct: Object.fromEntries(fields), ...own };
  }
  if (value instanceof ForeignObject) return { java: value.javaClass };
  throw new Error(`a value that the format cannot hold: ${String(value)}`);
}

function encodeNumber(value: number, schema: Schema | null): ValueJson {
  const content = Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value);
  switch (schema?.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'FLOAT32':
    case 'FLOAT64':
      return { [schema.type.toLowerCase()]: content };
  }
  return { number: content };
}

/** Bytes as the cases have them: base64, and the text where there is one. */
export function encodeBytes(bytes: Uint8Array | null): unknown {
  if (bytes === null) return { bytes: null };
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  return { bytes: buffer.toString('base64'), ...(Buffer.from(text, 'utf8').equals(buffer) ? { text } : {}) };
}
