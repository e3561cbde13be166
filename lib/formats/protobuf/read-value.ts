import { toInt, toShort } from '../../core/data/java-numbers.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import type { EnumType, FieldType, MessageType } from './descriptors.ts';
import { decodeLogical, isLogical } from './logical-messages.ts';
import { MessageValue } from './message-value.ts';
import type { ProtobufOptions } from './options.ts';
import { unionFieldName } from './to-connect-schema.ts';

/** The Connect data of a decoded message, by the schema that toConnectSchema made of its type. */
export function messageReader(schema: Schema, options: ProtobufOptions): (message: MessageValue) => unknown {
  const reader = new MessageReader(options);
  return (message) => reader.value(schema, message, null, 0);
}

/** Deeper than any message can be nested; only messages that are made for nulls get there, where a message holds itself. */
const MAX_DEPTH = 200;

class MessageReader {
  readonly #options: ProtobufOptions;

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  value(schema: Schema, found: unknown, enumType: EnumType | null, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new IllegalArgumentException('generate.struct.for.nulls has no end for a message that holds itself');
    if (isLogical(schema)) return decodeLogical(schema, found);
    if (schema.type === 'STRUCT') return this.#struct(schema, found as MessageValue, depth);
    const value = found instanceof MessageValue ? found.get(found.type.byName.get('value')!) : found;
    switch (schema.type) {
      case 'INT8':
        return (toInt(value as number) << 24) >> 24;
      case 'INT16':
        return toShort(value as number);
      case 'INT64':
        return typeof value === 'number' ? BigInt(value >>> 0) : value;
      case 'STRING':
        return enumType === null ? value : symbolOf(enumType, value as number);
      case 'ARRAY':
        return (value as unknown[]).map((element) => this.value(schema.valueSchema!, element, enumType, depth + 1));
      case 'MAP':
        return this.#map(schema, value as readonly MessageValue[], depth);
      default:
        return value;
    }
  }

  #map(schema: Schema, entries: readonly MessageValue[], depth: number): ReadonlyMap<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (const entry of entries) {
      const [key, value] = entry.type.fields as [FieldType, FieldType];
      map.set(
        this.value(schema.keySchema!, entry.get(key), key.enumType, depth + 1),
        this.value(schema.valueSchema!, entry.get(value), value.enumType, depth + 1),
      );
    }
    return map;
  }

  #struct(schema: Schema, message: MessageValue, depth: number): Struct {
    const struct = new Struct(schema);
    const { type } = message;
    for (const oneof of type.oneofs) {
      const set = oneof.fields.find((field) => message.has(field));
      if (set === undefined) continue;
      if (this.#options.flattenUnions) this.#put(struct, message, set, depth);
      else {
        const place = schema.field(unionFieldName(oneof, this.#options))!;
        const union = new Struct(place.schema);
        const field = place.schema.field(set.name)!;
        union.put(field, this.value(field.schema, message.get(set), set.enumType, depth + 1));
        struct.put(place, union);
      }
    }
    for (const field of type.fields) if (field.oneof === null) this.#put(struct, message, field, depth);
    return struct;
  }

  #put(struct: Struct, message: MessageValue, field: FieldType, depth: number): void {
    const shown = (field.kind !== 'message' || field.repeated) && !this.#isOptional(field, message.type);
    if (!shown && !this.#options.generateStructForNulls && !message.has(field)) return;
    const place = struct.schema.field(field.name);
    if (place === null) throw new DataException(`${field.name} is not a valid field name`);
    struct.put(place, this.value(place.schema, message.get(field), field.enumType, depth + 1));
  }

  #isOptional(field: FieldType, { proto3 }: MessageType): boolean {
    if (field.proto3Optional) return true;
    return this.#options.optionalForProto2 && !proto3 && field.optionalKeyword && field.oneof === null;
  }
}

function symbolOf({ name, values }: EnumType, number: number): string {
  return values.find((value) => value.number === number)?.name ?? `UNKNOWN_ENUM_VALUE_${name}_${number}`;
}
