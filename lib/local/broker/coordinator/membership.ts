import type { ErrorCode } from '../wire/error-code.ts';

// What members and a group say to each other; `group.ts` plays the group's part.

/** Names as DescribeGroups prints them. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** An assignment strategy a member offers, with what it wants the leader to know. */
interface OfferedProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** What a member says when it joins. */
export interface JoinRequest {
  readonly memberId: string;
  /** Static membership (KIP-345); null = dynamic. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly OfferedProtocol[];
}

/** The answer to a join. `members` is empty but for the leader. */
export interface JoinResult {
  readonly errorCode: ErrorCode;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly memberId: string;
  readonly skipAssignment: boolean;
  readonly members: readonly { memberId: string; instanceId: string | null; metadata: Buffer }[];
}

/** The answer to a sync. */
export interface SyncResult {
  readonly errorCode: ErrorCode;
  readonly assignment: Buffer;
}

/** A member as DescribeGroups shows it. */
export interface Member extends Omit<JoinRequest, 'memberId'> {
  readonly id: string;
  readonly assignment: Buffer;
}

/** The answer to a join that is refused. */
export function refusedJoin(errorCode: ErrorCode, memberId: string): JoinResult {
  return {
    errorCode,
    generation: -1,
    protocolType: null,
    protocolName: '',
    leader: '',
    memberId,
    skipAssignment: false,
    members: [],
  };
}

/** True when a member wants the same as before, so that nobody needs to join again. */
export function sameProtocols(a: JoinRequest, b: JoinRequest): boolean {
  return (
    a.protocols.length === b.protocols.length &&
    a.protocols.every((each, at) => each.name === b.protocols[at]?.name && each.metadata.equals(b.protocols[at].metadata))
  );
}
