/** Reads Kafka's primitive types. Throws RangeError where the bytes end too soon. */
export class WireReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#advance(4));
  }

  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#advance(8));
  }

  /** An INT64 that is known to fit a number: offsets, timestamps. */
  long(): number {
    const at = this.#advance(8);
    return this.#buffer.readInt32BE(at) * 0x1_0000_0000 + this.#buffer.readUInt32BE(at + 4);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#text(length);
  }

  /** BYTES or RECORDS: a view, not a copy. */
  lengthAndBytes(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.raw(length);
  }

  array<T>(read: () => T): T[] {
    const length = this.int32();
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read());
    return items;
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#advance(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a varint of more than 5 bytes');
  }

  compactString(): string | null {
    const length = this.unsignedVarint();
    return length === 0 ? null : this.#text(length - 1);
  }

  compactArray<T>(read: () => T): T[] {
    const length = this.unsignedVarint() - 1;
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read());
    return items;
  }

  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.#advance(this.unsignedVarint());
    }
  }

  raw(length: number): Buffer {
    const at = this.#advance(length);
    return this.#buffer.subarray(at, at + length);
  }

  #text(length: number): string {
    const at = this.#advance(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  #advance(count: number): number {
    const at = this.#offset;
    if (at + count > this.#buffer.length) throw new RangeError(`${count} bytes wanted at ${at} of ${this.#buffer.length}`);
    this.#offset = at + count;
    return at;
  }
}
