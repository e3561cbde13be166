/** Writes Kafka's primitive types (https://kafka.apache.org/protocol#protocol_types) into a buffer that grows. */
export class WireWriter {
  #buffer: Buffer;
  #offset = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** What was written; a view, valid until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#offset);
  }

  int8(value: number): this {
    this.#reserve(1);
    this.#offset = this.#buffer.writeInt8(value, this.#offset);
    return this;
  }

  int16(value: number): this {
    this.#reserve(2);
    this.#offset = this.#buffer.writeInt16BE(value, this.#offset);
    return this;
  }

  int32(value: number): this {
    this.#reserve(4);
    this.#offset = this.#buffer.writeInt32BE(value, this.#offset);
    return this;
  }

  int64(value: number | bigint): this {
    this.#reserve(8);
    this.#offset = this.#buffer.writeBigInt64BE(BigInt(value), this.#offset);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length).#reserve(length);
    this.#offset += this.#buffer.write(value, this.#offset, length, 'utf8');
    return this;
  }

  /** BYTES or RECORDS, with its length in front. */
  lengthAndBytes(value: Uint8Array): this {
    return this.int32(value.length).raw(value);
  }

  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (items === null) return this.int32(-1);
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  unsignedVarint(value: number): this {
    this.#reserve(5);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#offset++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#offset++] = rest;
    return this;
  }

  compactString(value: string): this {
    const length = Buffer.byteLength(value);
    this.unsignedVarint(length + 1).#reserve(length);
    this.#offset += this.#buffer.write(value, this.#offset, length, 'utf8');
    return this;
  }

  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** An empty set of tagged fields. */
  noTags(): this {
    return this.unsignedVarint(0);
  }

  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#offset);
    this.#offset += value.length;
    return this;
  }

  #reserve(count: number): void {
    const needed = this.#offset + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
