import type { Api } from './api.ts';
import {
  array,
  boolean,
  bytes,
  type Decoded,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  versions,
} from './fields.ts';

const NO_OPERATIONS = -2147483648;

const findCoordinatorRequest = struct({
  key: versions(0, 3, string, ''),
  keyType: since(1, int8, 0),
  keys: since(4, array(string), []),
});

const findCoordinatorResponse = struct({
  throttleTimeMs: since(1, int32, 0),
  errorCode: versions(0, 3, int16, 0),
  errorMessage: versions(1, 3, nullableString, null),
  nodeId: versions(0, 3, int32, -1),
  host: versions(0, 3, string, ''),
  port: versions(0, 3, int32, -1),
  coordinators: since(
    4,
    array(struct({ key: string, nodeId: int32, host: string, port: int32, errorCode: int16, errorMessage: nullableString })),
    [],
  ),
});

export const findCoordinatorApi: Api<Decoded<typeof findCoordinatorRequest>, Decoded<typeof findCoordinatorResponse>> = {
  key: 10,
  name: 'FindCoordinator',
  min: 0,
  max: 4,
  flexibleFrom: 3,
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
};

const joinGroupRequest = struct({
  groupId: string,
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: since(1, int32, -1),
  memberId: string,
  instanceId: since(5, nullableString, null),
  protocolType: string,
  protocols: array(struct({ name: string, metadata: bytes })),
  reason: since(8, nullableString, null),
});

const joinGroupResponse = struct({
  throttleTimeMs: since(2, int32, 0),
  errorCode: int16,
  generation: int32,
  protocolType: since(7, nullableString, null),
  protocolName: nullableString,
  leader: string,
  skipAssignment: since(9, boolean, false),
  memberId: string,
  members: array(struct({ memberId: string, instanceId: since(5, nullableString, null), metadata: bytes })),
});

export const joinGroupApi: Api<Decoded<typeof joinGroupRequest>, Decoded<typeof joinGroupResponse>> = {
  key: 11,
  name: 'JoinGroup',
  min: 0,
  max: 9,
  flexibleFrom: 6,
  request: joinGroupRequest,
  response: joinGroupResponse,
};

const heartbeatRequest = struct({ groupId: string, generation: int32, memberId: string, instanceId: since(3, nullableString, null) });

const heartbeatResponse = struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 });

export const heartbeatApi: Api<Decoded<typeof heartbeatRequest>, Decoded<typeof heartbeatResponse>> = {
  key: 12,
  name: 'Heartbeat',
  min: 0,
  max: 4,
  flexibleFrom: 4,
  request: heartbeatRequest,
  response: heartbeatResponse,
};

const leaveGroupRequest = struct({
  groupId: string,
  memberId: versions(0, 2, string, ''),
  members: since(3, array(struct({ memberId: string, instanceId: nullableString, reason: since(5, nullableString, null) })), []),
});

const leaveGroupResponse = struct({
  throttleTimeMs: since(1, int32, 0),
  errorCode: int16,
  members: since(3, array(struct({ memberId: string, instanceId: nullableString, errorCode: int16 })), []),
});

export const leaveGroupApi: Api<Decoded<typeof leaveGroupRequest>, Decoded<typeof leaveGroupResponse>> = {
  key: 13,
  name: 'LeaveGroup',
  min: 0,
  max: 5,
  flexibleFrom: 4,
  request: leaveGroupRequest,
  response: leaveGroupResponse,
};

const syncGroupRequest = struct({
  groupId: string,
  generation: int32,
  memberId: string,
  instanceId: since(3, nullableString, null),
  protocolType: since(5, nullableString, null),
  protocolName: since(5, nullableString, null),
  assignments: array(struct({ memberId: string, assignment: bytes })),
});

const syncGroupResponse = struct({
  throttleTimeMs: since(1, int32, 0),
  errorCode: int16,
  protocolType: since(5, nullableString, null),
  protocolName: since(5, nullableString, null),
  assignment: bytes,
});

export const syncGroupApi: Api<Decoded<typeof syncGroupRequest>, Decoded<typeof syncGroupResponse>> = {
  key: 14,
  name: 'SyncGroup',
  min: 0,
  max: 5,
  flexibleFrom: 4,
  request: syncGroupRequest,
  response: syncGroupResponse,
};

const describeGroupsRequest = struct({ groups: array(string), includeOperations: since(3, boolean, false) });

const describeGroupsResponse = struct({
  throttleTimeMs: since(1, int32, 0),
  groups: array(
    struct({
      errorCode: int16,
      groupId: string,
      state: string,
      protocolType: string,
      protocol: string,
      members: array(
        struct({
          memberId: string,
          instanceId: since(4, nullableString, null),
          clientId: string,
          clientHost: string,
          metadata: bytes,
          assignment: bytes,
        }),
      ),
      operations: since(3, int32, NO_OPERATIONS),
    }),
  ),
});

export const describeGroupsApi: Api<Decoded<typeof describeGroupsRequest>, Decoded<typeof describeGroupsResponse>> = {
  key: 15,
  name: 'DescribeGroups',
  min: 0,
  max: 5,
  flexibleFrom: 5,
  request: describeGroupsRequest,
  response: describeGroupsResponse,
};

const listGroupsRequest = struct({ states: since(4, array(string), []), types: since(5, array(string), []) });

const listGroupsResponse = struct({
  throttleTimeMs: since(1, int32, 0),
  errorCode: int16,
  groups: array(struct({ groupId: string, protocolType: string, state: since(4, string, ''), type: since(5, string, '') })),
});

export const listGroupsApi: Api<Decoded<typeof listGroupsRequest>, Decoded<typeof listGroupsResponse>> = {
  key: 16,
  name: 'ListGroups',
  min: 0,
  max: 5,
  flexibleFrom: 3,
  request: listGroupsRequest,
  response: listGroupsResponse,
};

const deleteGroupsRequest = struct({ groups: array(string) });

const deleteGroupsResponse = struct({ throttleTimeMs: int32, groups: array(struct({ groupId: string, errorCode: int16 })) });

export const deleteGroupsApi: Api<Decoded<typeof deleteGroupsRequest>, Decoded<typeof deleteGroupsResponse>> = {
  key: 42,
  name: 'DeleteGroups',
  min: 0,
  max: 2,
  flexibleFrom: 2,
  request: deleteGroupsRequest,
  response: deleteGroupsResponse,
};

const committedPartitions = array(struct({ index: int32, errorCode: int16 }));

const offsetCommitRequest = struct({
  groupId: string,
  generation: int32,
  memberId: string,
  instanceId: since(7, nullableString, null),
  retentionMs: versions(2, 4, int64, -1),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, offset: int64, leaderEpoch: since(6, int32, -1), metadata: nullableString })),
    }),
  ),
});

const offsetCommitResponse = struct({
  throttleTimeMs: since(3, int32, 0),
  topics: array(struct({ name: string, partitions: committedPartitions })),
});

export const offsetCommitApi: Api<Decoded<typeof offsetCommitRequest>, Decoded<typeof offsetCommitResponse>> = {
  key: 8,
  name: 'OffsetCommit',
  min: 2,
  max: 8,
  flexibleFrom: 8,
  request: offsetCommitRequest,
  response: offsetCommitResponse,
};

const offsetFetchRequest = struct({
  groupId: string,
  topics: nullableArray(struct({ name: string, partitions: array(int32) })),
  requireStable: since(7, boolean, false),
});

const offsetFetchResponse = struct({
  throttleTimeMs: since(3, int32, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({ index: int32, offset: int64, leaderEpoch: since(5, int32, -1), metadata: nullableString, errorCode: int16 }),
      ),
    }),
  ),
  errorCode: since(2, int16, 0),
});

export const offsetFetchApi: Api<Decoded<typeof offsetFetchRequest>, Decoded<typeof offsetFetchResponse>> = {
  key: 9,
  name: 'OffsetFetch',
  min: 1,
  max: 7,
  flexibleFrom: 6,
  request: offsetFetchRequest,
  response: offsetFetchResponse,
};

const offsetDeleteRequest = struct({
  groupId: string,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32 })) })),
});

const offsetDeleteResponse = struct({
  errorCode: int16,
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: committedPartitions })),
});

export const offsetDeleteApi: Api<Decoded<typeof offsetDeleteRequest>, Decoded<typeof offsetDeleteResponse>> = {
  key: 47,
  name: 'OffsetDelete',
  min: 0,
  max: 0,
  flexibleFrom: 1,
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
};
