import type { Clock } from '../core/clock.ts';
import type { ConfigDef } from '../core/config/config-def.ts';
import type { Converter, MaybePromise } from '../core/converter.ts';
import type { Schema } from '../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../core/data/schema-and-value.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { JavaException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import type { RecordHeaders } from '../core/record-headers.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import { AvroData, type AvroReading } from '../formats/avro/avro-data.ts';
import { avroDataOptions, DEFAULT_AVRO_DATA_OPTIONS, defineAvroDataKeys } from '../formats/avro/avro-data-config.ts';
import { AvroDecoder } from '../formats/avro/avro-decoder.ts';
import { AvroEncoder } from '../formats/avro/avro-encoder.ts';
import { AvroDataError, SchemaParseException } from '../formats/avro/avro-errors.ts';
import { type AvroTranscoder, avroResolver } from '../formats/avro/avro-resolver.ts';
import type { ConnectWriter } from '../formats/avro/connect-writer.ts';
import { ConfluentClient } from '../registry/confluent/confluent-client.ts';
import { defineRegistryKeys } from '../registry/registry-config.ts';
import { converterFailure, SerializationException } from '../registry/registry-errors.ts';
import { registryRefusals } from '../registry/registry-refusals.ts';
import { SchemaSerde } from '../registry/schema-serde.ts';
import {
  addSchemaIdHeader,
  guidHeaderOf,
  prefixOf,
  readPrefix,
  readSchemaId,
  type SchemaId,
  schemaIdText,
} from '../registry/wire-format.ts';
import { AVRO_SCHEMAS, type ParsedAvro, parsedAvro } from './avro/parsed-avro.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';

const CLASS_NAME = 'io.confluent.connect.avro.AvroConverter';

const OVERVIEW =
  'Writes keys and values as Avro with a schema registry and reads them back, in the wire format of Confluent: a zero byte, the id of the schema, ' +
  'the data in binary. Schemas are registered under a subject of the topic, or looked up. Every Connect type is kept: what Avro has no type for is ' +
  'described by properties of the schema (`connect.name`, `connect.type`, …).';

const CONFIG = defineAvroDataKeys(defineRegistryKeys(converterConfigDef()))
  .define({
    name: 'avro.remove.java.properties',
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Accepted for compatibility; the data decides which properties a schema has.',
  })
  .define({
    name: 'avro.use.logical.type.converters',
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Accepted for compatibility; it is about Java classes.',
  });

/** How data of one topic and schema is written. */
interface Writing {
  readonly topic: string;
  /** In front of the data; empty where the id goes into a header. */
  readonly prefix: Uint8Array;
  readonly header: Uint8Array | null;
  readonly write: ConnectWriter;
  /** Milliseconds since the epoch; the registry is asked again then. */
  readonly until: number;
}

/** How data of one topic and id is read. */
interface Reading extends AvroReading {
  readonly rawBytes: boolean;
  /** Encodes data anew as the schema it is read as; null = it is read as it was written. */
  readonly resolve: AvroTranscoder | null;
  /** Milliseconds since the epoch; the registry is asked again then. */
  readonly until: number;
}

/** {@link OVERVIEW} */
export class AvroConverter implements Converter {
  readonly #clock: Clock;
  #isKey = false;
  #data = new AvroData(DEFAULT_AVRO_DATA_OPTIONS);
  #serde: SchemaSerde<ParsedAvro> | null = null;
  readonly #out = new AvroEncoder();
  readonly #from = new AvroDecoder();
  readonly #resolved = new AvroEncoder();
  #writings = new SchemaCache<Map<string, Writing>>();
  #schemaless = new Map<string, Writing>();
  #readings = new Map<string, Map<number | string, Reading>>();

  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = CONFIG.parse(withConverterType(config, isKey));
    const options = avroDataOptions(parsed);
    this.#isKey = isKey;
    this.#data = new AvroData(options);
    const registry = new ConfluentClient(parsed, { clock: this.#clock, random: Math.random });
    this.#serde = new SchemaSerde(parsed, isKey, AVRO_SCHEMAS, registry, this.#clock);
    this.#writings = new SchemaCache(options.cacheSize);
    this.#schemaless = new Map();
    this.#readings = new Map();
  }

  fromConnectData(topic: string, schema: Schema | null, value: unknown, headers?: RecordHeaders): MaybePromise<Uint8Array | null> {
    if (value === null || value === undefined) {
      // a null of a schema that allows it is a tombstone; of another one an error, which writing finds
      if (schema === null || schema.optional) return null;
    }
    const known = this.#writingsOf(schema).get(topic);
    if (known !== undefined && (known.until === Number.POSITIVE_INFINITY || this.#clock.now() < known.until)) {
      try {
        return this.#write(known, value, headers);
      } catch (error) {
        throw this.#writeFailure(topic, error);
      }
    }
    return this.#writeFirst(topic, schema, value, headers);
  }

  toConnectData(topic: string, bytes: Uint8Array | null, headers?: RecordHeaders): MaybePromise<SchemaAndValue> {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      const serde = this.#configured();
      const frame = serde.readsHeaders ? readSchemaId(bytes, headers, this.#isKey) : readPrefix(bytes);
      const known = this.#readings.get(topic)?.get(frame.id ?? frame.guid ?? '');
      if (known !== undefined && (known.until === Number.POSITIVE_INFINITY || this.#clock.now() < known.until)) {
        return this.#read(known, bytes, frame, frame.offset);
      }
      return this.#readFirst(topic, bytes, frame, frame.offset);
    } catch (error) {
      throw this.#readFailure(topic, error);
    }
  }

  #configured(): SchemaSerde<ParsedAvro> {
    if (this.#serde === null) throw new Error('configure() has to be called first');
    return this.#serde;
  }

  #writingsOf(schema: Schema | null): Map<string, Writing> {
    return schema === null ? this.#schemaless : this.#writings.get(schema, () => new Map());
  }

  /** The registry is asked only once the value is known to fit: bad data must not register a schema. */
  async #writeFirst(topic: string, schema: Schema | null, value: unknown, headers?: RecordHeaders): Promise<Uint8Array | null> {
    const own = this.#data.fromConnectSchema(schema);
    const write = this.#data.writer(schema, own);
    try {
      this.#out.reset();
      write(value, this.#out);
    } catch (error) {
      // what Avro itself refuses is found after registering, as in Java
      if (!(error instanceof AvroDataError)) throw error;
    }
    try {
      const serde = this.#configured();
      const parsed = parsedAvro(own);
      const { schema: target, id, guid } = await serde.writerSchema(topic, parsed);
      if (serde.idInHeader && guid === null) throw new SerializationException('the registry answered without a GUID, which a header needs');
      const raw = target.avro.type === 'bytes';
      const ttl = serde.writerTtlMs;
      const same = target === parsed || target.text === parsed.text;
      const inner = same ? write : this.#data.writer(schema, target.avro);
      const writing: Writing = {
        topic,
        prefix: serde.idInHeader ? new Uint8Array(0) : prefixOf(id),
        header: serde.idInHeader ? guidHeaderOf(guid as string) : null,
        // bytes as the whole message have no length in front
        write: raw && schema?.type === 'BYTES' ? rawWriter(inner) : inner,
        until: ttl === null ? Number.POSITIVE_INFINITY : this.#clock.now() + ttl,
      };
      this.#writingsOf(schema).set(topic, writing);
      return this.#write(writing, value, headers);
    } catch (error) {
      throw this.#writeFailure(topic, error);
    }
  }

  #write(writing: Writing, value: unknown, headers?: RecordHeaders): Uint8Array {
    const out = this.#out;
    out.reset();
    out.raw(writing.prefix);
    writing.write(value, out);
    if (writing.header !== null) addSchemaIdHeader(headers, this.#isKey, writing.header);
    return out.toBytes();
  }

  async #readFirst(topic: string, bytes: Uint8Array, id: SchemaId, offset: number): Promise<SchemaAndValue> {
    try {
      const serde = this.#configured();
      const parsed = await serde.schemaOf(topic, id);
      // the data is looked at before the version is asked for, as Java does it
      const rawBytes = parsed.avro.type === 'bytes';
      if (!rawBytes) this.#tryRead(parsed, bytes, id, offset);
      const version = await serde.versionOf(topic, id, parsed);
      // a lone null has no place in Connect's types, but as a value it is one
      if (parsed.avro.type === 'null') return NULL_SCHEMA_AND_VALUE;
      const ttl = serde.readerTtlMs;
      const latest = await serde.readerSchema(topic, id, parsed, version);
      const reading: Reading = {
        ...this.#data.reader(latest?.schema.avro ?? parsed.avro, version),
        rawBytes,
        resolve: latest === null ? null : avroResolver(parsed.avro, latest.schema.avro),
        until: ttl === null ? Number.POSITIVE_INFINITY : this.#clock.now() + ttl,
      };
      const ofTopic = this.#readings.get(topic) ?? new Map<number | string, Reading>();
      this.#readings.set(topic, ofTopic);
      ofTopic.set(id.id ?? id.guid ?? '', reading);
      return this.#read(reading, bytes, id, offset);
    } catch (error) {
      throw this.#readFailure(topic, error);
    }
  }

  #tryRead(parsed: ParsedAvro, bytes: Uint8Array, id: SchemaId, offset: number): void {
    try {
      new AvroData().reader(parsed.avro).read(this.#from.begin(bytes, offset));
    } catch (error) {
      if (error instanceof AvroDataError) throw unreadable(id, error);
    }
  }

  #read(reading: Reading, bytes: Uint8Array, id: SchemaId, offset: number): SchemaAndValue {
    const { resolve, rawBytes } = reading;
    const from = this.#from.begin(bytes, offset);
    try {
      if (resolve !== null) {
        // bytes as the whole message have no length in front; resolving wants one
        if (rawBytes) from.begin(framed(from.rest()));
        this.#resolved.reset();
        resolve(from, this.#resolved);
        from.begin(this.#resolved.view());
      }
      const value = rawBytes && resolve === null ? this.#readRaw(reading, from) : reading.read(from);
      return value === null && reading.schema !== null ? NULL_SCHEMA_AND_VALUE : { schema: reading.schema, value };
    } catch (error) {
      throw error instanceof AvroDataError ? unreadable(id, error) : error;
    }
  }

  /** Bytes as the whole message have no length in front; reading wants one. */
  #readRaw(reading: AvroReading, from: AvroDecoder): unknown {
    return reading.read(new AvroDecoder().begin(framed(from.rest())));
  }

  #writeFailure(topic: string, error: unknown): unknown {
    let found = error;
    if (error instanceof AvroDataError) found = new SerializationException('Error serializing Avro message', { cause: error });
    if (error instanceof SchemaParseException) found = new SerializationException('Error registering Avro schema', { cause: error });
    return converterFailure(found, {
      data: `Failed to serialize Avro data from topic ${topic}:`,
      outage: `Failed to serialize Avro data from topic ${topic} :`,
      network: `Network connection error while serializing Avro data for topic ${topic}: `,
      access: `Failed to access Avro data from topic ${topic} : `,
    });
  }

  #readFailure(topic: string, error: unknown): unknown {
    const found =
      error instanceof JavaException && error.name === 'SchemaParseException'
        ? new SerializationException(error.message, { cause: error })
        : error;
    return converterFailure(found, {
      data: `Failed to deserialize data for topic ${topic} to Avro:`,
      outage: `Failed to deserialize data for topic ${topic} to Avro: `,
      network: `Network connection error while deserializing data for topic ${topic}: `,
      access: `Failed to access Avro data from topic ${topic} : `,
    });
  }
}

function framed(bytes: Uint8Array): Uint8Array {
  const out = new AvroEncoder();
  out.bytes(bytes);
  return out.view();
}

function rawWriter(write: ConnectWriter): ConnectWriter {
  const framed = new AvroEncoder();
  const decoder = new AvroDecoder();
  return (value, out) => {
    framed.reset();
    write(value, framed);
    out.raw(decoder.begin(framed.view()).bytes());
  };
}

function unreadable(id: SchemaId, cause: AvroDataError): SerializationException {
  return new SerializationException(`Error deserializing Avro message for id ${schemaIdText('AVRO', id)}`, { cause });
}

export const avroConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/avro-converter.ts',
  targets: ['schema.registry.url'],
  refusals: registryRefusals,
  exportName: 'AvroConverter',
  load: async () => AvroConverter,
};
