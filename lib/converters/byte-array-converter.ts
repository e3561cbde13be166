import type { ConfigDef } from '../core/config/config-def.ts';
import type { Converter, HeaderConverter } from '../core/converter.ts';
import { javaClassName } from '../core/data/java-text.ts';
import type { Schema } from '../core/data/schema.ts';
import type { SchemaAndValue } from '../core/data/schema-and-value.ts';
import { BYTES_SCHEMA, OPTIONAL_BYTES_SCHEMA } from '../core/data/schemas.ts';
import { DataException } from '../core/errors.ts';
import type { PluginManifest } from '../core/manifest.ts';
import type { ConverterExample } from './converter-example.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';

const CONFIG = converterConfigDef();

/** Bytes as they are, both ways. */
export class ByteArrayConverter implements Converter, HeaderConverter {
  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey?: boolean): void {
    CONFIG.parse(isKey === undefined ? config : withConverterType(config, isKey));
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema !== null && schema.type !== 'BYTES') throw new DataException(`Invalid schema type for ByteArrayConverter: ${schema.type}`);
    if (value === null || value === undefined) return null;
    if (!(value instanceof Uint8Array)) {
      throw new DataException(`ByteArrayConverter is not compatible with objects of type class ${javaClassName(value)}`);
    }
    return value;
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    return { schema: OPTIONAL_BYTES_SCHEMA, value: bytes };
  }

  fromConnectHeader(topic: string, _headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null {
    return this.fromConnectData(topic, schema, value);
  }

  toConnectHeader(topic: string, _headerKey: string, bytes: Uint8Array | null): SchemaAndValue {
    return this.toConnectData(topic, bytes);
  }
}

export const byteArrayConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'bytes pass unchanged',
    config: {},
    schema: BYTES_SCHEMA,
    value: Uint8Array.of(1, 2, 255),
    want: { hex: '0102ff' },
    readBack: { schema: OPTIONAL_BYTES_SCHEMA, value: Uint8Array.of(1, 2, 255) },
  },
];

const BASE = {
  className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  aliases: [],
  configDef: CONFIG,
  overview:
    'Passes bytes unchanged: what was read from Kafka is an optional BYTES value, and only BYTES (or data without a schema that is bytes) can be ' +
    'written. The converter for data that nobody has to look into, and the only header converter that keeps headers byte for byte.',
  module: 'converters/byte-array-converter.ts',
  exportName: 'ByteArrayConverter',
  load: async () => ByteArrayConverter,
};

export const byteArrayConverterManifest: PluginManifest = { kind: 'converter', ...BASE };
export const byteArrayHeaderConverterManifest: PluginManifest = { kind: 'header-converter', ...BASE };
