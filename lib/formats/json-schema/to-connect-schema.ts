import type { Schema } from '../../core/data/schema.ts';
import { SchemaBuilder } from '../../core/data/schema-builder.ts';
import { STRING_SCHEMA } from '../../core/data/schemas.ts';
import { DataException } from '../../core/errors.ts';
import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import { hashSetOrder } from '../../core/java/hash-order.ts';
import { isMembers, type JsonNode, nodeText } from '../json/json-node.ts';
import { SchemaReference, type SharedStruct } from '../schema-reference.ts';
import { variantBuilder } from '../variant/variant-schema.ts';
import { integerOf, type JsonSchema, type ObjectSchema, type ReferenceSchema, textOf } from './document.ts';
import {
  ENUM_PARAMETER,
  EXTRAS_FIELD,
  GENERALIZED_ENUM,
  GENERALIZED_FIELD_PREFIX,
  GENERALIZED_UNION,
  GENERALIZED_UNION_PREFIX,
  ID_PARAMETER,
  INDEX_KEYWORD,
  NULL_SYMBOL,
  ONE_OF_NAME,
  PARAMETERS_KEYWORD,
  TYPE_KEYWORD,
  VERSION_KEYWORD,
} from './names.ts';
import type { JsonSchemaOptions } from './options.ts';
import { valueReader } from './read-value.ts';

/**
 * The Connect schema of a document. `version` is that of the registry; the document's own `connect.version` comes first. null = none.
 * Throws DataException for what Connect data cannot hold, IllegalArgumentException where Confluent's converter does.
 */
export function toConnectSchema(document: JsonSchema, version: number | null, options: JsonSchemaOptions): Schema {
  return new Conversion(options).schema(document, version, false);
}

class Conversion {
  readonly #options: JsonSchemaOptions;
  readonly #structs = new Map<JsonSchema, SharedStruct>();
  #ids = 0;
  #unions = 0;

  constructor(options: JsonSchemaOptions) {
    this.#options = options;
  }

  schema(json: JsonSchema, version: number | null, optional: boolean): Schema {
    if (json.kind === 'reference') return this.#referred(json, version, optional);
    if (json.kind === 'combined') {
      const only = this.#insteadOf(json.criterion, json.subschemas, json, version, optional);
      if (only !== null) return only;
    }
    const shared: SharedStruct = { built: null, parameters: new Map() };
    if (json.kind === 'object') this.#structs.set(json, shared);
    const builder = this.#builder(json);
    shared.built = annotated(builder, json, version, this.#options, shared);
    if (!optional || builder.isOptional) return shared.built;
    shared.built = builder.optional().build();
    return shared.built;
  }

  /** What a combination of schemas is when it is no union: one of its parts; null = it is a union. */
  #insteadOf(
    criterion: string,
    subschemas: readonly JsonSchema[],
    json: JsonSchema,
    version: number | null,
    optional: boolean,
  ): Schema | null {
    if (subschemas.length === 1 && this.#options.flattenSingletonUnions) return this.schema(subschemas[0]!, null, false);
    if (criterion === 'allOf') return this.#allOf(subschemas, json, version, optional);
    if (subschemas.length !== 2) return null;
    const other = subschemas.findLast(({ kind }) => kind !== 'null');
    return other !== undefined && subschemas.some(({ kind }) => kind === 'null') ? this.schema(other, version, true) : null;
  }

  #builder(json: Exclude<JsonSchema, ReferenceSchema>): SchemaBuilder {
    switch (json.kind) {
      case 'boolean':
        return SchemaBuilder.boolean();
      case 'number':
        return numberBuilder(textOf(json, TYPE_KEYWORD), json.integer);
      case 'string':
        return textOf(json, TYPE_KEYWORD) === 'bytes' ? SchemaBuilder.bytes() : SchemaBuilder.string();
      case 'enum':
      case 'const':
        return this.#enum(json.values);
      case 'combined':
        return this.#union(json.subschemas);
      case 'array':
        return this.#array(json, json.items);
      case 'any':
        return variantBuilder();
      case 'object':
        return this.#object(json);
      case 'null':
        throw unsupported('NullSchema');
      case 'never':
        throw unsupported('FalseSchema');
      case 'not':
        throw unsupported('NotSchema');
      case 'conditional':
        throw unsupported('ConditionalSchema');
    }
  }

  #enum(values: readonly JsonNode[]): SchemaBuilder {
    const parameter = this.#options.generalizedSumTypeSupport ? GENERALIZED_ENUM : ENUM_PARAMETER;
    const builder = SchemaBuilder.string().parameter(parameter, '');
    for (const [index, value] of values.entries()) {
      const symbol = value === null ? NULL_SYMBOL : typeof value === 'string' ? value : nodeText(value);
      builder.parameter(`${parameter}.${symbol}`, this.#options.generalizedSumTypeSupport ? String(index) : symbol);
    }
    return builder;
  }

  #union(subschemas: readonly JsonSchema[]): SchemaBuilder {
    const generalized = this.#options.generalizedSumTypeSupport;
    const name = generalized ? `${GENERALIZED_UNION_PREFIX}${this.#unions++}` : ONE_OF_NAME;
    const builder = SchemaBuilder.struct().name(name);
    if (generalized) builder.parameter(GENERALIZED_UNION, name);
    let index = 0;
    for (const subschema of subschemas) {
      if (subschema.kind === 'null') builder.optional();
      else {
        const field = generalized ? `${GENERALIZED_FIELD_PREFIX}${index}` : `${name}.field.${index}`;
        builder.field(field, this.schema(subschema, null, true));
        index++;
      }
    }
    return builder;
  }

  #array(json: JsonSchema, items: JsonSchema | null): SchemaBuilder {
    if (items === null) throw new DataException('Array schema did not specify the items type');
    if (textOf(json, TYPE_KEYWORD) !== 'map' || items.kind !== 'object') return SchemaBuilder.array(this.schema(items, null, false));
    const { properties } = items;
    const part = (name: string) => {
      const schema = properties.get(name);
      return schema === undefined ? null : this.schema(schema, null, false);
    };
    return SchemaBuilder.mapOf(part('key'), part('value'));
  }

  #object(json: ObjectSchema): SchemaBuilder {
    if (textOf(json, TYPE_KEYWORD) === 'map') {
      const values = json.additionalProperties;
      return SchemaBuilder.mapOf(STRING_SCHEMA, values === null ? null : this.schema(values, null, false));
    }
    const builder = SchemaBuilder.struct();
    const extras = this.#options.preserveAdditionalProperties && json.permitsAdditional;
    if (extras && json.properties.has(EXTRAS_FIELD)) {
      throw new DataException(
        `JSON Schema property name '${EXTRAS_FIELD}' collides with the reserved field name for preserve.additional.properties=true. Rename the property or disable the config.`,
      );
    }
    for (const [name, property] of inFieldOrder(json.properties)) {
      const optional = this.#options.useOptionalForNonrequired && !json.required.has(name);
      builder.field(name, this.schema(property, null, optional));
    }
    if (extras) builder.field(EXTRAS_FIELD, SchemaBuilder.map(STRING_SCHEMA, variantBuilder().build()).optional().build());
    return builder;
  }

  #referred(json: ReferenceSchema, version: number | null, optional: boolean): Schema {
    const target = json.target();
    const known = this.#structs.get(target);
    if (known === undefined) return this.schema(target, version, optional);
    known.parameters.set(ID_PARAMETER, `#id${++this.#ids}`);
    return new SchemaReference(known, optional);
  }

  #allOf(subschemas: readonly JsonSchema[], json: JsonSchema, version: number | null, optional: boolean): Schema {
    const properties = new Map<string, { readonly schema: JsonSchema; readonly required: boolean }>();
    for (const subschema of subschemas) collectProperties(subschema, properties, new Set());
    const last = (kind: JsonSchema['kind']) => subschemas.findLast((subschema) => subschema.kind === kind);
    if (properties.size > 0) return this.#merged(properties, json, optional);
    const text = last('string');
    const number = last('number');
    const chosen =
      last('combined') ??
      (last('const') !== undefined
        ? (text ?? number)
        : last('enum') !== undefined
          ? text === undefined
            ? number
            : last('enum')
          : text === undefined
            ? last('reference')
            : (number ?? text));
    if (chosen === undefined) throw new IllegalArgumentException('Unsupported criterion allOf');
    return this.schema(chosen, version, optional);
  }

  #merged(
    properties: ReadonlyMap<string, { readonly schema: JsonSchema; readonly required: boolean }>,
    json: JsonSchema,
    optional: boolean,
  ): Schema {
    const shared: SharedStruct = { built: null, parameters: new Map() };
    this.#structs.set(json, shared);
    const builder = SchemaBuilder.struct();
    for (const [name, { schema, required }] of properties) {
      builder.field(name, this.schema(schema, null, this.#options.useOptionalForNonrequired && !required));
    }
    if (optional) builder.optional();
    shared.built = builder.parameters(shared.parameters).build();
    return shared.built;
  }
}

/** With everything that the document says of the schema beside its type; a default is read by the schema itself. */
function annotated(
  builder: SchemaBuilder,
  json: JsonSchema,
  version: number | null,
  options: JsonSchemaOptions,
  shared: SharedStruct,
): Schema {
  const plain = builder.build();
  const title = textOf(json, 'title');
  if (title !== null && plain.name === null) builder.name(title);
  const own = integerOf(json, VERSION_KEYWORD) ?? version;
  if (own !== null) builder.version(own);
  const doc = textOf(json, 'description');
  if (doc !== null) builder.doc(doc);
  const parameters = json.members.get(PARAMETERS_KEYWORD);
  if (isMembers(parameters)) {
    for (const [key, value] of parameters) builder.parameter(key, typeof value === 'string' ? value : nodeText(value));
  }
  builder.parameters(shared.parameters);
  const defaultNode = json.members.get('default');
  if (defaultNode !== undefined) {
    // The struct has to be there before its default is read.
    const withoutDefault = builder.build();
    shared.built = withoutDefault;
    const value = valueReader(withoutDefault, options)(defaultNode);
    if (value !== null) builder.defaultValue(value);
  }
  return builder.build();
}

function numberBuilder(type: string | null, integer: boolean): SchemaBuilder {
  switch (type) {
    case null:
      return integer ? SchemaBuilder.int64() : SchemaBuilder.float64();
    case 'int8':
      return SchemaBuilder.int8();
    case 'int16':
      return SchemaBuilder.int16();
    case 'int32':
      return SchemaBuilder.int32();
    case 'int64':
      return SchemaBuilder.int64();
    case 'float32':
      return SchemaBuilder.float32();
    case 'float64':
      return SchemaBuilder.float64();
    case 'bytes':
      return SchemaBuilder.bytes();
    default:
      throw new IllegalArgumentException(`Unsupported type ${type}`);
  }
}

/** By `connect.index`, else in the order of a Java HashMap; of two properties with one index the later one is the field. */
function inFieldOrder(properties: ReadonlyMap<string, JsonSchema>): readonly (readonly [string, JsonSchema])[] {
  const byIndex = new Map<number, readonly [string, JsonSchema]>();
  for (const name of hashSetOrder(properties.keys())) {
    const schema = properties.get(name)!;
    byIndex.set(integerOf(schema, INDEX_KEYWORD) ?? byIndex.size, [name, schema]);
  }
  return [...byIndex].sort(([a], [b]) => a - b).map(([, property]) => property);
}

function collectProperties(
  json: JsonSchema,
  into: Map<string, { readonly schema: JsonSchema; readonly required: boolean }>,
  visited: Set<JsonSchema>,
): void {
  if (visited.has(json)) return;
  visited.add(json);
  if (json.kind === 'combined' && json.criterion === 'allOf') for (const part of json.subschemas) collectProperties(part, into, visited);
  if (json.kind === 'object') {
    for (const name of hashSetOrder(json.properties.keys())) {
      into.set(name, { schema: json.properties.get(name)!, required: json.required.has(name) });
    }
  }
  if (json.kind === 'reference') collectProperties(json.target(), into, visited);
}

function unsupported(everitClass: string): DataException {
  return new DataException(`Unsupported schema type org.everit.json.schema.${everitClass}`);
}
