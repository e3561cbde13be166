import { Buffer } from 'node:buffer';
import { BigDecimal } from '../../core/data/big-decimal.ts';
import { DataException } from '../../core/errors.ts';
import { isMembers, type JsonNode, type JsonNumber } from '../json/json-node.ts';

/** The two parts of a variant. */
export interface Variant {
  readonly metadata: Uint8Array;
  readonly value: Uint8Array;
}

const VERSION = 1;
const PRIMITIVE = { NULL: 0, TRUE: 1, FALSE: 2, INT32: 5, INT64: 6, DECIMAL4: 8, DECIMAL8: 9, DECIMAL16: 10, LONG_STRING: 16 } as const;
const MAX_SHORT_STRING = 63;

/**
 * JSON as a variant (the encoding that Parquet, Iceberg and Spark share). Numbers keep their kind: INT32, INT64, else a decimal.
 * Throws DataException for a number of more than 38 digits.
 */
export function encodeVariant(node: JsonNode): Variant {
  const names = new Map<string, number>();
  const value = encode(node, names);
  return { metadata: dictionary([...names.keys()]), value };
}

function encode(node: JsonNode, names: Map<string, number>): Buffer {
  if (node === null) return header(PRIMITIVE.NULL);
  if (typeof node === 'boolean') return header(node ? PRIMITIVE.TRUE : PRIMITIVE.FALSE);
  if (typeof node === 'string') return encodeText(node);
  if (isMembers(node)) return encodeObject(node, names);
  if (Array.isArray(node)) return encodeArray((node as readonly JsonNode[]).map((element) => encode(element, names)));
  return encodeNumber(node as JsonNumber);
}

const header = (primitive: number): Buffer => Buffer.of(primitive << 2);

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_SHORT_STRING) return Buffer.concat([Buffer.of((bytes.length << 2) | 1), bytes]);
  return Buffer.concat([header(PRIMITIVE.LONG_STRING), little(bytes.length, 4), bytes]);
}

function encodeNumber({ text, integral }: JsonNumber): Buffer {
  const decimal = BigDecimal.parse(text);
  const { unscaled } = decimal;
  if (integral && BigInt.asIntN(32, unscaled) === unscaled) return Buffer.concat([header(PRIMITIVE.INT32), signed(unscaled, 4)]);
  if (integral && BigInt.asIntN(64, unscaled) === unscaled) return Buffer.concat([header(PRIMITIVE.INT64), signed(unscaled, 8)]);
  const { precision, scale } = decimal;
  if (precision > 38 || scale > 38)
    throw new DataException(`a variant holds decimals of up to 38 digits, and this one has ${precision}: ${text}`);
  const scaleByte = Buffer.of(scale & 0xff);
  if (precision <= 9) return Buffer.concat([header(PRIMITIVE.DECIMAL4), scaleByte, signed(unscaled, 4)]);
  if (precision <= 18) return Buffer.concat([header(PRIMITIVE.DECIMAL8), scaleByte, signed(unscaled, 8)]);
  return Buffer.concat([header(PRIMITIVE.DECIMAL16), scaleByte, signed(unscaled, 16)]);
}

function encodeObject(members: ReadonlyMap<string, JsonNode>, names: Map<string, number>): Buffer {
  const fields: { readonly name: string; readonly id: number; readonly data: Buffer }[] = [];
  for (const [name, node] of members) {
    const id = names.get(name) ?? names.size;
    names.set(name, id);
    fields.push({ name, id, data: encode(node, names) });
  }
  const idSize = bytesFor(Math.max(0, ...fields.map(({ id }) => id)));
  fields.sort((a, b) => (a.name < b.name ? -1 : 1));
  const ids = fields.map(({ id }) => little(id, idSize));
  const { offsetSize, offsets, data } = laidOut(fields.map((field) => field.data));
  const large = fields.length > 0xff;
  const head = (large ? 0x40 : 0) | ((idSize - 1) << 4) | ((offsetSize - 1) << 2) | 2;
  return Buffer.concat([Buffer.of(head), little(fields.length, large ? 4 : 1), ...ids, ...offsets, ...data]);
}

function encodeArray(elements: readonly Buffer[]): Buffer {
  const { offsetSize, offsets, data } = laidOut(elements);
  const large = elements.length > 0xff;
  const head = (large ? 0x10 : 0) | ((offsetSize - 1) << 2) | 3;
  return Buffer.concat([Buffer.of(head), little(elements.length, large ? 4 : 1), ...offsets, ...data]);
}

function dictionary(names: readonly string[]): Buffer {
  const { offsetSize, offsets, data } = laidOut(
    names.map((name) => Buffer.from(name, 'utf8')),
    names.length,
  );
  return Buffer.concat([Buffer.of(VERSION | ((offsetSize - 1) << 6)), little(names.length, offsetSize), ...offsets, ...data]);
}

/** Parts one after the other, with the offset of each and of the end; offsets are wide enough for `atLeast` too. */
function laidOut(parts: readonly Buffer[], atLeast = 0) {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const offsetSize = bytesFor(Math.max(total, atLeast));
  let offset = 0;
  const offsets = [little(0, offsetSize)];
  for (const part of parts) {
    offset += part.length;
    offsets.push(little(offset, offsetSize));
  }
  return { offsetSize, offsets, data: parts };
}

const bytesFor = (value: number): number => (value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffffff ? 3 : 4);

function little(value: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  buffer.writeUIntLE(value, 0, size);
  return buffer;
}

function signed(value: bigint, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  for (let at = 0, rest = value; at < size; at++, rest >>= 8n) buffer[at] = Number(rest & 0xffn);
  return buffer;
}
