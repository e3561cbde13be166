import { DataException, SchemaBuilderException } from '../errors.ts';
import { ConnectSchema } from './connect-schema.ts';
import type { Field, Schema, SchemaType } from './schema.ts';
import { StructValue } from './struct-value.ts';
import { validateValue } from './validate.ts';

/**
 * Builds a {@link Schema}. Each of optional/required, default, name, version and doc can be set once; another value afterwards, and
 * everything that does not fit the type, throws SchemaBuilderException. A default is checked against what is set at that moment.
 */
export class SchemaBuilder {
  readonly type: SchemaType;
  #optional: boolean | null = null;
  #default: unknown = null;
  #name: string | null = null;
  #version: number | null = null;
  #doc: string | null = null;
  #parameters: Map<string, string> | null = null;
  readonly #fields: Map<string, Field> | null;
  readonly #keySchema: Schema | null;
  readonly #valueSchema: Schema | null;

  constructor(type: SchemaType, keySchema: Schema | null = null, valueSchema: Schema | null = null) {
    this.type = type;
    this.#fields = type === 'STRUCT' ? new Map() : null;
    this.#keySchema = keySchema;
    this.#valueSchema = valueSchema;
  }

  static type(type: SchemaType): SchemaBuilder {
    return new SchemaBuilder(type);
  }
  static int8(): SchemaBuilder {
    return new SchemaBuilder('INT8');
  }
  static int16(): SchemaBuilder {
    return new SchemaBuilder('INT16');
  }
  static int32(): SchemaBuilder {
    return new SchemaBuilder('INT32');
  }
  static int64(): SchemaBuilder {
    return new SchemaBuilder('INT64');
  }
  static float32(): SchemaBuilder {
    return new SchemaBuilder('FLOAT32');
  }
  static float64(): SchemaBuilder {
    return new SchemaBuilder('FLOAT64');
  }
  static boolean(): SchemaBuilder {
    return new SchemaBuilder('BOOLEAN');
  }
  static string(): SchemaBuilder {
    return new SchemaBuilder('STRING');
  }
  static bytes(): SchemaBuilder {
    return new SchemaBuilder('BYTES');
  }
  static struct(): SchemaBuilder {
    return new SchemaBuilder('STRUCT');
  }
  static array(valueSchema: Schema): SchemaBuilder {
    return new SchemaBuilder('ARRAY', null, given('valueSchema', valueSchema));
  }
  static map(keySchema: Schema, valueSchema: Schema): SchemaBuilder {
    return new SchemaBuilder('MAP', given('keySchema', keySchema), given('valueSchema', valueSchema));
  }
  /** An array whose elements have no schema that could be determined; only parsing makes these. */
  static arrayOfNull(): SchemaBuilder {
    return new SchemaBuilder('ARRAY');
  }
  /** A map whose keys, values or both have no schema that could be determined; only parsing makes these. */
  static mapOf(keySchema: Schema | null, valueSchema: Schema | null): SchemaBuilder {
    return new SchemaBuilder('MAP', keySchema, valueSchema);
  }

  get isOptional(): boolean {
    return this.#optional ?? false;
  }

  optional(): this {
    once('optional', this.#optional, true);
    this.#optional = true;
    return this;
  }

  required(): this {
    once('optional', this.#optional, false);
    this.#optional = false;
    return this;
  }

  defaultValue(value: unknown): this {
    once('default', this.#default, value);
    try {
      // Connect compares with the builder itself, which no struct's schema equals: a STRUCT has no default but null.
      if (this.type === 'STRUCT' && value instanceof StructValue) throw new DataException('Struct schemas do not match.');
      validateValue(null, this.build(), value);
    } catch (error) {
      if (error instanceof DataException) throw new SchemaBuilderException('Invalid default value', { cause: error });
      throw error;
    }
    this.#default = value;
    return this;
  }

  name(name: string): this {
    once('name', this.#name, name);
    this.#name = name;
    return this;
  }

  version(version: number): this {
    once('version', this.#version, version);
    this.#version = version;
    return this;
  }

  doc(doc: string): this {
    once('doc', this.#doc, doc);
    this.#doc = doc;
    return this;
  }

  parameter(key: string, value: string): this {
    this.#parameters ??= new Map();
    this.#parameters.set(key, value);
    return this;
  }

  /** All of these; none leaves the schema without parameters. */
  parameters(parameters: Iterable<readonly [string, string]>): this {
    for (const [key, value] of parameters) this.parameter(key, value);
    return this;
  }

  field(name: string, schema: Schema): this {
    if (this.#fields === null) throw new SchemaBuilderException(`Cannot create fields on type ${this.type}`);
    if (name === null || name === undefined || name === '') throw new SchemaBuilderException('fieldName cannot be null.');
    if (schema === null || schema === undefined) throw new SchemaBuilderException(`fieldSchema for field ${name} cannot be null.`);
    if (this.#fields.has(name)) throw new SchemaBuilderException(`Cannot create field because of field name duplication ${name}`);
    this.#fields.set(name, { name, index: this.#fields.size, schema });
    return this;
  }

  build(): Schema {
    return new ConnectSchema({
      type: this.type,
      optional: this.isOptional,
      defaultValue: this.#default,
      name: this.#name,
      version: this.#version,
      doc: this.#doc,
      parameters: this.#parameters === null ? null : new Map(this.#parameters),
      fields: this.#fields === null ? null : [...this.#fields.values()],
      keySchema: this.#keySchema,
      valueSchema: this.#valueSchema,
    });
  }
}

function given(what: string, schema: Schema | null): Schema {
  if (schema === null || schema === undefined) throw new SchemaBuilderException(`${what} cannot be null.`);
  return schema;
}

function once(what: string, set: unknown, value: unknown): void {
  if (set !== null && set !== value) throw new SchemaBuilderException(`Invalid SchemaBuilder call: ${what} has already been set.`);
}
