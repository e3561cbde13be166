import { Buffer } from 'node:buffer';
import type { ConfigDef } from '../core/config/config-def.ts';
import type { Converter, HeaderConverter } from '../core/converter.ts';
import { javaToString } from '../core/data/java-text.ts';
import type { Schema } from '../core/data/schema.ts';
import type { SchemaAndValue } from '../core/data/schema-and-value.ts';
import { INT32_SCHEMA, OPTIONAL_STRING_SCHEMA, STRING_SCHEMA } from '../core/data/schemas.ts';
import { JavaException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import type { ConverterExample } from './converter-example.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';
import { type TextEncoding, textEncoding } from './text-encoding.ts';

const CONFIG = converterConfigDef().define({
  name: 'converter.encoding',
  type: 'STRING',
  default: 'UTF-8',
  importance: 'HIGH',
  doc: 'Character encoding of the bytes: UTF-8, UTF-16 (with or without BE or LE), ISO-8859-1 or US-ASCII, by any of the names that Java has for them.',
  width: 'MEDIUM',
  displayName: 'Encoding',
});

/** Text in one encoding. What is no text is written as Java's `toString()` has it. */
export class StringConverter implements Converter, HeaderConverter {
  #encoding: TextEncoding = textEncoding('UTF-8')!;

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey?: boolean): void {
    const name = CONFIG.parse(isKey === undefined ? config : withConverterType(config, isKey)).getText('converter.encoding');
    const encoding = textEncoding(name);
    if (encoding === null) throw new JavaException(`Unsupported encoding ${name}`, 'org.apache.kafka.common.errors.SerializationException');
    this.#encoding = encoding;
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    return this.#encoding.encode(typeof value === 'string' ? value : javaToString(value, schema));
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: OPTIONAL_STRING_SCHEMA, value: null };
    return { schema: OPTIONAL_STRING_SCHEMA, value: this.#encoding.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  }

  fromConnectHeader(topic: string, _headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null {
    return this.fromConnectData(topic, schema, value);
  }

  toConnectHeader(topic: string, _headerKey: string, bytes: Uint8Array | null): SchemaAndValue {
    return this.toConnectData(topic, bytes);
  }
}

export const stringConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'text in UTF-8',
    config: {},
    schema: STRING_SCHEMA,
    value: 'Zürich',
    want: { hex: '5ac3bc72696368' },
    readBack: { schema: OPTIONAL_STRING_SCHEMA, value: 'Zürich' },
  },
  {
    summary: 'a number becomes its text, and stays text',
    config: {},
    schema: INT32_SCHEMA,
    value: 42,
    want: { text: '42' },
    readBack: { schema: OPTIONAL_STRING_SCHEMA, value: '42' },
  },
];

const BASE = {
  className: 'org.apache.kafka.connect.storage.StringConverter',
  aliases: [],
  configDef: CONFIG,
  overview:
    "Writes text in the configured encoding, and anything else as Java's toString() prints it (`Struct{a=1}`, `[a, b]`, `1.0E10`). " +
    'What it reads is an optional STRING. Characters that the encoding lacks become question marks.',
  module: 'converters/string-converter.ts',
  exportName: 'StringConverter',
  load: async () => StringConverter,
};

export const stringConverterManifest: PluginManifest = { kind: 'converter', ...BASE };
export const stringHeaderConverterManifest: PluginManifest = { kind: 'header-converter', ...BASE };
