import { crc32c } from '../../core/crc32c.ts';
import type { ConsumerRecord, RawHeader } from '../../core/kafka-record.ts';
import type { TimestampType } from '../../core/sink-record.ts';
import { KafkaException } from '../errors.ts';
import { decompress } from './compression/codecs.ts';
import { BATCH_HEADER_BYTES } from './record-batch-writer.ts';

/** A transaction that was aborted; its records stand from `firstOffset` to the abort marker of the same producer. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What the batches of one partition in a fetch answer hold. */
export interface DecodedBatches {
  readonly records: ConsumerRecord[];
  /** Behind the last whole batch; the position asked for where there is none. */
  readonly nextOffset: number;
}

const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const NO_HEADERS: readonly RawHeader[] = [];

/**
 * Decodes the batches of one partition, from `position` on: control batches and records of aborted transactions are skipped, and so
 * are the records of the first batch that stand before the position. Keys, values and headers are views of `bytes`, not copies.
 * `aborted` = null reads uncommitted records too. With `checkCrcs`, a damaged batch throws CORRUPT_MESSAGE.
 */
export async function decodeRecordBatches(
  bytes: Buffer,
  topic: string,
  partition: number,
  position: number,
  aborted: readonly AbortedTransaction[] | null,
  checkCrcs: boolean,
): Promise<DecodedBatches> {
  const records: ConsumerRecord[] = [];
  const pending = aborted === null ? [] : [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const abortedProducers = new Set<bigint>();
  let nextOffset = position;
  for (let at = 0; at + 17 <= bytes.length; ) {
    const length = 12 + bytes.readInt32BE(at + 8);
    const magic = bytes.readInt8(at + 16);
    if (magic !== 2) {
      throw new KafkaException(
        `offset ${readLong(bytes, at)} of ${topic}-${partition} has message format ${magic}; only format 2 (Kafka 0.11 and later) can be read`,
        { kafkaCode: null, retriable: false },
      );
    }
    if (length < BATCH_HEADER_BYTES) throw damaged(bytes.subarray(at), topic, partition, `it says that it has ${length} bytes`);
    if (at + length > bytes.length) break; // the broker cuts its answer at a byte, not at a batch
    const batch = bytes.subarray(at, at + length);
    at += length;
    if (checkCrcs && crc32c(batch.subarray(21)) !== batch.readUInt32BE(17)) {
      throw damaged(batch, topic, partition, 'its CRC does not match');
    }
    const baseOffset = readLong(batch, 0);
    const lastOffset = baseOffset + batch.readInt32BE(23);
    nextOffset = Math.max(nextOffset, lastOffset + 1);
    const attributes = batch.readInt16BE(21);
    const producerId = batch.readBigInt64BE(43);
    while (pending.length > 0 && (pending[0] as AbortedTransaction).firstOffset <= lastOffset) {
      abortedProducers.add((pending.shift() as AbortedTransaction).producerId);
    }
    const control = (attributes & CONTROL) !== 0;
    if (!control && (lastOffset < position || ((attributes & TRANSACTIONAL) !== 0 && abortedProducers.has(producerId)))) continue;
    const codec = attributes & 7;
    const timestampType: TimestampType = (attributes & LOG_APPEND_TIME) !== 0 ? 'LOG_APPEND_TIME' : 'CREATE_TIME';
    const context = {
      topic,
      partition,
      position,
      baseOffset,
      baseTimestamp: readLong(batch, 27),
      appendTime: timestampType === 'LOG_APPEND_TIME' ? readLong(batch, 35) : null,
      timestampType,
      count: batch.readInt32BE(57),
    };
    try {
      if (control) {
        if (isAbortMarker(batch)) abortedProducers.delete(producerId);
        continue;
      }
      const body = batch.subarray(BATCH_HEADER_BYTES);
      new RecordsOfBatch(codec === 0 ? body : await decompress(codec, body)).readInto(records, context);
    } catch (error) {
      throw damaged(batch, topic, partition, (error as Error).message, error);
    }
  }
  return { records, nextOffset };
}

interface BatchContext {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly appendTime: number | null;
  readonly timestampType: TimestampType;
  readonly count: number;
}

class RecordsOfBatch {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  readInto(records: ConsumerRecord[], batch: BatchContext): void {
    for (let i = 0; i < batch.count; i++) {
      const length = this.#varint();
      const end = this.#at + length;
      this.#at += 1; // attributes: none are defined
      const timestampDelta = this.#varint();
      const offset = batch.baseOffset + this.#varint();
      if (offset < batch.position) {
        this.#at = end;
        continue;
      }
      const key = this.#nullable();
      const value = this.#nullable();
      const headers = this.#headers();
      const timestamp = batch.appendTime ?? (batch.baseTimestamp < 0 ? -1 : batch.baseTimestamp + timestampDelta);
      records.push({
        topic: batch.topic,
        partition: batch.partition,
        offset,
        timestamp,
        timestampType: timestamp === -1 ? 'NO_TIMESTAMP_TYPE' : batch.timestampType,
        key,
        value,
        headers,
      });
    }
  }

  #headers(): readonly RawHeader[] {
    const count = this.#varint();
    if (count === 0) return NO_HEADERS;
    const headers: RawHeader[] = [];
    for (let i = 0; i < count; i++) {
      const length = this.#varint();
      const key = this.#bytes.toString('utf8', this.#at, this.#at + length);
      this.#at += length;
      headers.push({ key, value: this.#nullable() });
    }
    return headers;
  }

  #nullable(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError(`a record ends behind its batch: ${this.#at} of ${this.#bytes.length}`);
    return this.#bytes.subarray(start, this.#at);
  }

  #varint(): number {
    let byte = this.#bytes.readUInt8(this.#at++);
    let bits = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      byte = this.#bytes.readUInt8(this.#at++);
      bits += (byte & 0x7f) * scale;
    }
    return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
  }
}

/** A control record's key is version, type; type 0 = abort, 1 = commit. */
function isAbortMarker(batch: Buffer): boolean {
  // length, attributes, timestamp, offset, key length: one byte each in a marker, which is alone in its batch
  const marker: ConsumerRecord[] = [];
  new RecordsOfBatch(batch.subarray(BATCH_HEADER_BYTES)).readInto(marker, {
    topic: '',
    partition: 0,
    position: 0,
    baseOffset: readLong(batch, 0),
    baseTimestamp: -1,
    appendTime: null,
    timestampType: 'CREATE_TIME',
    count: batch.readInt32BE(57),
  });
  const key = marker[0]?.key;
  return key !== null && key !== undefined && key.length >= 4 && key[2] === 0 && key[3] === 0;
}

function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

/** Retriable: bytes that were damaged on the way come whole the next time. */
function damaged(batch: Buffer, topic: string, partition: number, why: string, cause?: unknown): KafkaException {
  return new KafkaException(`the batch at offset ${readLong(batch, 0)} of ${topic}-${partition} is damaged: ${why}`, {
    kafkaCode: 'CORRUPT_MESSAGE',
    retriable: true,
    javaClass: 'org.apache.kafka.common.errors.CorruptRecordException',
    cause,
  });
}
