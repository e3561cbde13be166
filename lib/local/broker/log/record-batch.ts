import { crc32c } from '../../../core/crc32c.ts';
import { BrokerError, ErrorCode } from '../wire/error-code.ts';

// Layout of a batch (magic 2): https://kafka.apache.org/documentation/#recordbatch
const BASE_OFFSET = 0;
const LENGTH = 8;
const LEADER_EPOCH = 12;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const LAST_OFFSET_DELTA = 23;
const BASE_TIMESTAMP = 27;
const MAX_TIMESTAMP = 35;
const PRODUCER_ID = 43;
const PRODUCER_EPOCH = 51;
const BASE_SEQUENCE = 53;
const COUNT = 57;

/** Bytes in front of a batch's records. */
export const BATCH_HEADER_BYTES = 61;
/** Base offset and length, which the length does not count. */
const BATCH_OVERHEAD_BYTES = 12;

const COMPRESSION_BITS = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;

/** What the header of a batch says. */
export interface BatchHeader {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  readonly lastOffsetDelta: number;
  readonly count: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** −1 = neither idempotent nor transactional. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number;
  readonly logAppendTime: boolean;
  readonly transactional: boolean;
  /** Holds a transaction marker instead of records. */
  readonly control: boolean;
}

/** Sequence numbers wrap to 0 behind 2^31 − 1. */
export function addSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31;
}

/** Reads the header at the start of `batch`, which holds at least {@link BATCH_HEADER_BYTES}; null = not a batch of magic 2. */
export function readBatchHeader(batch: Buffer): BatchHeader | null {
  const length = batch.readInt32BE(LENGTH);
  if (batch[MAGIC] !== 2 || length < BATCH_HEADER_BYTES - BATCH_OVERHEAD_BYTES) return null;
  const attributes = batch.readInt16BE(ATTRIBUTES);
  const lastOffsetDelta = batch.readInt32BE(LAST_OFFSET_DELTA);
  const baseSequence = batch.readInt32BE(BASE_SEQUENCE);
  return {
    baseOffset: Number(batch.readBigInt64BE(BASE_OFFSET)),
    sizeBytes: length + BATCH_OVERHEAD_BYTES,
    lastOffsetDelta,
    count: batch.readInt32BE(COUNT),
    baseTimestamp: Number(batch.readBigInt64BE(BASE_TIMESTAMP)),
    maxTimestamp: Number(batch.readBigInt64BE(MAX_TIMESTAMP)),
    producerId: Number(batch.readBigInt64BE(PRODUCER_ID)),
    producerEpoch: batch.readInt16BE(PRODUCER_EPOCH),
    baseSequence,
    lastSequence: baseSequence < 0 ? -1 : addSequence(baseSequence, lastOffsetDelta),
    compression: attributes & COMPRESSION_BITS,
    logAppendTime: (attributes & LOG_APPEND_TIME_BIT) !== 0,
    transactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    control: (attributes & CONTROL_BIT) !== 0,
  };
}

/** True when the checksum fits the bytes. */
export function checksumFits(batch: Buffer): boolean {
  return batch.readUInt32BE(CRC) === crc32c(batch.subarray(ATTRIBUTES));
}

/**
 * Checks what a producer sent for one partition: exactly one batch, as Kafka wants it since Produce 3.
 *
 * @throws {BrokerError} CORRUPT_MESSAGE, INVALID_RECORD
 */
export function checkProducedBatch(bytes: Buffer): BatchHeader {
  if (bytes.length < BATCH_HEADER_BYTES) throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, `a batch of ${bytes.length} bytes is too short`);
  const header = readBatchHeader(bytes);
  if (header === null) throw new BrokerError(ErrorCode.INVALID_RECORD, 'the records are not a batch of magic 2');
  if (header.sizeBytes > bytes.length) {
    throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, `the batch announces ${header.sizeBytes} bytes, ${bytes.length} came`);
  }
  if (header.sizeBytes < bytes.length) {
    throw new BrokerError(ErrorCode.INVALID_RECORD, 'more than one record batch for a partition in a produce request');
  }
  if (!checksumFits(bytes)) throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, 'the checksum of the batch does not fit its bytes');
  if (header.control) throw new BrokerError(ErrorCode.INVALID_RECORD, 'clients are not allowed to write control records');
  if (header.count <= 0 || header.lastOffsetDelta !== header.count - 1) {
    throw new BrokerError(
      ErrorCode.INVALID_RECORD,
      `a batch of ${header.count} records must not have the last offset delta ${header.lastOffsetDelta}`,
    );
  }
  if (header.compression > 4) throw new BrokerError(ErrorCode.INVALID_RECORD, `unknown compression type id ${header.compression}`);
  return header;
}

/** Gives the batch its place in the log. Neither field is under the checksum. */
export function placeBatch(batch: Buffer, baseOffset: number): void {
  batch.writeBigInt64BE(BigInt(baseOffset), BASE_OFFSET);
  batch.writeInt32BE(0, LEADER_EPOCH);
}

/** Replaces the producer's times by the broker's (`message.timestamp.type=LogAppendTime`). */
export function stampLogAppendTime(batch: Buffer, nowMs: number): void {
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES) | LOG_APPEND_TIME_BIT, ATTRIBUTES);
  batch.writeBigInt64BE(BigInt(nowMs), MAX_TIMESTAMP);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES)), CRC);
}

/** The marker that ends a transaction in one partition. */
export function controlBatch(options: { producerId: number; producerEpoch: number; commit: boolean; nowMs: number }): Buffer {
  // Lengths and deltas are zigzag varints: record 16, attributes, deltas 0 0, key 4 (version, type), value 6 (version, coordinator epoch).
  const record = Buffer.from([32, 0, 0, 0, 8, 0, 0, 0, options.commit ? 1 : 0, 12, 0, 0, 0, 0, 0, 0, 0]);
  const batch = Buffer.alloc(BATCH_HEADER_BYTES + record.length);
  batch.writeInt32BE(batch.length - BATCH_OVERHEAD_BYTES, LENGTH);
  batch[MAGIC] = 2;
  batch.writeInt16BE(TRANSACTIONAL_BIT | CONTROL_BIT, ATTRIBUTES);
  batch.writeBigInt64BE(BigInt(options.nowMs), BASE_TIMESTAMP);
  batch.writeBigInt64BE(BigInt(options.nowMs), MAX_TIMESTAMP);
  batch.writeBigInt64BE(BigInt(options.producerId), PRODUCER_ID);
  batch.writeInt16BE(options.producerEpoch, PRODUCER_EPOCH);
  batch.writeInt32BE(-1, BASE_SEQUENCE);
  batch.writeInt32BE(1, COUNT);
  record.copy(batch, BATCH_HEADER_BYTES);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES)), CRC);
  return batch;
}

/** True = commit, false = abort. */
export function markerCommits(batch: Buffer): boolean {
  return batch.readInt16BE(BATCH_HEADER_BYTES + 7) === 1;
}
