import { Buffer } from 'node:buffer';
import { AvroDecoder } from '../avro/avro-decoder.ts';
import type { AvroSchema } from '../avro/avro-schema.ts';
import { avroSchemaText } from '../avro/avro-schema-text.ts';
import { type ListOptions, parquetSchema } from './avro-to-parquet.ts';
import { ColumnWriter } from './column-writer.ts';
import type { ParquetCodec } from './compression.ts';
import { footer, type RowGroup } from './footer.ts';
import type { ParquetGroup, ParquetNode } from './parquet-schema.ts';
import { compileShredder, type Shredder } from './shredder.ts';

/** As Confluent's sink sets it. */
const PAGE_BYTES = 64 * 1024;
/** A row group is written once it has so many compressed bytes; so much is held in memory for an open file. */
const ROW_GROUP_BYTES = 16 * 1024 * 1024;
const MAGIC = Buffer.from('PAR1');

/** What a Parquet file is made with. */
export interface ParquetWriterInit extends ListOptions {
  readonly schema: AvroSchema;
  readonly codec: ParquetCodec;
  /** Takes the bytes of the file, in order. */
  readonly write: (bytes: Uint8Array) => void;
}

/**
 * Writes a Parquet file of Avro data, as parquet-avro does: same schema, same footer, plain encoding. Rows come in Avro's binary encoding.
 * https://parquet.apache.org/docs/file-format/
 */
export class ParquetWriter {
  readonly #init: ParquetWriterInit;
  readonly #root: ParquetGroup;
  readonly #columns: ColumnWriter[] = [];
  readonly #shred: Shredder;
  readonly #decoder = new AvroDecoder();
  readonly #groups: RowGroup[] = [];
  #rows = 0;
  #offset = 0;

  /** Errors as {@link parquetSchema}; nothing is written before them. */
  constructor(init: ParquetWriterInit) {
    this.#init = init;
    this.#root = parquetSchema(init.schema, init);
    const below = new Map<ParquetNode, ColumnWriter[]>();
    this.#addColumns(this.#root, [], { definition: 0, repetition: 0 }, below);
    this.#shred = compileShredder(init.schema, this.#root, (node) => below.get(node)!);
    this.#write(MAGIC);
  }

  /** One row in Avro's binary encoding. */
  row(avro: Uint8Array): void {
    this.#shred(this.#decoder.begin(avro), 0, 0);
    this.#rows++;
    let buffered = 0;
    for (const column of this.#columns) {
      column.endRow();
      buffered += column.bufferedBytes;
    }
    if (buffered >= ROW_GROUP_BYTES) this.#closeGroup();
  }

  /** Writes what is left, and the footer. */
  end(): void {
    this.#closeGroup();
    const bytes = footer({
      root: this.#root,
      groups: this.#groups,
      codec: this.#init.codec,
      metadata: [
        ['parquet.avro.schema', avroSchemaText(this.#init.schema)],
        ['writer.model.name', 'avro'],
      ],
    });
    this.#write(bytes);
    const tail = Buffer.alloc(4);
    tail.writeUInt32LE(bytes.length);
    this.#write(tail);
    this.#write(MAGIC);
  }

  #closeGroup(): void {
    if (this.#rows === 0) return;
    const chunks = this.#columns.map((column) => column.takeChunk(this.#offset, (bytes) => this.#write(bytes)));
    this.#groups.push({ rows: this.#rows, chunks });
    this.#rows = 0;
  }

  #write(bytes: Uint8Array): void {
    this.#init.write(bytes);
    this.#offset += bytes.length;
  }

  #addColumns(
    node: ParquetNode,
    path: readonly string[],
    levels: { readonly definition: number; readonly repetition: number },
    below: Map<ParquetNode, ColumnWriter[]>,
  ): ColumnWriter[] {
    let found: ColumnWriter[];
    if (node.children === null) {
      found = [new ColumnWriter(node, path, levels, this.#init.codec, PAGE_BYTES)];
      this.#columns.push(...found);
    } else {
      found = node.children.flatMap((child) => {
        const definition = levels.definition + (child.repetition === 'required' ? 0 : 1);
        const repetition = levels.repetition + (child.repetition === 'repeated' ? 1 : 0);
        return this.#addColumns(child, [...path, child.name], { definition, repetition }, below);
      });
    }
    below.set(node, found);
    return found;
  }
}
