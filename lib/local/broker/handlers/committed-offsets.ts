import type { BrokerState } from '../broker-state.ts';
import type { PartitionOffset } from '../coordinator/committed-offsets.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { offsetCommitApi, offsetDeleteApi, offsetFetchApi } from '../wire/group-apis.ts';
import { type Handler, handler } from './handler.ts';

/** `offset.metadata.max.bytes` */
const MAX_METADATA_BYTES = 4096;

/** A partition of an OffsetCommit or TxnOffsetCommit request. */
export interface AskedOffset {
  readonly index: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

/** OffsetCommit, OffsetFetch and OffsetDelete. */
export function committedOffsetHandlers(state: BrokerState): Handler[] {
  return [
    handler(offsetCommitApi, ({ groupId, generation, memberId, instanceId, topics }) => {
      const groupError = checkCommitter(state, groupId, generation, memberId, instanceId);
      return {
        throttleTimeMs: 0,
        topics: eachPartition(topics, (name, asked) => {
          const errorCode = groupError === ErrorCode.NONE ? checkOffset(state, name, asked) : groupError;
          if (errorCode === ErrorCode.NONE) state.offsets.commit(groupId, toCommit(name, asked));
          return errorCode;
        }),
      };
    }),
    handler(offsetFetchApi, ({ groupId, topics, requireStable }) => {
      const asked = topics ?? byTopic(state.offsets.all(groupId));
      return {
        throttleTimeMs: 0,
        topics: asked.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((index) => {
            const unstable = requireStable && state.transactions.isOffsetPending(groupId, name, index);
            const committed = unstable ? undefined : state.offsets.get(groupId, name, index);
            const errorCode = unstable ? ErrorCode.UNSTABLE_OFFSET_COMMIT : ErrorCode.NONE;
            return { index, ...(committed ?? { offset: -1, leaderEpoch: -1, metadata: '' }), errorCode };
          }),
        })),
        errorCode: ErrorCode.NONE,
      };
    }),
    handler(offsetDeleteApi, ({ groupId, topics }) => {
      const group = state.groups.get(groupId);
      if (group === undefined && !state.offsets.has(groupId)) {
        return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, throttleTimeMs: 0, topics: [] };
      }
      // Kafka lets go of topics that no member subscribes to; here any member keeps all of them.
      if (group !== undefined && !group.isEmpty) return { errorCode: ErrorCode.NON_EMPTY_GROUP, throttleTimeMs: 0, topics: [] };
      return {
        errorCode: ErrorCode.NONE,
        throttleTimeMs: 0,
        topics: eachPartition(topics, (name, { index }) => {
          if (state.topics.partition(name, index) === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
          state.offsets.delete(groupId, name, index);
          return ErrorCode.NONE;
        }),
      };
    }),
  ];
}

/** Commits without membership are for groups without members; a member must be of the current generation. */
export function checkCommitter(
  state: BrokerState,
  groupId: string,
  generation: number,
  memberId: string,
  instanceId: string | null,
): ErrorCode {
  const group = state.groups.get(groupId);
  if (generation < 0) return group === undefined || group.isEmpty ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  if (group === undefined) return ErrorCode.ILLEGAL_GENERATION;
  const errorCode = group.check(memberId, instanceId, generation);
  if (errorCode === ErrorCode.NONE && group.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
  if (errorCode === ErrorCode.NONE) group.heartbeat(memberId);
  return errorCode;
}

/** @returns NONE, or why this partition's offset cannot be kept */
export function checkOffset(state: BrokerState, topic: string, asked: AskedOffset): ErrorCode {
  if (state.topics.partition(topic, asked.index) === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return Buffer.byteLength(asked.metadata ?? '') > MAX_METADATA_BYTES ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE;
}

export function toCommit(topic: string, asked: AskedOffset): PartitionOffset {
  return { topic, partition: asked.index, offset: asked.offset, leaderEpoch: asked.leaderEpoch, metadata: asked.metadata ?? '' };
}

/** The answer's shape: a code for each partition asked for. */
export function eachPartition<P extends { readonly index: number }>(
  topics: readonly { readonly name: string; readonly partitions: readonly P[] }[],
  handle: (topic: string, partition: P) => ErrorCode,
) {
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => ({ index: partition.index, errorCode: handle(name, partition) })),
  }));
}

function byTopic(offsets: readonly PartitionOffset[]): { name: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of offsets) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
