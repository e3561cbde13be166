import { ConnectSchema } from '../../core/data/connect-schema.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical-names.ts';
import type { Field, Schema, SchemaType } from '../../core/data/schema.ts';
import { STRING_SCHEMA } from '../../core/data/schemas.ts';
import { validateValue } from '../../core/data/validate.ts';
import { DataException } from '../../core/errors.ts';
import { SchemaReference, type SharedStruct } from '../schema-reference.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import { type AvroEnum, type AvroFixed, type AvroRecord, type AvroSchema, type AvroUnion, isNamed, type Json } from './avro-schema.ts';
import { connectDefaultOf, fieldDefaultOf } from './connect-defaults.ts';
import * as names from './connect-names.ts';
import { isJsonObject, jsonText } from './json-exact.ts';

/** A Connect schema while it is put together. */
interface Draft {
  type: SchemaType;
  name: string | null;
  version: number | null;
  doc: string | null;
  readonly parameters: Map<string, string>;
  optional: boolean;
  fields: Field[] | null;
  keySchema: Schema | null;
  valueSchema: Schema | null;
}

interface Place {
  /** A member of a union, or what is beside null in one. */
  readonly forceOptional: boolean;
  /** undefined = the place gives no default. */
  readonly defaultValue: Json | undefined;
  readonly doc: string | null;
  readonly version: number | null;
}

const NOWHERE: Place = { forceOptional: false, defaultValue: undefined, doc: null, version: null };

/** Makes Connect schemas of Avro schemas. `nextUnion` numbers the unions of generalized names; it lives as long as the converter. */
export class AvroToConnect {
  readonly #options: AvroDataOptions;
  readonly #nextUnion: () => number;
  /** Records whose fields are being converted, and those that have themselves inside. */
  readonly #open = new Map<AvroRecord, SharedStruct>();
  readonly #recursive = new Set<AvroRecord>();

  constructor(options: AvroDataOptions, nextUnion: () => number) {
    this.#options = options;
    this.#nextUnion = nextUnion;
  }

  /** `version` is the registry's; null = none. DataException for what Connect cannot hold. */
  convert(schema: AvroSchema, version: number | null): Schema {
    return this.#convert(schema, { ...NOWHERE, version });
  }

  /** A member of a union, as reading tells members apart by it. */
  #member(schema: AvroSchema, place: Place): Schema {
    const open = schema.type === 'record' ? this.#open.get(schema) : undefined;
    if (open === undefined || schema.type !== 'record') return this.#convert(schema, place);
    this.#recursive.add(schema);
    return new SchemaReference(open, place.forceOptional);
  }

  #convert(schema: AvroSchema, place: Place): Schema {
    const draft = emptyDraft();
    if (schema.type === 'union') {
      const single = this.#singleOf(schema, place);
      if (single !== null) return single;
    }
    const open: SharedStruct | null = schema.type === 'record' ? { built: null, parameters: new Map() } : null;
    if (schema.type === 'record' && open !== null && !isVariant(schema)) this.#open.set(schema, open);
    this.#describe(schema, draft);
    this.#addDoc(schema, place, draft);
    addVersion(schema, place, draft);
    this.#addParameters(schema, draft);
    const defaultValue = this.#defaultOf(schema, place, draft);
    addName(schema, draft);
    if (place.forceOptional) draft.optional = true;
    const made = schemaOf(draft, defaultValue);
    if (schema.type === 'record' && open !== null) {
      open.built = made;
      if (!this.#recursive.has(schema)) this.#open.delete(schema);
    }
    return made;
  }

  /** A union that is one type, with or without null; null = it is a real union. */
  #singleOf(schema: AvroUnion, place: Place): Schema | null {
    const [first, second] = schema.types;
    if (schema.types.length === 1 && first !== undefined && this.#options.flattenSingletonUnions) {
      return this.#member(first, { ...NOWHERE, doc: place.doc });
    }
    if (schema.types.length !== 2 || first === undefined || second === undefined) return null;
    const other = isPlainNull(first) ? second : isPlainNull(second) ? first : null;
    return other === null || isPlainNull(other) ? null : this.#member(other, { ...NOWHERE, forceOptional: true, doc: place.doc });
  }

  #describe(schema: AvroSchema, draft: Draft): void {
    switch (schema.type) {
      case 'null':
        throw new DataException('Standalone null schemas are not supported by this converter');
      case 'boolean':
        draft.type = 'BOOLEAN';
        return;
      case 'float':
        draft.type = 'FLOAT32';
        return;
      case 'double':
        draft.type = 'FLOAT64';
        return;
      case 'string':
        draft.type = 'STRING';
        return;
      case 'int':
        describeInt(schema, draft);
        return;
      case 'long':
        draft.type = 'INT64';
        if (logicalTypeOf(schema) === 'timestamp-millis') logical(draft, TIMESTAMP_NAME);
        return;
      case 'bytes':
      case 'fixed':
        describeBytes(schema, draft);
        return;
      case 'array':
        this.#describeArray(schema.items, draft);
        return;
      case 'map':
        draft.type = 'MAP';
        draft.keySchema = STRING_SCHEMA;
        draft.valueSchema = this.#member(schema.values, NOWHERE);
        return;
      case 'enum':
        this.#describeEnum(schema, draft);
        return;
      case 'union':
        this.#describeUnion(schema, draft);
        return;
      case 'record':
        this.#describeRecord(schema, draft);
    }
  }

  #describeArray(items: AvroSchema, draft: Draft): void {
    if (!isMapEntry(items)) {
      draft.type = 'ARRAY';
      draft.valueSchema = this.#member(items, NOWHERE);
      return;
    }
    const [key, value] = ['key', 'value'].map((name) => items.fields.find((field) => field.name === name));
    if (items.fields.length !== 2 || key === undefined || value === undefined) {
      throw new DataException('Found map encoded as array of key-value pairs, but array elements do not match the expected format.');
    }
    draft.type = 'MAP';
    draft.keySchema = this.#convert(key.type, NOWHERE);
    draft.valueSchema = this.#member(value.type, NOWHERE);
  }

  #describeEnum(schema: AvroEnum, draft: Draft): void {
    const { connectMetaData, discardTypeDocDefault, generalizedSumTypeSupport } = this.#options;
    draft.type = 'STRING';
    if (connectMetaData && schema.doc !== null) {
      draft.parameters.set(discardTypeDocDefault ? names.DISCARDED_ENUM_DOC : names.ENUM_DOC + schema.name, schema.doc);
    }
    if (connectMetaData && !discardTypeDocDefault && schema.enumDefault !== null) {
      draft.parameters.set(names.ENUM_DEFAULT + schema.name, schema.enumDefault);
    }
    const parameter = names.enumParameter(this.#options);
    draft.parameters.set(parameter, schema.fullName);
    schema.symbols.forEach((symbol, index) => {
      draft.parameters.set(`${parameter}.${symbol}`, generalizedSumTypeSupport ? String(index) : symbol);
    });
  }

  #describeUnion(schema: AvroUnion, draft: Draft): void {
    draft.type = 'STRUCT';
    draft.name = this.#options.generalizedSumTypeSupport ? `${names.GENERALIZED_UNION_PREFIX}${this.#nextUnion()}` : names.UNION_NAME;
    if (this.#options.generalizedSumTypeSupport) draft.parameters.set(names.GENERALIZED_UNION, draft.name);
    const fields: Field[] = [];
    schema.types.forEach((branch, index) => {
      if (branch.type === 'null') {
        draft.optional = true;
        return;
      }
      const name = names.fieldOfBranch(branch, index, this.#options);
      if (fields.some((field) => field.name === name))
        throw new DataException('Multiple union schemas map to the Connect union field name');
      fields.push({ name, index: fields.length, schema: this.#member(branch, { ...NOWHERE, forceOptional: true }) });
    });
    draft.fields = fields;
  }

  #describeRecord(schema: AvroRecord, draft: Draft): void {
    const { connectMetaData, discardTypeDocDefault } = this.#options;
    draft.type = 'STRUCT';
    if (isVariant(schema)) {
      draft.name = names.VARIANT_NAME;
      draft.version = 1;
    } else if (connectMetaData && !discardTypeDocDefault) {
      if (schema.doc !== null) draft.parameters.set(names.RECORD_DOC, schema.doc);
      for (const field of schema.fields) if (field.doc !== null) draft.parameters.set(names.FIELD_DOC + field.name, field.doc);
    }
    draft.fields = schema.fields.map((field, index) => {
      const place = { ...NOWHERE, defaultValue: fieldDefaultOf(field), doc: field.doc };
      const converted = field.type.type === 'record' ? this.#member(field.type, place) : this.#convert(field.type, place);
      const given = field.props.get('connect.parameters');
      return { name: field.name, index, schema: connectMetaData && isJsonObject(given) ? withParameters(converted, given) : converted };
    });
  }

  #addDoc(schema: AvroSchema, place: Place, draft: Draft): void {
    const own = isNamed(schema) ? schema.doc : null;
    const property = textProp(schema, 'connect.doc');
    const { connectMetaData, discardTypeDocDefault } = this.#options;
    if (!discardTypeDocDefault) {
      if (connectMetaData) draft.doc = property;
      return;
    }
    draft.doc = place.doc ?? own ?? property;
    if (connectMetaData && own !== null) draft.parameters.set(names.DISCARDED_RECORD_DOC, own);
  }

  #addParameters(schema: AvroSchema, draft: Draft): void {
    const given = schema.props.get('connect.parameters');
    if (this.#options.connectMetaData && given !== undefined && given !== null) {
      if (!isJsonObject(given)) throw new DataException(`Expected JSON object for schema parameters but found: ${jsonText(given)}`);
      for (const [key, value] of Object.entries(given)) {
        if (typeof value !== 'string')
          throw new DataException(`Expected schema parameter values to be strings but found: ${jsonText(value)}`);
        draft.parameters.set(key, value);
      }
    }
    for (const [key, value] of schema.props) {
      if (key.startsWith('avro')) draft.parameters.set(key, typeof value === 'string' ? value : jsonText(value));
    }
  }

  /** The default in Connect's form; null = none. One that does not fit is left out, as Connect does. */
  #defaultOf(schema: AvroSchema, place: Place, draft: Draft): unknown {
    const property = schema.props.get('connect.default');
    const given = place.defaultValue !== undefined;
    if (given && !this.#options.discardTypeDocDefault && this.#options.connectMetaData && property === undefined) {
      draft.parameters.set(names.FIELD_DEFAULT, 'true');
    }
    if (!given && property === undefined) return null;
    const target = schemaOf({ ...draft, optional: false }, null);
    try {
      const value = connectDefaultOf(target, schema, given ? (place.defaultValue as Json) : (property as Json), given, this.#options);
      if (value !== null) validateValue(null, target, value);
      return value;
    } catch (error) {
      if (error instanceof DataException) return null;
      throw error;
    }
  }
}

function emptyDraft(): Draft {
  const empty = { name: null, version: null, doc: null, optional: false, fields: null, keySchema: null, valueSchema: null };
  return { type: 'STRUCT', parameters: new Map(), ...empty };
}

function schemaOf(draft: Draft, defaultValue: unknown): Schema {
  const parameters = draft.parameters.size === 0 ? null : new Map(draft.parameters);
  return new ConnectSchema({ ...draft, parameters, defaultValue });
}

function logical(draft: Draft, name: string): void {
  draft.name = name;
  draft.version = 1;
}

function describeInt(schema: AvroSchema, draft: Draft): void {
  const type = textProp(schema, 'connect.type');
  const logicalType = logicalTypeOf(schema);
  draft.type = 'INT32';
  if (logicalType === 'date') logical(draft, DATE_NAME);
  else if (logicalType === 'time-millis') logical(draft, TIME_NAME);
  else if (logicalType === null && type !== null) {
    if (type !== 'int8' && type !== 'int16') throw new DataException('Connect type annotation for Avro int field is null');
    draft.type = type === 'int8' ? 'INT8' : 'INT16';
  }
}

function describeBytes(schema: AvroSchema, draft: Draft): void {
  draft.type = 'BYTES';
  if (logicalTypeOf(schema) === 'decimal') {
    logical(draft, DECIMAL_NAME);
    const scale = schema.props.get('scale');
    draft.parameters.set('scale', String(typeof scale === 'number' ? Math.trunc(scale) : 0));
    const precision = schema.props.get('precision');
    if (precision !== undefined && precision !== null) {
      if (typeof precision !== 'number') {
        throw new DataException('precision property must be a JSON Integer. https://avro.apache.org/docs/1.9.1/spec.html#Decimal');
      }
      if (precision !== names.DEFAULT_PRECISION) draft.parameters.set(names.PRECISION, String(Math.trunc(precision)));
    }
  }
  if (schema.type === 'fixed') draft.parameters.set(names.FIXED_SIZE, String((schema as AvroFixed).size));
}

function addVersion(schema: AvroSchema, place: Place, draft: Draft): void {
  const property = schema.props.get('connect.version');
  if (property !== undefined && typeof property !== 'number')
    throw new DataException(`Invalid Connect version found: ${jsonText(property)}`);
  const version = property ?? place.version ?? -1;
  if (version < 0) return;
  if (draft.version !== null && draft.version !== version) {
    throw new DataException(
      `Mismatched versions: version already added to SchemaBuilder (${draft.version}) differs from version in source schema (${version})`,
    );
  }
  draft.version = version;
}

function addName(schema: AvroSchema, draft: Draft): void {
  const property = schema.props.get('connect.name');
  if (property !== undefined && typeof property !== 'string') throw new DataException(`Invalid schema name: ${jsonText(property)}`);
  let name: string | null = property ?? null;
  if (name === null && isNamed(schema)) {
    const ownName = schema.type === 'fixed' ? draft.name === DECIMAL_NAME : draft.name === names.VARIANT_NAME;
    if (!ownName) name = schema.fullName;
  }
  if (name === null || name.startsWith(`${names.NAMESPACE}.${names.DEFAULT_NAME}`)) return;
  if (draft.name !== null && draft.name !== name) {
    throw new DataException(
      `Mismatched names: name already added to SchemaBuilder (${draft.name}) differs from name in source schema (${name})`,
    );
  }
  draft.name = name;
}

function withParameters(schema: Schema, given: { readonly [key: string]: Json }): Schema {
  const entries = Object.entries(given).map(([key, value]): [string, string] => [key, typeof value === 'string' ? value : jsonText(value)]);
  if (schema instanceof SchemaReference || entries.every(([key, value]) => schema.parameters?.get(key) === value)) return schema;
  const { type, optional, defaultValue, name, version, doc, fields, keySchema, valueSchema } = schema;
  const parameters = new Map([...(schema.parameters ?? []), ...entries]);
  return new ConnectSchema({ type, optional, defaultValue, name, version, doc, parameters, fields, keySchema, valueSchema });
}

function isPlainNull(schema: AvroSchema): boolean {
  return schema.type === 'null' && schema.props.size === 0;
}

/** An array of entries, which stands for a map whose keys are no strings. */
export function isMapEntry(schema: AvroSchema): schema is AvroRecord {
  if (schema.type !== 'record') return false;
  return schema.fullName === `${names.NAMESPACE}.${names.MAP_ENTRY}` || schema.props.get('connect.internal.type') === names.MAP_ENTRY;
}

function isVariant(schema: AvroRecord): boolean {
  const isBytes = (name: string) => schema.fields.some((field) => field.name === name && field.type.type === 'bytes');
  return schema.props.get('logicalType') === 'variant' && schema.fields.length === 2 && isBytes('metadata') && isBytes('value');
}

function logicalTypeOf(schema: AvroSchema): string | null {
  return textProp(schema, 'logicalType')?.toLowerCase() ?? null;
}

function textProp(schema: AvroSchema, name: string): string | null {
  const value = schema.props.get(name);
  return typeof value === 'string' ? value : null;
}
