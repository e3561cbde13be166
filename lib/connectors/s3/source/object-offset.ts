import { ConnectException } from '../../../core/errors.ts';
import type { SourceOffset, SourcePartition } from '../../../core/source-record.ts';
import type { ReadPosition } from './record-decoder.ts';

/** How far a source partition has been read: Confluent's members as texts, and ours beside them. */
export interface ObjectOffset {
  readonly key: string;
  readonly position: ReadPosition;
  /** The object was read to its end. */
  readonly eof: boolean;
  /** Of the version that was read; null = Confluent's connector did not say. */
  readonly etag: string | null;
}

/** Objects of one Kafka partition in one folder, which the sink's keys put in order. */
export function folderPartition(folder: string, kafkaPartition: number): SourcePartition {
  // Where a folder holds one partition, this is Confluent's
  return new RegExp(`(?:^|/)partition=${kafkaPartition}/$`).test(folder) ? { folder } : { folder, partition: String(kafkaPartition) };
}

/** One object, read whenever it appears. */
export function filePartition(key: string): SourcePartition {
  return { file: key };
}

export function writeOffset({ key, position, eof, etag }: ObjectOffset): SourceOffset {
  const { fileOffset, block, records } = position;
  return {
    lastFileRead: key,
    fileOffset: String(fileOffset),
    eof: String(eof),
    ...(etag === null ? {} : { etag }),
    ...(block === null ? {} : { block: String(block.byte), blockRecords: String(block.records) }),
    ...(records === fileOffset ? {} : { records: String(records) }),
  };
}

/** null = nothing was read. ConnectException for what is no offset of this connector. */
export function readOffset(offset: SourceOffset | null): ObjectOffset | null {
  if (offset === null) return null;
  const { lastFileRead, eof, etag, block, blockRecords } = offset;
  const fileOffset = Number(offset.fileOffset ?? 0);
  const records = Number(offset.records ?? offset.fileOffset ?? 0);
  if (typeof lastFileRead !== 'string' || !Number.isSafeInteger(fileOffset) || fileOffset < 0 || !Number.isSafeInteger(records)) {
    throw new ConnectException(
      `this is no offset of the S3 source: ${JSON.stringify(offset, (_, value) => (typeof value === 'bigint' ? String(value) : value))}; expected lastFileRead (a key), fileOffset (a number) and eof (true or false)`,
    );
  }
  return {
    key: lastFileRead,
    position: {
      fileOffset,
      records,
      block: block === undefined || block === null ? null : { byte: Number(block), records: Number(blockRecords ?? 0) },
    },
    eof: String(eof) === 'true',
    etag: typeof etag === 'string' ? etag : null,
  };
}
