import type { Clock } from '../core/clock.ts';
import type { ConfigDef } from '../core/config/config-def.ts';
import type { Converter, MaybePromise } from '../core/converter.ts';
import type { Schema } from '../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../core/data/schema-and-value.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { DataException } from '../core/errors.ts';
import { JavaException } from '../core/java/exceptions.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import { AvroData, type AvroReading } from '../formats/avro/avro-data.ts';
import { avroDataOptions, defineAvroDataKeys } from '../formats/avro/avro-data-config.ts';
import { AvroDecoder } from '../formats/avro/avro-decoder.ts';
import { AvroEncoder } from '../formats/avro/avro-encoder.ts';
import { avroSchemaText } from '../formats/avro/avro-schema-text.ts';
import type { ConnectWriter } from '../formats/avro/connect-writer.ts';
import { parseAvroSchema } from '../formats/avro/parse-avro-schema.ts';
import { defineGlueKeys, GlueClient } from '../registry/glue/glue-client.ts';
import { glueMessage, readGlueMessage } from '../registry/glue/glue-wire-format.ts';
import { converterConfigDef, withConverterType } from './converter-type.ts';

const CLASS_NAME = 'com.amazonaws.services.schemaregistry.kafkaconnect.AWSKafkaAvroConverter';

const OVERVIEW =
  'Writes keys and values as Avro with the AWS Glue Schema Registry and reads them back, in the wire format of AWS: version 3, compression, the id ' +
  'of the schema version, the data in binary. Requests are signed with the credentials of the environment. It needs `glue:GetSchemaVersion`, to write ' +
  'also `glue:GetSchemaByDefinition`, and with `schemaAutoRegistrationEnabled` `glue:RegisterSchemaVersion` and `glue:CreateSchema`.';

const CONFIG = defineGlueKeys(defineAvroDataKeys(converterConfigDef()));

interface Writing {
  readonly schemaVersionId: string;
  readonly write: ConnectWriter;
  readonly until: number;
}

interface Reading {
  readonly reading: AvroReading;
  readonly until: number;
}

/** {@link OVERVIEW} */
export class AWSKafkaAvroConverter implements Converter {
  readonly #clock: Clock;
  #data = new AvroData();
  #glue: GlueClient | null = null;
  #compressed = false;
  #ttlMs = 0;
  #cacheSize = 1;
  readonly #out = new AvroEncoder();
  readonly #from = new AvroDecoder();
  #writings = new SchemaCache<Map<string, Writing>>();
  #schemaless = new Map<string, Writing>();
  readonly #readings = new Map<string, Reading>();

  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = CONFIG.parse(withConverterType(config, isKey));
    const options = avroDataOptions(parsed);
    this.#data = new AvroData(options);
    this.#glue = new GlueClient(parsed, this.#clock);
    this.#compressed = parsed.getText('compression').toUpperCase() === 'ZLIB';
    this.#ttlMs = parsed.getNumber('timeToLiveMillis');
    this.#cacheSize = Math.max(1, parsed.getNumber('cacheSize'));
    this.#writings = new SchemaCache(options.cacheSize);
  }

  fromConnectData(topic: string, schema: Schema | null, value: unknown): MaybePromise<Uint8Array | null> {
    if ((value === null || value === undefined) && (schema === null || schema.optional)) return null;
    const writings = schema === null ? this.#schemaless : this.#writings.get(schema, () => new Map<string, Writing>());
    const known = writings.get(topic);
    try {
      if (known !== undefined && this.#clock.now() < known.until) return this.#write(known, value);
    } catch (error) {
      throw failure('Converting Kafka Connect data to byte[] failed due to serialization error: ', error);
    }
    return this.#writeFirst(topic, schema, value, writings);
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): MaybePromise<SchemaAndValue> {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      const { schemaVersionId, payload } = readGlueMessage(bytes);
      const known = this.#readings.get(schemaVersionId);
      if (known !== undefined && this.#clock.now() < known.until) return this.#read(known.reading, payload);
      return this.#readFirst(schemaVersionId, payload);
    } catch (error) {
      throw failure('Converting byte[] to Kafka Connect data failed due to serialization error: ', error);
    }
  }

  async #writeFirst(topic: string, schema: Schema | null, value: unknown, writings: Map<string, Writing>): Promise<Uint8Array> {
    try {
      const avro = this.#data.fromConnectSchema(schema);
      const write = this.#data.writer(schema, avro);
      // bad data must not register a schema
      this.#out.reset();
      write(value, this.#out);
      const schemaVersionId = await this.#configured().idOf(topic, 'AVRO', avroSchemaText(avro));
      const writing = { schemaVersionId, write, until: this.#clock.now() + this.#ttlMs };
      writings.set(topic, writing);
      return this.#write(writing, value);
    } catch (error) {
      throw failure('Converting Kafka Connect data to byte[] failed due to serialization error: ', error);
    }
  }

  #write({ schemaVersionId, write }: Writing, value: unknown): Uint8Array {
    this.#out.reset();
    write(value, this.#out);
    return glueMessage(schemaVersionId, this.#out.view(), this.#compressed);
  }

  async #readFirst(schemaVersionId: string, payload: Uint8Array): Promise<SchemaAndValue> {
    try {
      const { definition, format } = await this.#configured().version(schemaVersionId);
      if (format !== 'AVRO')
        throw new DataException(`the schema version ${schemaVersionId} is of format ${format}, but this converter reads AVRO`);
      const reading = this.#data.reader(parseAvroSchema(definition));
      if (this.#readings.size >= this.#cacheSize) this.#readings.clear();
      this.#readings.set(schemaVersionId, { reading, until: this.#clock.now() + this.#ttlMs });
      return this.#read(reading, payload);
    } catch (error) {
      throw failure('Converting byte[] to Kafka Connect data failed due to serialization error: ', error);
    }
  }

  #read({ schema, read }: AvroReading, payload: Uint8Array): SchemaAndValue {
    return { schema, value: read(this.#from.begin(payload)) };
  }

  #configured(): GlueClient {
    if (this.#glue === null) throw new Error('configure() has to be called first');
    return this.#glue;
  }
}

/** AWS's message for what a codec or the registry refused; outages and Connect's own errors stay as they are. */
function failure(message: string, error: unknown): unknown {
  return error instanceof JavaException ? new DataException(message, { cause: error }) : error;
}

export const glueAvroConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/glue-avro-converter.ts',
  exportName: 'AWSKafkaAvroConverter',
  load: async () => AWSKafkaAvroConverter,
};
