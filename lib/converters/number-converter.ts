import { Buffer } from 'node:buffer';
import type { ConfigDef } from '../core/config/config-def.ts';
import type { Converter, HeaderConverter } from '../core/converter.ts';
import { javaClassName } from '../core/data/java-text.ts';
import type { Schema, SchemaType } from '../core/data/schema.ts';
import type { SchemaAndValue } from '../core/data/schema-and-value.ts';
import { DataException } from '../core/errors.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';

const CONFIG = converterConfigDef();
const NUMBERS: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

/** What makes one of the number converters. */
export interface NumberFormat {
  /** `integer`, as in Connect's messages. */
  readonly name: string;
  readonly schema: Schema;
  readonly bytes: number;
  /** Whether a value is one of these numbers. */
  is(value: unknown): boolean;
  write(buffer: Buffer, value: unknown): void;
  read(buffer: Buffer): unknown;
}

/**
 * Numbers as their big-endian bytes. A schema of another number type is refused; without a schema every number that fits is taken, since
 * schemaless numbers do not tell their width here.
 */
export abstract class NumberConverter implements Converter, HeaderConverter {
  readonly #format: NumberFormat;

  constructor(format: NumberFormat) {
    this.#format = format;
  }

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey?: boolean): void {
    CONFIG.parse(isKey === undefined ? config : withConverterType(config, isKey));
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    const format = this.#format;
    const otherNumber = schema !== null && schema.type !== format.schema.type && NUMBERS.includes(schema.type);
    if (otherNumber || !format.is(value))
      throw new DataException(`Failed to serialize to ${format.name} (was class ${javaClassName(value)}): `);
    const buffer = Buffer.allocUnsafe(format.bytes);
    format.write(buffer, value);
    return buffer;
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    const format = this.#format;
    if (bytes === null) return { schema: format.schema, value: null };
    if (bytes.length !== format.bytes) throw new DataException(`Failed to deserialize ${format.name}: `);
    return { schema: format.schema, value: format.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  }

  fromConnectHeader(topic: string, _headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null {
    return this.fromConnectData(topic, schema, value);
  }

  toConnectHeader(topic: string, _headerKey: string, bytes: Uint8Array | null): SchemaAndValue {
    return this.toConnectData(topic, bytes);
  }
}

/** The manifest of a number converter and of the same class as a header converter. */
export function numberManifest(
  name: string,
  what: string,
  exported: new () => NumberConverter,
): Record<'converter' | 'headerConverter', PluginManifest> {
  const base = {
    className: `org.apache.kafka.connect.converters.${name}Converter`,
    aliases: [],
    configDef: CONFIG,
    overview: `Writes ${what} and reads them back with an optional schema. Null is null; bytes of another length are bad data.`,
    module: `converters/${name.toLowerCase()}-converter.ts`,
    exportName: `${name}Converter`,
    load: async () => exported,
  };
  return { converter: { kind: 'converter', ...base }, headerConverter: { kind: 'header-converter', ...base } };
}
