import type { AbortedTransaction } from './record-batch-reader.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const FETCH = { api: 1, name: 'Fetch', min: 10, max: 11 } as const;
export const LIST_OFFSETS = { api: 2, name: 'ListOffsets', version: 3 } as const;

/** `ListOffsets` timestamps with a meaning of their own. */
export const LATEST = -1;
export const EARLIEST = -2;

/** What is asked of one partition. */
export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Options of the whole request. */
export interface FetchRequestOptions {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
  readonly readCommitted: boolean;
}

/** The answer for one partition. */
export interface FetchAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: Buffer | null;
}

/** Without a fetch session: each request names every partition, for a reader may skip any of them next time. */
export function encodeFetch(version: number, positions: readonly FetchPosition[], options: FetchRequestOptions): Buffer {
  const writer = new WireWriter();
  writer.int32(-1).int32(options.maxWaitMs).int32(options.minBytes).int32(options.maxBytes);
  writer
    .int8(options.readCommitted ? 1 : 0)
    .int32(0)
    .int32(-1);
  writer.array([...Map.groupBy(positions, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition, offset }) => {
      writer.int32(partition).int32(-1).int64(offset).int64(-1).int32(options.maxBytesPerPartition);
    });
  });
  writer.array([], () => {}); // forgotten topics
  if (version >= 11) writer.string(''); // rack
  return writer.bytes;
}

export function decodeFetch(
  reader: WireReader,
  version: number,
): { readonly errorCode: number; readonly partitions: readonly FetchAnswer[] } {
  reader.int32(); // throttle time
  const errorCode = reader.int16();
  reader.int32(); // session
  const partitions = reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => {
        const partition = reader.int32();
        const code = reader.int16();
        const highWatermark = reader.long();
        const lastStableOffset = reader.long();
        reader.int64(); // log start offset
        const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.long() }));
        if (version >= 11) reader.int32(); // preferred read replica: asked for by rack only
        return { topic, partition, errorCode: code, highWatermark, lastStableOffset, aborted, batches: reader.lengthAndBytes() };
      });
    })
    .flat();
  return { errorCode, partitions };
}

/** `timestampMs` may be {@link LATEST} or {@link EARLIEST}. */
export function encodeListOffsets(
  partitions: readonly { readonly topic: string; readonly partition: number }[],
  timestampMs: number,
  readCommitted: boolean,
): Buffer {
  const writer = new WireWriter();
  writer.int32(-1).int8(readCommitted ? 1 : 0);
  writer.array([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition }) => writer.int32(partition).int64(timestampMs));
  });
  return writer.bytes;
}

/** Offset −1 = no record at or after the timestamp. */
export function decodeListOffsets(reader: WireReader): { topic: string; partition: number; errorCode: number; offset: number }[] {
  reader.int32(); // throttle time
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => {
        const partition = reader.int32();
        const errorCode = reader.int16();
        reader.int64(); // timestamp of the record found
        return { topic, partition, errorCode, offset: reader.long() };
      });
    })
    .flat();
}
