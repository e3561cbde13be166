import { DataException } from '../../../core/errors.ts';
import type { AvroData, AvroReading } from '../../../formats/avro/avro-data.ts';
import { AvroDecoder } from '../../../formats/avro/avro-decoder.ts';
import { AvroContainerReader, type ContainerBlock, type ContainerHeader } from '../../../formats/avro/container-reader.ts';
import type { ObjectBytes } from './object-bytes.ts';
import type { DecodedRecord, ReadPosition, RecordDecoder } from './record-decoder.ts';

/** Reads an Avro container file block by block; it can begin at any block. */
export class AvroObjectDecoder implements RecordDecoder {
  readonly #bytes: ObjectBytes;
  readonly #data: AvroData;
  readonly #start: ReadPosition;
  readonly #decoder = new AvroDecoder();
  #chunks: AsyncIterator<Uint8Array> | null = null;
  #file = new AvroContainerReader();
  #reading: AvroReading | null = null;
  #block: ContainerBlock | null = null;
  /** Records of the block that were taken, and records before it. */
  #taken = 0;
  #before = 0;
  #ended = false;

  constructor(bytes: ObjectBytes, data: AvroData, position: ReadPosition) {
    this.#bytes = bytes;
    this.#data = data;
    this.#start = position;
  }

  async read(max: number, into: DecodedRecord[]): Promise<void> {
    if (this.#chunks === null) await this.#open();
    if (this.#block === null && !(await this.#nextBlock())) return;
    const block = this.#block!;
    const { schema, read } = this.#reading!;
    for (let left = max; left > 0 && this.#taken < block.count; left--) {
      const row = this.#before + this.#taken + 1;
      let value: unknown;
      try {
        value = read(this.#decoder);
      } catch (cause) {
        throw new DataException(
          `record ${row} in the block at byte ${block.offset}: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        );
      }
      this.#taken++;
      const last = this.#taken === block.count && block.end === this.#bytes.object.sizeBytes;
      const position = { fileOffset: row, block: { byte: block.offset, records: this.#before }, records: row };
      into.push({ schema, value, position, last, error: null, raw: null });
    }
    if (this.#taken === block.count) {
      if (this.#decoder.remaining > 0) {
        throw new DataException(
          `${this.#decoder.remaining} bytes are left over behind the ${block.count} records of the block at byte ${block.offset}`,
        );
      }
      this.#before += block.count;
      this.#block = null;
    }
  }

  async close(): Promise<void> {
    await this.#chunks?.return?.();
  }

  async #open(): Promise<void> {
    const { block, fileOffset } = this.#start;
    let header: ContainerHeader | null = null;
    this.#chunks = this.#bytes.chunks(0);
    if (block !== null) {
      header = await this.#header();
      await this.#chunks.return?.();
      this.#block = null;
      this.#ended = false;
      this.#file = new AvroContainerReader({ header, offset: block.byte });
      this.#chunks = this.#bytes.chunks(block.byte);
      this.#before = block.records;
    }
    header ??= await this.#header();
    this.#reading = this.#data.reader(header.schema);
    // Records that were read before: of whole blocks only the frame is looked at
    while (this.#before < fileOffset) {
      if (!(await this.#nextBlock())) return;
      const { count } = this.#block!;
      const skip = Math.min(fileOffset - this.#before, count);
      if (skip === count) {
        this.#before += count;
        this.#block = null;
        continue;
      }
      for (; this.#taken < skip; this.#taken++) this.#reading.read(this.#decoder);
      return;
    }
  }

  async #header(): Promise<ContainerHeader> {
    for (;;) {
      const before = this.#file.header;
      if (before !== null) return before;
      if (!(await this.#push())) {
        this.#file.finish();
        throw new DataException('the file ends within its Avro header');
      }
      this.#block ??= this.#file.next();
      if (this.#block !== null) this.#begin(this.#block);
    }
  }

  async #nextBlock(): Promise<boolean> {
    while (this.#block === null) {
      this.#block = this.#file.next();
      if (this.#block !== null) this.#begin(this.#block);
      else if (this.#ended) {
        this.#file.finish();
        return false;
      } else await this.#push();
      if (this.#block?.count === 0) this.#block = null;
    }
    return true;
  }

  #begin(block: ContainerBlock): void {
    this.#decoder.begin(block.content);
    this.#taken = 0;
  }

  async #push(): Promise<boolean> {
    const next = await this.#chunks!.next();
    if (next.done) this.#ended = true;
    else this.#file.push(next.value);
    return !next.done;
  }
}
