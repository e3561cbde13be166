import { type Field, nullableString } from './fields.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** One request type with its answer. Bounds are versions, both included. */
export interface Api<Q, R> {
  readonly key: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** First version with compact lengths and tagged fields; above `max` where there is none. */
  readonly flexibleFrom: number;
  readonly request: Field<Q>;
  readonly response: Field<R>;
}

/** What every request begins with. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
}

/** Reads the part of the header that is the same for every version. */
export function readHeader(reader: Reader): RequestHeader {
  return { apiKey: reader.int16(), version: reader.int16(), correlationId: reader.int32() };
}

/** Reads the rest of the header and the body. */
export function readRequest<Q>(api: Api<Q, unknown>, version: number, reader: Reader): { clientId: string; request: Q } {
  // The client id keeps its two length bytes in flexible headers too.
  const clientId = nullableString.read(reader, version) ?? '';
  reader.flexible = version >= api.flexibleFrom;
  if (reader.flexible) reader.skipTaggedFields();
  return { clientId, request: api.request.read(reader, version) };
}

/** ApiVersions' answer never has a flexible header, so that a client of any age can read it (KIP-511). */
const API_VERSIONS = 18;

/** The whole frame of an answer. */
export function writeResponse<R>(api: Api<unknown, R>, version: number, correlationId: number, response: R): Buffer[] {
  const writer = new Writer();
  writer.int32(correlationId);
  writer.flexible = version >= api.flexibleFrom;
  if (api.key !== API_VERSIONS) writer.noTaggedFields();
  api.response.write(writer, response, version);
  return writer.frame();
}

/** For tests and tools: a request as a client would send it. */
export function writeRequest<Q>(api: Api<Q, unknown>, version: number, correlationId: number, clientId: string, request: Q): Buffer {
  const writer = new Writer();
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  nullableString.write(writer, clientId, version);
  writer.flexible = version >= api.flexibleFrom;
  writer.noTaggedFields();
  api.request.write(writer, request, version);
  return Buffer.concat(writer.frame());
}

/** For tests and tools: the answer in a frame without its length. */
export function readResponse<R>(api: Api<unknown, R>, version: number, frame: Buffer): { correlationId: number; response: R } {
  const reader = new Reader(frame);
  const correlationId = reader.int32();
  reader.flexible = version >= api.flexibleFrom;
  if (reader.flexible && api.key !== API_VERSIONS) reader.skipTaggedFields();
  return { correlationId, response: api.response.read(reader, version) };
}
