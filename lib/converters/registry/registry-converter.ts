import type { ConfigDef } from '../../core/config/config-def.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import type { Converter, MaybePromise } from '../../core/converter.ts';
import type { Schema } from '../../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../../core/data/schema-and-value.ts';
import { SchemaCache } from '../../core/data/schema-cache.ts';
import type { RecordHeaders } from '../../core/record-headers.ts';
import { SYSTEM_CLOCK } from '../../core/system-clock.ts';
import { ConfluentClient } from '../../registry/confluent/confluent-client.ts';
import type { ParsedSchema, SchemaProvider } from '../../registry/parsed-schema.ts';
import { converterFailure, type FailureTexts, SerializationException } from '../../registry/registry-errors.ts';
import type { SchemaRegistry } from '../../registry/schema-registry.ts';
import { SchemaSerde } from '../../registry/schema-serde.ts';
import { addSchemaIdHeader, type FramedPayload, guidHeaderOf, prefixOf, readPrefix, readSchemaId } from '../../registry/wire-format.ts';

/** What a Connect schema becomes in a format. */
export interface WritableSchema<S> {
  readonly own: S;
  /** The payload of a value; null = a null record. Throws DataException for what does not fit. */
  write(value: unknown): Uint8Array | null;
}

/** Reads payloads of one schema. */
export type PayloadReader = (payload: Uint8Array) => SchemaAndValue;

interface KnownReader {
  readonly read: PayloadReader;
  /** Milliseconds since the epoch; the registry is asked again then. */
  readonly until: number;
}

const NO_PREFIX = new Uint8Array(0);

/** How data of one schema is written to one topic. */
interface TopicWriter {
  /** In front of each payload; empty where the id stands in a header. */
  readonly prefix: Uint8Array;
  readonly header: Uint8Array | null;
  /** The payload has to be checked against the schema it is registered with. */
  readonly check: ((payload: Uint8Array) => void) | null;
  readonly until: number;
}

/**
 * What the converters with a registry do alike: which schema is written with, where its id stands, what is remembered. Where everything is
 * known a record is converted at once, without a promise.
 */
export abstract class RegistryConverter<S extends ParsedSchema> implements Converter {
  readonly #configDef: ConfigDef;
  readonly #withIndexes: boolean;
  #isKey = false;
  #serde: SchemaSerde<S> | null = null;
  #writable = new SchemaCache<WritableSchema<S>>(1000);
  #writers = new Map<string, SchemaCache<{ current: TopicWriter | null }>>();
  #readers = new Map<string, KnownReader>();
  #cacheSize = 1000;

  /** `withIndexes`: message indexes follow the id (Protobuf). */
  protected constructor(configDef: ConfigDef, withIndexes: boolean) {
    this.#configDef = configDef;
    this.#withIndexes = withIndexes;
  }

  config(): ConfigDef {
    return this.#configDef;
  }

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = this.#configDef.parse(config);
    this.#isKey = isKey;
    this.#cacheSize = Math.max(1, parsed.getNumber('schemas.cache.config'));
    this.#serde = new SchemaSerde(parsed, isKey, this.setUp(parsed), this.registry(parsed), SYSTEM_CLOCK);
    this.#writable = new SchemaCache(this.#cacheSize);
    this.#writers = new Map();
    this.#readers = new Map();
  }

  /** The registry that a configuration names. */
  protected registry(config: ParsedConfig): SchemaRegistry {
    return new ConfluentClient(config, { clock: SYSTEM_CLOCK, random: Math.random });
  }

  /** Called when the converter is configured: keeps what the format needs, and answers its schemas. */
  protected abstract setUp(config: ParsedConfig): SchemaProvider<S>;
  protected abstract writable(schema: Schema): WritableSchema<S>;
  /** Writes data without a schema, which most formats refuse. */
  protected abstract schemaless(topic: string, value: unknown): Uint8Array | null;
  protected abstract messageIndexes(registered: S, own: S): readonly number[] | null;
  /** A check of what is written, against the schema it is written with; null = none. */
  protected abstract payloadCheck(registered: S): ((payload: Uint8Array) => void) | null;
  /** The schema as far as the message indexes point into it. */
  protected abstract reader(schema: S, version: number | null): PayloadReader;
  /** The schema that data of `writer` is read as: the part of it that stands for the same message. */
  protected abstract readAs(reader: S, writer: S): S;
  protected abstract pointed(schema: S, messageIndexes: readonly number[]): S;
  protected abstract writeTexts(topic: string): FailureTexts;
  protected abstract readTexts(topic: string): FailureTexts;

  fromConnectData(topic: string, schema: Schema | null, value: unknown, headers?: RecordHeaders): MaybePromise<Uint8Array | null> {
    if (schema === null) return this.schemaless(topic, value ?? null);
    const { own, write } = this.#writable.get(schema, (made) => this.writable(made));
    const payload = write(value ?? null);
    if (payload === null) return null;
    const slot = this.#writer(topic, schema);
    const known = slot.current;
    if (known !== null && (known.until === Number.POSITIVE_INFINITY || SYSTEM_CLOCK.now() < known.until)) {
      return this.#framed(topic, known, payload, headers);
    }
    return this.#resolved(topic, own, slot).then((writer) => this.#framed(topic, writer, payload, headers));
  }

  #writer(topic: string, schema: Schema): { current: TopicWriter | null } {
    let ofTopic = this.#writers.get(topic);
    if (ofTopic === undefined) {
      ofTopic = new SchemaCache(this.#cacheSize);
      if (this.#writers.size >= this.#cacheSize) this.#writers.clear();
      this.#writers.set(topic, ofTopic);
    }
    return ofTopic.get(schema, () => ({ current: null }));
  }

  async #resolved(topic: string, own: S, slot: { current: TopicWriter | null }): Promise<TopicWriter> {
    const serde = this.#configured;
    try {
      const { schema, id, guid } = await serde.writerSchema(topic, own);
      const indexes = this.messageIndexes(schema, own);
      const ttlMs = serde.writerTtlMs;
      if (serde.idInHeader && guid === null) throw new SerializationException('the registry answered without a GUID, which a header needs');
      slot.current = {
        prefix: serde.idInHeader ? NO_PREFIX : prefixOf(id, indexes),
        header: serde.idInHeader ? guidHeaderOf(guid!, indexes) : null,
        check: this.payloadCheck(schema),
        until: ttlMs === null ? Number.POSITIVE_INFINITY : SYSTEM_CLOCK.now() + ttlMs,
      };
      return slot.current;
    } catch (error) {
      throw converterFailure(error, this.writeTexts(topic));
    }
  }

  #framed(topic: string, writer: TopicWriter, payload: Uint8Array, headers: RecordHeaders | undefined): Uint8Array {
    const { prefix, header, check } = writer;
    if (check !== null || header !== null) {
      try {
        check?.(payload);
        if (header !== null) addSchemaIdHeader(headers, this.#isKey, header);
      } catch (error) {
        throw converterFailure(error, this.writeTexts(topic));
      }
    }
    if (prefix.length === 0) return payload;
    const bytes = new Uint8Array(prefix.length + payload.length);
    bytes.set(prefix);
    bytes.set(payload, prefix.length);
    return bytes;
  }

  toConnectData(topic: string, bytes: Uint8Array | null, headers?: RecordHeaders): MaybePromise<SchemaAndValue> {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    let frame: FramedPayload;
    try {
      frame = this.#configured.readsHeaders
        ? readSchemaId(bytes, headers, this.#isKey, this.#withIndexes)
        : readPrefix(bytes, this.#withIndexes);
    } catch (error) {
      throw converterFailure(error, this.readTexts(topic));
    }
    const key = `${frame.id ?? frame.guid} ${frame.messageIndexes.join(',')} ${topic}`;
    const known = this.#readers.get(key);
    if (known !== undefined && (known.until === Number.POSITIVE_INFINITY || SYSTEM_CLOCK.now() < known.until)) {
      return this.#read(topic, known.read, bytes, frame);
    }
    return this.#newReader(topic, key, frame).then((reader) => this.#read(topic, reader, bytes, frame));
  }

  #read(topic: string, reader: PayloadReader, bytes: Uint8Array, { offset }: FramedPayload): SchemaAndValue {
    try {
      return reader(bytes.subarray(offset));
    } catch (error) {
      throw converterFailure(error, this.readTexts(topic));
    }
  }

  async #newReader(topic: string, key: string, frame: FramedPayload): Promise<PayloadReader> {
    try {
      const serde = this.#configured;
      const writer = this.pointed(await serde.schemaOf(topic, frame), frame.messageIndexes);
      const version = await serde.versionOf(topic, frame, writer);
      const other = await serde.readerSchema(topic, frame, writer, version);
      const read = other === null ? this.reader(writer, version) : this.reader(this.readAs(other.schema, writer), other.version);
      const ttlMs = serde.readerTtlMs;
      if (this.#readers.size >= this.#cacheSize) this.#readers.clear();
      this.#readers.set(key, { read, until: ttlMs === null ? Number.POSITIVE_INFINITY : SYSTEM_CLOCK.now() + ttlMs });
      return read;
    } catch (error) {
      throw converterFailure(error, this.readTexts(topic));
    }
  }

  get #configured(): SchemaSerde<S> {
    if (this.#serde === null) throw new Error('the converter was not configured');
    return this.#serde;
  }
}
