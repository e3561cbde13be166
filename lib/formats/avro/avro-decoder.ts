import { AvroDataError, endOfData } from './avro-errors.ts';

/** Avro's binary encoding out of a buffer. AvroDataError where the bytes end too early or cannot be. */
export class AvroDecoder {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Begins with these bytes; they are not copied. */
  begin(bytes: Uint8Array, offset = 0): this {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = offset;
    return this;
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  boolean(): boolean {
    return this.#byte() === 1;
  }

  int(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new AvroDataError('Invalid int encoding', 'org.apache.avro.InvalidNumberEncodingException');
  }

  long(): bigint {
    let low = 0;
    for (let factor = 1, count = 0; count < 7; count++, factor *= 128) {
      const byte = this.#byte();
      low += (byte & 0x7f) * factor;
      if (byte < 0x80) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2);
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new AvroDataError('Invalid long encoding', 'org.apache.avro.InvalidNumberEncodingException');
  }

  float(): number {
    const at = this.#take(4);
    return this.#buffer.readFloatLE(at);
  }

  double(): number {
    const at = this.#take(8);
    return this.#buffer.readDoubleLE(at);
  }

  /** A copy, so that data does not keep a whole message. */
  bytes(): Uint8Array {
    return this.fixed(this.#length());
  }

  fixed(size: number): Uint8Array {
    const at = this.#take(size);
    return new Uint8Array(this.#buffer.subarray(at, at + size));
  }

  string(): string {
    const length = this.#length();
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  /** How many items the next block of an array or a map has; 0 = the end. */
  blockCount(): number {
    const count = this.long();
    if (count >= 0n) return countOf(count);
    // a negative count is followed by the size of the block
    this.long();
    return countOf(-count);
  }

  rest(): Uint8Array {
    return this.fixed(this.remaining);
  }

  #length(): number {
    const length = this.long();
    if (length < 0n) throw new AvroDataError(`Malformed data. Length is negative: ${length}`);
    if (length > BigInt(this.remaining)) throw endOfData();
    return Number(length);
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#buffer.length) throw endOfData();
    this.#at = at + size;
    return at;
  }

  #byte(): number {
    const byte = this.#buffer[this.#at];
    if (byte === undefined) throw endOfData();
    this.#at++;
    return byte;
  }
}

function countOf(count: bigint): number {
  if (count > 2147483647n) throw new AvroDataError(`Cannot read collections larger than 2147483647 items, this one has ${count}`);
  return Number(count);
}
