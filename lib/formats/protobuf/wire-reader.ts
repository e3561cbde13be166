import { Buffer } from 'node:buffer';
import { JavaException } from '../../core/java/exceptions.ts';

/** A payload is no message: it ends too early, or has what no message has. */
export class InvalidMessage extends JavaException {
  constructor(problem: string) {
    super(problem, 'com.google.protobuf.InvalidProtocolBufferException');
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the primitives of Protobuf's wire format. Everything wrong is an InvalidMessage that says where. */
export class WireReader {
  readonly #buffer: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.at >= this.#buffer.length;
  }

  /** 64 bits, signed. */
  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new InvalidMessage(`a number of more than 10 bytes ends at byte ${this.at}`);
  }

  /** The low 32 bits, signed. */
  varint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new InvalidMessage(`a number of more than 10 bytes ends at byte ${this.at}`);
  }

  fixed32(): number {
    return this.#buffer.readInt32LE(this.#skip(4));
  }

  fixed64(): bigint {
    return this.#buffer.readBigInt64LE(this.#skip(8));
  }

  float(): number {
    return this.#buffer.readFloatLE(this.#skip(4));
  }

  double(): number {
    return this.#buffer.readDoubleLE(this.#skip(8));
  }

  /** Bytes with their length in front; a view of the payload. */
  delimited(): Uint8Array {
    const length = this.varint32();
    if (length < 0) throw new InvalidMessage(`a negative length stands before byte ${this.at}`);
    const start = this.#skip(length);
    return this.#buffer.subarray(start, start + length);
  }

  text(): string {
    const bytes = this.delimited();
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new InvalidMessage(`Protocol message had invalid UTF-8 before byte ${this.at}.`);
    }
  }

  /** Reads over a field that is not known. */
  skip(wireType: number, number: number): void {
    switch (wireType) {
      case 0:
        this.bigVarint();
        return;
      case 1:
        this.#skip(8);
        return;
      case 2:
        this.delimited();
        return;
      case 3:
        for (;;) {
          const tag = this.varint32() >>> 0;
          if ((tag & 7) === 4) {
            if (tag >>> 3 === number) return;
            throw new InvalidMessage(`a group does not end as it began, at byte ${this.at}`);
          }
          this.skip(tag & 7, tag >>> 3);
        }
      case 5:
        this.#skip(4);
        return;
      default:
        throw new InvalidMessage(`Protocol message tag had invalid wire type ${wireType} before byte ${this.at}.`);
    }
  }

  #byte(): number {
    const byte = this.#buffer[this.at];
    if (byte === undefined) throw new InvalidMessage(`the message ends at byte ${this.at}, in the middle of a field`);
    this.at++;
    return byte;
  }

  #skip(length: number): number {
    const start = this.at;
    if (start + length > this.#buffer.length) {
      throw new InvalidMessage(`the message ends at byte ${this.#buffer.length}, but a field of ${length} bytes begins at ${start}`);
    }
    this.at += length;
    return start;
  }
}
