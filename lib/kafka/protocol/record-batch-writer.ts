import { crc32c } from '../../core/crc32c.ts';
import type { ProducerRecord, RawHeader } from '../../core/kafka-record.ts';
import { COMPRESSION_TYPES, type CompressionType, compress } from './compression/codecs.ts';

/** What a batch's header says of its producer; −1 everywhere for a producer that is not idempotent. */
export interface ProducerState {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

/** Bytes of a batch (message format v2) before its records. */
export const BATCH_HEADER_BYTES = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 0x10;
/** Length, attributes, timestamp and offset of a record at their longest (`DefaultRecord.MAX_RECORD_OVERHEAD`). */
const MAX_RECORD_OVERHEAD = 21;

/** Upper bound of a record's bytes in a batch without compression; computed as Java does for `max.request.size`. */
export function recordSizeUpperBound(record: ProducerRecord): number {
  return MAX_RECORD_OVERHEAD + nullableSize(record.key) + nullableSize(record.value) + headersSize(record.headers);
}

/**
 * Encodes records as one batch. `indices` says which of `records`, in order; `now` is the timestamp of records without one.
 * The whole batch is one allocation where it is not compressed.
 */
export async function encodeRecordBatch(
  records: readonly ProducerRecord[],
  indices: readonly number[],
  producer: ProducerState,
  compression: CompressionType,
  now: number,
): Promise<Buffer> {
  let baseTimestamp = -1;
  let maxTimestamp = -1;
  let bound = BATCH_HEADER_BYTES;
  for (const index of indices) {
    const record = records[index] as ProducerRecord;
    const timestamp = record.timestamp ?? now;
    if (baseTimestamp === -1) baseTimestamp = timestamp;
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    bound += recordSizeUpperBound(record);
  }
  const buffer = Buffer.allocUnsafe(bound);
  let at = BATCH_HEADER_BYTES;
  for (let i = 0; i < indices.length; i++) {
    const record = records[indices[i] as number] as ProducerRecord;
    at = putRecord(buffer, at, record, i, (record.timestamp ?? now) - baseTimestamp);
  }
  let batch = buffer.subarray(0, at);
  if (compression !== 'none') {
    const compressed = await compress(compression, batch.subarray(BATCH_HEADER_BYTES));
    batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + compressed.length);
    batch.set(compressed, BATCH_HEADER_BYTES);
  }
  batch.fill(0, 0, 8); // base offset: the broker sets it
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12); // partition leader epoch: the broker sets it
  batch.writeInt8(2, 16);
  batch.writeInt16BE(COMPRESSION_TYPES.indexOf(compression) | (producer.transactional ? TRANSACTIONAL : 0), ATTRIBUTES_AT);
  batch.writeInt32BE(indices.length - 1, 23);
  batch.writeBigInt64BE(BigInt(baseTimestamp), 27);
  batch.writeBigInt64BE(BigInt(maxTimestamp), 35);
  batch.writeBigInt64BE(producer.producerId, 43);
  batch.writeInt16BE(producer.producerEpoch, 51);
  batch.writeInt32BE(producer.firstSequence, 53);
  batch.writeInt32BE(indices.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT);
  return batch;
}

function putRecord(buffer: Buffer, start: number, record: ProducerRecord, offsetDelta: number, timestampDelta: number): number {
  const length =
    1 +
    varintSize(timestampDelta) +
    varintSize(offsetDelta) +
    nullableSize(record.key) +
    nullableSize(record.value) +
    headersSize(record.headers);
  let at = putVarint(buffer, start, length);
  buffer[at++] = 0; // attributes: none are defined
  at = putVarint(buffer, at, timestampDelta);
  at = putVarint(buffer, at, offsetDelta);
  at = putNullable(buffer, at, record.key);
  at = putNullable(buffer, at, record.value);
  at = putVarint(buffer, at, record.headers.length);
  for (const { key, value } of record.headers) {
    const keyLength = Buffer.byteLength(key);
    at = putVarint(buffer, at, keyLength);
    at += buffer.write(key, at, keyLength, 'utf8');
    at = putNullable(buffer, at, value);
  }
  return at;
}

function putNullable(buffer: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) return putVarint(buffer, start, -1);
  const at = putVarint(buffer, start, bytes.length);
  buffer.set(bytes, at);
  return at + bytes.length;
}

function nullableSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

function headersSize(headers: readonly RawHeader[]): number {
  let size = varintSize(headers.length);
  for (const { key, value } of headers) {
    const keyLength = Buffer.byteLength(key);
    size += varintSize(keyLength) + keyLength + nullableSize(value);
  }
  return size;
}

/** Zigzag by arithmetic, since timestamps may be further apart than 32 bits can say. */
const zigzag = (value: number): number => (value >= 0 ? value * 2 : value * -2 - 1);

function varintSize(value: number): number {
  const bits = zigzag(value);
  if (bits < 0x80) return 1;
  if (bits < 0x4000) return 2;
  if (bits < 0x20_0000) return 3;
  let size = 4;
  for (let limit = 0x1000_0000; bits >= limit; limit *= 0x80) size++;
  return size;
}

function putVarint(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let bits = zigzag(value);
  while (bits >= 0x80) {
    buffer[at++] = (bits % 0x80) | 0x80;
    bits = bits < 0x8000_0000 ? bits >>> 7 : Math.floor(bits / 0x80);
  }
  buffer[at++] = bits;
  return at;
}
