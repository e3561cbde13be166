import { JavaException } from '../core/java/exceptions.ts';
import type { RecordHeaders } from '../core/record-headers.ts';
import { SerializationException } from './registry-errors.ts';

/** In front of a 4-byte schema id. */
const MAGIC_ID = 0;
/** In front of a 16-byte GUID. */
const MAGIC_GUID = 1;
const ID_BYTES = 5;
const GUID_BYTES = 17;

/** Which schema a message was written with; one of the two is known. */
export interface SchemaId {
  readonly id: number | null;
  readonly guid: string | null;
}

/** Where a payload begins, and which schema it has. */
export interface FramedPayload extends SchemaId {
  /** First byte of the payload within the message (after the message indexes, where those were asked for). */
  readonly offset: number;
  /** Protobuf only: path to the message within its file; empty where it was not asked for. */
  readonly messageIndexes: readonly number[];
}

/** What stands between magic byte and payload of a message with this id: `0`, the id (big-endian), the message indexes. */
export function prefixOf(id: number, messageIndexes: readonly number[] | null = null): Uint8Array {
  const prefix = Buffer.alloc(ID_BYTES);
  prefix[0] = MAGIC_ID;
  prefix.writeInt32BE(id, 1);
  return messageIndexes === null ? prefix : Buffer.concat([prefix, encodeIndexes(messageIndexes)]);
}

/** The value of the header that carries a GUID instead of a prefix (HeaderSchemaIdSerializer). */
export function guidHeaderOf(guid: string, messageIndexes: readonly number[] | null = null): Uint8Array {
  const header = Buffer.concat([Buffer.of(MAGIC_GUID), Buffer.from(guid.replaceAll('-', ''), 'hex')]);
  return messageIndexes === null ? header : Buffer.concat([header, encodeIndexes(messageIndexes)]);
}

/** The record header in which an id can stand. */
export function schemaIdHeader(isKey: boolean): string {
  return isKey ? '__key_schema_id' : '__value_schema_id';
}

/**
 * Adds the header to a record that is being written, unless it stands there (a second try). SerializationException where there are no headers: a
 * message without its id could never be read.
 */
export function addSchemaIdHeader(headers: RecordHeaders | undefined, isKey: boolean, value: Uint8Array): void {
  if (headers === undefined) throw new SerializationException('Missing headers');
  const there = headers.lastHeader(schemaIdHeader(isKey))?.value;
  if (there == null || !Buffer.from(value.buffer, value.byteOffset, value.byteLength).equals(there)) {
    headers.add(schemaIdHeader(isKey), value);
  }
}

/**
 * Reads the id in front of a payload. SerializationException for a magic byte that means nothing, or too few bytes.
 * `withIndexes`: Protobuf's message indexes follow the id.
 */
export function readPrefix(bytes: Uint8Array, withIndexes = false): FramedPayload {
  return readFrame(bytes, withIndexes);
}

/** Reads the id of a message from its header where there is one, else from in front of the payload (DualSchemaIdDeserializer). */
export function readSchemaId(bytes: Uint8Array, headers: RecordHeaders | undefined, isKey: boolean, withIndexes = false): FramedPayload {
  const header = headers?.lastHeader(schemaIdHeader(isKey))?.value ?? null;
  return header === null ? readFrame(bytes, withIndexes) : { ...readFrame(header, withIndexes), offset: 0 };
}

function readFrame(bytes: Uint8Array, withIndexes: boolean): FramedPayload {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = buffer[0];
  if (magic !== undefined && magic !== MAGIC_ID && magic !== MAGIC_GUID) throw new SerializationException('Unknown magic byte!');
  const length = magic === MAGIC_GUID ? GUID_BYTES : ID_BYTES;
  if (buffer.length < length) {
    throw new SerializationException('Error deserializing schema ID', {
      cause: new JavaException(`${buffer.length} bytes are too few for a schema id`, 'java.nio.BufferUnderflowException'),
    });
  }
  const id = magic === MAGIC_GUID ? null : buffer.readInt32BE(1);
  const guid = magic === MAGIC_GUID ? guidText(buffer.subarray(1, GUID_BYTES)) : null;
  if (!withIndexes) return { id, guid, offset: length, messageIndexes: [] };
  const { indexes, offset } = decodeIndexes(buffer, length);
  return { id, guid, offset, messageIndexes: indexes };
}

function guidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Count and indexes as zigzag varints; the path `[0]` is the one byte 0. */
export function encodeIndexes(indexes: readonly number[]): Uint8Array {
  if (indexes.length === 1 && indexes[0] === 0) return Uint8Array.of(0);
  const bytes: number[] = [];
  for (const value of [indexes.length, ...indexes]) {
    let rest = value * 2;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function decodeIndexes(bytes: Uint8Array, from: number): { readonly indexes: readonly number[]; readonly offset: number } {
  let at = from;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new SerializationException('Error deserializing message indexes: the message ends within them');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new SerializationException('Error deserializing message indexes: a number is too long');
  };
  const count = next();
  if (count === 0) return { indexes: [0], offset: at };
  if (count < 0 || count > bytes.length) throw new SerializationException(`Error deserializing message indexes: ${count} of them`);
  return { indexes: Array.from({ length: count }, next), offset: at };
}

/** As messages print an id: `SchemaId{schemaType='AVRO', id=7, guid='null', messageIndexes=null}`. */
export function schemaIdText(schemaType: string, { id, guid }: SchemaId, messageIndexes: readonly number[] | null = null): string {
  const indexes = messageIndexes === null ? 'null' : `[${messageIndexes.join(', ')}]`;
  return `SchemaId{schemaType='${schemaType}', id=${id}, guid='${guid}', messageIndexes=${indexes}}`;
}
