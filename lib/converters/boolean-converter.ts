import type { ConfigDef } from '../core/config/config-def.ts';
import type { Converter, HeaderConverter } from '../core/converter.ts';
import { javaClassName } from '../core/data/java-text.ts';
import type { Schema } from '../core/data/schema.ts';
import type { SchemaAndValue } from '../core/data/schema-and-value.ts';
import { BOOLEAN_SCHEMA, OPTIONAL_BOOLEAN_SCHEMA } from '../core/data/schemas.ts';
import { DataException } from '../core/errors.ts';
import type { PluginManifest } from '../core/manifest.ts';
import type { ConverterExample } from './converter-example.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';

const CONFIG = converterConfigDef();

/** BOOLEAN as one byte, 01 or 00. */
export class BooleanConverter implements Converter, HeaderConverter {
  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey?: boolean): void {
    CONFIG.parse(isKey === undefined ? config : withConverterType(config, isKey));
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema !== null && schema.type !== 'BOOLEAN') throw new DataException(`Invalid schema type for BooleanConverter: ${schema.type}`);
    if (value === null || value === undefined) return null;
    if (typeof value !== 'boolean') {
      throw new DataException(`BooleanConverter is not compatible with objects of type class ${javaClassName(value)}`);
    }
    return Uint8Array.of(value ? 1 : 0);
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: OPTIONAL_BOOLEAN_SCHEMA, value: null };
    if (bytes.length !== 1 || bytes[0]! > 1) throw new DataException('Failed to deserialize boolean: ');
    return { schema: OPTIONAL_BOOLEAN_SCHEMA, value: bytes[0] === 1 };
  }

  fromConnectHeader(topic: string, _headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null {
    return this.fromConnectData(topic, schema, value);
  }

  toConnectHeader(topic: string, _headerKey: string, bytes: Uint8Array | null): SchemaAndValue {
    return this.toConnectData(topic, bytes);
  }
}

export const booleanConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'true is the byte 01',
    config: {},
    schema: BOOLEAN_SCHEMA,
    value: true,
    want: { hex: '01' },
    readBack: { schema: OPTIONAL_BOOLEAN_SCHEMA, value: true },
  },
];

const BASE = {
  className: 'org.apache.kafka.connect.converters.BooleanConverter',
  aliases: [],
  configDef: CONFIG,
  overview:
    'Writes BOOLEAN values as one byte, 01 or 00, and reads them back with an optional schema. Null is null; any other byte is bad data.',
  module: 'converters/boolean-converter.ts',
  exportName: 'BooleanConverter',
  load: async () => BooleanConverter,
};

export const booleanConverterManifest: PluginManifest = { kind: 'converter', ...BASE };
export const booleanHeaderConverterManifest: PluginManifest = { kind: 'header-converter', ...BASE };
