import { Buffer } from 'node:buffer';
import type { ConfigDef } from '../core/config/config-def.ts';
import { CaseInsensitiveValidString } from '../core/config/validators.ts';
import type { Converter, HeaderConverter } from '../core/converter.ts';
import type { Schema } from '../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../core/data/schema-and-value.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { INT64_SCHEMA, OPTIONAL_STRING_SCHEMA } from '../core/data/schemas.ts';
import { Struct } from '../core/data/struct.ts';
import { DataException } from '../core/errors.ts';
import { JavaException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { EnvelopeReader, readBare } from '../formats/json/json-envelope.ts';
import { readNode } from '../formats/json/json-node.ts';
import { type JsonReader, jsonReader, readSchemaless } from '../formats/json/json-reader.ts';
import { JsonScanner, JsonSyntaxError } from '../formats/json/json-scanner.ts';
import { schemaOf, schemaText } from '../formats/json/json-schema.ts';
import { type JsonWriter, jsonWriter, type WriterOptions, writeSchemaless } from '../formats/json/json-writer.ts';
import type { ConverterExample } from './converter-example.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';

const CLASS_NAME = 'org.apache.kafka.connect.json.JsonConverter';

const OVERVIEW =
  'Writes keys, values and headers as JSON and reads them back. With `schemas.enable` (the default) each carries its schema in an envelope ' +
  '`{"schema": …, "payload": …}`, so that nothing is lost; without, plain JSON is written, and what is read has no schema: objects are maps, ' +
  'whole numbers INT64, other numbers FLOAT64. Bytes are base64; decimals are too unless `decimal.format` says otherwise.';

const CONFIG = converterConfigDef()
  .define({
    name: 'schemas.enable',
    type: 'BOOLEAN',
    default: true,
    importance: 'HIGH',
    doc: 'Whether keys, values and headers carry their schema.',
    group: 'Schemas',
    orderInGroup: 0,
    width: 'MEDIUM',
    displayName: 'Enable Schemas',
  })
  .define({
    name: 'schemas.cache.size',
    type: 'INT',
    default: 1000,
    importance: 'HIGH',
    doc: 'How many schemas one converter remembers.',
    group: 'Schemas',
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Schema Cache Size',
  })
  .define({
    name: 'schema.content',
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'A schema, as JSON, for reading data that carries none. It is used instead of an envelope, and only with schemas.enable=true.',
    group: 'Schemas',
    orderInGroup: 2,
    width: 'MEDIUM',
    displayName: 'Schema Content',
  })
  .define({
    name: 'decimal.format',
    type: 'STRING',
    default: 'BASE64',
    validator: CaseInsensitiveValidString.in('BASE64', 'NUMERIC'),
    importance: 'LOW',
    doc: 'How decimals are written, in any case: BASE64 of the unscaled bytes, or NUMERIC. Both are read whatever is set.',
    group: 'Serialization',
    orderInGroup: 0,
    width: 'MEDIUM',
    displayName: 'Decimal Format',
  })
  .define({
    name: 'replace.null.with.default',
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Whether a null becomes the default value of its schema, where there is one.',
    group: 'Serialization',
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Replace null with default',
  });

interface SchemaWriter {
  /** `{"schema":…,"payload":` with schemas, else empty. */
  readonly before: string;
  readonly write: JsonWriter;
  readonly after: string;
}

/** {@link OVERVIEW} */
export class JsonConverter implements Converter, HeaderConverter {
  #schemasEnable = true;
  #options: WriterOptions = { replaceNullWithDefault: true, decimalFormat: 'BASE64' };
  #content: { readonly schema: Schema; readonly read: JsonReader } | null = null;
  #envelopes = new EnvelopeReader(this.#options, 1);
  #writers = new SchemaCache<SchemaWriter>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey?: boolean): void {
    const parsed = CONFIG.parse(isKey === undefined ? config : withConverterType(config, isKey));
    this.#schemasEnable = parsed.getBoolean('schemas.enable');
    const cacheSize = parsed.getNumber('schemas.cache.size');
    this.#options = {
      replaceNullWithDefault: parsed.getBoolean('replace.null.with.default'),
      decimalFormat: parsed.getText('decimal.format').toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64',
    };
    this.#envelopes = new EnvelopeReader(this.#options, cacheSize);
    this.#writers = new SchemaCache(cacheSize);
    const content = parsed.getString('schema.content');
    this.#content = content === null || content === '' ? null : this.#readContent(content);
  }

  #readContent(text: string): { schema: Schema; read: JsonReader } | null {
    try {
      const schema = schemaOf(readNode(new JsonScanner(text)), this.#options);
      return schema === null ? null : { schema, read: jsonReader(schema, this.#options) };
    } catch (error) {
      throw serializationError('Failed to parse schema in converter config due to serialization error: ', error);
    }
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema === null) {
      if (value === null || value === undefined) return null;
      const text = writeSchemaless(value);
      return Buffer.from(this.#schemasEnable ? `{"schema":null,"payload":${text}}` : text, 'utf8');
    }
    const { before, write, after } = this.#writers.get(schema, (made) => this.#writerOf(made));
    return Buffer.from(before + write(value) + after, 'utf8');
  }

  #writerOf(schema: Schema): SchemaWriter {
    const write = jsonWriter(schema, this.#options);
    if (!this.#schemasEnable) return { before: '', write, after: '' };
    return { before: `{"schema":${schemaText(schema, this.#options)},"payload":`, write, after: '}' };
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      if (!this.#schemasEnable) return { schema: null, value: readBare(bytes, readSchemaless) };
      if (this.#content === null) return this.#envelopes.read(bytes);
      return { schema: this.#content.schema, value: readBare(bytes, this.#content.read) };
    } catch (error) {
      throw serializationError('Converting byte[] to Kafka Connect data failed due to serialization error: ', error);
    }
  }

  fromConnectHeader(topic: string, _headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null {
    return this.fromConnectData(topic, schema, value);
  }

  toConnectHeader(topic: string, _headerKey: string, bytes: Uint8Array | null): SchemaAndValue {
    return this.toConnectData(topic, bytes);
  }
}

/** Connect's error for text that is no JSON; any other error stays as it is. */
function serializationError(message: string, error: unknown): unknown {
  if (!(error instanceof JsonSyntaxError)) return error;
  const cause = new JavaException(error.message, 'org.apache.kafka.common.errors.SerializationException', { cause: error });
  return new DataException(message, { cause });
}

const ORDER = SchemaBuilder.struct().name('Order').field('id', INT64_SCHEMA).field('note', OPTIONAL_STRING_SCHEMA).build();

export const jsonConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'a struct with its schema',
    config: {},
    schema: ORDER,
    value: new Struct(ORDER).put('id', 7n),
    want: {
      text: '{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},{"type":"string","optional":true,"field":"note"}],"optional":false,"name":"Order"},"payload":{"id":7,"note":null}}',
    },
  },
  {
    summary: 'the same as plain JSON; it is read back as a map',
    config: { 'schemas.enable': 'false' },
    schema: ORDER,
    value: new Struct(ORDER).put('id', 7n),
    want: { text: '{"id":7,"note":null}' },
    readBack: {
      schema: null,
      value: new Map<string, unknown>([
        ['id', 7n],
        ['note', null],
      ]),
    },
  },
];

const BASE = {
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/json-converter.ts',
  exportName: 'JsonConverter',
};
const load = async () => JsonConverter;

export const jsonConverterManifest: PluginManifest = { kind: 'converter', ...BASE, load };
export const jsonHeaderConverterManifest: PluginManifest = { kind: 'header-converter', ...BASE, load };
