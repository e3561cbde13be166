import type { ConfigDef } from './config/config-def.ts';
import type { Schema } from './data/schema.ts';
import type { SchemaAndValue } from './data/schema-and-value.ts';
import type { RecordHeaders } from './record-headers.ts';

/** A value now, or a promise of it. Converters answer directly whenever they can: a promise per record is what makes a path slow. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * Turns Connect data into the bytes of a Kafka key or value, and back. Configured once, then called for every record, never
 * concurrently. Errors: DataException for bad data (follows `errors.tolerance`), RetriableException for an outage.
 */
export interface Converter {
  /** `config` is stripped of its prefix (`value.converter.`). */
  configure(config: Readonly<Record<string, string>>, isKey: boolean): void;
  /**
   * Bytes of a value; null = a null key or a tombstone. `schema` null = schemaless. `headers` are those of the Kafka record, converted already;
   * what is added to them is sent.
   */
  fromConnectData(topic: string, schema: Schema | null, value: unknown, headers?: RecordHeaders): MaybePromise<Uint8Array | null>;
  /** The data in these bytes; null bytes are passed too, and most converters answer schema null and value null. `headers` are those of the message. */
  toConnectData(topic: string, bytes: Uint8Array | null, headers?: RecordHeaders): MaybePromise<SchemaAndValue>;
  config?(): ConfigDef;
  close?(): void | Promise<void>;
}

/** The same for header values. */
export interface HeaderConverter {
  /** `config` holds `converter.type=header` beside the keys of the prefix. */
  configure(config: Readonly<Record<string, string>>): void;
  fromConnectHeader(topic: string, headerKey: string, schema: Schema | null, value: unknown): Uint8Array | null;
  toConnectHeader(topic: string, headerKey: string, bytes: Uint8Array | null): SchemaAndValue;
  config?(): ConfigDef;
  close?(): void | Promise<void>;
}
