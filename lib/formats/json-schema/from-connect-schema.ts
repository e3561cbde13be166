import { DECIMAL_NAME } from '../../core/data/logical-names.ts';
import type { Schema } from '../../core/data/schema.ts';
import { hashSetOrder } from '../../core/java/hash-order.ts';
import { quote } from '../json/json-writer.ts';
import { isVariant } from '../variant/variant-schema.ts';
import {
  ENUM_PARAMETER,
  GENERALIZED_ENUM,
  ID_PARAMETER,
  INDEX_KEYWORD,
  NAMESPACE,
  NULL_SYMBOL,
  PARAMETERS_KEYWORD,
  TYPE_KEYWORD,
  VERSION_KEYWORD,
} from './names.ts';
import type { JsonSchemaOptions } from './options.ts';
import { extrasField, isUnion } from './read-value.ts';
import { valueWriter } from './write-value.ts';

const NULL_TYPE = '{"type":"null"}';

/** The JSON Schema document, as text, that Confluent's converter registers for a Connect schema. */
export function fromConnectSchema(schema: Schema, options: JsonSchemaOptions): string {
  return new DocumentWriter(options).place(schema, null, false);
}

/** Members of an object with their text, in order. */
type Parts = [name: string, text: string][];

class DocumentWriter {
  readonly #options: JsonSchemaOptions;
  /** Structs that were written with an id; inside and after them a `$ref` is enough. */
  readonly #ids = new Set<string>();

  constructor(options: JsonSchemaOptions) {
    this.#options = options;
  }

  /** `index`: the place among the fields of a struct; null = none. `required`: nothing is made nullable, whatever the schema says. */
  place(schema: Schema, index: number | null, required: boolean): string {
    const id = schema.parameters?.get(ID_PARAMETER) ?? null;
    if (id !== null) this.#ids.add(id);
    const outer: Parts = [];
    if (id !== null) outer.push(['id', quote(id)]);
    if (index !== null) outer.push([INDEX_KEYWORD, String(index)]);
    if (schema.type === 'STRUCT' && !isVariant(schema)) {
      if (isUnion(schema)) return object([...outer, ['oneOf', this.#unionParts(schema, schema.optional && !required)]]);
      if (schema.optional && !required) return object([...outer, ['oneOf', `[${NULL_TYPE},${this.place(schema, null, true)}]`]]);
    }
    const own = this.#own(schema);
    if (!schema.optional || required) return object([...own.slice(0, 1), ...outer, ...own.slice(1)]);
    return object([...outer, ['oneOf', `[${NULL_TYPE},${object(own)}]`]]);
  }

  /** Everything the schema says of its values, but for whether they can be null. */
  #own(schema: Schema): Parts {
    const { type, keywords } = this.#kind(schema);
    const parts: Parts = [...type];
    if (schema.name !== null) parts.push(['title', quote(schema.name)]);
    if (schema.doc !== null) parts.push(['description', quote(schema.doc)]);
    if (schema.defaultValue !== null) parts.push(['default', valueWriter(schema, this.#options)(schema.defaultValue) ?? 'null']);
    if (schema.version !== null) parts.push([VERSION_KEYWORD, String(schema.version)]);
    const parameters = [...(schema.parameters ?? [])].filter(([key]) => !key.startsWith(NAMESPACE));
    if (parameters.length > 0) parts.push([PARAMETERS_KEYWORD, object(parameters.map(([key, value]) => [key, quote(value)]))]);
    return [...parts, ...keywords];
  }

  #kind(schema: Schema): { readonly type: Parts; readonly keywords: Parts } {
    const typed = (type: string, keywords: Parts = []) => ({ type: [['type', quote(type)]] as Parts, keywords });
    const connectType = (type: string): Parts => [[TYPE_KEYWORD, quote(type)]];
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
      case 'INT32':
      case 'INT64':
        return typed('integer', connectType(schema.type.toLowerCase()));
      case 'FLOAT32':
      case 'FLOAT64':
        return typed('number', connectType(schema.type.toLowerCase()));
      case 'BOOLEAN':
        return typed('boolean');
      case 'STRING':
        return this.#isEnum(schema) ? { type: [['enum', this.#symbols(schema)]], keywords: [] } : typed('string');
      case 'BYTES': {
        const numeric = schema.name === DECIMAL_NAME && this.#options.decimalFormat === 'NUMERIC';
        return typed(numeric ? 'number' : 'string', connectType('bytes'));
      }
      case 'ARRAY':
        return typed('array', [['items', this.#reference(schema.valueSchema!) ?? this.place(schema.valueSchema!, null, false)]]);
      case 'MAP':
        return typed(isObjectMap(schema) ? 'object' : 'array', [...connectType('map'), this.#entries(schema)]);
      case 'STRUCT':
        return isVariant(schema) ? { type: [], keywords: [] } : typed('object', this.#properties(schema));
    }
  }

  #entries(schema: Schema): Parts[number] {
    if (isObjectMap(schema)) return ['additionalProperties', this.place(schema.valueSchema!, null, false)];
    const key = this.place(schema.keySchema!, 0, false);
    const value = this.place(schema.valueSchema!, 1, false);
    return ['items', `{"type":"object","properties":{"key":${key},"value":${value}}}`];
  }

  #properties(schema: Schema): Parts {
    const extras = this.#options.preserveAdditionalProperties ? extrasField(schema) : null;
    const properties: Parts = schema
      .fields!.filter((field) => field !== extras)
      .map((field) => [field.name, this.#reference(field.schema) ?? this.place(field.schema, field.index, false)]);
    const parts: Parts = properties.length === 0 ? [] : [['properties', object(properties)]];
    if (!this.#options.objectAdditionalProperties) parts.push(['additionalProperties', 'false']);
    return parts;
  }

  #reference(schema: Schema): string | null {
    const id = schema.parameters?.get(ID_PARAMETER);
    return id !== undefined && this.#ids.has(id) ? `{"$ref":${quote(id)}}` : null;
  }

  #unionParts(schema: Schema, nullable: boolean): string {
    const parts = schema.fields!.map((field) => this.place(field.schema, field.index, true));
    return `[${(nullable ? [NULL_TYPE, ...parts] : parts).join(',')}]`;
  }

  #isEnum(schema: Schema): boolean {
    return schema.parameters !== null && (schema.parameters.has(GENERALIZED_ENUM) || schema.parameters.has(ENUM_PARAMETER));
  }

  #symbols(schema: Schema): string {
    const prefix = `${this.#options.generalizedSumTypeSupport ? GENERALIZED_ENUM : ENUM_PARAMETER}.`;
    const symbols = [...schema.parameters!.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    // Everit keeps them in a HashSet, where null comes first.
    const texts = hashSetOrder(symbols.filter((symbol) => symbol !== NULL_SYMBOL)).map(quote);
    return `[${(symbols.includes(NULL_SYMBOL) ? ['null', ...texts] : texts).join(',')}]`;
  }
}

/** Maps of texts are objects, all others lists of `{key, value}`. */
function isObjectMap(schema: Schema): boolean {
  return schema.keySchema!.type === 'STRING' && !schema.keySchema!.optional;
}

function object(parts: Parts): string {
  return `{${parts.map(([name, text]) => `${quote(name)}:${text}`).join(',')}}`;
}
