import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const PRODUCE = { api: 0, name: 'Produce', min: 7, max: 8 } as const;

/** One encoded batch and where it goes. */
export interface ProduceEntry {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

/** What the broker did with a batch. */
export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** −1 = not told. */
  readonly baseOffset: number;
  /** −1 = the topic keeps the producer's timestamps. */
  readonly logAppendTime: number;
  /** The records that made the broker refuse the batch, by place in it, where it says so (version 8, KIP-467). */
  readonly badRecords: readonly { readonly index: number; readonly message: string | null }[];
  readonly message: string | null;
}

/** The request in parts, the batches among them as they are. `entries` in any order, one batch per partition. `acks`: −1 = all, 1 = the leader. */
export function encodeProduceRequest(
  transactionalId: string | null,
  acks: -1 | 1,
  timeoutMs: number,
  entries: readonly ProduceEntry[],
): Buffer[] {
  const parts: Buffer[] = [];
  const topics = Map.groupBy(entries, (entry) => entry.topic);
  let writer = new WireWriter(64).string(transactionalId).int16(acks).int32(timeoutMs).int32(topics.size);
  for (const [topic, ofTopic] of topics) {
    writer.string(topic).int32(ofTopic.length);
    for (const { partition, batch } of ofTopic) {
      parts.push(writer.int32(partition).int32(batch.length).bytes, batch);
      writer = new WireWriter(64);
    }
  }
  return writer.bytes.length === 0 ? parts : [...parts, writer.bytes];
}

export function decodeProduceResponse(reader: WireReader, version: number): ProduceAnswer[] {
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => {
        const partition = reader.int32();
        const errorCode = reader.int16();
        const baseOffset = reader.long();
        const logAppendTime = reader.long();
        reader.int64(); // log start offset
        const badRecords = version < 8 ? [] : reader.array(() => ({ index: reader.int32(), message: reader.string() }));
        const message = version < 8 ? null : reader.string();
        return { topic, partition, errorCode, baseOffset, logAppendTime, badRecords, message };
      });
    })
    .flat();
}
