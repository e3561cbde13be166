import type { BrokerState } from '../broker-state.ts';
import { describeTopicConfigs } from '../topic-configs.ts';
import { MAX_PARTITIONS, type Topic } from '../topics.ts';
import { createPartitionsApi, createTopicsApi, deleteTopicsApi } from '../wire/admin-apis.ts';
import { BrokerError, codeOf, ErrorCode } from '../wire/error-code.ts';
import type { Decoded } from '../wire/fields.ts';
import { ZERO_UUID } from '../wire/fields.ts';
import { type Handler, handler } from './handler.ts';

type NewTopic = Decoded<typeof createTopicsApi.request>['topics'][number];

/** CreateTopics, DeleteTopics, CreatePartitions. */
export function topicHandlers(state: BrokerState): Handler[] {
  return [
    handler(createTopicsApi, ({ topics, validateOnly }) => ({
      throttleTimeMs: 0,
      topics: topics.map((asked) => {
        try {
          const repeated = topics.filter((each) => each.name === asked.name).length > 1;
          if (repeated) throw new BrokerError(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.');
          return created(asked.name, ...create(state, asked, validateOnly));
        } catch (error) {
          return refused(asked.name, error);
        }
      }),
    })),
    handler(deleteTopicsApi, ({ topics, names }, { version }) => {
      const asked = version >= 6 ? topics : names.map((name) => ({ name, topicId: ZERO_UUID }));
      return {
        throttleTimeMs: 0,
        topics: asked.map(({ name, topicId }) => {
          const topic = name === null ? state.topics.byId(topicId) : state.topics.get(name);
          if (topic === undefined) {
            const errorCode = name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            return { name, topicId, errorCode, errorMessage: 'This server does not host this topic-partition.' };
          }
          state.topics.delete(topic);
          state.offsets.deleteTopic(topic.name);
          return { name: topic.name, topicId: topic.id, errorCode: ErrorCode.NONE, errorMessage: null };
        }),
      };
    }),
    handler(createPartitionsApi, ({ topics, validateOnly }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name, count, assignments }) => {
        try {
          checkNewPartitions(state.topics.get(name), count);
          for (const { brokers } of assignments ?? []) checkReplicas(brokers);
          if (!validateOnly) state.topics.addPartitions(name, count);
          return { name, errorCode: ErrorCode.NONE, errorMessage: null };
        } catch (error) {
          return { name, errorCode: codeOf(error), errorMessage: (error as Error).message };
        }
      }),
    })),
  ];
}

/** @returns the topic's id, number of partitions and configs, as they are or would be */
function create(state: BrokerState, asked: NewTopic, validateOnly: boolean): [string, number, ReadonlyMap<string, string>] {
  const { name, assignments, replicationFactor } = asked;
  const configs = new Map(asked.configs.map((config) => [config.name, config.value]));
  const assigned = assignments.length > 0;
  if (assigned && (asked.partitions !== -1 || replicationFactor !== -1)) {
    throw new BrokerError(
      ErrorCode.INVALID_REQUEST,
      'A manual partition assignment was specified, but numPartitions or replicationFactor was not set to -1.',
    );
  }
  const partitions = assigned ? assignments.length : asked.partitions === -1 ? state.settings.defaultPartitions : asked.partitions;
  state.topics.check(name, partitions, configs);
  for (const { brokers } of assignments) checkReplicas(brokers);
  if (!assigned && replicationFactor !== -1 && replicationFactor < 1) {
    throw new BrokerError(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  }
  if (replicationFactor > 1) {
    throw new BrokerError(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ${replicationFactor} cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.`,
    );
  }
  const own = configs as Map<string, string>;
  return [validateOnly ? ZERO_UUID : state.topics.create(name, partitions, own).id, partitions, own];
}

function checkReplicas(brokers: readonly number[]): void {
  if (brokers.length === 1 && brokers[0] === 1) return;
  throw new BrokerError(
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    `the only broker is 1, a partition cannot be on ${brokers.join(', ') || 'none'}`,
  );
}

function checkNewPartitions(topic: Topic | undefined, count: number): void {
  if (topic === undefined) {
    throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
  }
  const have = topic.partitions.length;
  if (count < have) {
    throw new BrokerError(
      ErrorCode.INVALID_PARTITIONS,
      `The topic ${topic.name} currently has ${have} partition(s); ${count} would not be an increase.`,
    );
  }
  if (count === have) throw new BrokerError(ErrorCode.INVALID_PARTITIONS, `Topic already has ${have} partition(s).`);
  if (count > MAX_PARTITIONS) {
    throw new BrokerError(ErrorCode.INVALID_PARTITIONS, `this broker takes at most ${MAX_PARTITIONS} partitions per topic`);
  }
}

function created(name: string, topicId: string, partitions: number, own: ReadonlyMap<string, string>) {
  return {
    name,
    topicId,
    errorCode: ErrorCode.NONE as ErrorCode,
    errorMessage: null as string | null,
    partitions,
    replicationFactor: 1,
    configs: describeTopicConfigs(own).map((config) => ({ ...config, readOnly: false, sensitive: false })),
  };
}

function refused(name: string, error: unknown): ReturnType<typeof created> {
  return {
    name,
    topicId: ZERO_UUID,
    errorCode: codeOf(error),
    errorMessage: (error as Error).message,
    partitions: -1,
    replicationFactor: -1,
    configs: [],
  };
}
