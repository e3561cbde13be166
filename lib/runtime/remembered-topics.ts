import { ConnectException } from '../core/errors.ts';
import type { GroupMember } from '../kafka/partition-reader.ts';
import type { TopicDescription } from '../kafka/topic-admin.ts';
import type { Watermark } from '../state/offset-store.ts';
import { RESET_POSITION } from '../state/watermarks.ts';

/** The topics of a sink as of now. */
export interface TopicsNow {
  /** Those that exist. */
  readonly topics: ReadonlyMap<string, TopicDescription>;
  /** Does the configuration name this topic? One that it names no longer may go without harm. */
  reads(topic: string): boolean;
}

/**
 * Throws ConnectException where a position is remembered of a topic that is not there any more: deleted, with fewer partitions, or created
 * again under its name. Going on from such a position would skip records of the new topic or give them twice, and nobody would know.
 */
export function refuseStrangeTopics(connector: string, remembered: Iterable<Watermark>, now: TopicsNow): void {
  for (const { nextOffset, partition, topic, topicId } of remembered) {
    if (nextOffset === RESET_POSITION || !now.reads(topic)) continue;
    const found = now.topics.get(topic);
    const item = `watermark ${topic}-${partition} of ${connector} (next offset ${nextOffset})`;
    if (found === undefined) {
      throw new ConnectException(
        `topic ${topic} was deleted, and ${item} is of it: create it again or take it out of the configuration, and then ${wayOut(connector)}`,
        { code: 'topic-deleted' },
      );
    }
    if (found.topicId !== undefined && topicId !== undefined && found.topicId !== topicId) {
      throw new ConnectException(
        `topic ${topic} was deleted and created again: its id is ${found.topicId}, and ${item} is of the topic with id ${topicId}; ${wayOut(connector)}`,
        { code: 'topic-recreated' },
      );
    }
    if (partition >= found.partitions) {
      throw new ConnectException(
        `topic ${topic} has ${found.partitions} partitions, fewer than before, and ${item} is of one that is gone: it was created again; ${wayOut(connector)}`,
        { code: 'topic-recreated' },
      );
    }
  }
}

function wayOut(connector: string): string {
  return (
    `reset the offsets to read what is there as auto.offset.reset says (serverless-connect offsets reset ${connector} --stop), or set them ` +
    `(serverless-connect offsets set ${connector} --stop). Nothing was read or overwritten`
  );
}

/** Throws ConnectException where somebody else consumes in the sink's group: each would move the other's offsets. */
export function refuseMembers(groupId: string, members: readonly GroupMember[]): void {
  if (members.length === 0) return;
  const named = members.slice(0, 5).map(({ clientId, host, memberId }) => `${clientId || memberId} at ${host}`);
  const more = members.length > named.length ? ` and ${members.length - named.length} more` : '';
  throw new ConnectException(
    `the consumer group ${groupId} has members that are not of this connector: ${named.join(', ')}${more}. Stop them (a sink of Apache Kafka Connect: ` +
      `delete or stop the connector there; one that was killed leaves after its session.timeout.ms), or give this sink a group of its own with consumer.override.group.id; then restart it`,
    { code: 'group-has-members' },
  );
}
