import { ConnectHeaders } from '../../../core/data/headers.ts';
import type { Schema } from '../../../core/data/schema.ts';
import { Struct } from '../../../core/data/struct.ts';
import { DataException } from '../../../core/errors.ts';
import { SourceRecord } from '../../../core/source-record.ts';
import type { S3Client } from '../client.ts';
import { ObjectBytes, ObjectChangedException } from './object-bytes.ts';
import type { ObjectWork } from './object-listing.ts';
import { writeOffset } from './object-offset.ts';
import type { Decoders } from './open-decoder.ts';
import type { DecodedRecord, RecordDecoder } from './record-decoder.ts';
import { SideObject } from './side-object.ts';

/** A record, or what is wrong with it. */
export interface ReadRecord {
  readonly decoded: DecodedRecord;
  /** null where it is wrong. */
  readonly record: SourceRecord | null;
}

/** Reads one object, with the keys and headers beside it, into source records. Errors as RecordDecoder. */
export class ObjectReader {
  readonly work: ObjectWork;
  readonly #client: S3Client;
  readonly #decoders: Decoders;
  readonly #values: RecordDecoder;
  #sides: { readonly keys: SideObject | null; readonly headers: SideObject | null } | null = null;

  /** ObjectChangedException where reading began with another version of the object. */
  constructor(client: S3Client, work: ObjectWork, decoders: Decoders) {
    const { object, etag, position } = work;
    if (etag !== null && etag !== object.etag) {
      throw new ObjectChangedException(
        `object ${object.key} of bucket ${client.bucket} was replaced after ${position.records} of its records had been read (ETag ${etag}, now ${object.etag}): write objects once, under keys of their own`,
      );
    }
    this.work = work;
    this.#client = client;
    this.#decoders = decoders;
    this.#values = decoders.values(new ObjectBytes(client, object), position);
  }

  /** Appends at most `max` records; none = the end. What was appended before an error counts. */
  async read(max: number, into: ReadRecord[]): Promise<void> {
    const decoded: DecodedRecord[] = [];
    let failed: { readonly error: unknown } | null = null;
    try {
      this.#sides ??= await this.#openSides();
      await this.#values.read(max, decoded);
    } catch (error) {
      failed = { error };
    }
    for (const each of decoded) into.push(await this.#recordOf(each));
    if (failed !== null) throw failed.error;
  }

  async close(): Promise<void> {
    await this.#values.close();
    await this.#sides?.keys?.close();
    await this.#sides?.headers?.close();
  }

  async #openSides() {
    const { object, position } = this.work;
    const { keys, headers } = this.#decoders;
    const open = async (part: 'keys' | 'headers', decoder: Decoders['keys']) => {
      if (decoder === null) return null;
      const side = await SideObject.open(this.#client, object.key, part, decoder);
      await side.skip(position.records);
      return side;
    };
    return { keys: await open('keys', keys), headers: await open('headers', headers) };
  }

  async #recordOf(decoded: DecodedRecord): Promise<ReadRecord> {
    const { object, topic, kafkaPartition, sourcePartition } = this.work;
    const key = this.#sides?.keys == null ? null : await this.#sides.keys.next();
    const headers = this.#sides?.headers == null ? null : await this.#sides.headers.next();
    const error = decoded.error ?? key?.error ?? headers?.error ?? null;
    if (error !== null) return { decoded: { ...decoded, error }, record: null };
    const { schema, value, position, last } = decoded;
    const unwrapped = key === null ? { schema: null, value: null } : keyOf(key);
    return {
      decoded,
      record: new SourceRecord({
        sourcePartition,
        sourceOffset: writeOffset({ key: object.key, position, eof: last, etag: object.etag }),
        topic,
        kafkaPartition,
        keySchema: unwrapped.schema,
        key: unwrapped.value,
        valueSchema: schema,
        value,
        ...(headers === null ? {} : { headers: headersOf(headers) }),
      }),
    };
  }
}

/** Parquet has keys in a struct, for its rows must be structs. */
function keyOf({ schema, value }: DecodedRecord): { readonly schema: Schema | null; readonly value: unknown } {
  if (schema?.type !== 'STRUCT' || schema.name !== 'RecordKey' || !(value instanceof Struct)) return { schema, value };
  return { schema: schema.field('key')?.schema ?? null, value: value.get('key') };
}

function headersOf({ value }: DecodedRecord): ConnectHeaders {
  const member = (from: unknown, name: string): unknown =>
    from instanceof Struct ? from.get(name) : from instanceof Map ? from.get(name) : undefined;
  const list = Array.isArray(value) ? value : member(value, 'headers');
  if (!Array.isArray(list)) throw new DataException('the object of headers holds no headers as the sink writes them');
  const headers = new ConnectHeaders();
  for (const one of list) headers.addString(String(member(one, 'key')), (member(one, 'value') as string | null | undefined) ?? null);
  return headers;
}
