import type { TopicPartition } from '../../core/topic-partition.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const INIT_PRODUCER_ID = { api: 22, name: 'InitProducerId', min: 1, max: 4 } as const;
export const ADD_PARTITIONS_TO_TXN = { api: 24, name: 'AddPartitionsToTxn', version: 1 } as const;
export const ADD_OFFSETS_TO_TXN = { api: 25, name: 'AddOffsetsToTxn', version: 1 } as const;
export const END_TXN = { api: 26, name: 'EndTxn', version: 1 } as const;
export const TXN_OFFSET_COMMIT = { api: 28, name: 'TxnOffsetCommit', version: 1 } as const;

/** Who a producer is to the brokers. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** The id and epoch of a producer that has none. */
export const NO_PRODUCER: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };

/** From version 2 on flexible; from version 3 on a producer may name its current identity, and is refused if a later owner exists (KIP-360). */
export function encodeInitProducerId(
  version: number,
  transactionalId: string | null,
  timeoutMs: number,
  current: ProducerIdentity,
): Buffer {
  const writer = new WireWriter();
  if (version < 2) return writer.string(transactionalId).int32(timeoutMs).bytes;
  if (transactionalId === null) writer.unsignedVarint(0);
  else writer.compactString(transactionalId);
  writer.int32(timeoutMs);
  if (version >= 3) writer.int64(current.producerId).int16(current.producerEpoch);
  return writer.noTags().bytes;
}

export function decodeInitProducerId(reader: WireReader): { readonly errorCode: number } & ProducerIdentity {
  reader.int32(); // throttle time
  return { errorCode: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() };
}

export function encodeAddPartitionsToTxn(
  transactionalId: string,
  producer: ProducerIdentity,
  partitions: readonly TopicPartition[],
): Buffer {
  const writer = new WireWriter();
  writer.string(transactionalId).int64(producer.producerId).int16(producer.producerEpoch);
  writer.array([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition }) => writer.int32(partition));
  });
  return writer.bytes;
}

/** Error code of each partition. */
export function decodeAddPartitionsToTxn(reader: WireReader): (TopicPartition & { readonly errorCode: number })[] {
  reader.int32(); // throttle time
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => ({ topic, partition: reader.int32(), errorCode: reader.int16() }));
    })
    .flat();
}

export function encodeAddOffsetsToTxn(transactionalId: string, producer: ProducerIdentity, groupId: string): Buffer {
  return new WireWriter().string(transactionalId).int64(producer.producerId).int16(producer.producerEpoch).string(groupId).bytes;
}

export function encodeEndTxn(transactionalId: string, producer: ProducerIdentity, commit: boolean): Buffer {
  return new WireWriter().string(transactionalId).int64(producer.producerId).int16(producer.producerEpoch).boolean(commit).bytes;
}

/** Of AddOffsetsToTxn and EndTxn. */
export function decodeErrorCode(reader: WireReader): number {
  reader.int32(); // throttle time
  return reader.int16();
}

export function encodeTxnOffsetCommit(
  transactionalId: string,
  producer: ProducerIdentity,
  groupId: string,
  at: TopicPartition & { readonly offset: number },
): Buffer {
  const writer = new WireWriter();
  writer.string(transactionalId).string(groupId).int64(producer.producerId).int16(producer.producerEpoch);
  writer.array([at], ({ topic, partition, offset }) => {
    writer.string(topic).array([partition], () => writer.int32(partition).int64(offset).string(null));
  });
  return writer.bytes;
}
