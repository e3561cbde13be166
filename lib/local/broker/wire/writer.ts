/** Puts Kafka's primitive types into a response. Record batches are referred to, not copied. */
export class Writer {
  /** True for versions with compact lengths and tagged fields (KIP-482). */
  flexible = false;
  readonly #done: Buffer[] = [];
  #doneBytes = 0;
  #buffer = Buffer.allocUnsafe(512);
  #position = 0;

  #reserve(bytes: number): number {
    const at = this.#position;
    if (at + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, at + bytes));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#position = at + bytes;
    return at;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeBigInt64BE(BigInt(value), at);
  }

  unsignedVarint(value: number): void {
    let left = value;
    while (left >= 0x80) {
      const at = this.#reserve(1);
      this.#buffer[at] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    const at = this.#reserve(1);
    this.#buffer[at] = left;
  }

  /** −1 = null. */
  length(value: number, fixed: 'int16' | 'int32'): void {
    if (this.flexible) this.unsignedVarint(value + 1);
    else if (fixed === 'int16') this.int16(value);
    else this.int32(value);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.length(bytes, 'int16');
    const at = this.#reserve(bytes);
    this.#buffer.write(value, at, 'utf8');
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Appends buffers as they are; the caller must not change them afterwards. */
  refer(buffers: readonly Buffer[]): void {
    const own = this.#buffer.subarray(0, this.#position);
    this.#buffer = Buffer.allocUnsafe(512);
    this.#position = 0;
    for (const part of [own, ...buffers]) {
      this.#done.push(part);
      this.#doneBytes += part.length;
    }
  }

  noTaggedFields(): void {
    if (this.flexible) this.unsignedVarint(0);
  }

  /** The frame: four bytes of length, then what was written. */
  frame(): Buffer[] {
    const size = Buffer.allocUnsafe(4);
    size.writeInt32BE(this.#doneBytes + this.#position);
    return [size, ...this.#done, this.#buffer.subarray(0, this.#position)];
  }
}
