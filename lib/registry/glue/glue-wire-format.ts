import { deflateSync, inflateSync } from 'node:zlib';
import { SerializationException } from '../registry-errors.ts';

const VERSION = 3;
const PLAIN = 0;
const ZLIB = 5;
const HEADER_BYTES = 18;

/** What stands in front of the data: version, compression, the id of the schema version. */
export function glueHeader(schemaVersionId: string, compressed: boolean): Uint8Array {
  const id = Buffer.from(schemaVersionId.replaceAll('-', ''), 'hex');
  if (id.length !== 16) throw new SerializationException(`${schemaVersionId} is no id of a schema version`);
  return Buffer.concat([Buffer.of(VERSION, compressed ? ZLIB : PLAIN), id]);
}

/** A message of AWS Glue's wire format. */
export function glueMessage(schemaVersionId: string, payload: Uint8Array, compressed: boolean): Uint8Array {
  return new Uint8Array(Buffer.concat([glueHeader(schemaVersionId, compressed), compressed ? deflateSync(payload) : payload]));
}

/** Id and data of a message; SerializationException where it is none of this format. */
export function readGlueMessage(bytes: Uint8Array): { readonly schemaVersionId: string; readonly payload: Uint8Array } {
  if (bytes.length < HEADER_BYTES) throw new SerializationException(`Data is not compatible with schema registry size: ${bytes.length}`);
  if (bytes[0] !== VERSION) throw new SerializationException('Invalid schema registry header version byte in data');
  const compression = bytes[1];
  if (compression !== PLAIN && compression !== ZLIB) throw new SerializationException('Invalid schema registry compression byte in data');
  const hex = Buffer.from(bytes.subarray(2, HEADER_BYTES)).toString('hex');
  const schemaVersionId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  const data = bytes.subarray(HEADER_BYTES);
  if (compression === PLAIN) return { schemaVersionId, payload: data };
  try {
    return { schemaVersionId, payload: inflateSync(data) };
  } catch (cause) {
    throw new SerializationException('Error while decompressing data', { cause });
  }
}
