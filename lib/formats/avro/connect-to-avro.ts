import { ConnectSchema } from '../../core/data/connect-schema.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical-names.ts';
import type { Schema } from '../../core/data/schema.ts';
import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import { SchemaReference } from '../schema-reference.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import { SchemaParseException } from './avro-errors.ts';
import {
  type AvroField,
  type AvroNamed,
  type AvroPrimitiveType,
  type AvroProps,
  type AvroRecord,
  type AvroSchema,
  branchName,
  type Json,
  primitive,
  union,
} from './avro-schema.ts';
import * as names from './connect-names.ts';
import { defaultToJson, isValidDefault } from './default-values.ts';
import { checkName } from './parse-avro-schema.ts';

const SIMPLE: Readonly<Record<string, AvroPrimitiveType>> = {
  INT8: 'int',
  INT16: 'int',
  INT32: 'int',
  INT64: 'long',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
};

/** The Avro schema of one Connect schema. Stateful: names of unnamed structs are counted, and what was converted once is used again. */
export class ConnectToAvro {
  readonly #options: AvroDataOptions;
  readonly #made: { readonly schema: Schema; readonly avro: AvroSchema }[] = [];
  readonly #open = new Map<string, AvroRecord>();
  readonly #seenNames = new Set<string>();
  #unnamed = 0;

  constructor(options: AvroDataOptions) {
    this.#options = options;
  }

  /** SchemaParseException where a name is none that Avro allows; IllegalArgumentException for a decimal that its bytes cannot hold. */
  convert(schema: Schema, ignoreOptional = false): AvroSchema {
    if (schema instanceof SchemaReference && schema.name !== null) {
      const open = this.#open.get(schema.name);
      if (open !== undefined) return ignoreOptional ? open : optional(schema, open);
    }
    const isUnion = names.isUnion(schema);
    if (!isUnion && !schema.optional) {
      const known = this.#made.find((entry) => entry.schema === schema) ?? this.#made.find((entry) => entry.schema.equals(schema));
      if (known !== undefined) return known.avro;
    }
    const base = this.#base(schema);
    if (base.type === 'union') return base;
    this.#addMetaData(schema, base);
    const avro = ignoreOptional ? base : optional(schema, base);
    if (!schema.optional) this.#made.push({ schema, avro });
    return avro;
  }

  #base(schema: Schema): AvroSchema {
    switch (schema.type) {
      case 'STRING':
        return this.#string(schema);
      case 'BYTES':
        return this.#bytes(schema);
      case 'ARRAY':
        return { type: 'array', props: new Map(), items: this.convert(schema.valueSchema as Schema) };
      case 'MAP':
        return this.#map(schema);
      case 'STRUCT':
        return this.#struct(schema);
      default:
        return primitive(SIMPLE[schema.type] as AvroPrimitiveType);
    }
  }

  #string(schema: Schema): AvroSchema {
    const { generalizedSumTypeSupport, enhancedSchemaSupport, discardTypeDocDefault } = this.#options;
    const parameters = schema.parameters;
    if ((!generalizedSumTypeSupport && !enhancedSchemaSupport) || parameters === null || !names.isEnum(schema)) return primitive('string');
    const parameter = names.enumParameter(this.#options);
    const symbols = [...parameters.keys()].filter((key) => key.startsWith(`${parameter}.`)).map((key) => key.slice(parameter.length + 1));
    const { name } = this.#nameOf(schema.name);
    const doc = parameters.get(discardTypeDocDefault ? names.DISCARDED_ENUM_DOC : names.ENUM_DOC + name) ?? null;
    const enumDefault = discardTypeDocDefault ? null : (parameters.get(names.ENUM_DEFAULT + name) ?? null);
    const dot = parameters.get(parameter) ?? '';
    return { type: 'enum', ...named(splitGiven(dot), doc), symbols, enumDefault };
  }

  #bytes(schema: Schema): AvroSchema {
    const isFixed = names.isFixed(schema);
    const size = isFixed ? Number.parseInt(schema.parameters?.get(names.FIXED_SIZE) ?? '', 10) : 0;
    const base: AvroSchema = isFixed ? { type: 'fixed', ...named(this.#nameOf(schema.name), null), size } : primitive('bytes');
    if (schema.name === DECIMAL_NAME) {
      base.props.set('scale', decimalNumber(schema, 'scale', 0));
      base.props.set('precision', decimalNumber(schema, names.PRECISION, names.DEFAULT_PRECISION));
    }
    return base;
  }

  #map(schema: Schema): AvroSchema {
    const value = schema.valueSchema as Schema;
    if (names.hasAvroKeys(schema, this.#options)) return { type: 'map', props: new Map(), values: this.convert(value) };
    const name = schema.name === null ? { name: names.MAP_ENTRY, namespace: names.NAMESPACE } : this.#nameOf(schema.name);
    const entry: AvroRecord = { type: 'record', ...named(name, null), fields: [], isError: false };
    if (schema.name !== null) entry.props.set('connect.internal.type', names.MAP_ENTRY);
    entry.fields = [this.#field('key', schema.keySchema as Schema, null), this.#field('value', value, null)];
    return { type: 'array', props: new Map(), items: entry };
  }

  #struct(schema: Schema): AvroSchema {
    if (names.isVariant(schema)) return variantSchema();
    if (names.isUnion(schema)) {
      const members = (schema.fields ?? []).map((field) => this.convert(required(field.schema), true));
      const types = schema.optional ? [primitive('null'), ...members] : members;
      const seen = new Set<string>();
      for (const type of types) {
        if (seen.has(branchName(type))) throw new SchemaParseException(`Duplicate in union:${branchName(type)}`);
        seen.add(branchName(type));
      }
      return union(...types);
    }
    if (schema.optional) return union(primitive('null'), this.convert(required(schema)));
    const { discardTypeDocDefault } = this.#options;
    const parameters = schema.parameters;
    const doc = parameters?.get(discardTypeDocDefault ? names.DISCARDED_RECORD_DOC : names.RECORD_DOC) ?? null;
    const record: AvroRecord = { type: 'record', ...named(this.#nameOf(schema.name), doc), fields: [], isError: false };
    if (schema.name !== null) this.#open.set(schema.name, record);
    const taken = new Set<string>();
    record.fields = (schema.fields ?? []).map((field) => {
      const fieldDoc = discardTypeDocDefault ? null : (parameters?.get(names.FIELD_DOC + field.name) ?? null);
      const name = names.scrubName(field.name, this.#options);
      if (taken.has(name)) throw new SchemaParseException(`Duplicate field ${name} in record ${record.fullName}`);
      taken.add(name);
      return this.#field(name, field.schema, fieldDoc);
    });
    return record;
  }

  #field(name: string, schema: Schema, doc: string | null): AvroField {
    checkName(name);
    const { discardTypeDocDefault, connectMetaData } = this.#options;
    let defaultValue: Json | undefined;
    if (schema.defaultValue !== null) defaultValue = defaultToJson(schema, schema.defaultValue, this.#options);
    else if (schema.optional) defaultValue = null;
    const fullName = schema.name === null ? null : names.scrubFullName(schema.name, this.#options);
    const seen = fullName !== null && this.#seenNames.has(fullName);
    if (fullName !== null) this.#seenNames.add(fullName);
    const type = this.convert(schema);
    if (defaultValue !== undefined && !isValidDefault(type, defaultValue)) defaultValue = undefined;
    const props: AvroProps = new Map();
    if (connectMetaData && seen && schema.parameters !== null && hasNamed(type)) {
      // a type that is only named here cannot carry what this field says of it
      const parameters = this.#parameters(schema);
      if (Object.keys(parameters).length > 0) props.set('connect.parameters', parameters);
    }
    return { name, type, doc: discardTypeDocDefault ? schema.doc : doc, defaultValue, order: 'ascending', aliases: [], props };
  }

  #addMetaData(schema: Schema, base: AvroSchema): void {
    const { props } = base;
    const { connectMetaData, discardTypeDocDefault } = this.#options;
    if (connectMetaData) {
      if (schema.doc !== null) props.set('connect.doc', schema.doc);
      if (schema.version !== null) props.set('connect.version', schema.version);
      const parameters = this.#parameters(schema);
      if (Object.keys(parameters).length > 0) props.set('connect.parameters', parameters);
      if (schema.defaultValue !== null && (discardTypeDocDefault || !schema.parameters?.has(names.FIELD_DEFAULT))) {
        props.set('connect.default', defaultToJson(schema, schema.defaultValue, this.#options));
      }
      if (schema.name !== null) props.set('connect.name', schema.name);
      if (schema.type === 'INT8' || schema.type === 'INT16') props.set('connect.type', schema.type.toLowerCase());
    }
    const logicalType = logicalTypeOf(schema, base);
    if (logicalType !== null) props.set('logicalType', logicalType);
    for (const [key, value] of schema.parameters ?? []) if (key.startsWith('avro')) props.set(key, value);
  }

  #parameters(schema: Schema): { [key: string]: Json } {
    const kept = [...(schema.parameters ?? [])].filter(([key]) => this.#options.discardTypeDocDefault || key !== names.FIELD_DEFAULT);
    return Object.fromEntries(kept);
  }

  #nameOf(name: string | null): { readonly name: string; readonly namespace: string | null } {
    if (name !== null) return names.splitName(name, this.#options);
    const index = ++this.#unnamed;
    return { name: index > 1 ? `${names.DEFAULT_NAME}${index}` : names.DEFAULT_NAME, namespace: names.NAMESPACE };
  }
}

function named({ name, namespace }: { readonly name: string; readonly namespace: string | null }, doc: string | null): AvroNamed {
  checkName(name);
  return { name, namespace, fullName: namespace === null ? name : `${namespace}.${name}`, doc, aliases: [], props: new Map() };
}

function splitGiven(fullName: string): { readonly name: string; readonly namespace: string | null } {
  const dot = fullName.lastIndexOf('.');
  return dot === -1 ? { name: fullName, namespace: null } : { name: fullName.slice(dot + 1), namespace: fullName.slice(0, dot) };
}

function optional(schema: Schema, base: AvroSchema): AvroSchema {
  if (!schema.optional) return base;
  return schema.defaultValue === null ? union(primitive('null'), base) : union(base, primitive('null'));
}

/** The same schema, not optional. */
export function required(schema: Schema): Schema {
  if (!schema.optional) return schema;
  const { type, defaultValue, name, version, doc, parameters, fields, keySchema, valueSchema } = schema;
  return new ConnectSchema({ type, defaultValue, name, version, doc, parameters, fields, keySchema, valueSchema });
}

function hasNamed(type: AvroSchema): boolean {
  if (type.type === 'union') return type.types.some(hasNamed);
  return type.type === 'record' || type.type === 'enum' || type.type === 'fixed';
}

function decimalNumber(schema: Schema, parameter: string, defaultValue: number): number {
  const text = schema.parameters?.get(parameter);
  return text === undefined ? defaultValue : Number.parseInt(text, 10);
}

function logicalTypeOf(schema: Schema, base: AvroSchema): string | null {
  switch (schema.name) {
    case DECIMAL_NAME: {
      const scale = decimalNumber(schema, 'scale', 0);
      const precision = decimalNumber(schema, names.PRECISION, names.DEFAULT_PRECISION);
      if (base.type === 'fixed' && scale >= 0 && scale <= precision) {
        const most = Math.floor(Math.log10(2 ** (8 * base.size - 1) - 1));
        if (precision > most) throw new IllegalArgumentException(`fixed(${base.size}) cannot store ${precision} digits (max ${most})`);
      }
      return 'decimal';
    }
    case DATE_NAME:
      return 'date';
    case TIME_NAME:
      return 'time-millis';
    case TIMESTAMP_NAME:
      return 'timestamp-millis';
    default:
      return null;
  }
}

function variantSchema(): AvroRecord {
  const bytes = (name: string): AvroField => ({
    name,
    type: primitive('bytes'),
    doc: null,
    defaultValue: undefined,
    order: 'ascending',
    aliases: [],
    props: new Map(),
  });
  const record: AvroRecord = {
    type: 'record',
    ...named({ name: 'Variant', namespace: 'confluent.type' }, null),
    fields: [bytes('metadata'), bytes('value')],
    isError: false,
  };
  record.props.set('logicalType', 'variant');
  return record;
}
