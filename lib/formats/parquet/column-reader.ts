import { Buffer } from 'node:buffer';
import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { readPlain } from 'hyparquet/src/plain.js';
import type { ColumnDecoder } from 'hyparquet/src/types.js';
import { DECOMPRESSORS } from './decompression.ts';

/** Answers these bytes of a file; fewer only where the file ends. */
export type ReadBytes = (from: number, length: number) => Promise<Uint8Array>;

/** A leaf of the schema, as a reader needs it. */
export interface LeafColumn {
  /** Names from the root to the leaf. */
  readonly path: readonly string[];
  readonly decoder: Pick<ColumnDecoder, 'schemaPath' | 'element'>;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

interface Page {
  readonly entries: number;
  /** Empty = all at the highest level. */
  readonly definitions: readonly number[];
  /** Empty = all 0. */
  readonly repetitions: readonly number[];
  readonly values: ArrayLike<unknown>;
  /** Values are indexes into the dictionary. */
  readonly indexed: boolean;
}

/**
 * A column of one row group, page by page. `ensure` reads pages; the entry at the front is looked at by `definition` and `repetition`, its
 * value taken by `take`. Memory holds the window of the file and the pages that were not taken.
 */
export class ColumnReader {
  readonly #column: LeafColumn;
  readonly #decoder: ColumnDecoder;
  readonly #read: ReadBytes;
  readonly #windowBytes: number;
  readonly #end: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowAt: number;
  #at: number;
  #dictionary: ArrayLike<unknown> | null = null;
  readonly #pages: Page[] = [];
  #entry = 0;
  #value = 0;
  /** Rows that begin in the pages behind the front. */
  #rowsBegun = 0;

  constructor(column: LeafColumn, meta: ColumnMetaData, read: ReadBytes, windowBytes: number) {
    this.#column = column;
    const { schemaPath, element } = column.decoder;
    this.#decoder = {
      pathInSchema: [...column.path],
      type: meta.type,
      element,
      schemaPath,
      codec: meta.codec,
      compressors: DECOMPRESSORS,
      parsers: {} as ColumnDecoder['parsers'],
    };
    this.#read = read;
    this.#windowBytes = windowBytes;
    const dictionaryAt = Number(meta.dictionary_page_offset ?? 0n);
    const dataAt = Number(meta.data_page_offset);
    this.#at = dictionaryAt > 0 && dictionaryAt < dataAt ? dictionaryAt : dataAt;
    this.#windowAt = this.#at;
    this.#end = this.#at + Number(meta.total_compressed_size);
  }

  /** Reads pages until so many rows are there whole, or the column ends. */
  async ensure(rows: number): Promise<void> {
    // The last row that began may go on in the next page
    while (this.#rowsBegun <= rows && this.#at < this.#end) await this.#readPage();
  }

  /** Definition level of the entry at the front. RangeError when the column has no more entries. */
  get definition(): number {
    const page = this.#front();
    return page.definitions.length === 0 ? this.#column.maxDefinition : page.definitions[this.#entry]!;
  }

  /** Repetition level of the entry at the front; 0 at the end of the column. */
  get repetition(): number {
    const page = this.#pages[0];
    return page === undefined || page.repetitions.length === 0 ? 0 : page.repetitions[this.#entry]!;
  }

  /** Takes the entry at the front; undefined where it has no value. */
  take(): unknown {
    const page = this.#front();
    let value: unknown;
    if (page.definitions.length === 0 || page.definitions[this.#entry] === this.#column.maxDefinition) {
      value = page.values[this.#value++];
      if (page.indexed) value = this.#dictionary?.[value as number];
    }
    if (page.repetitions.length === 0 || page.repetitions[this.#entry] === 0) this.#rowsBegun--;
    if (++this.#entry === page.entries) {
      this.#pages.shift();
      this.#entry = 0;
      this.#value = 0;
    }
    return value;
  }

  #front(): Page {
    const page = this.#pages[0];
    if (page === undefined) throw new RangeError(`column ${this.#column.path.join('.')} has fewer values than the row group has rows`);
    return page;
  }

  async #readPage(): Promise<void> {
    const header = await this.#header();
    const bytes = await this.#bytes(header.compressed_page_size);
    this.#at += header.compressed_page_size;
    if (header.type === 'DICTIONARY_PAGE') {
      const page = decompressPage(bytes, header.uncompressed_page_size, this.#decoder.codec, DECOMPRESSORS);
      const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
      const { element, type } = this.#decoder;
      this.#dictionary = readPlain({ view, offset: 0 }, type, header.dictionary_page_header?.num_values ?? 0, element.type_length);
      return;
    }
    const page = this.#dataPage(header, bytes);
    if (page === null || page.entries === 0) return;
    this.#pages.push(page);
    if (page.repetitions.length === 0) this.#rowsBegun += page.entries;
    else for (const level of page.repetitions) if (level === 0) this.#rowsBegun++;
  }

  #dataPage(header: PageHeader, bytes: Uint8Array): Page | null {
    const head = header.data_page_header ?? header.data_page_header_v2;
    if (head === undefined) return null;
    const indexed = head.encoding === 'PLAIN_DICTIONARY' || head.encoding === 'RLE_DICTIONARY';
    const { definitionLevels, repetitionLevels, dataPage } =
      header.data_page_header === undefined
        ? readDataPageV2(bytes, header, this.#decoder)
        : readDataPage(
            decompressPage(bytes, header.uncompressed_page_size, this.#decoder.codec, DECOMPRESSORS),
            header.data_page_header,
            this.#decoder,
          );
    return {
      entries: head.num_values,
      definitions: definitionLevels ?? [],
      repetitions: repetitionLevels ?? [],
      values: dataPage,
      indexed,
    };
  }

  /** Headers have no length: one that does not fit the window is tried again with a larger one. */
  async #header(): Promise<PageHeader> {
    for (let wanted = 256; ; wanted *= 8) {
      const bytes = await this.#bytes(Math.min(wanted, this.#end - this.#at));
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      try {
        const header = parquetHeader(reader);
        if (header.type === undefined || !(header.compressed_page_size >= 0)) throw new RangeError('no page begins here');
        this.#at += reader.offset;
        return header;
      } catch (error) {
        if (!(error instanceof RangeError) || wanted >= this.#end - this.#at) throw error;
      }
    }
  }

  /** Bytes at the position, from the window or, with the next window, from the file. */
  async #bytes(length: number): Promise<Uint8Array> {
    if (this.#at + length > this.#end) throw new RangeError(`a page of column ${this.#column.path.join('.')} passes the end of its column`);
    let from = this.#at - this.#windowAt;
    if (from + length > this.#window.length) {
      this.#window = await this.#read(this.#at, Math.min(Math.max(length, this.#windowBytes), this.#end - this.#at));
      this.#windowAt = this.#at;
      from = 0;
      if (this.#window.length < length) throw new RangeError(`the file ends within column ${this.#column.path.join('.')}`);
    }
    return Buffer.from(this.#window.buffer, this.#window.byteOffset + from, length);
  }
}
