import { randomUUID } from 'node:crypto';
import type { BrokerState } from '../broker-state.ts';
import type { Group } from '../coordinator/group.ts';
import { refusedJoin } from '../coordinator/membership.ts';
import { ErrorCode } from '../wire/error-code.ts';
import {
  deleteGroupsApi,
  describeGroupsApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  listGroupsApi,
  syncGroupApi,
} from '../wire/group-apis.ts';
import { type Handler, handler } from './handler.ts';

/** `group.max.session.timeout.ms` */
const MAX_SESSION_TIMEOUT_MS = 1_800_000;
const NOTHING = Buffer.alloc(0);
const NO_OPERATIONS = -2147483648;

/** Membership of consumer groups: the requests around {@link Group}. */
export function groupHandlers(state: BrokerState): Handler[] {
  return [...memberHandlers(state), ...groupAdminHandlers(state)];
}

function memberHandlers(state: BrokerState): Handler[] {
  const check = (groupId: string, memberId: string, instanceId: string | null, generation: number): [Group | null, ErrorCode] => {
    const group = state.groups.get(groupId);
    if (group === undefined) return [null, ErrorCode.UNKNOWN_MEMBER_ID];
    const errorCode = group.check(memberId, instanceId, generation);
    return [errorCode === ErrorCode.NONE ? group : null, errorCode];
  };
  return [
    handler(joinGroupApi, async (request, { version, clientId, clientHost }) => {
      const { groupId, memberId, instanceId, sessionTimeoutMs } = request;
      const refused = (errorCode: ErrorCode, as = memberId) => ({ throttleTimeMs: 0, ...refusedJoin(errorCode, as) });
      if (groupId === '') return refused(ErrorCode.INVALID_GROUP_ID);
      if (sessionTimeoutMs < state.settings.minSessionTimeoutMs || sessionTimeoutMs > MAX_SESSION_TIMEOUT_MS) {
        return refused(ErrorCode.INVALID_SESSION_TIMEOUT);
      }
      if (memberId !== '' && state.groups.get(groupId) === undefined) return refused(ErrorCode.UNKNOWN_MEMBER_ID);
      const group = state.groups.getOrCreate(groupId);
      const newMemberId = () => `${instanceId ?? clientId}-${randomUUID()}`;
      if (memberId === '' && instanceId === null && version >= 4) {
        const reserved = newMemberId();
        group.reserve(reserved, sessionTimeoutMs);
        return refused(ErrorCode.MEMBER_ID_REQUIRED, reserved);
      }
      const rebalanceTimeoutMs = request.rebalanceTimeoutMs < 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs;
      // The frame these are views on is larger and would stay alive with the member.
      const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
      const { protocolType } = request;
      const result = await group.join(
        { memberId, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols },
        newMemberId,
      );
      return { throttleTimeMs: 0, ...result };
    }),
    handler(syncGroupApi, async ({ groupId, memberId, instanceId, generation, protocolType, protocolName, assignments }) => {
      const [group, errorCode] = check(groupId, memberId, instanceId, generation);
      const answer = { throttleTimeMs: 0, protocolType: group?.protocolType ?? null, protocolName: group?.protocol ?? null };
      if (group === null) return { ...answer, errorCode, assignment: NOTHING };
      const differs =
        (protocolType !== null && protocolType !== group.protocolType) || (protocolName !== null && protocolName !== group.protocol);
      if (differs) return { ...answer, errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL, assignment: NOTHING };
      return { ...answer, ...(await group.sync(memberId, new Map(assignments.map((each) => [each.memberId, each.assignment])))) };
    }),
    handler(heartbeatApi, ({ groupId, memberId, instanceId, generation }) => {
      const [group, errorCode] = check(groupId, memberId, instanceId, generation);
      return { throttleTimeMs: 0, errorCode: group?.heartbeat(memberId) ?? errorCode };
    }),
    handler(leaveGroupApi, ({ groupId, memberId, members }, { version }) => {
      const group = state.groups.get(groupId);
      if (version < 3) {
        return { throttleTimeMs: 0, errorCode: group?.leave(memberId, null) ?? ErrorCode.UNKNOWN_MEMBER_ID, members: [] };
      }
      const left = members.map((each) => ({
        memberId: each.memberId,
        instanceId: each.instanceId,
        errorCode: group?.leave(each.memberId, each.instanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID,
      }));
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, members: left };
    }),
  ];
}

function groupAdminHandlers(state: BrokerState): Handler[] {
  return [
    handler(describeGroupsApi, ({ groups }) => ({
      throttleTimeMs: 0,
      groups: groups.map((groupId) => {
        const group = state.groups.get(groupId);
        return {
          errorCode: ErrorCode.NONE,
          groupId,
          state: group?.state ?? (state.offsets.has(groupId) ? 'Empty' : 'Dead'),
          protocolType: group?.protocolType ?? '',
          protocol: group?.state === 'Stable' ? group.protocol : '',
          members: (group?.members() ?? []).map((member) => ({
            memberId: member.id,
            instanceId: member.instanceId,
            clientId: member.clientId,
            clientHost: member.clientHost,
            metadata: group?.state === 'Stable' ? group.metadataOf(member) : NOTHING,
            assignment: member.assignment,
          })),
          operations: NO_OPERATIONS,
        };
      }),
    })),
    handler(listGroupsApi, ({ states, types }) => {
      const ids = new Set([...state.groups.ids(), ...state.offsets.groups()]);
      const groups = [...ids].map((groupId) => {
        const group = state.groups.get(groupId);
        return { groupId, protocolType: group?.protocolType ?? '', state: group?.state ?? 'Empty', type: 'classic' };
      });
      const wanted = (values: readonly string[], value: string) =>
        values.length === 0 || values.some((each) => each.toLowerCase() === value.toLowerCase());
      return {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        groups: groups.filter((each) => wanted(states, each.state) && wanted(types, each.type)),
      };
    }),
    handler(deleteGroupsApi, ({ groups }) => ({
      throttleTimeMs: 0,
      groups: groups.map((groupId) => {
        const group = state.groups.get(groupId);
        if (group === undefined && !state.offsets.has(groupId)) return { groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND };
        if (group !== undefined && !group.isEmpty) return { groupId, errorCode: ErrorCode.NON_EMPTY_GROUP };
        state.groups.delete(groupId);
        state.offsets.deleteGroup(groupId);
        return { groupId, errorCode: ErrorCode.NONE };
      }),
    })),
  ];
}
