import { Buffer } from 'node:buffer';
import { javaClassName } from '../../core/data/java-text.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import type { FieldType, MessageType } from './descriptors.ts';
import { isUnion, isWrapped } from './from-connect-schema.ts';
import { encodeLogical, isLogical, logicalMessageOf } from './logical-messages.ts';
import { wireTypeOf } from './message-value.ts';
import { ENUM_PARAMETER, GENERALIZED_ENUM } from './names.ts';
import type { ProtobufOptions } from './options.ts';
import { scrubName } from './scrub-name.ts';
import { WireWriter } from './wire-writer.ts';

/** Fields of a message in the order of their numbers, each with the value to write. */
type FieldValues = [field: FieldType, value: unknown][];

/** Writes values of a schema as messages of the type that fromConnectSchema made of it; null is null. */
export function messageWriter(schema: Schema, message: MessageType, options: ProtobufOptions): (value: unknown) => Uint8Array | null {
  const writer = new MessageWriter(options);
  return (value) => {
    if (value === null) return null;
    if (isLogical(schema)) {
      encodeLogical(schema, value);
      throw new DataException(
        `a ${schema.name} that is the whole record has no message that could be read back; put it into a struct, e.g. with the HoistField transformation`,
      );
    }
    if (schema.type === 'STRUCT') return writer.struct(schema, message, value);
    return writer.wrapped(schema, message, value);
  };
}

class MessageWriter {
  readonly #options: ProtobufOptions;

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  wrapped(schema: Schema, message: MessageType, value: unknown): Uint8Array {
    const out = new WireWriter();
    const field = message.fields[0]!;
    const scalar = this.#scalar(schema, value);
    checkKind(field, schema, scalar);
    this.#field(out, field, scalar);
    return out.bytes();
  }

  struct(schema: Schema, message: MessageType, value: unknown): Uint8Array {
    if (!(value instanceof Struct)) throw invalidType(schema, value);
    if (value.schema !== schema && !value.schema.equals(schema)) throw new DataException('Mismatching struct schema');
    const values: FieldValues = [];
    for (const field of schema.fields!) this.#collect(values, message, field.name, field.schema, this.#slot(value, field.index));
    // Java's messages keep their fields in the order of the numbers.
    values.sort(([a], [b]) => a.number - b.number);
    const out = new WireWriter();
    for (const [field, encoded] of values) this.#field(out, field, encoded);
    return out.bytes();
  }

  #collect(values: FieldValues, message: MessageType, name: string, schema: Schema, value: unknown): void {
    if (value === null || value === undefined) return;
    if (schema.type === 'STRUCT' && isUnion(schema) && !isLogical(schema)) {
      if (!(value instanceof Struct)) throw invalidType(schema, value);
      if (value.schema !== schema && !value.schema.equals(schema)) throw new DataException('Mismatching struct schema');
      const member = schema.fields!.find((field) => this.#slot(value, field.index) !== null);
      if (member === undefined) throw new DataException('Cannot find non-null field');
      this.#add(values, message, member.name, member.schema, this.#slot(value, member.index), true);
    } else this.#add(values, message, name, schema, value, false);
  }

  #add(values: FieldValues, message: MessageType, name: string, schema: Schema, value: unknown, oneofMember: boolean): void {
    const fieldName = this.#options.scrubInvalidNames ? scrubName(name) : name;
    const field = message.byName.get(fieldName);
    if (field === undefined) throw new DataException(`Cannot find field with name ${fieldName}`);
    // Two structs of one name share a message: what the first one made of it may not be what the second one needs.
    if (field.repeated !== (schema.type === 'ARRAY' || schema.type === 'MAP')) throw otherType(field, schema);
    const encoded = this.#encoded(field, schema, value, oneofMember);
    if (encoded !== null) values.push([field, encoded]);
  }

  /** A list for repeated fields, bytes for messages, else the scalar; null = nothing is written. */
  #encoded(field: FieldType, schema: Schema, value: unknown, oneofMember: boolean): unknown {
    if (schema.type === 'ARRAY') {
      if (!Array.isArray(value)) throw invalidType(schema, value);
      if (value.length === 0) return null;
      return value.map((element) => {
        if (element === null || element === undefined)
          throw new DataException('Protobuf has no null among the elements of a repeated field');
        return this.#single(field, schema.valueSchema!, element, oneofMember);
      });
    }
    if (schema.type === 'MAP') {
      if (!(value instanceof Map)) throw invalidType(schema, value);
      return [...(value as ReadonlyMap<unknown, unknown>)].map(([key, entry]) => this.#mapEntry(field.message!, schema, key, entry));
    }
    return this.#single(field, schema, value, oneofMember);
  }

  #mapEntry(message: MessageType, schema: Schema, key: unknown, value: unknown): Uint8Array {
    const values: FieldValues = [];
    this.#collect(values, message, 'key', schema.keySchema!, key);
    this.#collect(values, message, 'value', schema.valueSchema!, value);
    const out = new WireWriter();
    for (const [field, encoded] of values) this.#field(out, field, encoded);
    return out.bytes();
  }

  #single(field: FieldType, schema: Schema, value: unknown, oneofMember: boolean): unknown {
    if (isLogical(schema)) {
      if (field.message?.fullName !== logicalMessageOf(schema)) throw otherType(field, schema);
      return encodeLogical(schema, value);
    }
    if (schema.type === 'STRUCT') return this.struct(schema, messageOf(field, schema), value);
    if (isWrapped(schema, oneofMember, this.#options) && field.kind === 'message')
      return this.wrapped(schema, messageOf(field, schema), value);
    if (field.kind === 'enum') return this.#enumNumber(field, schema, value);
    const scalar = this.#scalar(schema, value);
    checkKind(field, schema, scalar);
    return scalar;
  }

  #enumNumber(field: FieldType, schema: Schema, value: unknown): number {
    if (typeof value === 'number') return value;
    if (typeof value !== 'string') throw invalidType(schema, value);
    const parameter = this.#options.generalizedSumTypeSupport ? GENERALIZED_ENUM : ENUM_PARAMETER;
    const number = Number(schema.parameters?.get(`${parameter}.${value}`) ?? Number.NaN);
    if (field.enumType!.values.some((each) => each.number === number)) return number;
    throw new IllegalArgumentException(`${value} is not a symbol of the enum ${field.enumType!.fullName}`);
  }

  #scalar(schema: Schema, value: unknown): unknown {
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
      case 'INT32':
      case 'FLOAT32':
      case 'FLOAT64':
        if (typeof value === 'number') return value;
        if (typeof value === 'bigint') return Number(BigInt.asIntN(32, value));
        break;
      case 'INT64':
        if (typeof value === 'bigint') return value;
        if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
        break;
      case 'BOOLEAN':
        if (typeof value === 'boolean') return value;
        break;
      case 'STRING':
        if (typeof value === 'string') return value;
        break;
      case 'BYTES':
        if (value instanceof Uint8Array) return value;
        break;
    }
    throw invalidType(schema, value);
  }

  #slot(struct: Struct, index: number): unknown {
    return this.#options.ignoreDefaultForNullables
      ? struct.valueAt(index)
      : (struct.valueAt(index) ?? struct.schema.fields![index]!.schema.defaultValue);
  }

  #field(out: WireWriter, field: FieldType, value: unknown): void {
    if (!field.repeated) {
      if (!field.presence && isDefault(value)) return;
      out.tag(field.number, wireTypeOf(field));
      writeScalar(out, field, value);
      return;
    }
    const elements = value as readonly unknown[];
    if (!field.packed) {
      for (const element of elements) {
        out.tag(field.number, wireTypeOf(field));
        writeScalar(out, field, element);
      }
      return;
    }
    const packed = new WireWriter();
    for (const element of elements) writeScalar(packed, field, element);
    out.tag(field.number, 2);
    out.delimited(packed.bytes());
  }
}

function messageOf(field: FieldType, schema: Schema): MessageType {
  if (field.message === null) throw otherType(field, schema);
  return field.message;
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  number: ['int32', 'sint32', 'sfixed32', 'uint32', 'fixed32', 'float', 'double'],
  bigint: ['int64', 'sint64', 'sfixed64', 'uint64', 'fixed64', 'uint32', 'fixed32'],
  boolean: ['bool'],
  string: ['string'],
  object: ['bytes'],
};

/** Refuses what the field's type would not give back. */
function checkKind(field: FieldType, schema: Schema, value: unknown): void {
  const { kind } = field;
  if (!KINDS[typeof value]!.includes(kind)) throw otherType(field, schema);
  if ((schema.type === 'FLOAT32' || schema.type === 'FLOAT64') !== (kind === 'float' || kind === 'double')) throw otherType(field, schema);
  if (schema.type === 'FLOAT64' && kind === 'float') throw otherType(field, schema);
  if (typeof value === 'bigint' && kind.endsWith('32') && BigInt.asUintN(32, value) !== value && BigInt.asIntN(32, value) !== value) {
    throw new DataException(`the field ${field.name} is of type ${kind}, and ${value} has more than 32 bits`);
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new DataException(`the field ${field.name} has a text with half a surrogate pair, which UTF-8 cannot hold`);
  }
}

function otherType(field: FieldType, schema: Schema): DataException {
  const type = field.message?.fullName ?? field.enumType?.fullName ?? field.kind;
  return new DataException(
    `the field ${field.name} is ${field.repeated ? 'a list of ' : ''}${type}, which cannot hold a ${String(schema)}`,
  );
}

function writeScalar(out: WireWriter, { kind }: FieldType, value: unknown): void {
  switch (kind) {
    case 'double':
      out.double(value as number);
      return;
    case 'float':
      out.float(value as number);
      return;
    case 'fixed64':
    case 'sfixed64':
      out.fixed64(BigInt(value as bigint | number));
      return;
    case 'fixed32':
    case 'sfixed32':
      out.fixed32(toInt32(value));
      return;
    case 'int64':
    case 'uint64':
      out.bigVarint(BigInt(value as bigint | number));
      return;
    case 'sint64': {
      const number = BigInt.asIntN(64, BigInt(value as bigint | number));
      out.bigVarint((number << 1n) ^ (number >> 63n));
      return;
    }
    case 'sint32': {
      const number = toInt32(value);
      out.varint(((number << 1) ^ (number >> 31)) >>> 0);
      return;
    }
    case 'uint32':
      out.varint(toInt32(value) >>> 0);
      return;
    case 'bool':
      out.varint(value === true ? 1 : 0);
      return;
    case 'string':
      out.delimited(Buffer.from(value as string, 'utf8'));
      return;
    case 'bytes':
    case 'message':
      out.delimited(value as Uint8Array);
      return;
    default:
      out.int32(toInt32(value));
  }
}

function toInt32(value: unknown): number {
  return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : (value as number) | 0;
}

function isDefault(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return value === 0n || value === false || value === '' || Object.is(value, 0);
}

function invalidType(schema: Schema, value: unknown): DataException {
  return new DataException(`Invalid type for ${schema.type}: class ${javaClassName(value)}`);
}
