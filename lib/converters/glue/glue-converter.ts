import type { Clock } from '../../core/clock.ts';
import type { ConfigDef } from '../../core/config/config-def.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import type { Converter, MaybePromise } from '../../core/converter.ts';
import type { Schema } from '../../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../../core/data/schema-and-value.ts';
import { SchemaCache } from '../../core/data/schema-cache.ts';
import { DataException } from '../../core/errors.ts';
import { JavaException } from '../../core/java/exceptions.ts';
import { SYSTEM_CLOCK } from '../../core/system-clock.ts';
import { GlueClient, type GlueDataFormat } from '../../registry/glue/glue-client.ts';
import { glueMessage, readGlueMessage } from '../../registry/glue/glue-wire-format.ts';
import { withConverterType } from '../converter-type.ts';

/** How data of one Connect schema is written. */
export interface GlueWriting {
  /** The definition that is registered. */
  readonly definition: string;
  /** The payload, valid until the next call. Throws DataException for what does not fit. */
  write(value: unknown): Uint8Array;
}

/** Reads payloads of one definition. */
export type GluePayloadReader = (payload: Uint8Array) => SchemaAndValue;

/** What the converters with the Glue Schema Registry need of a format. */
export interface GlueFormat {
  readonly dataFormat: GlueDataFormat;
  /** `schema` null = data without a schema. */
  writing(schema: Schema | null): GlueWriting;
  reading(definition: string): GluePayloadReader;
  /** Connect schemas that are remembered. */
  readonly cacheSize: number;
}

interface KnownWriting {
  readonly schemaVersionId: string;
  readonly write: GlueWriting['write'];
  readonly until: number;
}

interface KnownReading {
  readonly read: GluePayloadReader;
  readonly until: number;
}

const WRITE_FAILED = 'Converting Kafka Connect data to byte[] failed due to serialization error: ';
const READ_FAILED = 'Converting byte[] to Kafka Connect data failed due to serialization error: ';

/**
 * What AWS's converters do alike: version, compression and the id of the schema version in front of the data. A null of a schema that allows it is a
 * tombstone. Where everything is known a record is converted at once, without a promise.
 */
export abstract class GlueConverter implements Converter {
  readonly #clock: Clock;
  readonly #configDef: ConfigDef;
  #format: GlueFormat | null = null;
  #glue: GlueClient | null = null;
  #compressed = false;
  #ttlMs = 0;
  #cacheSize = 1;
  #writings = new SchemaCache<Map<string, KnownWriting>>();
  #schemaless = new Map<string, KnownWriting>();
  #readings = new Map<string, KnownReading>();

  protected constructor(configDef: ConfigDef, clock: Clock = SYSTEM_CLOCK) {
    this.#configDef = configDef;
    this.#clock = clock;
  }

  config(): ConfigDef {
    return this.#configDef;
  }

  protected abstract format(config: ParsedConfig): GlueFormat;

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = this.#configDef.parse(withConverterType(config, isKey));
    this.#format = this.format(parsed);
    this.#glue = new GlueClient(parsed, this.#clock);
    this.#compressed = parsed.getText('compression').toUpperCase() === 'ZLIB';
    this.#ttlMs = parsed.getNumber('timeToLiveMillis');
    this.#cacheSize = Math.max(1, parsed.getNumber('cacheSize'));
    this.#writings = new SchemaCache(this.#format.cacheSize);
    this.#schemaless = new Map();
    this.#readings = new Map();
  }

  fromConnectData(topic: string, schema: Schema | null, value: unknown): MaybePromise<Uint8Array | null> {
    if ((value === null || value === undefined) && (schema === null || schema.optional)) return null;
    const writings = schema === null ? this.#schemaless : this.#writings.get(schema, () => new Map<string, KnownWriting>());
    const known = writings.get(topic);
    try {
      if (known !== undefined && this.#clock.now() < known.until) return this.#write(known, value);
    } catch (error) {
      throw failure(WRITE_FAILED, error);
    }
    return this.#writeFirst(topic, schema, value, writings);
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): MaybePromise<SchemaAndValue> {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      const { schemaVersionId, payload } = readGlueMessage(bytes);
      const known = this.#readings.get(schemaVersionId);
      if (known !== undefined && this.#clock.now() < known.until) return known.read(payload);
      return this.#readFirst(schemaVersionId, payload);
    } catch (error) {
      throw failure(READ_FAILED, error);
    }
  }

  async #writeFirst(topic: string, schema: Schema | null, value: unknown, writings: Map<string, KnownWriting>): Promise<Uint8Array> {
    try {
      const { glue, format } = this.#configured();
      const { definition, write } = format.writing(schema);
      // bad data must not register a schema
      write(value);
      const schemaVersionId = await glue.idOf(topic, format.dataFormat, definition);
      const writing = { schemaVersionId, write, until: this.#clock.now() + this.#ttlMs };
      writings.set(topic, writing);
      return this.#write(writing, value);
    } catch (error) {
      throw failure(WRITE_FAILED, error);
    }
  }

  #write({ schemaVersionId, write }: KnownWriting, value: unknown): Uint8Array {
    return glueMessage(schemaVersionId, write(value), this.#compressed);
  }

  async #readFirst(schemaVersionId: string, payload: Uint8Array): Promise<SchemaAndValue> {
    try {
      const { glue, format } = this.#configured();
      const version = await glue.version(schemaVersionId);
      if (version.format !== format.dataFormat) {
        throw new DataException(
          `the schema version ${schemaVersionId} is of format ${version.format}, but this converter reads ${format.dataFormat}`,
        );
      }
      const read = format.reading(version.definition);
      if (this.#readings.size >= this.#cacheSize) this.#readings.clear();
      this.#readings.set(schemaVersionId, { read, until: this.#clock.now() + this.#ttlMs });
      return read(payload);
    } catch (error) {
      throw failure(READ_FAILED, error);
    }
  }

  #configured(): { readonly glue: GlueClient; readonly format: GlueFormat } {
    if (this.#glue === null || this.#format === null) throw new Error('configure() has to be called first');
    return { glue: this.#glue, format: this.#format };
  }
}

/** AWS's message for what a codec or the registry refused; outages and Connect's own errors stay as they are. */
function failure(message: string, error: unknown): unknown {
  return error instanceof JavaException ? new DataException(message, { cause: error }) : error;
}
