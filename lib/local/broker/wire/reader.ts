/** The connection is closed without an answer, which is how Kafka refuses where it cannot answer. No fault of the broker. */
export class UnanswerableError extends Error {}

/** Bytes that are not what the protocol says. */
export class MalformedRequestError extends UnanswerableError {}

/** Takes Kafka's primitive types from a frame, in order. */
export class Reader {
  /** True for versions with compact lengths and tagged fields (KIP-482). */
  flexible = false;
  readonly #buffer: Buffer;
  #position = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  #take(bytes: number): number {
    const at = this.#position;
    if (bytes < 0 || at + bytes > this.#buffer.length) {
      throw new MalformedRequestError(`request ends at byte ${this.#buffer.length}, ${bytes} more were announced at byte ${at}`);
    }
    this.#position = at + bytes;
    return at;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  /** As a number: offsets, timestamps and producer ids stay below 2^53. */
  int64(): number {
    return Number(this.#buffer.readBigInt64BE(this.#take(8)));
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer[this.#take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedRequestError('a variable-length number has more than 5 bytes');
  }

  /** −1 = null. */
  length(fixed: 'int16' | 'int32'): number {
    if (this.flexible) return this.unsignedVarint() - 1;
    return fixed === 'int16' ? this.int16() : this.int32();
  }

  /** Elements of an array take at least a byte each, so a count beyond the frame is a lie. */
  arrayLength(): number {
    const length = this.length('int32');
    if (length > this.#buffer.length - this.#position) throw new MalformedRequestError(`an array announces ${length} elements`);
    return length;
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  text(length: number): string {
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  skipTaggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.#take(this.unsignedVarint());
    }
  }
}
