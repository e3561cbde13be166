import { BigDecimal } from '../../core/data/big-decimal.ts';
import { Decimal } from '../../core/data/decimal.ts';
import { doubleToString, floatToString } from '../../core/data/java-numbers.ts';
import { javaClassName } from '../../core/data/java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp, DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { hasClassFor } from '../../core/data/validate.ts';
import { DataException } from '../../core/errors.ts';
import { encodeBase64 } from '../json/base64.ts';
import { nodeText } from '../json/json-node.ts';
import { quote } from '../json/json-writer.ts';
import { decodeVariant } from '../variant/decode-variant.ts';
import { VARIANT_NAME } from '../variant/variant-schema.ts';
import type { JsonSchemaOptions } from './options.ts';
import { extrasField, isUnion } from './read-value.ts';

/** Writes a value of a schema as JSON text; null = nothing is written, and a member is left out. Throws DataException for what does not fit. */
export type ValueWriter = (value: unknown) => string | null;

/** Compiles the writer of a schema. */
export function valueWriter(schema: Schema, options: JsonSchemaOptions): ValueWriter {
  return new WriterCompiler(options).writer(schema);
}

class WriterCompiler {
  readonly #options: JsonSchemaOptions;
  /** Structs that hold themselves find their own writer here. */
  readonly #structs = new Map<Schema, ValueWriter>();

  constructor(options: JsonSchemaOptions) {
    this.#options = options;
  }

  writer(schema: Schema): ValueWriter {
    const known = this.#structs.get(schema);
    if (known !== undefined) return known;
    let write: ValueWriter = () => null;
    const absent = schema.optional ? 'null' : null;
    const writer: ValueWriter = (value) => {
      if (value !== null && value !== undefined) return write(value);
      return schema.defaultValue !== null && !this.#options.ignoreDefaultForNullables ? write(schema.defaultValue) : absent;
    };
    if (schema.type === 'STRUCT') this.#structs.set(schema, writer);
    write = this.#logical(schema) ?? this.#typed(schema);
    return writer;
  }

  #typed(schema: Schema): ValueWriter {
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
      case 'INT32':
      case 'INT64':
      case 'BOOLEAN':
        return checked(schema, String);
      case 'FLOAT32':
        return checked(schema, (value: number) => finite(value, floatToString(value)));
      case 'FLOAT64':
        return checked(schema, (value: number) => finite(value, doubleToString(value)));
      case 'STRING':
        return checked(schema, quote);
      case 'BYTES':
        return writeBytes;
      case 'ARRAY': {
        const write = this.writer(schema.valueSchema!);
        return checked(schema, (value: unknown[]) => `[${value.map((element) => write(element) ?? 'null').join(',')}]`);
      }
      case 'MAP':
        return this.#map(schema);
      case 'STRUCT':
        return isUnion(schema) ? this.#union(schema) : this.#struct(schema);
    }
  }

  #map(schema: Schema): ValueWriter {
    const writeKey = this.writer(schema.keySchema!);
    const writeValue = this.writer(schema.valueSchema!);
    if (schema.keySchema!.type !== 'STRING' || schema.keySchema!.optional) {
      return checked(schema, (map: Map<unknown, unknown>) => {
        const entries = [...map].map(([key, value]) => `{"key":${writeKey(key) ?? 'null'},"value":${writeValue(value) ?? 'null'}}`);
        return `[${entries.join(',')}]`;
      });
    }
    return checked(schema, (map: Map<unknown, unknown>) => {
      const members: string[] = [];
      for (const [key, value] of map) members.push(`${writeKey(key) ?? '"null"'}:${writeValue(value) ?? 'null'}`);
      return `{${members.join(',')}}`;
    });
  }

  #struct(schema: Schema): ValueWriter {
    const extras = this.#options.preserveAdditionalProperties ? extrasField(schema) : null;
    const fields = schema.fields!.filter((field) => field !== extras);
    const names = fields.map(({ name }) => `${quote(name)}:`);
    // A struct's fields may hold the struct itself, whose writer is not complete before this one is.
    let writers: readonly ValueWriter[] | null = null;
    return (value) => {
      const struct = structOf(schema, value);
      writers ??= fields.map((field) => this.writer(field.schema));
      let text = '';
      for (let i = 0; i < fields.length; i++) {
        const written = writers[i]!(struct.valueAt(fields[i]!.index));
        if (written !== null) text += (text === '' ? '' : ',') + names[i]! + written;
      }
      if (extras !== null) text += writeExtras(struct.valueAt(extras.index), text === '');
      return `{${text}}`;
    };
  }

  /** The one field that is set; where none is, what an absent union is. */
  #union(schema: Schema): ValueWriter {
    const fields = schema.fields!;
    let writers: readonly ValueWriter[] | null = null;
    return (value) => {
      const struct = structOf(schema, value);
      writers ??= fields.map((field) => this.writer(field.schema));
      for (const [index, field] of fields.entries()) {
        const slot = this.#options.ignoreDefaultForNullables ? struct.valueAt(index) : struct.get(field);
        if (slot !== null && slot !== undefined) return writers[index]!(slot);
      }
      return schema.optional ? 'null' : null;
    };
  }

  /** The writer of a logical type, by the schema's name alone; null = no logical type. */
  #logical(schema: Schema): ValueWriter | null {
    switch (schema.name) {
      case DECIMAL_NAME:
        return (value) => {
          if (!(value instanceof BigDecimal)) throw notLogical('Decimal', 'BigDecimal', value);
          return this.#options.decimalFormat === 'NUMERIC' ? value.toString() : `"${encodeBase64(Decimal.fromLogical(schema, value))}"`;
        };
      case DATE_NAME:
        return (value) => String(ConnectDate.fromLogical(schema, dateOf('Date', value)));
      case TIME_NAME:
        return (value) => String(ConnectTime.fromLogical(schema, dateOf('Time', value)));
      case TIMESTAMP_NAME:
        return (value) => String(ConnectTimestamp.fromLogical(schema, dateOf('Timestamp', value)));
      case VARIANT_NAME:
        return (value) => {
          if (!(value instanceof Struct)) throw notLogical('Variant', 'Struct', value);
          return nodeText(decodeVariant({ metadata: value.get('metadata') as Uint8Array, value: value.get('value') as Uint8Array }));
        };
      default:
        return null;
    }
  }
}

function structOf(schema: Schema, value: unknown): Struct {
  if (!(value instanceof Struct)) throw invalidType(schema, value);
  if (value.schema !== schema && !value.schema.equals(schema)) throw new DataException('Mismatching schema.');
  return value;
}

function writeExtras(extras: unknown, first: boolean): string {
  if (!(extras instanceof Map)) return '';
  let text = '';
  for (const [name, struct] of extras as ReadonlyMap<string, Struct>) {
    const node = decodeVariant({ metadata: struct.get('metadata') as Uint8Array, value: struct.get('value') as Uint8Array });
    text += `${first && text === '' ? '' : ','}${quote(name)}:${nodeText(node)}`;
  }
  return text;
}

/** A writer that first makes sure that the value is of the schema's class. */
function checked(schema: Schema, write: (value: never) => string): ValueWriter {
  return (value) => {
    if (!hasClassFor(schema, value)) throw invalidType(schema, value);
    return write(value as never);
  };
}

function writeBytes(value: unknown): string {
  if (value instanceof Uint8Array) return `"${encodeBase64(value)}"`;
  if (value instanceof BigDecimal) return value.toString();
  throw new DataException(`Invalid type for bytes type: class ${javaClassName(value)}`);
}

function finite(value: number, text: string): string {
  return Number.isFinite(value) ? text : `"${text}"`;
}

function dateOf(type: string, value: unknown): Date {
  if (value instanceof Date) return value;
  throw notLogical(type, 'Date', value);
}

function invalidType(schema: Schema, value: unknown): DataException {
  return new DataException(`Invalid type for ${schema.type}: class ${javaClassName(value)}`);
}

function notLogical(type: string, expected: string, value: unknown): DataException {
  return new DataException(`Invalid type for ${type}, expected ${expected} but was class ${javaClassName(value)}`);
}
