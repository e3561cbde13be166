import { AvroEncoder } from './avro-encoder.ts';
import type { AvroSchema } from './avro-schema.ts';
import { avroSchemaText } from './avro-schema-text.ts';
import { type BlockCodec, blockCodec } from './block-codecs.ts';
import type { ConnectWriter } from './connect-writer.ts';

/** `Obj` and the version of the format. */
export const CONTAINER_MAGIC = Uint8Array.of(0x4f, 0x62, 0x6a, 1);
export const SYNC_BYTES = 16;
/** Java's default size of a block before compression. */
const BLOCK_BYTES = 64_000;

/** What a container file is written with. */
export interface ContainerOptions {
  /** `null`, `deflate`, `snappy` or `zstandard`. @default null */
  readonly codec?: string;
  /** 16 bytes between blocks. The same data with the same marker is the same file; make it of what names the file. */
  readonly sync: Uint8Array;
  /** @default 64000 */
  readonly blockBytes?: number;
  /** Further entries of the header, e.g. `connect.…`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes an Avro object container file (specification 1.12) piece by piece: nothing is kept but the block that is being filled. `append` and
 * `finish` answer the bytes that are complete, to be written one after the other.
 */
export class AvroContainerWriter {
  readonly #codec: BlockCodec;
  readonly #sync: Uint8Array;
  readonly #blockBytes: number;
  readonly #write: ConnectWriter;
  readonly #block = new AvroEncoder();
  #header: Uint8Array | null;
  #count = 0;

  /** `write` is an AvroData writer for `schema`. DataException for an unknown codec. */
  constructor(
    schema: AvroSchema,
    write: ConnectWriter,
    { codec = 'null', sync, blockBytes = BLOCK_BYTES, metadata = {} }: ContainerOptions,
  ) {
    this.#codec = blockCodec(codec);
    this.#sync = sync;
    this.#blockBytes = blockBytes;
    this.#write = write;
    const entries = { 'avro.schema': avroSchemaText(schema), ...(codec === 'null' ? {} : { 'avro.codec': codec }), ...metadata };
    this.#header = headerOf(entries, sync);
  }

  /** How many bytes the block that is being filled holds, before compression. */
  get pendingBytes(): number {
    return this.#block.length + (this.#header?.length ?? 0);
  }

  /**
   * Adds one record. Answers the bytes of a block that became full (the first one with the header in front), else null. Errors as
   * {@link ConnectWriter}; the file is then as if the record had not been given.
   */
  append(value: unknown): Uint8Array | null {
    const before = this.#block.length;
    try {
      this.#write(value, this.#block);
    } catch (error) {
      this.#block.truncate(before);
      throw error;
    }
    this.#count++;
    return this.#block.length >= this.#blockBytes ? this.#takeBlock() : null;
  }

  /** What is left: the last block, and the header if nothing was written yet. Empty where nothing is left. */
  finish(): Uint8Array {
    return this.#takeBlock();
  }

  #takeBlock(): Uint8Array {
    const parts: Uint8Array[] = [];
    if (this.#header !== null) parts.push(this.#header);
    this.#header = null;
    if (this.#count > 0) {
      const content = this.#codec.compress(this.#block.view());
      const frame = new AvroEncoder();
      frame.long(BigInt(this.#count));
      frame.long(BigInt(content.length));
      parts.push(frame.toBytes(), content, this.#sync);
    }
    const bytes = new Uint8Array(Buffer.concat(parts));
    this.#block.reset();
    this.#count = 0;
    return bytes;
  }
}

function headerOf(metadata: Readonly<Record<string, string>>, sync: Uint8Array): Uint8Array {
  const out = new AvroEncoder();
  out.raw(CONTAINER_MAGIC);
  const entries = Object.entries(metadata);
  out.int(entries.length);
  for (const [key, value] of entries) {
    out.string(key);
    out.bytes(Buffer.from(value, 'utf8'));
  }
  out.int(0);
  out.raw(sync);
  return out.toBytes();
}
