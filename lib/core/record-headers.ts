import type { RawHeader } from './kafka-record.ts';

const NO_HEADERS: readonly RawHeader[] = Object.freeze([]);

/**
 * The headers of a Kafka record while its key and value are converted: what converters read an id from, or add one to. Valid during one call of a
 * converter (until its promise settles): the path of a task uses the same one for its next record.
 */
export class RecordHeaders implements Iterable<RawHeader> {
  #headers: readonly RawHeader[] = NO_HEADERS;
  /** Headers added to the record; null = none, and the list is still the one that was given. */
  #added: RawHeader[] | null = null;

  constructor(headers: readonly RawHeader[] = NO_HEADERS) {
    this.#headers = headers;
  }

  /** Starts over with another record's headers; the list is never changed. */
  begin(headers: readonly RawHeader[]): this {
    this.#headers = headers;
    this.#added = null;
    return this;
  }

  /** Appends a header; others of the same key stay. */
  add(key: string, value: Uint8Array | null): this {
    if (this.#added === null) {
      this.#added = [...this.#headers];
      this.#headers = this.#added;
    }
    this.#added.push({ key, value });
    return this;
  }

  /** The last header of a key; null = none. */
  lastHeader(key: string): RawHeader | null {
    for (let i = this.#headers.length - 1; i >= 0; i--) {
      const header = this.#headers[i] as RawHeader;
      if (header.key === key) return header;
    }
    return null;
  }

  /** All headers in their order; the given list itself where none was added. */
  get all(): readonly RawHeader[] {
    return this.#headers;
  }

  [Symbol.iterator](): Iterator<RawHeader> {
    return this.#headers[Symbol.iterator]();
  }
}
