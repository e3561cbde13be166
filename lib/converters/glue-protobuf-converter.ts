import type { Clock } from '../core/clock.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import type { Schema } from '../core/data/schema.ts';
import { DataException } from '../core/errors.ts';
import { JavaException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { type MessageType, ProtoTypes } from '../formats/protobuf/descriptors.ts';
import { fromConnectSchema } from '../formats/protobuf/from-connect-schema.ts';
import { decodeMessage, type MessageValue } from '../formats/protobuf/message-value.ts';
import { DEFAULT_PROTOBUF_OPTIONS, type ProtobufOptions } from '../formats/protobuf/options.ts';
import { printProto } from '../formats/protobuf/print-proto.ts';
import { messageReader } from '../formats/protobuf/read-value.ts';
import { toConnectSchema } from '../formats/protobuf/to-connect-schema.ts';
import { messageWriter } from '../formats/protobuf/write-value.ts';
import { defineGlueKeys } from '../registry/glue/glue-client.ts';
import { GLUE_PERMISSIONS } from '../registry/glue/glue-permissions.ts';
import { SerializationException } from '../registry/registry-errors.ts';
import { glueRefusals } from '../registry/registry-refusals.ts';
import { converterConfigDef } from './converter-type.ts';
import { GlueConverter, type GlueFormat, type GluePayloadReader, type GlueWriting } from './glue/glue-converter.ts';
import { glueIndexPrefix, glueMessageNames, readGlueIndex } from './glue/glue-message-index.ts';
import { withoutConfluentFiles } from './glue/without-confluent-files.ts';
import { parsedProtobufSchema } from './protobuf/protobuf-provider.ts';

const CLASS_NAME = 'com.amazonaws.services.schemaregistry.kafkaconnect.protobuf.ProtobufSchemaConverter';

const OVERVIEW =
  'Writes keys and values as Protobuf messages with the AWS Glue Schema Registry and reads them back, in the wire format of AWS: version 3, ' +
  'compression, the id of the schema version, the index of the message in its file, the message. Requests are signed with the credentials of the ' +
  'environment. Only structs can be written; nullable fields have the label optional; int8 and int16 are read back as int32, and decimals are ' +
  'refused, for AWS Glue does not take the files that Confluent describes them with.';

const CONFIG = defineGlueKeys(converterConfigDef()).define({
  name: 'protobufMessageType',
  type: 'STRING',
  default: 'DYNAMIC_MESSAGE',
  importance: 'LOW',
  doc: 'Accepted for compatibility; it is about Java classes.',
});

/** AWS's converter remembers as many. */
const CACHE_SIZE = 50;
const OPTIONS: ProtobufOptions = { ...DEFAULT_PROTOBUF_OPTIONS, optionalForNullables: true };

/** {@link OVERVIEW} */
export class ProtobufSchemaConverter extends GlueConverter {
  constructor(clock?: Clock) {
    super(CONFIG, clock);
  }

  protected format(_config: ParsedConfig): GlueFormat {
    return { dataFormat: 'PROTOBUF', cacheSize: CACHE_SIZE, writing, reading };
  }
}

function writing(schema: Schema | null): GlueWriting {
  if (schema?.type !== 'STRUCT') {
    throw new DataException(`only structs can be written as Protobuf with AWS Glue, but there is ${schema?.type ?? 'no schema'}`);
  }
  const { file: full, messageName } = fromConnectSchema(schema, OPTIONS);
  const file = withoutConfluentFiles(full);
  const types = new ProtoTypes(file);
  const write = messageWriter(schema, types.message(messageName)!, OPTIONS);
  const prefix = glueIndexPrefix(file, messageName);
  return {
    definition: printProto(file),
    write(value) {
      const message = write(value);
      if (message === null) throw new DataException('null cannot be written as a Protobuf message');
      return Buffer.concat([prefix, message]);
    },
  };
}

function reading(definition: string): GluePayloadReader {
  const { types } = parsedProtobufSchema(definition);
  const names = glueMessageNames(types.file);
  const readers = new Map<number, (payload: Uint8Array) => ReturnType<GluePayloadReader>>();
  return (payload) => {
    const { index, offset } = readGlueIndex(payload);
    let read = readers.get(index);
    if (read === undefined) {
      const message = types.message(names[index] ?? '');
      if (message === null) throw new SerializationException(`No corresponding descriptor found for the index: ${index}`);
      read = ofMessage(message);
      readers.set(index, read);
    }
    return read(payload.subarray(offset));
  };
}

function ofMessage(message: MessageType): GluePayloadReader {
  const schema = toConnectSchema(message, null, OPTIONS);
  const read = messageReader(schema, OPTIONS);
  return (payload) => {
    let decoded: MessageValue;
    try {
      decoded = decodeMessage(message, payload);
    } catch (error) {
      throw error instanceof JavaException ? error : new SerializationException('Error deserializing Protobuf message', { cause: error });
    }
    return { schema, value: read(decoded) };
  };
}

export const glueProtobufConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/glue-protobuf-converter.ts',
  targets: ['region', 'endpoint', 'registry.name'],
  refusals: glueRefusals,
  exportName: 'ProtobufSchemaConverter',
  load: async () => ProtobufSchemaConverter,
  permissions: GLUE_PERMISSIONS,
};
