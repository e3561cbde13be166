import { Buffer } from 'node:buffer';
import { BigDecimal } from '../../core/data/big-decimal.ts';
import { doubleToString, floatToString } from '../../core/data/java-numbers.ts';
import { DataException } from '../../core/errors.ts';
import { type JsonNode, JsonNumber } from '../json/json-node.ts';
import type { Variant } from './encode-variant.ts';

/** A variant as JSON: dates and times become ISO texts, bytes base64. Throws DataException for bytes that are no variant. */
export function decodeVariant(variant: Variant): JsonNode {
  try {
    return new VariantReader(variant).read(0);
  } catch (error) {
    if (error instanceof RangeError) throw new DataException(`a variant ends in the middle of a value: ${error.message}`, { cause: error });
    throw error;
  }
}

class VariantReader {
  readonly #names: readonly string[];
  readonly #value: Buffer;

  constructor({ metadata, value }: Variant) {
    this.#names = readDictionary(asBuffer(metadata));
    this.#value = asBuffer(value);
  }

  read(at: number): JsonNode {
    const head = this.#value.readUInt8(at);
    switch (head & 3) {
      case 0:
        return this.#primitive(head >> 2, at + 1);
      case 1:
        return this.#text(at + 1, head >> 2);
      case 2:
        return this.#object(head >> 2, at + 1);
      default:
        return this.#array(head >> 2, at + 1);
    }
  }

  #object(head: number, at: number): JsonNode {
    const offsetSize = (head & 3) + 1;
    const idSize = ((head >> 2) & 3) + 1;
    const countSize = (head & 0x10) === 0 ? 1 : 4;
    const count = this.#value.readUIntLE(at, countSize);
    const ids = at + countSize;
    const offsets = ids + count * idSize;
    const data = offsets + (count + 1) * offsetSize;
    const members = new Map<string, JsonNode>();
    for (let i = 0; i < count; i++) {
      const id = this.#value.readUIntLE(ids + i * idSize, idSize);
      const name = this.#names[id];
      if (name === undefined) throw new DataException(`a variant names the key ${id} of a dictionary of ${this.#names.length}`);
      members.set(name, this.read(data + this.#value.readUIntLE(offsets + i * offsetSize, offsetSize)));
    }
    return members;
  }

  #array(head: number, at: number): JsonNode {
    const offsetSize = (head & 3) + 1;
    const countSize = (head & 4) === 0 ? 1 : 4;
    const count = this.#value.readUIntLE(at, countSize);
    const offsets = at + countSize;
    const data = offsets + (count + 1) * offsetSize;
    const elements: JsonNode[] = [];
    for (let i = 0; i < count; i++) elements.push(this.read(data + this.#value.readUIntLE(offsets + i * offsetSize, offsetSize)));
    return elements;
  }

  #primitive(type: number, at: number): JsonNode {
    const bytes = this.#value;
    switch (type) {
      case 0:
        return null;
      case 1:
      case 2:
        return type === 1;
      case 3:
        return whole(bytes.readInt8(at));
      case 4:
        return whole(bytes.readInt16LE(at));
      case 5:
        return whole(bytes.readInt32LE(at));
      case 6:
        return whole(bytes.readBigInt64LE(at));
      case 7:
        return floating(bytes.readDoubleLE(at), doubleToString);
      case 8:
        return decimal(BigInt(bytes.readInt32LE(at + 1)), bytes.readUInt8(at));
      case 9:
        return decimal(bytes.readBigInt64LE(at + 1), bytes.readUInt8(at));
      case 10:
        return decimal((bytes.readBigInt64LE(at + 9) << 64n) | bytes.readBigUInt64LE(at + 1), bytes.readUInt8(at));
      case 11:
        return new Date(bytes.readInt32LE(at) * 86_400_000).toISOString().slice(0, 10);
      case 12:
        return `${instant(bytes.readBigInt64LE(at) * 1000n)}Z`;
      case 13:
        return instant(bytes.readBigInt64LE(at) * 1000n);
      case 14:
        return floating(bytes.readFloatLE(at), floatToString);
      case 15:
        return this.#slice(at + 4, bytes.readUInt32LE(at)).toString('base64');
      case 16:
        return this.#text(at + 4, bytes.readUInt32LE(at));
      case 17:
        return instant(bytes.readBigInt64LE(at) * 1000n).slice('1970-01-01T'.length);
      case 18:
        return `${instant(bytes.readBigInt64LE(at))}Z`;
      case 19:
        return instant(bytes.readBigInt64LE(at));
      case 20:
        return uuid(this.#slice(at, 16).toString('hex'));
      default:
        throw new DataException(`a variant has a value of the unknown primitive type ${type}`);
    }
  }

  #text(at: number, length: number): string {
    return this.#slice(at, length).toString('utf8');
  }

  #slice(at: number, length: number): Buffer {
    if (at + length > this.#value.length) throw new RangeError(`${length} bytes from ${at} on, of ${this.#value.length}`);
    return this.#value.subarray(at, at + length);
  }
}

function readDictionary(metadata: Buffer): readonly string[] {
  const head = metadata.readUInt8(0);
  if ((head & 0xf) !== 1) throw new DataException(`a variant of version ${head & 0xf}; only version 1 is known`);
  const size = (head >> 6) + 1;
  const count = metadata.readUIntLE(1, size);
  const data = 1 + (count + 2) * size;
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const start = metadata.readUIntLE(1 + (i + 1) * size, size);
    const end = metadata.readUIntLE(1 + (i + 2) * size, size);
    names.push(metadata.toString('utf8', data + start, data + end));
  }
  return names;
}

const whole = (value: number | bigint): JsonNode => new JsonNumber(String(value), true);

function floating(value: number, text: (value: number) => string): JsonNode {
  return Number.isFinite(value) ? new JsonNumber(text(value), false) : text(value);
}

/** Without trailing zeros, as Jackson's ordinary nodes are. */
function decimal(unscaled: bigint, scale: number): JsonNode {
  if (unscaled === 0n) return new JsonNumber('0', false);
  let rest = unscaled;
  let left = (scale << 24) >> 24;
  for (; rest % 10n === 0n; left--) rest /= 10n;
  return new JsonNumber(new BigDecimal(rest, left).toString(), false);
}

/** `2024-02-29T12:00:00`, with a fraction of 3, 6 or 9 digits where there is one. */
function instant(nanos: bigint): string {
  const second = nanos >= 0n ? nanos / 1_000_000_000n : -((-nanos + 999_999_999n) / 1_000_000_000n);
  const fraction = nanos - second * 1_000_000_000n;
  const text = new Date(Number(second) * 1000).toISOString().slice(0, -'.000Z'.length);
  if (fraction === 0n) return text;
  const digits = String(fraction).padStart(9, '0');
  return `${text}.${fraction % 1_000_000n === 0n ? digits.slice(0, 3) : fraction % 1000n === 0n ? digits.slice(0, 6) : digits}`;
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
