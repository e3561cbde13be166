import { Buffer } from 'node:buffer';
import type { AvroData, AvroReading } from '../../../formats/avro/avro-data.ts';
import { AvroDecoder } from '../../../formats/avro/avro-decoder.ts';
import { ParquetReader } from '../../../formats/parquet/parquet-reader.ts';
import type { ObjectBytes } from './object-bytes.ts';
import type { DecodedRecord, ReadPosition, RecordDecoder } from './record-decoder.ts';

/** Reads a Parquet file row by row; it can begin at any row group, and reads over the rows of it that were read before. */
export class ParquetObjectDecoder implements RecordDecoder {
  readonly #bytes: ObjectBytes;
  readonly #data: AvroData;
  readonly #start: ReadPosition;
  readonly #decoder = new AvroDecoder();
  #file: { readonly reader: ParquetReader; readonly reading: AvroReading } | null = null;

  constructor(bytes: ObjectBytes, data: AvroData, position: ReadPosition) {
    this.#bytes = bytes;
    this.#data = data;
    this.#start = position;
  }

  async read(max: number, into: DecodedRecord[]): Promise<void> {
    this.#file ??= await this.#open();
    const { reader, reading } = this.#file;
    await reader.next(max, (avro, row) => {
      // Values of bytes are views, and the row's bytes are used again
      const value = reading.read(this.#decoder.begin(Buffer.from(avro)));
      const position = { fileOffset: row + 1, block: null, records: row + 1 };
      into.push({ schema: reading.schema, value, position, last: row + 1 === reader.rows, error: null, raw: null });
    });
  }

  async close(): Promise<void> {}

  async #open() {
    const reader = await ParquetReader.open((from, length) => this.#bytes.read(from, length), this.#bytes.object.sizeBytes);
    reader.seek(this.#start.fileOffset);
    return { reader, reading: this.#data.reader(reader.schema) };
  }
}
