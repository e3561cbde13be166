import { type BrokerState, NODE_ID } from '../broker-state.ts';
import { checkTopicName, type Topic } from '../topics.ts';
import { describeClusterApi, metadataApi } from '../wire/admin-apis.ts';
import { codeOf, ErrorCode } from '../wire/error-code.ts';
import { ZERO_UUID } from '../wire/fields.ts';
import { findCoordinatorApi } from '../wire/group-apis.ts';
import { type Handler, handler } from './handler.ts';

/** Where clients reach the broker. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const NO_OPERATIONS = -2147483648;

/** Metadata, DescribeCluster, FindCoordinator: which broker is responsible (this one, always), which topics there are. */
export function metadataHandlers(state: BrokerState, address: () => Address): Handler[] {
  const node = () => ({ nodeId: NODE_ID, ...address() });
  return [
    handler(metadataApi, ({ topics: asked, allowAutoTopicCreation }, { version }) => {
      // Version 0 has no null: there an empty list asks for everything.
      const all = asked === null || (version === 0 && asked.length === 0);
      const autoCreate = allowAutoTopicCreation && state.settings.autoCreateTopics;
      return {
        throttleTimeMs: 0,
        brokers: [{ ...node(), rack: null }],
        clusterId: state.clusterId,
        controllerId: NODE_ID,
        topics: all ? state.topics.all().map(described) : asked.map((each) => lookUp(state, each, autoCreate)),
        clusterOperations: NO_OPERATIONS,
      };
    }),
    handler(describeClusterApi, ({ endpointType }) => ({
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      endpointType,
      clusterId: state.clusterId,
      controllerId: NODE_ID,
      brokers: [{ ...node(), rack: null }],
      operations: NO_OPERATIONS,
    })),
    handler(findCoordinatorApi, ({ keys }) => ({
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      ...node(),
      coordinators: keys.map((key) => ({ key, ...node(), errorCode: ErrorCode.NONE, errorMessage: null })),
    })),
  ];
}

function lookUp(state: BrokerState, asked: { topicId: string; name: string | null }, autoCreate: boolean) {
  const { name, topicId } = asked;
  if (name === null) {
    const topic = state.topics.byId(topicId);
    return topic === undefined ? { ...unknown(null, ErrorCode.UNKNOWN_TOPIC_ID), topicId } : described(topic);
  }
  const topic = state.topics.get(name);
  if (topic !== undefined) return described(topic);
  try {
    checkTopicName(name);
  } catch (error) {
    return unknown(name, codeOf(error));
  }
  if (!autoCreate) return unknown(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  return described(state.topics.create(name, state.settings.defaultPartitions, new Map()));
}

function described({ name, id, partitions }: Topic) {
  return {
    errorCode: ErrorCode.NONE as ErrorCode,
    name: name as string | null,
    topicId: id,
    internal: false,
    partitions: partitions.map((_, index) => ({
      errorCode: ErrorCode.NONE,
      index,
      leaderId: NODE_ID,
      leaderEpoch: 0,
      replicas: [NODE_ID],
      inSync: [NODE_ID],
      offline: [],
    })),
    operations: NO_OPERATIONS,
  };
}

function unknown(name: string | null, errorCode: ErrorCode): ReturnType<typeof described> {
  return { errorCode, name, topicId: ZERO_UUID, internal: false, partitions: [], operations: NO_OPERATIONS };
}
