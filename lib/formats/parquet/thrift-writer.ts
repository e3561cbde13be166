import { Buffer } from 'node:buffer';
import { ByteWriter } from './byte-writer.ts';

const TRUE = 1;
const FALSE = 2;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Thrift's compact protocol, as much as Parquet's metadata needs. Fields are written in the order of their ids. */
export class ThriftWriter {
  readonly #out = new ByteWriter();
  #lastId = 0;

  view(): Buffer {
    return this.#out.view();
  }

  bool(id: number, value: boolean): void {
    this.#field(id, value ? TRUE : FALSE);
  }

  i32(id: number, value: number): void {
    this.#field(id, I32);
    this.#zigzag(value);
  }

  /** Below 2^52. */
  i64(id: number, value: number): void {
    this.#field(id, I64);
    this.#zigzag(value);
  }

  text(id: number, value: string): void {
    this.#field(id, BINARY);
    this.#binary(value);
  }

  struct(id: number, fields: () => void): void {
    this.#field(id, STRUCT);
    this.#fields(fields);
  }

  structs<T>(id: number, items: readonly T[], fields: (item: T) => void): void {
    this.#list(id, STRUCT, items.length);
    for (const item of items) this.#fields(() => fields(item));
  }

  i32s(id: number, items: readonly number[]): void {
    this.#list(id, I32, items.length);
    for (const item of items) this.#zigzag(item);
  }

  texts(id: number, items: readonly string[]): void {
    this.#list(id, BINARY, items.length);
    for (const item of items) this.#binary(item);
  }

  /** Ends the outermost struct. */
  end(): Buffer {
    this.#out.byte(0);
    return this.#out.view();
  }

  #fields(fields: () => void): void {
    const outer = this.#lastId;
    this.#lastId = 0;
    fields();
    this.#out.byte(0);
    this.#lastId = outer;
  }

  #field(id: number, type: number): void {
    const delta = id - this.#lastId;
    if (delta > 0 && delta <= 15) this.#out.byte((delta << 4) | type);
    else {
      this.#out.byte(type);
      this.#zigzag(id);
    }
    this.#lastId = id;
  }

  #list(id: number, type: number, size: number): void {
    this.#field(id, LIST);
    if (size < 15) this.#out.byte((size << 4) | type);
    else {
      this.#out.byte(0xf0 | type);
      this.#out.varint(size);
    }
  }

  #zigzag(value: number): void {
    this.#out.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  #binary(text: string): void {
    const bytes = Buffer.from(text);
    this.#out.varint(bytes.length);
    this.#out.bytes(bytes);
  }
}
