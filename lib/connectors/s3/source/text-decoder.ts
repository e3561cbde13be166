import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Schema } from '../../../core/data/schema.ts';
import { OPTIONAL_BYTES_SCHEMA, OPTIONAL_STRING_SCHEMA } from '../../../core/data/schemas.ts';
import { DataException, isRetriable } from '../../../core/errors.ts';
import { scannerOf } from '../../../formats/json/json-bytes.ts';
import { readSchemaless } from '../../../formats/json/json-reader.ts';
import { JsonSyntaxError } from '../../../formats/json/json-scanner.ts';
import type { ObjectBytes } from './object-bytes.ts';
import type { DecodedRecord, ReadPosition, RecordDecoder } from './record-decoder.ts';

/** No message of Kafka is near that large: an object without separators is not read into memory whole. */
const RECORD_MAX_BYTES = 64 * 1024 * 1024;

/** Reads the bytes of one record. Throws DataException or JsonSyntaxError; undefined = no record (a blank line). */
export interface TextFormat {
  readonly schema: Schema | null;
  read(bytes: Buffer): unknown;
}

export const BYTES_TEXT: TextFormat = { schema: OPTIONAL_BYTES_SCHEMA, read: (bytes) => bytes };

export const STRING_TEXT: TextFormat = {
  schema: OPTIONAL_STRING_SCHEMA,
  read: (bytes) => bytes.toString('utf8', 0, bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length),
};

/** Schemaless JSON, as JsonConverter reads it without schemas: a value a line. */
export const JSON_TEXT: TextFormat = {
  schema: null,
  read(bytes) {
    const scanner = scannerOf(bytes);
    scanner.peek();
    if (scanner.atEnd()) return undefined;
    const value = readSchemaless(scanner);
    scanner.peek();
    if (!scanner.atEnd()) throw new DataException(`character ${scanner.pos + 1}: something follows the value`);
    return value;
  },
};

/** Reads records that a separator ends, packed by gzip or not; a separator behind the last one may be missing. */
export class SeparatedDecoder implements RecordDecoder {
  readonly #bytes: ObjectBytes;
  readonly #format: TextFormat;
  readonly #separator: Buffer;
  readonly #packed: boolean;
  #chunks: AsyncIterator<Uint8Array> | null = null;
  #pending: Buffer = Buffer.alloc(0);
  /** Where in `pending` reading goes on, and from where on a separator is looked for. */
  #at = 0;
  #searched = 0;
  #ended = false;
  #position: ReadPosition;

  constructor(bytes: ObjectBytes, format: TextFormat, separator: string, position: ReadPosition) {
    this.#bytes = bytes;
    this.#format = format;
    this.#separator = Buffer.from(separator);
    this.#packed = bytes.object.key.endsWith('.gz');
    this.#position = position;
  }

  async read(max: number, into: DecodedRecord[]): Promise<void> {
    const before = into.length;
    while (into.length - before < max) {
      const end = this.#pending.indexOf(this.#separator, Math.max(this.#at, this.#searched));
      if (end !== -1) {
        this.#take(end, end + this.#separator.length, into);
        continue;
      }
      this.#searched = Math.max(this.#at, this.#pending.length - this.#separator.length + 1);
      if (this.#ended) {
        if (this.#at < this.#pending.length) this.#take(this.#pending.length, this.#pending.length, into);
        break;
      }
      // What is read already is handed on before more is waited for
      if (into.length > before && this.#at < this.#pending.length) break;
      await this.#more();
    }
    if (into.length === before) return;
    if (this.#at === this.#pending.length && !this.#ended) await this.#more();
    if (this.#ended && this.#blank()) into[into.length - 1] = { ...into.at(-1)!, last: true };
  }

  async close(): Promise<void> {
    await this.#chunks?.return?.();
  }

  #take(end: number, next: number, into: DecodedRecord[]): void {
    const bytes = this.#pending.subarray(this.#at, end);
    const begin = this.#position.fileOffset;
    const position = { fileOffset: begin + next - this.#at, block: null, records: this.#position.records + 1 };
    this.#at = next;
    try {
      const value = this.#format.read(bytes);
      if (value === undefined) {
        this.#position = { ...position, records: this.#position.records };
        return;
      }
      into.push({ schema: this.#format.schema, value, position, last: false, error: null, raw: null });
    } catch (cause) {
      if (!(cause instanceof DataException) && !(cause instanceof JsonSyntaxError)) throw cause;
      const error = new DataException(`record ${position.records} at byte ${begin}: ${cause.message}`, { cause });
      into.push({ schema: null, value: null, position, last: false, error, raw: bytes });
    }
    this.#position = position;
  }

  /** Whether what is left holds no record. */
  #blank(): boolean {
    return this.#at === this.#pending.length || (this.#format === JSON_TEXT && this.#pending.toString('utf8', this.#at).trim() === '');
  }

  async #more(): Promise<void> {
    this.#chunks ??= await this.#open();
    let next: IteratorResult<Uint8Array>;
    try {
      next = await this.#chunks.next();
    } catch (error) {
      if (!this.#packed || isRetriable(error) || !(error instanceof Error) || !('code' in error) || !/^Z_|^ERR_/.test(String(error.code)))
        throw error;
      throw new DataException(`byte ${this.#position.fileOffset} of the unpacked text: gzip cannot be unpacked: ${error.message}`, {
        cause: error,
      });
    }
    if (next.done) {
      this.#ended = true;
      return;
    }
    const rest = this.#pending.subarray(this.#at);
    if (rest.length > RECORD_MAX_BYTES) {
      throw new DataException(`byte ${this.#position.fileOffset}: no separator within ${rest.length} bytes`);
    }
    this.#searched -= this.#at;
    this.#at = 0;
    this.#pending =
      rest.length === 0 ? Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength) : Buffer.concat([rest, next.value]);
  }

  async #open(): Promise<AsyncIterator<Uint8Array>> {
    const { fileOffset } = this.#position;
    if (!this.#packed) return this.#bytes.chunks(fileOffset);
    return skipping(gunzipped(this.#bytes.chunks(0)), fileOffset);
  }
}

async function* gunzipped(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(packed, { objectMode: false, highWaterMark: 1 });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function* skipping(chunks: AsyncGenerator<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield chunk.subarray(left);
      left = 0;
    }
  }
}
