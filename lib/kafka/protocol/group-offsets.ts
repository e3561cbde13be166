import type { TopicPartition } from '../../core/topic-partition.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Version 7 (Kafka 2.5) is the first that can ask for stable offsets. */
export const OFFSET_FETCH = { api: 9, name: 'OffsetFetch', min: 7, max: 7 } as const;
export const OFFSET_COMMIT = { api: 8, name: 'OffsetCommit', version: 5 } as const;
/** KIP-496, Kafka 2.4. */
export const OFFSET_DELETE = { api: 47, name: 'OffsetDelete', min: 0, max: 0 } as const;
export const DESCRIBE_GROUPS = { api: 15, name: 'DescribeGroups', version: 1 } as const;

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
export type CommittedOffset = TopicPartition & { readonly offset: number; readonly metadata: string; readonly errorCode: number };

export function decodeOffsetFetch(reader: WireReader): { readonly errorCode: number; readonly offsets: readonly CommittedOffset[] } {
  reader.int32(); // throttle time
  const offsets = reader
    .compactArray(() => {
      const topic = reader.compactString() ?? '';
      const ofTopic = reader.compactArray(() => {
        const partition = reader.int32();
        const offset = reader.long();
        reader.int32(); // leader epoch
        const metadata = reader.compactString() ?? '';
        const errorCode = reader.int16();
        reader.skipTags();
        return { topic, partition, offset, metadata, errorCode };
      });
      reader.skipTags();
      return ofTopic;
    })
    .flat();
  return { errorCode: reader.int16(), offsets };
}

/** A commit from outside the group: no generation, no member (accepted while the group has no members). */
export function encodeOffsetCommit(
  groupId: string,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
  metadata: string,
): Buffer {
  const writer = new WireWriter();
  writer.string(groupId).int32(-1).string('');
  writer.array([...Map.groupBy(offsets, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition, offset }) => writer.int32(partition).int64(offset).string(metadata));
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

export function encodeOffsetDelete(groupId: string, partitions: readonly TopicPartition[]): Buffer {
  const writer = new WireWriter();
  writer.string(groupId).array([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition }) => writer.int32(partition));
  });
  return writer.bytes;
}

/** `errorCode` is the group's. */
export function decodeOffsetDelete(reader: WireReader): {
  readonly errorCode: number;
  readonly partitions: readonly (TopicPartition & { readonly errorCode: number })[];
} {
  const errorCode = reader.int16();
  return { errorCode, partitions: decodeOffsetCommit(reader) };
}

export function encodeDescribeGroup(groupId: string): Buffer {
  const writer = new WireWriter();
  return writer.array([groupId], (id) => writer.string(id)).bytes;
}

/** The members of the one group that was asked for. */
export function decodeDescribeGroup(reader: WireReader): {
  readonly errorCode: number;
  readonly members: readonly { readonly memberId: string; readonly clientId: string; readonly host: string }[];
} {
  reader.int32(); // throttle time
  const [group] = reader.array(() => {
    const errorCode = reader.int16();
    for (let text = 0; text < 4; text++) reader.string(); // group, state, protocol type, protocol
    const members = reader.array(() => {
      const member = { memberId: reader.string() ?? '', clientId: reader.string() ?? '', host: reader.string() ?? '' };
      reader.lengthAndBytes(); // metadata
      reader.lengthAndBytes(); // assignment
      return member;
    });
    return { errorCode, members };
  });
  return group ?? { errorCode: 0, members: [] };
}
