import { Decimal } from '../../core/data/decimal.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../core/data/logical.ts';
import type { Schema } from '../../core/data/schema.ts';
import { SchemaBuilder } from '../../core/data/schema-builder.ts';
import { DataException } from '../../core/errors.ts';
import { SchemaReference, type SharedStruct } from '../schema-reference.ts';
import { variantBuilder } from '../variant/variant-schema.ts';
import type { EnumType, FieldType, MessageType, OneofType } from './descriptors.ts';
import { MAP_ENTRY_SUFFIX, mapFieldName } from './map-entry.ts';
import {
  CONNECT_TYPE,
  DATE,
  DECIMAL,
  ENUM_PARAMETER,
  GENERALIZED_ENUM,
  GENERALIZED_UNION,
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

/** The Connect schema of a message; `version` is that of the registry, null = none. */
export function toConnectSchema(message: MessageType, version: number | null, options: ProtobufOptions): Schema {
  return new Conversion(options).root(message, version);
}

/** The name of the field that holds a oneof's struct. */
export function unionFieldName(oneof: OneofType, options: ProtobufOptions): string {
  return options.generateIndexForUnions ? `${oneof.name}_${oneof.index}` : oneof.name;
}

/** Whether a field holds the entries of a map. */
export function isMapField({ repeated, message }: FieldType): boolean {
  if (!repeated || message === null || !message.name.endsWith(MAP_ENTRY_SUFFIX) || message.fields.length !== 2) return false;
  const [key, value] = message.fields;
  return key!.name === 'key' && value!.name === 'value' && !key!.repeated && !value!.repeated;
}

/** A struct's schema is shared by all places that refer to it while it is built; whoever makes it optional makes all of them so. */
interface SharedMessage extends SharedStruct {
  optional: boolean;
}

/** A schema as far as it is known, before a place says whether it can be null, and its number. */
interface Part {
  readonly builder: SchemaBuilder | null;
  /** Instead of a builder: a struct that is being built. */
  readonly reference: SharedMessage | null;
  readonly shared: SharedMessage | null;
}

class Conversion {
  readonly #options: ProtobufOptions;
  readonly #messages = new Map<string, SharedMessage>();

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  root(message: MessageType, version: number | null): Schema {
    const { builder, shared } = this.#message(message);
    if (version !== null) builder!.version(version);
    if (shared?.optional) builder!.optional();
    const schema = builder!.build();
    if (shared !== null) shared.built = schema;
    return schema;
  }

  #message(message: MessageType): Part {
    if (this.#options.wrapperForRawPrimitives && isWrapperName(message.fullName)) {
      return { builder: unwrapped(message.fullName), reference: null, shared: null };
    }
    const shared: SharedMessage = { built: null, parameters: new Map(), optional: false };
    this.#messages.set(message.fullName, shared);
    const builder = SchemaBuilder.struct().name(this.#nameOf(message));
    for (const oneof of message.oneofs) {
      if (this.#options.flattenUnions) for (const field of oneof.fields) builder.field(field.name, this.#field(field, true));
      else builder.field(unionFieldName(oneof, this.#options), this.#oneof(oneof));
    }
    for (const field of message.fields) if (field.oneof === null) builder.field(field.name, this.#field(field, false));
    return { builder, reference: null, shared };
  }

  #oneof(oneof: OneofType): Schema {
    const builder = SchemaBuilder.struct();
    if (this.#options.generalizedSumTypeSupport) builder.name(oneof.name).parameter(GENERALIZED_UNION, oneof.name);
    else builder.name(`${UNION_PREFIX}${this.#nameOf(oneof)}`);
    for (const field of oneof.fields) builder.field(field.name, this.#field(field, true));
    return builder.optional().build();
  }

  #field(field: FieldType, oneofMember: boolean): Schema {
    const part = this.#type(field);
    let optional = field.kind === 'message' || field.kind === 'enum';
    const list = field.repeated && !isMapField(field);
    if (list) {
      const element = finished(part, true, new Map());
      return this.#placed({ builder: SchemaBuilder.array(element), reference: null, shared: null }, field, oneofMember, true);
    }
    if (field.repeated) optional = true;
    return this.#placed(part, field, oneofMember, optional);
  }

  #placed(part: Part, field: FieldType, oneofMember: boolean, optional: boolean): Schema {
    const parameters = new Map<string, string>();
    const { optionalForNullables, wrapperForNullables } = this.#options;
    const nullable = oneofMember || (optionalForNullables ? field.optionalKeyword : !wrapperForNullables);
    if (oneofMember && wrapperForNullables && field.message !== null && isWrapperName(field.message.fullName)) {
      parameters.set(WRAPPER_PARAMETER, 'true');
    }
    parameters.set(TAG_PARAMETER, String(field.number));
    return finished(part, optional || nullable, parameters);
  }

  #type(field: FieldType): Part {
    const of = (builder: SchemaBuilder): Part => ({ builder, reference: null, shared: null });
    switch (field.kind) {
      case 'int32':
      case 'sint32':
      case 'sfixed32': {
        const connectType = field.metaParams.get(CONNECT_TYPE);
        if (connectType === 'int8') return of(SchemaBuilder.int8());
        if (connectType === 'int16') return of(SchemaBuilder.int16());
        return of(typed(SchemaBuilder.int32(), field.kind, 'int32'));
      }
      case 'uint32':
      case 'fixed32':
      case 'int64':
      case 'uint64':
      case 'sint64':
      case 'fixed64':
      case 'sfixed64':
        return of(typed(SchemaBuilder.int64(), field.kind, 'int64'));
      case 'float':
        return of(SchemaBuilder.float32());
      case 'double':
        return of(SchemaBuilder.float64());
      case 'bool':
        return of(SchemaBuilder.boolean());
      case 'string':
        return of(SchemaBuilder.string());
      case 'bytes':
        return of(SchemaBuilder.bytes());
      case 'enum':
        return of(this.#enum(field.enumType!));
      case 'message':
        return this.#messageField(field, field.message!);
      default:
        throw new DataException(`Unknown Connect schema type: ${field.kind}`);
    }
  }

  #messageField(field: FieldType, message: MessageType): Part {
    const of = (builder: SchemaBuilder): Part => ({ builder, reference: null, shared: null });
    switch (message.fullName) {
      case DECIMAL: {
        const builder = Decimal.builder(integerOf(field.metaParams.get('scale')) ?? 0);
        const precision = integerOf(field.metaParams.get('precision'));
        return of(precision === null ? builder : builder.parameter(PRECISION_PARAMETER, String(precision)));
      }
      case DATE:
        return of(ConnectDate.builder());
      case TIME_OF_DAY:
        return of(ConnectTime.builder());
      case TIMESTAMP:
        return of(ConnectTimestamp.builder());
      case VARIANT:
        return of(variantBuilder());
    }
    if (this.#options.wrapperForNullables && isWrapperName(message.fullName)) return of(unwrapped(message.fullName));
    if (isMapField(field)) return of(this.#map(message));
    const known = this.#messages.get(message.fullName);
    if (known !== undefined) return { builder: null, reference: known, shared: known };
    return this.#message(message);
  }

  #map(entry: MessageType): SchemaBuilder {
    const [key, value] = entry.fields;
    const builder = SchemaBuilder.map(this.#field(key!, false), this.#field(value!, false));
    return builder.name(mapFieldName(this.#nameOf(entry)));
  }

  #enum(enumType: EnumType): SchemaBuilder {
    const builder = this.#options.intForEnums ? SchemaBuilder.int32() : SchemaBuilder.string();
    const parameter = this.#options.generalizedSumTypeSupport ? GENERALIZED_ENUM : ENUM_PARAMETER;
    builder.name(this.#nameOf(enumType)).parameter(parameter, enumType.name);
    for (const { name, number } of enumType.values) builder.parameter(`${parameter}.${name}`, String(number));
    return builder;
  }

  #nameOf({ name, fullName }: { readonly name: string; readonly fullName: string }): string {
    return this.#options.enhancedProtobufSchemaSupport ? fullName : name;
  }
}

function finished({ builder, reference, shared }: Part, optional: boolean, parameters: ReadonlyMap<string, string>): Schema {
  if (reference !== null) {
    if (optional) reference.optional = true;
    // A struct that is complete already keeps what it was; only references to it can still be told something else.
    return new SchemaReference(reference, reference.built === null ? null : optional || reference.built.optional, parameters);
  }
  if (optional || shared?.optional) builder!.optional();
  const schema = builder!.parameters(parameters).build();
  if (shared !== null) shared.built = schema;
  return schema;
}

function typed(builder: SchemaBuilder, kind: string, plain: string): SchemaBuilder {
  return kind === plain ? builder : builder.parameter(TYPE_PARAMETER, kind);
}

function unwrapped(fullName: string): SchemaBuilder {
  switch (fullName) {
    case 'google.protobuf.DoubleValue':
      return SchemaBuilder.float64();
    case 'google.protobuf.FloatValue':
      return SchemaBuilder.float32();
    case 'google.protobuf.Int32Value':
      return SchemaBuilder.int32();
    case 'google.protobuf.BoolValue':
      return SchemaBuilder.boolean();
    case 'google.protobuf.StringValue':
      return SchemaBuilder.string();
    case 'google.protobuf.BytesValue':
      return SchemaBuilder.bytes();
    default:
      return SchemaBuilder.int64();
  }
}

function integerOf(text: string | undefined): number | null {
  return text !== undefined && /^[+-]?\d+$/.test(text) && (Number(text) | 0) === Number(text) ? Number(text) : null;
}
