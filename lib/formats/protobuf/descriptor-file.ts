import { Buffer } from 'node:buffer';
import { ProtoTypes } from './descriptors.ts';
import { decodeMessage, type MessageValue } from './message-value.ts';
import { parseProto } from './parse-proto.ts';
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from './proto-file.ts';
import { ProtoSyntaxError } from './proto-tokens.ts';

/** As much of google/protobuf/descriptor.proto as data needs. */
const DESCRIPTOR_FILE = `syntax = "proto2";
message File {
  optional string name = 1; optional string package = 2; repeated string dependency = 3;
  repeated Message message_type = 4; repeated Enum enum_type = 5; optional string syntax = 12;
}
message Message {
  optional string name = 1; repeated Field field = 2; repeated Message nested_type = 3; repeated Enum enum_type = 4;
  repeated Oneof oneof_decl = 8;
}
message Field {
  optional string name = 1; optional int32 number = 3; optional int32 label = 4; optional int32 type = 5; optional string type_name = 6;
  optional string default_value = 7; optional Options options = 8; optional int32 oneof_index = 9; optional bool proto3_optional = 17;
}
message Options { optional bool packed = 2; }
message Oneof { optional string name = 1; }
message Enum { optional string name = 1; repeated EnumValue value = 2; }
message EnumValue { optional string name = 1; optional int32 number = 2; }`;

const TYPES = [
  '',
  'double',
  'float',
  'int64',
  'uint64',
  'int32',
  'fixed64',
  'fixed32',
  'bool',
  'string',
  'group',
  'message',
  'bytes',
  'uint32',
  'enum',
  'sfixed32',
  'sfixed64',
  'sint32',
  'sint64',
];
const LABELS = [null, 'optional', 'required', 'repeated'] as const;

/** A file from what a registry has: the text of a `.proto` file, or its descriptor in base64, as some clients register it. */
export function readSchemaFile(text: string): ProtoFile {
  try {
    return parseProto(text);
  } catch (error) {
    if (!(error instanceof ProtoSyntaxError) || !/^[A-Za-z0-9+/\s]+=*\s*$/.test(text)) throw error;
    return readDescriptor(Buffer.from(text, 'base64'));
  }
}

/** A file from its encoded FileDescriptorProto. Throws InvalidMessage. Custom options are left out. */
export function readDescriptor(bytes: Uint8Array): ProtoFile {
  const file = decodeMessage(new ProtoTypes(parseProto(DESCRIPTOR_FILE)).message('File')!, bytes);
  const proto3 = part(file, 'syntax') === 'proto3';
  return {
    syntax: proto3 ? 'proto3' : 'proto2',
    packageName: part(file, 'package') as string,
    imports: part(file, 'dependency') as string[],
    options: [],
    messages: list(file, 'message_type').map((message) => messageOf(message, proto3)),
    enums: list(file, 'enum_type').map(enumOf),
  };
}

function messageOf(message: MessageValue, proto3: boolean): ProtoMessage {
  const fields: ProtoField[] = [];
  const oneofs = list(message, 'oneof_decl').map((oneof) => ({ name: part(oneof, 'name') as string, fields: [] as ProtoField[] }));
  for (const field of list(message, 'field')) {
    const proto3Optional = part(field, 'proto3_optional') === true;
    const inOneof = field.has(field.type.byName.get('oneof_index')!) && !proto3Optional;
    const made = fieldOf(field, proto3, inOneof);
    if (inOneof) oneofs[part(field, 'oneof_index') as number]?.fields.push(made);
    else fields.push(made);
  }
  return {
    name: part(message, 'name') as string,
    fields,
    // The oneof of a proto3 optional is only there for the descriptor's sake.
    oneofs: oneofs.filter((oneof) => oneof.fields.length > 0),
    messages: list(message, 'nested_type').map((each) => messageOf(each, proto3)),
    enums: list(message, 'enum_type').map(enumOf),
    options: [],
  };
}

function fieldOf(field: MessageValue, proto3: boolean, inOneof: boolean): ProtoField {
  const label = LABELS[part(field, 'label') as number] ?? null;
  const plain = inOneof || (proto3 && label === 'optional' && part(field, 'proto3_optional') !== true);
  const typeName = part(field, 'type_name') as string;
  const options = part(field, 'options') as MessageValue;
  const packed = options.type.byName.get('packed')!;
  const word = (name: string, text: string) => ({ name, value: { kind: 'word' as const, text } });
  const defaultValue = field.type.byName.get('default_value')!;
  return {
    name: part(field, 'name') as string,
    number: part(field, 'number') as number,
    type: typeName === '' ? (TYPES[part(field, 'type') as number] ?? '') : typeName,
    label: plain ? null : label,
    options: [
      ...(options.has(packed) ? [word('packed', String(options.get(packed)))] : []),
      ...(field.has(defaultValue) ? [word('default', field.get(defaultValue) as string)] : []),
    ],
  };
}

function enumOf(each: MessageValue): ProtoEnum {
  const values = list(each, 'value').map((value) => ({ name: part(value, 'name') as string, number: part(value, 'number') as number }));
  return { name: part(each, 'name') as string, values, options: [] };
}

function part(message: MessageValue, name: string): unknown {
  return message.get(message.type.byName.get(name)!);
}

function list(message: MessageValue, name: string): readonly MessageValue[] {
  return part(message, name) as readonly MessageValue[];
}
