import { Buffer } from 'node:buffer';
import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from 'hyparquet';
import { DataException } from '../../core/errors.ts';
import { AvroEncoder } from '../avro/avro-encoder.ts';
import type { AvroSchema } from '../avro/avro-schema.ts';
import { parseAvroSchema } from '../avro/parse-avro-schema.ts';
import { type Assembler, compileAssembler } from './assembler.ts';
import { ColumnReader, type LeafColumn, type ReadBytes } from './column-reader.ts';
import { avroOfParquet } from './parquet-to-avro.ts';

const TAIL_BYTES = 64 * 1024;
/** Behind the footer: its length and `PAR1`. */
const TRAILER_BYTES = 8;
/** All columns together hold so much of the file. */
const WINDOWS_BYTES = 32 * 1024 * 1024;
const WINDOW_MIN_BYTES = 64 * 1024;
const WINDOW_MAX_BYTES = 2 * 1024 * 1024;
/** A footer beyond this is no footer but a mistake. */
const FOOTER_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a Parquet file row by row from ranges of its bytes: memory holds pages, not row groups. Rows come in Avro's binary encoding, by the
 * Avro schema in the footer (parquet-avro, Spark's files have none: it is then made of the Parquet schema).
 * DataException, with the place, for what is no Parquet file; errors of `read` pass through; the reader is not to be used after one.
 */
export class ParquetReader {
  readonly schema: AvroSchema;
  readonly rows: number;
  readonly #metadata: FileMetaData;
  readonly #root: SchemaTree;
  readonly #leaves: readonly LeafColumn[];
  readonly #read: ReadBytes;
  readonly #out = new AvroEncoder();
  #group = -1;
  #groupLeft = 0;
  #columns: readonly ColumnReader[] = [];
  #assemble: Assembler = () => undefined;
  #row = 0;
  /** Where `seek` was asked to go. */
  #target = 0;

  private constructor(metadata: FileMetaData, read: ReadBytes) {
    this.#metadata = metadata;
    this.#read = read;
    this.#root = parquetSchema(metadata);
    this.#leaves = leavesOf(this.#root);
    this.rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
    const own = metadata.key_value_metadata?.find(({ key }) => key === 'parquet.avro.schema' || key === 'avro.schema')?.value;
    this.schema = parseAvroSchema(own ?? JSON.stringify(avroOfParquet(this.#root)));
  }

  /** Reads the footer. */
  static async open(read: ReadBytes, sizeBytes: number): Promise<ParquetReader> {
    if (sizeBytes < TRAILER_BYTES + 4) throw new DataException(`byte 0: ${sizeBytes} bytes are no Parquet file`);
    let tail = Buffer.from(await read(Math.max(0, sizeBytes - TAIL_BYTES), Math.min(TAIL_BYTES, sizeBytes)));
    if (tail.subarray(-4).toString('latin1') !== 'PAR1') {
      throw new DataException(`byte ${sizeBytes - 4}: the file does not end with PAR1: it is truncated or no Parquet file`);
    }
    const footer = tail.readUInt32LE(tail.length - TRAILER_BYTES) + TRAILER_BYTES;
    if (footer > sizeBytes - 4 || footer > FOOTER_MAX_BYTES) {
      throw new DataException(
        `byte ${sizeBytes - TRAILER_BYTES}: a footer of ${footer} bytes cannot be in a file of ${sizeBytes}: it is truncated`,
      );
    }
    if (footer > tail.length) tail = Buffer.from(await read(sizeBytes - footer, footer));
    return broken(
      `the footer at byte ${sizeBytes - footer}`,
      () => new ParquetReader(parquetMetadata(new Uint8Array(tail), { geoparquet: false }), read),
    );
  }

  /** Goes to a row; what lies before it in its row group is read and dropped. */
  seek(row: number): void {
    this.#target = row;
  }

  /** Row that `next` begins with. */
  get position(): number {
    return Math.max(this.#row, this.#target);
  }

  /** Calls `take` with at most `max` rows, valid during the call only. Answers how many there were; 0 = the end. */
  async next(max: number, take: (avro: Uint8Array, row: number) => void): Promise<number> {
    for (;;) {
      if (this.#groupLeft === 0 && !this.#nextGroup()) return 0;
      const skip = this.#target - this.#row;
      const count = Math.min(skip > 0 ? Math.min(skip, 1000) : max, this.#groupLeft);
      const place = `row ${this.#row} in row group ${this.#group}`;
      for (const column of this.#columns) await brokenLater(place, () => column.ensure(count));
      for (let i = 0; i < count; i++) {
        this.#out.reset();
        broken(`row ${this.#row} in row group ${this.#group}`, () => this.#assemble(this.#out));
        if (skip <= 0) take(this.#out.view(), this.#row);
        this.#row++;
        this.#groupLeft--;
      }
      if (skip <= 0) return count;
    }
  }

  #nextGroup(): boolean {
    for (;;) {
      const group = this.#metadata.row_groups[++this.#group];
      if (group === undefined) return false;
      const rows = Number(group.num_rows);
      if (this.#row + rows <= this.#target) {
        this.#row += rows;
        continue;
      }
      if (rows === 0) continue;
      this.#groupLeft = rows;
      const windowBytes = Math.min(WINDOW_MAX_BYTES, Math.max(WINDOW_MIN_BYTES, Math.floor(WINDOWS_BYTES / this.#leaves.length)));
      this.#columns = this.#leaves.map((leaf) => {
        const meta = group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join('\0') === leaf.path.join('\0'))?.meta_data;
        if (meta === undefined) throw new DataException(`row group ${this.#group} has no column ${leaf.path.join('.')}`);
        return new ColumnReader(leaf, meta, this.#read, windowBytes);
      });
      const columns = new Map(this.#leaves.map(({ path }, index) => [path.join('\0'), this.#columns[index]!]));
      this.#assemble = compileAssembler(this.schema, this.#root, (node) => leavesOf(node).map(({ path }) => columns.get(path.join('\0'))!));
      return true;
    }
  }
}

function leavesOf(root: SchemaTree): LeafColumn[] {
  const found: LeafColumn[] = [];
  const visit = (node: SchemaTree, above: readonly SchemaTree[]) => {
    const schemaPath = [...above, node];
    for (const child of node.children) visit(child, schemaPath);
    if (node.children.length > 0) return;
    const below = schemaPath.filter(({ path }) => path.length > 0);
    found.push({
      path: node.path,
      decoder: { schemaPath, element: node.element },
      maxDefinition: below.filter(({ element }) => element.repetition_type !== 'REQUIRED').length,
      maxRepetition: below.filter(({ element }) => element.repetition_type === 'REPEATED').length,
    });
  };
  visit(root, []);
  return found;
}

/** What a library throws at bytes that are not its own becomes bad data with a place. */
function broken<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badData(place, error);
  }
}

async function brokenLater(place: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    throw badData(place, error);
  }
}

/** Errors that say what they are (an outage, an object that has changed) stay. */
function badData(place: string, error: unknown): unknown {
  if (!(error instanceof Error) || 'javaClass' in error) return error;
  return new DataException(`${place} cannot be read: ${error.message}`, { cause: error });
}
