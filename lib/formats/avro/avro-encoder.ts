const FIRST_BYTES = 1024;
/** Below this a whole number doubles without losing a bit. */
const FAST_LONG = 2 ** 50;

/** Avro's binary encoding into a buffer that grows and is used again. */
export class AvroEncoder {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** Forgets what was written; the buffer stays. */
  reset(): void {
    this.#at = 0;
  }

  /** Back to an earlier length: what was written since is forgotten. */
  truncate(length: number): void {
    this.#at = length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#at);
    bytes.set(this.#buffer.subarray(0, this.#at));
    return bytes;
  }

  /** What was written, valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  /** An int, a length or an index: at most 32 bits. */
  int(value: number): void {
    this.#reserve(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  long(value: bigint): void {
    this.#reserve(10);
    const number = Number(value);
    if (number < FAST_LONG && number > -FAST_LONG) {
      let rest = number < 0 ? -number * 2 - 1 : number * 2;
      while (rest > 0x7f) {
        this.#buffer[this.#at++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
      this.#buffer[this.#at++] = rest;
      return;
    }
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest > 0x7fn) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeFloatLE(value, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.int(value.length);
    this.raw(value);
  }

  string(value: string): void {
    // a short text is written in place, behind the one byte its length needs
    if (value.length < 21) {
      this.#reserve(64);
      const written = this.#buffer.write(value, this.#at + 1);
      this.#buffer[this.#at] = written * 2;
      this.#at += written + 1;
      return;
    }
    const length = Buffer.byteLength(value, 'utf8');
    this.int(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(value, this.#at);
  }

  /** Bytes without their length. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
