import { ConfigDef } from '../core/config/config-def.ts';
import type { HeaderConverter } from '../core/converter.ts';
import type { Schema } from '../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../core/data/schema-and-value.ts';
import { BYTES_SCHEMA } from '../core/data/schemas.ts';
import { convertToString, parseString } from '../core/data/values.ts';
import type { PluginManifest } from '../core/manifest.ts';

const CONFIG = new ConfigDef();

/**
 * Connect's default header converter: header values become texts, and texts what they look like. So `123` arrives as INT8 and `true` as
 * BOOLEAN; who wants the bytes as they are takes ByteArrayConverter.
 */
export class SimpleHeaderConverter implements HeaderConverter {
  configure(): void {}

  config(): ConfigDef {
    return CONFIG;
  }

  fromConnectHeader(_topic: string, _headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null {
    const text = convertToString(schema, value);
    return text === null ? null : Buffer.from(text, 'utf8');
  }

  toConnectHeader(_topic: string, _headerKey: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      return parseString(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    } catch {
      // As Connect: what cannot be read as a text of a value (nested too deeply, digits without end) stays what it is.
      return { schema: BYTES_SCHEMA, value: bytes };
    }
  }
}

export const simpleHeaderConverterManifest: PluginManifest = {
  kind: 'header-converter',
  className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  aliases: [],
  configDef: CONFIG,
  overview:
    'Writes header values as texts and reads texts as what they look like: numbers, booleans, dates, times, timestamps, lists and maps. The default header converter.',
  module: 'converters/simple-header-converter.ts',
  exportName: 'SimpleHeaderConverter',
  load: async () => SimpleHeaderConverter,
};
