import { ByteWriter } from './byte-writer.ts';
import type { ParquetCodec } from './compression.ts';
import { bitWidthOf, writeLevels } from './levels.ts';
import type { ParquetLeaf } from './parquet-schema.ts';
import { ThriftWriter } from './thrift-writer.ts';

const PLAIN = 0;
const RLE = 3;

/** A column chunk as the footer describes it. */
export interface ColumnChunk {
  readonly column: ColumnWriter;
  readonly offset: number;
  readonly values: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
}

/** Collects the values of one column: encodes them plainly, closes a page when it is long enough, keeps compressed pages of the row group. */
export class ColumnWriter {
  readonly leaf: ParquetLeaf;
  readonly path: readonly string[];
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  readonly #codec: ParquetCodec;
  readonly #pageBytes: number;
  readonly #values = new ByteWriter();
  readonly #page = new ByteWriter();
  readonly #levels = new ByteWriter();
  #pages: Buffer[] = [];
  #definitions: number[] = [];
  #repetitions: number[] = [];
  #entries = 0;
  #chunkValues = 0;
  #compressedBytes = 0;
  #uncompressedBytes = 0;
  #bits = 0;
  #bitCount = 0;

  constructor(
    leaf: ParquetLeaf,
    path: readonly string[],
    levels: { definition: number; repetition: number },
    codec: ParquetCodec,
    pageBytes: number,
  ) {
    this.leaf = leaf;
    this.path = path;
    this.maxDefinition = levels.definition;
    this.maxRepetition = levels.repetition;
    this.#codec = codec;
    this.#pageBytes = pageBytes;
  }

  /** Bytes that the row group holds of this column. */
  get bufferedBytes(): number {
    return this.#compressedBytes + this.#values.length;
  }

  /** One entry; the value, where there is one, is written next. */
  entry(repetition: number, definition: number): void {
    if (this.maxDefinition > 0) this.#definitions.push(definition);
    if (this.maxRepetition > 0) this.#repetitions.push(repetition);
    this.#entries++;
  }

  boolean(value: boolean): void {
    if (value) this.#bits |= 1 << this.#bitCount;
    if (++this.#bitCount === 8) this.#flushBits();
  }

  int32(value: number): void {
    this.#values.int32(value);
  }

  int64(value: bigint): void {
    this.#values.int64(value);
  }

  float(value: number): void {
    this.#values.float(value);
  }

  double(value: number): void {
    this.#values.double(value);
  }

  binary(value: Uint8Array): void {
    this.#values.int32(value.length);
    this.#values.bytes(value);
  }

  fixed(value: Uint8Array): void {
    this.#values.bytes(value);
  }

  /** Called between rows: a page ends with a row. */
  endRow(): void {
    if (this.#values.length >= this.#pageBytes || this.#entries >= 20_000) this.#closePage();
  }

  /** Hands the pages of the row group over. */
  takeChunk(offset: number, write: (bytes: Uint8Array) => void): ColumnChunk {
    this.#closePage();
    for (const page of this.#pages) write(page);
    const chunk = {
      column: this,
      offset,
      values: this.#chunkValues,
      compressedBytes: this.#compressedBytes,
      uncompressedBytes: this.#uncompressedBytes,
    };
    this.#pages = [];
    this.#chunkValues = 0;
    this.#compressedBytes = 0;
    this.#uncompressedBytes = 0;
    return chunk;
  }

  #closePage(): void {
    if (this.#entries === 0) return;
    if (this.#bitCount > 0) this.#flushBits();
    const page = this.#page;
    page.reset();
    if (this.maxRepetition > 0) this.#writeLevels(this.#repetitions, this.maxRepetition);
    if (this.maxDefinition > 0) this.#writeLevels(this.#definitions, this.maxDefinition);
    page.bytes(this.#values.view());
    const data = this.#codec.compress(page.view());
    const header = pageHeader(this.#entries, page.length, data.length);
    this.#pages.push(Buffer.concat([header, data]));
    this.#compressedBytes += header.length + data.length;
    this.#uncompressedBytes += header.length + page.length;
    this.#chunkValues += this.#entries;
    this.#entries = 0;
    this.#values.reset();
    this.#definitions = [];
    this.#repetitions = [];
  }

  #writeLevels(levels: readonly number[], max: number): void {
    this.#levels.reset();
    writeLevels(this.#levels, levels, bitWidthOf(max));
    this.#page.int32(this.#levels.length);
    this.#page.bytes(this.#levels.view());
  }

  #flushBits(): void {
    this.#values.byte(this.#bits);
    this.#bits = 0;
    this.#bitCount = 0;
  }
}

function pageHeader(values: number, uncompressedBytes: number, compressedBytes: number): Buffer {
  const thrift = new ThriftWriter();
  thrift.i32(1, 0);
  thrift.i32(2, uncompressedBytes);
  thrift.i32(3, compressedBytes);
  thrift.struct(5, () => {
    thrift.i32(1, values);
    thrift.i32(2, PLAIN);
    thrift.i32(3, RLE);
    thrift.i32(4, RLE);
  });
  return thrift.end();
}
