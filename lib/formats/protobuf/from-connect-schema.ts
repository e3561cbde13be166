import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical-names.ts';
import type { Schema } from '../../core/data/schema.ts';
import { IllegalArgumentException, NumberFormatException } from '../../core/java/exceptions.ts';
import { isVariant } from '../variant/variant-schema.ts';
import { KNOWN_FILES, WRAPPERS_FILE, WRAPPERS_PATH } from './known-files.ts';
import { mapEntryName } from './map-entry.ts';
import {
  CONNECT_TYPE,
  DATE,
  DECIMAL,
  DEFAULT_NAME,
  ENUM_PARAMETER,
  GENERALIZED_ENUM,
  GENERALIZED_UNION,
  IMPORT_OF,
  isWrapperName,
  PRECISION_PARAMETER,
  TAG_PARAMETER,
  TIME_OF_DAY,
  TIMESTAMP,
  TYPE_PARAMETER,
  UNION_PREFIX,
  VARIANT,
  WRAPPER_PARAMETER,
} from './names.ts';
import type { ProtobufOptions } from './options.ts';
import { parseProto } from './parse-proto.ts';
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoOneof, ProtoOption } from './proto-file.ts';
import { scrubName } from './scrub-name.ts';

/** A file and the full name of the message in it that stands for a schema. */
export interface MessageInFile {
  readonly file: ProtoFile;
  readonly messageName: string;
}

/** Deeper than any schema that is no circle; Confluent's converter ends there with a stack overflow. */
const MAX_DEPTH = 200;

const ROOT_WRAPPERS: Readonly<Record<string, string>> = {
  INT8: 'Int32Value',
  INT16: 'Int32Value',
  INT32: 'Int32Value',
  INT64: 'Int64Value',
  FLOAT32: 'FloatValue',
  FLOAT64: 'DoubleValue',
  BOOLEAN: 'BoolValue',
  STRING: 'StringValue',
  BYTES: 'BytesValue',
};

/** The `.proto` file that Confluent's converter registers for a Connect schema. IllegalArgumentException for arrays and maps at the root. */
export function fromConnectSchema(schema: Schema, options: ProtobufOptions): MessageInFile {
  if (schema.type === 'STRUCT') return new FileBuilder(options).struct(schema);
  const wrapper = ROOT_WRAPPERS[schema.type];
  if (wrapper === undefined) throw new IllegalArgumentException(`Unsupported root schema of type ${schema.type}`);
  return { file: parseProto(WRAPPERS_FILE), messageName: `google.protobuf.${wrapper}` };
}

/** A struct that stands for a oneof. */
export function isUnion(schema: Schema): boolean {
  return (schema.name?.startsWith(UNION_PREFIX.slice(0, -1)) ?? false) || (schema.parameters?.has(GENERALIZED_UNION) ?? false);
}

/** Whether a nullable scalar is written as a wrapper message. A member of a oneof is nullable anyway; it says itself that it was a wrapper. */
export function isWrapped(schema: Schema, oneofMember: boolean, options: ProtobufOptions): boolean {
  if (!options.wrapperForNullables || !schema.optional) return false;
  return !oneofMember || schema.parameters?.get(WRAPPER_PARAMETER)?.toLowerCase() === 'true';
}

/** A message while fields are added to it. */
interface Draft {
  readonly name: string;
  readonly fields: ProtoField[];
  readonly oneofs: ProtoOneof[];
  readonly messages: ProtoMessage[];
  readonly enums: ProtoEnum[];
}

class FileBuilder {
  readonly #options: ProtobufOptions;
  readonly #imports = new Set<string>();
  #unnamed = 0;
  #depth = 0;

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  struct(schema: Schema): MessageInFile {
    const parts = this.#nameOrDefault(schema.name).split('.');
    // Java's split drops empty parts at the end.
    while (parts.length > 1 && parts.at(-1) === '') parts.pop();
    const scrubbed = parts.map((part) => this.#scrub(part));
    const name = scrubbed.at(-1)!;
    const packageName = scrubbed.slice(0, -1).join('.');
    const message = this.#message(name, schema);
    const file: ProtoFile = {
      syntax: 'proto3',
      packageName,
      imports: [...this.#imports],
      options: [],
      messages: [message],
      enums: [],
    };
    return { file, messageName: scrubbed.length === 1 ? name : `${packageName}.${name}` };
  }

  #message(name: string, schema: Schema): ProtoMessage {
    if (++this.#depth > MAX_DEPTH)
      throw new IllegalArgumentException(`the schema ${name} holds itself in a way that Protobuf has no name for`);
    const draft: Draft = { name, fields: [], oneofs: [], messages: [], enums: [] };
    let next = 1;
    for (const { name: fieldName, schema: fieldSchema } of schema.fields!) {
      const tag = tagOf(fieldSchema) ?? next++;
      const field = this.#field(draft, fieldSchema, this.#scrub(fieldName), tag, false);
      if (field !== null) draft.fields.push(field);
    }
    this.#depth--;
    return { ...draft, options: [] };
  }

  /** null = the field is a oneof, which has been added. */
  #field(draft: Draft, schema: Schema, name: string, number: number, oneofMember: boolean): ProtoField | null {
    const label = this.#label(schema);
    const element = schema.type === 'ARRAY' ? schema.valueSchema! : schema;
    const params: [string, string][] = [];
    const type = this.#type(element, name, params, oneofMember);
    if (element.type === 'STRUCT' && !isVariant(element)) {
      if (isUnion(element)) {
        this.#oneof(draft, element);
        return null;
      }
      if (draft.name !== type && !draft.messages.some((message) => message.name === type)) {
        // The place is taken before the fields are: they may refer to it.
        const at = draft.messages.push({ name: type, fields: [], oneofs: [], messages: [], enums: [], options: [] }) - 1;
        draft.messages[at] = this.#message(type, element);
      }
    } else if (element.type === 'MAP') draft.messages.push(this.#mapEntry(type, element));
    else if (isEnum(element)) this.#enum(draft, element);
    else if (KNOWN_FILES.has(importOf(type))) this.#imports.add(importOf(type));
    return { name, number, type, label, options: metaOptions(params) };
  }

  #label(schema: Schema): 'repeated' | 'optional' | null {
    if (schema.type === 'ARRAY' || schema.type === 'MAP') return 'repeated';
    return this.#options.optionalForNullables && schema.optional ? 'optional' : null;
  }

  #oneof(draft: Draft, schema: Schema): void {
    const name = this.#options.generalizedSumTypeSupport
      ? (schema.parameters?.get(GENERALIZED_UNION) ?? '')
      : this.#unqualified((schema.name ?? '').slice(UNION_PREFIX.length));
    const fields: ProtoField[] = [];
    draft.oneofs.push({ name, fields });
    for (const member of schema.fields!) {
      const field = this.#field(draft, member.schema, this.#scrub(member.name), tagOf(member.schema) ?? 0, true);
      if (field !== null) fields.push({ ...field, label: field.label === 'optional' ? null : field.label });
    }
  }

  #mapEntry(name: string, schema: Schema): ProtoMessage {
    const draft: Draft = { name, fields: [], oneofs: [], messages: [], enums: [] };
    const key = this.#field(draft, schema.keySchema!, 'key', 1, false);
    if (key !== null) draft.fields.push(key);
    const value = this.#field(draft, schema.valueSchema!, 'value', 2, false);
    if (value !== null) draft.fields.push(value);
    return { ...draft, options: [] };
  }

  #enum(draft: Draft, schema: Schema): void {
    const name = this.#unqualified(schema.name);
    if (draft.enums.some((each) => each.name === name)) return;
    const prefix = `${this.#options.generalizedSumTypeSupport ? GENERALIZED_ENUM : ENUM_PARAMETER}.`;
    const values = [...schema.parameters!]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, tag]) => ({ name: key.slice(prefix.length), number: numberOf(tag) }));
    draft.enums.push({ name, values, options: [] });
  }

  #type(schema: Schema, fieldName: string, params: [string, string][], oneofMember: boolean): string {
    const parameters = schema.parameters;
    switch (schema.name) {
      case DECIMAL_NAME: {
        const precision = parameters?.get(PRECISION_PARAMETER);
        if (precision !== undefined) params.push(['precision', precision]);
        const scale = parameters?.get('scale');
        if (scale !== undefined) params.push(['scale', scale]);
        return DECIMAL;
      }
      case DATE_NAME:
        return DATE;
      case TIME_NAME:
        return TIME_OF_DAY;
      case TIMESTAMP_NAME:
        return TIMESTAMP;
    }
    if (isVariant(schema)) return VARIANT;
    const scalar = (type: string, wrapper: string) =>
      isWrapped(schema, oneofMember, this.#options) ? `google.protobuf.${wrapper}Value` : type;
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
        params.push([CONNECT_TYPE, schema.type.toLowerCase()]);
        return scalar('int32', 'Int32');
      case 'INT32':
        return parameters?.get(ENUM_PARAMETER) ?? scalar(parameters?.get(TYPE_PARAMETER) ?? 'int32', 'Int32');
      case 'INT64': {
        const type = parameters?.get(TYPE_PARAMETER) ?? 'int64';
        const wrapper = /^(?:uint|fixed)32$/.test(type) ? 'UInt32' : /^(?:uint|fixed)64$/.test(type) ? 'UInt64' : 'Int64';
        return scalar(type, wrapper);
      }
      case 'FLOAT32':
        return scalar('float', 'Float');
      case 'FLOAT64':
        return scalar('double', 'Double');
      case 'BOOLEAN':
        return scalar('bool', 'Bool');
      case 'STRING':
        return parameters?.get(GENERALIZED_ENUM) ?? parameters?.get(ENUM_PARAMETER) ?? scalar('string', 'String');
      case 'BYTES':
        return scalar('bytes', 'Bytes');
      case 'ARRAY':
        throw new IllegalArgumentException('Array cannot be nested');
      case 'MAP':
        return mapEntryName(this.#unqualified(schema.name));
      case 'STRUCT': {
        const name = this.#unqualified(schema.name);
        // A message and a field cannot have the same name.
        return name === fieldName ? `${name}Message` : name;
      }
    }
  }

  #unqualified(name: string | null): string {
    const full = this.#nameOrDefault(name);
    return this.#scrub(full.slice(full.lastIndexOf('.') + 1));
  }

  #nameOrDefault(name: string | null): string {
    return name !== null && name !== '' ? name : `${DEFAULT_NAME}${++this.#unnamed}`;
  }

  #scrub(name: string): string {
    return this.#options.scrubInvalidNames ? scrubName(name) : name;
  }
}

function importOf(type: string): string {
  return isWrapperName(type) ? WRAPPERS_PATH : (IMPORT_OF[type] ?? '');
}

function isEnum(schema: Schema): boolean {
  return schema.parameters !== null && (schema.parameters.has(GENERALIZED_ENUM) || schema.parameters.has(ENUM_PARAMETER));
}

function tagOf(schema: Schema): number | null {
  const tag = schema.parameters?.get(TAG_PARAMETER);
  return tag === undefined ? null : numberOf(tag);
}

function numberOf(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new NumberFormatException(`For input string: "${text}"`);
  return Number(text);
}

function metaOptions(params: readonly [string, string][]): ProtoOption[] {
  if (params.length === 0) return [];
  const values = params.map(([key, value]) => {
    return { kind: 'message' as const, members: [['key', text(key)] as const, ['value', text(value)] as const] };
  });
  return [{ name: '(confluent.field_meta)', value: { kind: 'message', members: [['params', { kind: 'list', values }]] } }];
}

function text(value: string) {
  return { kind: 'text' as const, text: value };
}
