import { DataException } from '../../core/errors.ts';
import { AvroDecoder } from './avro-decoder.ts';
import { AvroDataError } from './avro-errors.ts';
import type { AvroSchema } from './avro-schema.ts';
import { type BlockCodec, blockCodec } from './block-codecs.ts';
import { CONTAINER_MAGIC, SYNC_BYTES } from './container-writer.ts';
import { parseAvroSchema } from './parse-avro-schema.ts';

/** More than this before a header or a block is complete is no container file but a mistake. */
const MOST_PENDING_BYTES = 256 * 1024 * 1024;

/** One block: its records are still encoded. */
export interface ContainerBlock {
  /** Byte in the file where the block begins: reading can go on here with the header known. */
  readonly offset: number;
  /** Byte after the block. */
  readonly end: number;
  readonly count: number;
  /** The records one after the other, decompressed. */
  readonly content: Uint8Array;
}

/** What the header of a file says. */
export interface ContainerHeader {
  readonly schema: AvroSchema;
  readonly codec: string;
  readonly sync: Uint8Array;
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  /** Byte at which the first block begins. */
  readonly end: number;
}

/**
 * Reads an Avro object container file from chunks of any size, block by block: memory holds one block. Give it chunks with `push`, take blocks
 * with `next` until it answers null, and call `finish` at the end. DataException, with the byte, for everything that is no such file.
 */
export class AvroContainerReader {
  #pending: Buffer = Buffer.alloc(0);
  #at = 0;
  #offset: number;
  #header: ContainerHeader | null;
  #codec: BlockCodec | null;

  /** `resume`: the header of the same file, read before, and the byte of a block at which the chunks begin. */
  constructor(resume: { readonly header: ContainerHeader; readonly offset: number } | null = null) {
    this.#header = resume?.header ?? null;
    this.#codec = resume === null ? null : blockCodec(resume.header.codec);
    this.#offset = resume?.offset ?? 0;
  }

  /** null until enough of the file was given. */
  get header(): ContainerHeader | null {
    return this.#header;
  }

  /** The next bytes of the file. */
  push(chunk: Uint8Array): void {
    const rest = this.#pending.subarray(this.#at);
    if (rest.length + chunk.length > MOST_PENDING_BYTES) {
      throw new DataException(
        `byte ${this.#offset}: no header or block of an Avro file is that large (${rest.length + chunk.length} bytes)`,
      );
    }
    this.#pending = Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** The next block; null = more bytes are needed. */
  next(): ContainerBlock | null {
    const header = this.#header ?? this.#readHeader();
    if (header === null) return null;
    const frame = this.#attempt((from) => ({ count: from.long(), size: from.long() }));
    if (frame === null) return null;
    const { count, size } = frame.value;
    if (count < 0n || size < 0n || size > BigInt(MOST_PENDING_BYTES)) {
      throw new DataException(`byte ${this.#offset}: an Avro block of ${count} records in ${size} bytes cannot be`);
    }
    const begin = this.#at + frame.length;
    const end = begin + Number(size);
    if (this.#pending.length < end + SYNC_BYTES) return null;
    if (Buffer.compare(this.#pending.subarray(end, end + SYNC_BYTES), header.sync) !== 0) {
      throw new DataException(`byte ${this.#offset + (end - this.#at)}: the Avro block does not end with the file's sync marker`);
    }
    const offset = this.#offset;
    const content = this.#decompress(this.#pending.subarray(begin, end));
    this.#advance(end + SYNC_BYTES - this.#at);
    return { offset, end: this.#offset, count: Number(count), content };
  }

  /** The file has no more bytes. DataException where it ends within its header or a block. */
  finish(): void {
    const left = this.#pending.length - this.#at;
    if (this.#header === null)
      throw new DataException(`the file ends after ${this.#offset + left} bytes, within its Avro header: it is truncated or no Avro file`);
    if (left > 0) throw new DataException(`byte ${this.#offset}: the file ends ${left} bytes into an Avro block: it is truncated`);
  }

  #readHeader(): ContainerHeader | null {
    const magic = this.#pending.subarray(0, CONTAINER_MAGIC.length);
    if (Buffer.compare(magic, CONTAINER_MAGIC.subarray(0, magic.length)) !== 0) {
      throw new DataException('byte 0: this is no Avro container file: it does not begin with "Obj" and 1');
    }
    const found = this.#attempt((from) => {
      from.fixed(CONTAINER_MAGIC.length);
      const metadata = new Map<string, Uint8Array>();
      for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
        for (let i = 0; i < count; i++) {
          const key = from.string();
          metadata.set(key, from.bytes());
        }
      }
      return { metadata, sync: from.fixed(SYNC_BYTES) };
    });
    if (found === null) return null;
    const { metadata, sync } = found.value;
    const text = (key: string) => (metadata.has(key) ? Buffer.from(metadata.get(key) as Uint8Array).toString('utf8') : null);
    const schema = text('avro.schema');
    if (schema === null) throw new DataException('byte 0: the header of the Avro file has no avro.schema');
    const codec = text('avro.codec') ?? 'null';
    this.#codec = blockCodec(codec);
    this.#advance(found.length);
    this.#header = { schema: parseAvroSchema(schema), codec, sync, metadata, end: this.#offset };
    return this.#header;
  }

  #decompress(block: Uint8Array): Uint8Array {
    try {
      return (this.#codec as BlockCodec).decompress(block);
    } catch (cause) {
      throw new DataException(`byte ${this.#offset}: the Avro block cannot be decompressed: ${(cause as Error).message}`, { cause });
    }
  }

  /** Reads from what is there; null = it is not all there yet. */
  #attempt<T>(read: (from: AvroDecoder) => T): { readonly value: T; readonly length: number } | null {
    const from = new AvroDecoder().begin(this.#pending, this.#at);
    try {
      const value = read(from);
      return { value, length: from.offset - this.#at };
    } catch (error) {
      if (error instanceof AvroDataError && error.name === 'EOFException') return null;
      throw error;
    }
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    this.#offset += bytes;
  }
}
