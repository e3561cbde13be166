import type { Schema } from '../../../core/data/schema.ts';
import type { DataException } from '../../../core/errors.ts';

/** Where reading goes on in an object. */
export interface ReadPosition {
  /** Lines: byte (of the unpacked text). Avro, Parquet: records. Confluent's `fileOffset`. */
  readonly fileOffset: number;
  /** Avro: byte of the block that holds the next record, and how many records lie before it; null = from the beginning. */
  readonly block: { readonly byte: number; readonly records: number } | null;
  /** Records read, broken ones included: objects of keys and headers go by it. */
  readonly records: number;
}

export const OBJECT_START: ReadPosition = { fileOffset: 0, block: null, records: 0 };

/** One record of an object, or what is there instead. */
export interface DecodedRecord {
  /** null = schemaless. */
  readonly schema: Schema | null;
  readonly value: unknown;
  /** Behind this record. */
  readonly position: ReadPosition;
  /** Nothing follows. */
  readonly last: boolean;
  /** What is wrong with it; reading can go on behind it. */
  readonly error: DataException | null;
  /** Its bytes, where it is wrong. */
  readonly raw: Uint8Array | null;
}

/**
 * Reads the records of an object, in order. DataException = nothing more of this object can be read; other errors come from S3. After an error
 * a new decoder is made at the position of the last record.
 */
export interface RecordDecoder {
  /** Appends at most `max` records; none = the end. What was appended before an error counts. */
  read(max: number, into: DecodedRecord[]): Promise<void>;
  close(): Promise<void>;
}
