import { parseTopicPartitionKey, type TopicPartition, topicPartitionKey } from '../../core/topic-partition.ts';
import type { KafkaException } from '../errors.ts';
import type { CommittedPosition, GroupMember, GroupOffsets } from '../partition-reader.ts';
import { errorName, exceptionOf } from '../protocol/error-codes.ts';
import {
  DESCRIBE_GROUPS,
  decodeDescribeGroup,
  decodeOffsetCommit,
  decodeOffsetDelete,
  decodeOffsetFetch,
  encodeDescribeGroup,
  encodeOffsetCommit,
  encodeOffsetDelete,
  encodeOffsetFetch,
  OFFSET_COMMIT,
  OFFSET_DELETE,
  OFFSET_FETCH,
} from '../protocol/group-offsets.ts';
import type { Cluster } from './cluster.ts';
import { transactionBackoffMs } from './producer-identity.ts';
import { retrying } from './retry.ts';

/** Offsets of consumer groups, read and committed from outside the group. */
export class KafkaGroupOffsets implements GroupOffsets {
  readonly #open: () => Cluster;

  constructor(open: () => Cluster) {
    this.#open = open;
  }

  /** Stable offsets: waits while an open transaction may still change one (for at most `default.api.timeout.ms`). */
  async fetch(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    const found = await this.committed(groupId, partitions);
    return new Map([...found].map(([key, { offset }]) => [key, offset]));
  }

  async committed(groupId: string, partitions: readonly TopicPartition[]): Promise<Map<string, CommittedPosition>> {
    return this.#retrying(groupId, async (cluster) => {
      const connection = await cluster.toCoordinator('group', groupId);
      const { api, name, min, max } = OFFSET_FETCH;
      const version = connection.version(api, name, min, max);
      const body = encodeOffsetFetch(groupId, partitions);
      const { errorCode, offsets } = decodeOffsetFetch(await connection.request({ api, name, version, body, flexible: true }));
      const found = new Map<string, CommittedPosition>();
      if (errorCode !== 0) throw failure(groupId, errorCode, 'fetching');
      for (const { topic, partition, offset, metadata, errorCode: code } of offsets) {
        if (code !== 0) throw failure(groupId, code, `fetching that of ${topic}-${partition}`);
        if (offset >= 0) found.set(topicPartitionKey(topic, partition), { offset, metadata });
      }
      return found;
    });
  }

  async commit(groupId: string, offsets: ReadonlyMap<string, number>, metadata = ''): Promise<void> {
    if (offsets.size === 0) return;
    const committed = [...offsets].map(([key, offset]) => ({ ...parseTopicPartitionKey(key), offset }));
    await this.#retrying(groupId, async (cluster) => {
      const connection = await cluster.toCoordinator('group', groupId);
      const answers = decodeOffsetCommit(
        await connection.request({ ...OFFSET_COMMIT, body: encodeOffsetCommit(groupId, committed, metadata) }),
      );
      for (const { topic, partition, errorCode } of answers) {
        if (errorCode !== 0) throw failure(groupId, errorCode, `committing that of ${topic}-${partition}`);
      }
    });
  }

  async remove(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    await this.#retrying(groupId, async (cluster) => {
      const connection = await cluster.toCoordinator('group', groupId);
      const { api, name, min, max } = OFFSET_DELETE;
      const version = connection.version(api, name, min, max);
      const body = encodeOffsetDelete(groupId, partitions);
      const answer = decodeOffsetDelete(await connection.request({ api, name, version, body }));
      // Where there is no group, or no such topic any more, there is nothing to forget.
      if (errorName(answer.errorCode) === 'GROUP_ID_NOT_FOUND') return;
      if (answer.errorCode !== 0) throw failure(groupId, answer.errorCode, 'removing');
      for (const { topic, partition, errorCode } of answer.partitions) {
        if (errorCode !== 0 && errorName(errorCode) !== 'UNKNOWN_TOPIC_OR_PARTITION') {
          throw failure(groupId, errorCode, `removing that of ${topic}-${partition}`);
        }
      }
    });
  }

  async members(groupId: string): Promise<GroupMember[]> {
    return this.#retrying(groupId, async (cluster) => {
      const connection = await cluster.toCoordinator('group', groupId);
      const { errorCode, members } = decodeDescribeGroup(
        await connection.request({ ...DESCRIBE_GROUPS, body: encodeDescribeGroup(groupId) }),
      );
      if (errorCode !== 0 && errorName(errorCode) !== 'GROUP_ID_NOT_FOUND') {
        throw exceptionOf(errorCode, `looking for the members of group ${groupId} failed`);
      }
      return [...members];
    });
  }

  #retrying<T>(groupId: string, attempt: (cluster: Cluster) => Promise<T>): Promise<T> {
    const cluster = this.#open();
    const { clock, settings } = cluster;
    return retrying({ clock, withinMs: settings.apiTimeoutMs, backoffMs: transactionBackoffMs }, async () => {
      try {
        return await attempt(cluster);
      } catch (error) {
        cluster.forgetCoordinator('group', groupId);
        throw error;
      }
    });
  }
}

function failure(groupId: string, code: number, what: string): KafkaException {
  return exceptionOf(code, `offsets of group ${groupId}: ${what} failed`);
}
