import type { Api } from './api.ts';
import {
  array,
  boolean,
  type Decoded,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  uuid,
  versions,
  ZERO_UUID,
} from './fields.ts';

const NO_OPERATIONS = -2147483648;

const apiVersionsRequest = struct({ clientSoftwareName: since(3, string, ''), clientSoftwareVersion: since(3, string, '') });

const apiVersionsResponse = struct({
  errorCode: int16,
  apiKeys: array(struct({ apiKey: int16, min: int16, max: int16 })),
  throttleTimeMs: since(1, int32, 0),
});

export const apiVersionsApi: Api<Decoded<typeof apiVersionsRequest>, Decoded<typeof apiVersionsResponse>> = {
  key: 18,
  name: 'ApiVersions',
  min: 0,
  max: 3,
  flexibleFrom: 3,
  request: apiVersionsRequest,
  response: apiVersionsResponse,
};

const metadataRequest = struct({
  topics: nullableArray(struct({ topicId: since(10, uuid, ZERO_UUID), name: nullableString })),
  allowAutoTopicCreation: since(4, boolean, true),
  includeClusterOperations: versions(8, 10, boolean, false),
  includeTopicOperations: since(8, boolean, false),
});

const metadataResponse = struct({
  throttleTimeMs: since(3, int32, 0),
  brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) })),
  clusterId: since(2, nullableString, null),
  controllerId: since(1, int32, -1),
  topics: array(
    struct({
      errorCode: int16,
      name: nullableString,
      topicId: since(10, uuid, ZERO_UUID),
      internal: since(1, boolean, false),
      partitions: array(
        struct({
          errorCode: int16,
          index: int32,
          leaderId: int32,
          leaderEpoch: since(7, int32, -1),
          replicas: array(int32),
          inSync: array(int32),
          offline: since(5, array(int32), []),
        }),
      ),
      operations: since(8, int32, NO_OPERATIONS),
    }),
  ),
  clusterOperations: versions(8, 10, int32, NO_OPERATIONS),
});

export const metadataApi: Api<Decoded<typeof metadataRequest>, Decoded<typeof metadataResponse>> = {
  key: 3,
  name: 'Metadata',
  min: 0,
  max: 12,
  flexibleFrom: 9,
  request: metadataRequest,
  response: metadataResponse,
};

const describeClusterRequest = struct({ includeOperations: boolean, endpointType: since(1, int8, 1) });

const describeClusterResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  endpointType: since(1, int8, 1),
  clusterId: string,
  controllerId: int32,
  brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString })),
  operations: int32,
});

export const describeClusterApi: Api<Decoded<typeof describeClusterRequest>, Decoded<typeof describeClusterResponse>> = {
  key: 60,
  name: 'DescribeCluster',
  min: 0,
  max: 1,
  flexibleFrom: 0,
  request: describeClusterRequest,
  response: describeClusterResponse,
};

const createTopicsRequest = struct({
  topics: array(
    struct({
      name: string,
      partitions: int32,
      replicationFactor: int16,
      assignments: array(struct({ index: int32, brokers: array(int32) })),
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  timeoutMs: int32,
  validateOnly: boolean,
});

const createTopicsResponse = struct({
  throttleTimeMs: int32,
  topics: array(
    struct({
      name: string,
      topicId: since(7, uuid, ZERO_UUID),
      errorCode: int16,
      errorMessage: nullableString,
      partitions: since(5, int32, -1),
      replicationFactor: since(5, int16, -1),
      configs: since(
        5,
        nullableArray(struct({ name: string, value: nullableString, readOnly: boolean, source: int8, sensitive: boolean })),
        null,
      ),
    }),
  ),
});

export const createTopicsApi: Api<Decoded<typeof createTopicsRequest>, Decoded<typeof createTopicsResponse>> = {
  key: 19,
  name: 'CreateTopics',
  min: 2,
  max: 7,
  flexibleFrom: 5,
  request: createTopicsRequest,
  response: createTopicsResponse,
};

const deleteTopicsRequest = struct({
  topics: since(6, array(struct({ name: nullableString, topicId: uuid })), []),
  names: versions(0, 5, array(string), []),
  timeoutMs: int32,
});

const deleteTopicsResponse = struct({
  throttleTimeMs: int32,
  topics: array(
    struct({
      name: nullableString,
      topicId: since(6, uuid, ZERO_UUID),
      errorCode: int16,
      errorMessage: since(5, nullableString, null),
    }),
  ),
});

export const deleteTopicsApi: Api<Decoded<typeof deleteTopicsRequest>, Decoded<typeof deleteTopicsResponse>> = {
  key: 20,
  name: 'DeleteTopics',
  min: 1,
  max: 6,
  flexibleFrom: 4,
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
};

const createPartitionsRequest = struct({
  topics: array(struct({ name: string, count: int32, assignments: nullableArray(struct({ brokers: array(int32) })) })),
  timeoutMs: int32,
  validateOnly: boolean,
});

const createPartitionsResponse = struct({
  throttleTimeMs: int32,
  topics: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
});

export const createPartitionsApi: Api<Decoded<typeof createPartitionsRequest>, Decoded<typeof createPartitionsResponse>> = {
  key: 37,
  name: 'CreatePartitions',
  min: 0,
  max: 3,
  flexibleFrom: 2,
  request: createPartitionsRequest,
  response: createPartitionsResponse,
};

const describeConfigsRequest = struct({
  resources: array(struct({ type: int8, name: string, keys: nullableArray(string) })),
  includeSynonyms: boolean,
  includeDocumentation: since(3, boolean, false),
});

const describeConfigsResponse = struct({
  throttleTimeMs: int32,
  resources: array(
    struct({
      errorCode: int16,
      errorMessage: nullableString,
      type: int8,
      name: string,
      configs: array(
        struct({
          name: string,
          value: nullableString,
          readOnly: boolean,
          source: int8,
          sensitive: boolean,
          synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
          type: since(3, int8, 0),
          documentation: since(3, nullableString, null),
        }),
      ),
    }),
  ),
});

export const describeConfigsApi: Api<Decoded<typeof describeConfigsRequest>, Decoded<typeof describeConfigsResponse>> = {
  key: 32,
  name: 'DescribeConfigs',
  min: 1,
  max: 4,
  flexibleFrom: 4,
  request: describeConfigsRequest,
  response: describeConfigsResponse,
};

const alteredResources = struct({
  throttleTimeMs: int32,
  resources: array(struct({ errorCode: int16, errorMessage: nullableString, type: int8, name: string })),
});

const alterConfigsRequest = struct({
  resources: array(struct({ type: int8, name: string, configs: array(struct({ name: string, value: nullableString })) })),
  validateOnly: boolean,
});

export const alterConfigsApi: Api<Decoded<typeof alterConfigsRequest>, Decoded<typeof alteredResources>> = {
  key: 33,
  name: 'AlterConfigs',
  min: 0,
  max: 2,
  flexibleFrom: 2,
  request: alterConfigsRequest,
  response: alteredResources,
};

const incrementalAlterConfigsRequest = struct({
  resources: array(
    struct({
      type: int8,
      name: string,
      configs: array(struct({ name: string, operation: int8, value: nullableString })),
    }),
  ),
  validateOnly: boolean,
});

export const incrementalAlterConfigsApi: Api<Decoded<typeof incrementalAlterConfigsRequest>, Decoded<typeof alteredResources>> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  min: 0,
  max: 1,
  flexibleFrom: 1,
  request: incrementalAlterConfigsRequest,
  response: alteredResources,
};
