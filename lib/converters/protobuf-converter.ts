import { ConfigDef, type ConfigKeyInit } from '../core/config/config-def.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import type { Schema } from '../core/data/schema.ts';
import { IllegalArgumentException, NullPointerException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { ProtoTypes } from '../formats/protobuf/descriptors.ts';
import { fromConnectSchema } from '../formats/protobuf/from-connect-schema.ts';
import { decodeMessage, type MessageValue } from '../formats/protobuf/message-value.ts';
import { DEFAULT_PROTOBUF_OPTIONS, type ProtobufOptions } from '../formats/protobuf/options.ts';
import { printProto } from '../formats/protobuf/print-proto.ts';
import { messageReader } from '../formats/protobuf/read-value.ts';
import { toConnectSchema } from '../formats/protobuf/to-connect-schema.ts';
import { messageWriter } from '../formats/protobuf/write-value.ts';
import { defineRegistryKeys } from '../registry/registry-config.ts';
import { type FailureTexts, SerializationException } from '../registry/registry-errors.ts';
import { registryRefusals } from '../registry/registry-refusals.ts';
import { type ProtobufParsedSchema, parsedProtobufSchema, protobufProvider } from './protobuf/protobuf-provider.ts';
import { defineDataKeys } from './registry/data-keys.ts';
import { type PayloadReader, RegistryConverter, type WritableSchema } from './registry/registry-converter.ts';

const CLASS_NAME = 'io.confluent.connect.protobuf.ProtobufConverter';

const OVERVIEW =
  'Writes Protobuf messages with the id of their `.proto` file and the place of the message in it in front, registers that file, and reads ' +
  'such messages back. Structs are messages; a record that is one number, text or list of bytes is a wrapper message; lists and maps can only be ' +
  'fields. Unless `optional.for.nullables` or `wrapper.for.nullables` is set, a null is read back as the zero of its type.';

const flag = (name: string, value: boolean, importance: ConfigKeyInit['importance'], doc: string): ConfigKeyInit => {
  return { name, type: 'BOOLEAN', default: value, importance, doc };
};

const KEYS: readonly ConfigKeyInit[] = [
  flag('enhanced.protobuf.schema.support', false, 'MEDIUM', 'Whether names of messages and enums keep their package.'),
  flag('scrub.invalid.names', false, 'MEDIUM', 'Whether characters that Protobuf does not take in names are replaced.'),
  flag('int.for.enums', false, 'MEDIUM', 'Whether enums are numbers instead of texts.'),
  flag('optional.for.nullables', false, 'MEDIUM', 'Whether nullable fields are written with the label optional.'),
  flag('optional.for.proto2', true, 'MEDIUM', 'Whether optional fields of proto2 that are not set are null instead of their default.'),
  flag('wrapper.for.nullables', false, 'MEDIUM', 'Whether nullable fields are written as wrapper messages.'),
  flag('wrapper.for.raw.primitives', true, 'MEDIUM', 'Whether a wrapper message is read as what it wraps.'),
  flag('generate.struct.for.nulls', false, 'MEDIUM', 'Whether a message that is not set is read as a struct of defaults instead of null.'),
  flag('generate.index.for.unions', true, 'LOW', 'Whether the field of a oneof is named with its index: pick_0.'),
  flag('flatten.unions', false, 'LOW', 'Whether the members of a oneof are fields of the message itself.'),
  flag('reference.lookup.only', false, 'MEDIUM', 'Accepted for compatibility; what is written refers to well-known files only.'),
  flag('skip.known.types', true, 'LOW', 'Accepted for compatibility; well-known files are never registered.'),
];

const CONFIG = KEYS.reduce((def, key) => def.define(key), defineDataKeys(defineRegistryKeys(new ConfigDef())));

/** {@link OVERVIEW} */
export class ProtobufConverter extends RegistryConverter<ProtobufParsedSchema> {
  #options: ProtobufOptions = DEFAULT_PROTOBUF_OPTIONS;

  constructor() {
    super(CONFIG, true);
  }

  protected setUp(config: ParsedConfig) {
    this.#options = {
      enhancedProtobufSchemaSupport: config.getBoolean('enhanced.protobuf.schema.support'),
      scrubInvalidNames: config.getBoolean('scrub.invalid.names'),
      intForEnums: config.getBoolean('int.for.enums'),
      optionalForNullables: config.getBoolean('optional.for.nullables'),
      optionalForProto2: config.getBoolean('optional.for.proto2'),
      wrapperForNullables: config.getBoolean('wrapper.for.nullables'),
      wrapperForRawPrimitives: config.getBoolean('wrapper.for.raw.primitives'),
      generateStructForNulls: config.getBoolean('generate.struct.for.nulls'),
      generateIndexForUnions: config.getBoolean('generate.index.for.unions'),
      flattenUnions: config.getBoolean('flatten.unions'),
      generalizedSumTypeSupport: config.getBoolean('generalized.sum.type.support'),
      ignoreDefaultForNullables: config.getBoolean('ignore.default.for.nullables'),
    };
    return protobufProvider;
  }

  protected writable(schema: Schema): WritableSchema<ProtobufParsedSchema> {
    const { file, messageName } = fromConnectSchema(schema, this.#options);
    const types = new ProtoTypes(file);
    const message = types.message(messageName);
    if (message === null) throw new IllegalArgumentException(`Invalid message name: ${messageName}`);
    const own = { ...parsedProtobufSchema(printProto(file), [], new Map(), types), recordName: messageName };
    return { own, write: messageWriter(schema, message, this.#options) };
  }

  protected schemaless(_topic: string, value: unknown): Uint8Array | null {
    if (value === null) return null;
    throw new NullPointerException('data without a schema cannot be written as Protobuf; set a schema, or use the JsonConverter');
  }

  protected messageIndexes(registered: ProtobufParsedSchema, own: ProtobufParsedSchema): readonly number[] {
    const indexes = registered.types.indexesOf(own.recordName!);
    if (indexes !== null) return indexes;
    throw new SerializationException('Error serializing Protobuf message', {
      cause: new IllegalArgumentException(`the schema to write with has no message ${own.recordName}`),
    });
  }

  protected payloadCheck(): null {
    return null;
  }

  protected pointed(schema: ProtobufParsedSchema, messageIndexes: readonly number[]): ProtobufParsedSchema {
    try {
      return { ...schema, recordName: schema.types.at(messageIndexes).fullName };
    } catch (error) {
      throw new SerializationException('Error deserializing Protobuf message', { cause: error });
    }
  }

  protected readAs(reader: ProtobufParsedSchema, { recordName }: ProtobufParsedSchema): ProtobufParsedSchema {
    return reader.types.message(recordName!) === null ? reader : { ...reader, recordName };
  }

  protected reader({ types, recordName }: ProtobufParsedSchema, version: number | null): PayloadReader {
    const message = types.message(recordName!)!;
    const schema = toConnectSchema(message, version, this.#options);
    const read = messageReader(schema, this.#options);
    return (payload) => {
      let decoded: MessageValue;
      try {
        decoded = decodeMessage(message, payload);
      } catch (error) {
        throw new SerializationException('Error deserializing Protobuf message', { cause: error });
      }
      return { schema, value: read(decoded) };
    };
  }

  protected writeTexts(topic: string): FailureTexts {
    return {
      data: `Failed to serialize Protobuf data from topic ${topic}:`,
      outage: `Failed to serialize Protobuf data from topic ${topic} :`,
      network: `Network connection error while serializing Protobuf data for topic ${topic}: `,
      access: `Failed to access Protobuf data from topic ${topic} : `,
    };
  }

  protected readTexts(topic: string): FailureTexts {
    return {
      data: `Failed to deserialize data for topic ${topic} to Protobuf:`,
      outage: `Failed to deserialize data for topic ${topic} to Protobuf: `,
      network: `Network connection error while deserializing data for topic ${topic}: `,
      access: `Failed to access Protobuf data from topic ${topic} : `,
    };
  }
}

export const protobufConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/protobuf-converter.ts',
  targets: ['schema.registry.url'],
  refusals: registryRefusals,
  exportName: 'ProtobufConverter',
  load: async () => ProtobufConverter,
};
