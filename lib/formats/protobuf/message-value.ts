import type { EnumType, FieldType, MessageType } from './descriptors.ts';
import { InvalidMessage, WireReader } from './wire-reader.ts';

/**
 * A decoded message: per field, by its index, what was set; undefined = nothing. Whole numbers of 64 bits are bigint (unsigned ones wrap), of
 * 32 bits number (signed), enums their number, messages MessageValue, repeated fields arrays.
 */
export class MessageValue {
  readonly type: MessageType;
  readonly values: unknown[];

  constructor(type: MessageType) {
    this.type = type;
    this.values = new Array(type.fields.length);
  }

  has(field: FieldType): boolean {
    const value = this.values[field.index];
    return value !== undefined && (field.presence || !isDefault(value));
  }

  /** What was set, or the default: an empty list, an empty message, the default of the type or of the field. */
  get(field: FieldType): unknown {
    return this.values[field.index] ?? defaultOf(field);
  }
}

/** Fields nested deeper are refused, as by protobuf-java. */
const MAX_DEPTH = 100;

/** Decodes a message. Fields that are not known are read over. Throws InvalidMessage. */
export function decodeMessage(type: MessageType, bytes: Uint8Array): MessageValue {
  const message = new MessageValue(type);
  decodeInto(message, bytes, 0);
  return message;
}

function decodeInto(message: MessageValue, bytes: Uint8Array, depth: number): void {
  if (depth > MAX_DEPTH) throw new InvalidMessage('Protocol message had too many levels of nesting.');
  const reader = new WireReader(bytes);
  while (!reader.atEnd) {
    const tag = reader.varint32() >>> 0;
    const number = tag >>> 3;
    if (number === 0) throw new InvalidMessage('Protocol message contained an invalid tag (zero).');
    const wireType = tag & 7;
    const field = message.type.byNumber.get(number);
    if (field === undefined) reader.skip(wireType, number);
    else if (wireType === wireTypeOf(field)) decodeField(message, field, reader, depth);
    else if (wireType === 2 && field.repeated && field.kind !== 'string' && field.kind !== 'bytes' && field.kind !== 'message') {
      const packed = new WireReader(reader.delimited());
      const list = listOf(message, field);
      while (!packed.atEnd) list.push(decodeScalar(field, packed));
    } else reader.skip(wireType, number);
  }
}

function decodeField(message: MessageValue, field: FieldType, reader: WireReader, depth: number): void {
  if (field.oneof !== null) for (const other of field.oneof.fields) if (other !== field) message.values[other.index] = undefined;
  if (field.kind !== 'message') {
    const value = decodeScalar(field, reader);
    if (field.repeated) listOf(message, field).push(value);
    else message.values[field.index] = value;
    return;
  }
  const before = field.repeated ? undefined : (message.values[field.index] as MessageValue | undefined);
  // A message that comes twice is merged.
  const value = before ?? new MessageValue(field.message!);
  decodeInto(value, reader.delimited(), depth + 1);
  if (field.repeated) listOf(message, field).push(value);
  else message.values[field.index] = value;
}

function listOf(message: MessageValue, field: FieldType): unknown[] {
  const list = (message.values[field.index] ?? []) as unknown[];
  message.values[field.index] = list;
  return list;
}

/** 0 varint, 1 eight bytes, 2 with length, 5 four bytes. */
export function wireTypeOf({ kind }: FieldType): number {
  switch (kind) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return 1;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return 5;
    case 'string':
    case 'bytes':
    case 'message':
      return 2;
    default:
      return 0;
  }
}

function decodeScalar({ kind }: FieldType, reader: WireReader): unknown {
  switch (kind) {
    case 'double':
      return reader.double();
    case 'float':
      return reader.float();
    case 'fixed64':
    case 'sfixed64':
      return reader.fixed64();
    case 'fixed32':
    case 'sfixed32':
      return reader.fixed32();
    case 'int64':
    case 'uint64':
      return reader.bigVarint();
    case 'sint64': {
      const raw = BigInt.asUintN(64, reader.bigVarint());
      return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n));
    }
    case 'sint32': {
      const raw = reader.varint32();
      return (raw >>> 1) ^ -(raw & 1);
    }
    case 'bool':
      return reader.bigVarint() !== 0n;
    case 'string':
      return reader.text();
    case 'bytes':
      return new Uint8Array(reader.delimited());
    default:
      return reader.varint32();
  }
}

function isDefault(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return value === 0n || value === false || value === '' || Object.is(value, 0);
}

function defaultOf(field: FieldType): unknown {
  if (field.repeated) return [];
  const { kind, defaultText } = field;
  switch (kind) {
    case 'message':
      return new MessageValue(field.message!);
    case 'enum':
      return enumDefault(field.enumType!, defaultText);
    case 'string':
      return defaultText ?? '';
    case 'bytes':
      return defaultText === null ? new Uint8Array(0) : Uint8Array.from(defaultText, (char) => char.charCodeAt(0));
    case 'bool':
      return defaultText === 'true';
    case 'double':
    case 'float':
      return defaultText === null ? 0 : Number(defaultText.replace(/inf\b/, 'Infinity').replace('nan', 'NaN'));
    default: {
      const big = kind.endsWith('64');
      const value = BigInt(defaultText?.replace(/^-/, '') ?? 0) * (defaultText?.startsWith('-') ? -1n : 1n);
      return big ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
    }
  }
}

function enumDefault({ values }: EnumType, name: string | null): number {
  return (name === null ? undefined : values.find((value) => value.name === name)?.number) ?? values[0]?.number ?? 0;
}
