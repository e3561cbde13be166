import type { Schema } from './schema.ts';

/** One header; the same key may occur several times. */
export interface Header {
  readonly key: string;
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** The headers of a record: an ordered list in which a key may occur more than once. Mutable; belongs to one record. */
export class ConnectHeaders implements Iterable<Header> {
  #headers: Header[] | null;

  constructor(headers?: Iterable<Header>) {
    this.#headers = headers === undefined ? null : [...headers];
  }

  get size(): number {
    return this.#headers === null ? 0 : this.#headers.length;
  }

  [Symbol.iterator](): Iterator<Header> {
    return (this.#headers ?? [])[Symbol.iterator]();
  }

  add(key: string, value: unknown, schema: Schema | null): this {
    this.#headers ??= [];
    this.#headers.push({ key, schema, value });
    return this;
  }

  remove(key: string): this {
    if (this.#headers !== null) this.#headers = this.#headers.filter((header) => header.key !== key);
    return this;
  }

  lastWithName(key: string): Header | null {
    return this.#headers?.findLast((header) => header.key === key) ?? null;
  }

  allWithName(key: string): Header[] {
    return this.#headers?.filter((header) => header.key === key) ?? [];
  }

  clear(): this {
    this.#headers = null;
    return this;
  }

  /** A list of its own with the same headers; what a new record gets. */
  duplicate(): ConnectHeaders {
    return this.#headers === null ? new ConnectHeaders() : new ConnectHeaders(this.#headers);
  }
}
