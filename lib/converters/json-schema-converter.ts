import { Buffer } from 'node:buffer';
import { ConfigDef } from '../core/config/config-def.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import { CaseInsensitiveValidString } from '../core/config/validators.ts';
import type { Schema } from '../core/data/schema.ts';
import { DataException } from '../core/errors.ts';
import { NullPointerException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { scannerOf } from '../formats/json/json-bytes.ts';
import { type JsonNode, readNode } from '../formats/json/json-node.ts';
import { JsonScanner } from '../formats/json/json-scanner.ts';
import { writeSchemaless } from '../formats/json/json-writer.ts';
import { prettyText } from '../formats/json/pretty.ts';
import { loadDocument } from '../formats/json-schema/document.ts';
import { fromConnectSchema } from '../formats/json-schema/from-connect-schema.ts';
import { DEFAULT_JSON_SCHEMA_OPTIONS, type JsonSchemaOptions } from '../formats/json-schema/options.ts';
import { MISSING, valueReader } from '../formats/json-schema/read-value.ts';
import { toConnectSchema } from '../formats/json-schema/to-connect-schema.ts';
import { violations } from '../formats/json-schema/validate-document.ts';
import { valueWriter } from '../formats/json-schema/write-value.ts';
import { defineRegistryKeys } from '../registry/registry-config.ts';
import { type FailureTexts, SerializationException } from '../registry/registry-errors.ts';
import { registryRefusals } from '../registry/registry-refusals.ts';
import { type JsonParsedSchema, jsonSchemaProvider, parsedJsonSchema } from './json-schema/json-schema-provider.ts';
import { defineDataKeys } from './registry/data-keys.ts';
import { type PayloadReader, RegistryConverter, type WritableSchema } from './registry/registry-converter.ts';

const CLASS_NAME = 'io.confluent.connect.json.JsonSchemaConverter';

const OVERVIEW =
  'Writes JSON with the id of a JSON Schema in front, registers that schema, and reads such messages back with their schema. Optional fields ' +
  'become `oneOf` with null; what JSON Schema has no word for (int8, field order, names, parameters) is kept in `connect.*` members.';

const CONFIG = defineDataKeys(defineRegistryKeys(new ConfigDef()))
  .define({
    name: 'object.additional.properties',
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    doc: 'Whether objects of registered schemas may have further properties.',
  })
  .define({
    name: 'use.optional.for.nonrequired',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether properties that are not required become optional fields.',
  })
  .define({
    name: 'ignore.modern.dialects',
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Whether schemas of drafts after 7 are read as draft 7.',
  })
  .define({
    name: 'decimal.format',
    type: 'STRING',
    default: 'BASE64',
    validator: CaseInsensitiveValidString.in('NUMERIC', 'BASE64'),
    importance: 'LOW',
    doc: 'How decimals are written, in any case: BASE64 of the unscaled bytes, or NUMERIC. Both are read whatever is set.',
  })
  .define({
    name: 'flatten.singleton.unions',
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Whether a oneOf of one schema is that schema.',
  })
  .define({
    name: 'preserve.additional.properties',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether properties that the schema permits but does not declare are kept, as variants, in the field __connect_additional_properties__.',
  })
  .define({
    name: 'json.fail.invalid.schema',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether data that does not match its schema is refused, when written and when read.',
  })
  .define({
    name: 'json.fail.unknown.properties',
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Accepted for compatibility; it is about Java classes.',
  })
  .define({
    name: 'json.write.dates.iso8601',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Accepted for compatibility; dates of Connect are numbers in either case.',
  })
  .define({
    name: 'json.schema.spec.version',
    type: 'STRING',
    default: 'draft_7',
    importance: 'MEDIUM',
    doc: 'Accepted for compatibility; it is about schemas derived from Java classes.',
  })
  .define({
    name: 'json.oneof.for.nullables',
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    doc: 'Accepted for compatibility; it is about schemas derived from Java classes.',
  })
  .define({
    name: 'json.default.property.inclusion',
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    doc: 'Accepted for compatibility; it is about Java classes.',
  })
  .define({
    name: 'json.indent.output',
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Whether JSON is written over several lines.',
  });

/** {@link OVERVIEW} */
export class JsonSchemaConverter extends RegistryConverter<JsonParsedSchema> {
  #options: JsonSchemaOptions = DEFAULT_JSON_SCHEMA_OPTIONS;
  #indent = false;
  #validate = false;

  constructor() {
    super(CONFIG, false);
  }

  protected setUp(config: ParsedConfig) {
    this.#options = {
      objectAdditionalProperties: config.getBoolean('object.additional.properties'),
      useOptionalForNonrequired: config.getBoolean('use.optional.for.nonrequired'),
      ignoreDefaultForNullables: config.getBoolean('ignore.default.for.nullables'),
      generalizedSumTypeSupport: config.getBoolean('generalized.sum.type.support'),
      flattenSingletonUnions: config.getBoolean('flatten.singleton.unions'),
      preserveAdditionalProperties: config.getBoolean('preserve.additional.properties'),
      decimalFormat: config.getText('decimal.format').toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64',
      ignoreModernDialects: config.getBoolean('ignore.modern.dialects'),
    };
    this.#indent = config.getBoolean('json.indent.output');
    this.#validate = config.getBoolean('json.fail.invalid.schema');
    return jsonSchemaProvider;
  }

  protected writable(schema: Schema): WritableSchema<JsonParsedSchema> {
    const own = parsedJsonSchema(fromConnectSchema(schema, this.#options));
    const write = valueWriter(schema, this.#options);
    return {
      own,
      write: (value) => {
        const text = write(value);
        if (text === null) return null;
        return Buffer.from(this.#indent ? prettyText(readNode(new JsonScanner(text))) : text, 'utf8');
      },
    };
  }

  protected schemaless(topic: string, value: unknown): Uint8Array | null {
    if (value === null) return null;
    // Data of a class that Connect does not know is refused first, in other words.
    writeSchemaless(value);
    const cause = new SerializationException('Error serializing JSON message', {
      cause: new NullPointerException('data without a schema has no JSON Schema to be registered; set a schema, or use the JsonConverter'),
    });
    throw new DataException(this.writeTexts(topic).data, { cause });
  }

  protected messageIndexes(): null {
    return null;
  }

  protected pointed(schema: JsonParsedSchema): JsonParsedSchema {
    return schema;
  }

  protected readAs(reader: JsonParsedSchema): JsonParsedSchema {
    return reader;
  }

  protected payloadCheck(registered: JsonParsedSchema): ((payload: Uint8Array) => void) | null {
    if (!this.#validate) return null;
    return (payload) => refuseInvalid(registered, readNode(scannerOf(payload)));
  }

  protected reader({ root, resolved, ...schema }: JsonParsedSchema, version: number | null): PayloadReader {
    const document = loadDocument(root, resolved, { ignoreModern: this.#options.ignoreModernDialects });
    const connectSchema = toConnectSchema(document, version, this.#options);
    const read = valueReader(connectSchema, this.#options);
    return (payload) => {
      const node = readPayload(payload);
      if (this.#validate) refuseInvalid({ root, resolved, ...schema }, node);
      return { schema: connectSchema, value: read(node) };
    };
  }

  protected writeTexts(topic: string): FailureTexts {
    const text = `Converting Kafka Connect data to byte[] failed due to serialization error of topic ${topic}: `;
    return {
      data: text,
      outage: text,
      network: `Network connection error while serializing Json data for topic ${topic}: `,
      access: `Failed to access JSON Schema data from topic ${topic} : `,
    };
  }

  protected readTexts(topic: string): FailureTexts {
    const text = `Converting byte[] to Kafka Connect data failed due to serialization error of topic ${topic}: `;
    return {
      data: text,
      outage: text,
      network: `Network connection error while deserializing data for topic ${topic}: `,
      access: `Failed to access JSON Schema data from topic ${topic} : `,
    };
  }
}

function readPayload(payload: Uint8Array): JsonNode {
  try {
    const scanner = scannerOf(payload);
    return scanner.atEnd() ? MISSING : readNode(scanner);
  } catch (error) {
    throw new SerializationException('Error deserializing JSON message', { cause: error });
  }
}

/** The message names every place in the document that is not as the schema wants it. */
function refuseInvalid({ root, resolved }: JsonParsedSchema, node: JsonNode): void {
  const found = violations(root, resolved, node);
  if (found.length === 0) return;
  throw new SerializationException(
    `Validation error in JSON, Error report:\n${found.map(({ at, message }) => `${at}: ${message}`).join('\n')}`,
  );
}

export const jsonSchemaConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/json-schema-converter.ts',
  targets: ['schema.registry.url'],
  refusals: registryRefusals,
  exportName: 'JsonSchemaConverter',
  load: async () => JsonSchemaConverter,
};
