import type { TopicPartition } from '../../core/topic-partition.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Version 7 (Kafka 2.5) is the first that can ask for stable offsets. */
export const OFFSET_FETCH = { api: 9, name: 'OffsetFetch', min: 7, max: 7 } as const;
export const OFFSET_COMMIT = { api: 8, name: 'OffsetCommit', version: 5 } as const;

/** With `require_stable`: an offset that an open transaction may change is refused as UNSTABLE_OFFSET_COMMIT, not answered as it was (KIP-447). */
export function encodeOffsetFetch(groupId: string, partitions: readonly TopicPartition[]): Buffer {
  const writer = new WireWriter();
  writer.compactString(groupId).compactArray([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.compactString(topic).compactArray(ofTopic, ({ partition }) => writer.int32(partition));
    writer.noTags();
  });
  return writer.boolean(true).noTags().bytes;
}

/** Offset −1 = none committed. */
export type CommittedOffset = TopicPartition & { readonly offset: number; readonly errorCode: number };

export function decodeOffsetFetch(reader: WireReader): { readonly errorCode: number; readonly offsets: readonly CommittedOffset[] } {
  reader.int32(); // throttle time
  const offsets = reader
    .compactArray(() => {
      const topic = reader.compactString() ?? '';
      const ofTopic = reader.compactArray(() => {
        const partition = reader.int32();
        const offset = reader.long();
        reader.int32(); // leader epoch
        reader.compactString(); // metadata
        const errorCode = reader.int16();
        reader.skipTags();
        return { topic, partition, offset, errorCode };
      });
      reader.skipTags();
      return ofTopic;
    })
    .flat();
  return { errorCode: reader.int16(), offsets };
}

/** A commit from outside the group: no generation, no member (accepted while the group has no members). */
export function encodeOffsetCommit(groupId: string, offsets: readonly (TopicPartition & { readonly offset: number })[]): Buffer {
  const writer = new WireWriter();
  writer.string(groupId).int32(-1).string('');
  writer.array([...Map.groupBy(offsets, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition, offset }) => writer.int32(partition).int64(offset).string(null));
  });
  return writer.bytes;
}

/** Of OffsetCommit and TxnOffsetCommit. */
export function decodeOffsetCommit(reader: WireReader): (TopicPartition & { readonly errorCode: number })[] {
  reader.int32(); // throttle time
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => ({ topic, partition: reader.int32(), errorCode: reader.int16() }));
    })
    .flat();
}
