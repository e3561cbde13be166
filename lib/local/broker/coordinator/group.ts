import type { Timers } from '../timers.ts';
import { ErrorCode } from '../wire/error-code.ts';
import {
  type GroupState,
  type JoinRequest,
  type JoinResult,
  type Member,
  refusedJoin,
  type SyncResult,
  sameProtocols,
} from './membership.ts';

// The classic group protocol as Kafka's broker plays it: members join, one leader assigns, everybody syncs, heartbeats keep members.

interface LiveMember extends JoinRequest {
  assignment: Buffer;
  answerJoin: ((result: JoinResult) => void) | null;
  answerSync: ((result: SyncResult) => void) | null;
  cancelSession: () => void;
}

const NOTHING = Buffer.alloc(0);

/** One consumer group with members. Offsets are kept elsewhere. */
export class Group {
  state: GroupState = 'Empty';
  generation = 0;
  protocolType = '';
  protocol = '';
  readonly #timers: Timers;
  readonly #members = new Map<string, LiveMember>();
  /** Ids that were handed out with MEMBER_ID_REQUIRED, with what ends their reservation. */
  readonly #reserved = new Map<string, () => void>();
  #leader = '';
  #cancelRebalance: () => void = () => undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  members(): Member[] {
    return [...this.#members.values()].map(({ memberId, ...member }) => ({ ...member, id: memberId }));
  }

  /** Bytes a member offered for the protocol in use. */
  metadataOf(member: Pick<JoinRequest, 'protocols'>): Buffer {
    return member.protocols.find((each) => each.name === this.protocol)?.metadata ?? NOTHING;
  }

  /** Holds an id for a client that must come again with it (KIP-394). */
  reserve(memberId: string, sessionTimeoutMs: number): void {
    const cancel = this.#timers.after(sessionTimeoutMs, () => {
      this.#reserved.delete(memberId);
      this.#completeIfAllJoined();
    });
    this.#reserved.set(memberId, cancel);
  }

  /** @returns NONE, or why this request of a member cannot be served */
  check(memberId: string, instanceId: string | null, generation: number): ErrorCode {
    const member = this.#members.get(memberId);
    if (instanceId !== null) {
      const owner = this.#byInstance(instanceId);
      if (owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (owner.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return generation === this.generation ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
  }

  /** Resolves when the group has gone through a rebalance, or at once where none is needed. */
  join(request: JoinRequest, newMemberId: () => string): Promise<JoinResult> {
    const { memberId, instanceId } = request;
    const owner = instanceId === null ? undefined : this.#byInstance(instanceId);
    const refuse = (errorCode: ErrorCode) => Promise.resolve(refusedJoin(errorCode, memberId));
    if (memberId !== '' && owner !== undefined && owner.memberId !== memberId) return refuse(ErrorCode.FENCED_INSTANCE_ID);
    const reserved = this.#reserved.has(memberId);
    if (memberId !== '' && !reserved && !this.#members.has(memberId)) return refuse(ErrorCode.UNKNOWN_MEMBER_ID);
    if (!this.#isCompatible(request)) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);

    this.#reserved.get(memberId)?.();
    this.#reserved.delete(memberId);
    if (memberId === '' && owner !== undefined) return this.#replace(owner, { ...request, memberId: newMemberId() });
    const current = this.#members.get(memberId);
    if (current === undefined) return this.#add({ ...request, memberId: memberId === '' ? newMemberId() : memberId });
    return this.#rejoin(current, request);
  }

  /** Resolves when the leader has assigned. `assignments` comes from the leader only. */
  sync(memberId: string, assignments: ReadonlyMap<string, Buffer>): Promise<SyncResult> {
    const member = this.#members.get(memberId) as LiveMember;
    if (this.state === 'PreparingRebalance') {
      return Promise.resolve({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS, assignment: NOTHING });
    }
    if (this.state === 'Stable') {
      this.#touch(member);
      return Promise.resolve({ errorCode: ErrorCode.NONE, assignment: member.assignment });
    }
    member.cancelSession();
    const answer = new Promise<SyncResult>((resolve) => {
      member.answerSync?.({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS, assignment: NOTHING });
      member.answerSync = resolve;
    });
    if (memberId === this.#leader) {
      this.state = 'Stable';
      for (const each of this.#members.values()) each.assignment = Buffer.from(assignments.get(each.memberId) ?? NOTHING);
      for (const each of this.#members.values()) this.#answerSync(each, ErrorCode.NONE);
    }
    return answer;
  }

  heartbeat(memberId: string): ErrorCode {
    this.#touch(this.#members.get(memberId) as LiveMember);
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  leave(memberId: string, instanceId: string | null): ErrorCode {
    const owner = instanceId === null ? undefined : this.#byInstance(instanceId);
    if (instanceId !== null && owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (owner !== undefined && memberId !== '' && owner.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    const reservation = this.#reserved.get(memberId);
    if (reservation !== undefined) {
      reservation();
      this.#reserved.delete(memberId);
      this.#completeIfAllJoined();
      return ErrorCode.NONE;
    }
    const member = owner ?? this.#members.get(memberId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    this.#remove(member);
    return ErrorCode.NONE;
  }

  /** Stops every timer; waiting members get no answer any more. */
  close(): void {
    this.#cancelRebalance();
    for (const cancel of this.#reserved.values()) cancel();
    for (const member of this.#members.values()) member.cancelSession();
  }

  #add(request: JoinRequest): Promise<JoinResult> {
    const member: LiveMember = { ...request, assignment: NOTHING, answerJoin: null, answerSync: null, cancelSession: () => undefined };
    this.#members.set(request.memberId, member);
    this.protocolType = request.protocolType;
    const answer = this.#awaitRebalance(member);
    this.#rebalance();
    return answer;
  }

  /** A static member came back under a new id: the old id is fenced; a stable group goes on without a rebalance (KIP-345). */
  #replace(owner: LiveMember, request: JoinRequest): Promise<JoinResult> {
    const unchanged = sameProtocols(owner, request);
    owner.cancelSession();
    owner.answerJoin?.(refusedJoin(ErrorCode.FENCED_INSTANCE_ID, owner.memberId));
    owner.answerSync?.({ errorCode: ErrorCode.FENCED_INSTANCE_ID, assignment: NOTHING });
    this.#members.delete(owner.memberId);
    const member: LiveMember = { ...owner, ...request, answerJoin: null, answerSync: null, cancelSession: () => undefined };
    this.#members.set(request.memberId, member);
    const led = this.#leader === owner.memberId;
    if (led) this.#leader = request.memberId;
    if (this.state === 'Stable' && unchanged) {
      this.#touch(member);
      // The old leader's name keeps clients older than `skipAssignment` from assigning again.
      return Promise.resolve({ ...this.#result(member), leader: led ? owner.memberId : this.#leader, members: [] });
    }
    const answer = this.#awaitRebalance(member);
    this.#rebalance();
    return answer;
  }

  #rejoin(member: LiveMember, request: JoinRequest): Promise<JoinResult> {
    const unchanged = sameProtocols(member, request);
    const current = unchanged && (this.state === 'CompletingRebalance' || (this.state === 'Stable' && member.memberId !== this.#leader));
    if (current) {
      this.#touch(member);
      return Promise.resolve(this.#result(member));
    }
    Object.assign(member, request);
    const answer = this.#awaitRebalance(member);
    this.#rebalance();
    return answer;
  }

  #awaitRebalance(member: LiveMember): Promise<JoinResult> {
    // A member that waits for others is alive, however long they take.
    member.cancelSession();
    return new Promise((resolve) => {
      member.answerJoin?.(refusedJoin(ErrorCode.REBALANCE_IN_PROGRESS, member.memberId));
      member.answerJoin = resolve;
    });
  }

  #rebalance(): void {
    if (this.state !== 'PreparingRebalance') {
      for (const member of this.#members.values()) this.#answerSync(member, ErrorCode.REBALANCE_IN_PROGRESS);
      this.state = 'PreparingRebalance';
      let timeoutMs = 0;
      for (const member of this.#members.values()) timeoutMs = Math.max(timeoutMs, member.rebalanceTimeoutMs);
      this.#cancelRebalance = this.#timers.after(timeoutMs, () => this.#complete());
    }
    this.#completeIfAllJoined();
  }

  #completeIfAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.#reserved.size > 0) return;
    for (const member of this.#members.values()) if (member.answerJoin === null) return;
    this.#complete();
  }

  #complete(): void {
    this.#cancelRebalance();
    for (const member of this.#members.values()) {
      // A static member may come back under its instance id; its session decides.
      if (member.answerJoin !== null || member.instanceId !== null) continue;
      member.cancelSession();
      this.#members.delete(member.memberId);
    }
    this.generation++;
    if (this.isEmpty) {
      this.state = 'Empty';
      this.protocol = '';
      this.#leader = '';
      return;
    }
    this.state = 'CompletingRebalance';
    this.protocol = this.#voted();
    if (this.#members.get(this.#leader)?.answerJoin == null) {
      const joined = [...this.#members.values()].find((member) => member.answerJoin !== null);
      this.#leader = (joined ?? ([...this.#members.values()][0] as LiveMember)).memberId;
    }
    for (const member of this.#members.values()) {
      const answer = member.answerJoin;
      member.answerJoin = null;
      this.#touch(member);
      answer?.(this.#result(member));
    }
  }

  /** The strategy most members list first among those that all of them know. */
  #voted(): string {
    const members = [...this.#members.values()];
    const known = (name: string) => members.every((member) => member.protocols.some((each) => each.name === name));
    const votes = new Map<string, number>();
    for (const member of members) {
      const choice = member.protocols.find((each) => known(each.name))?.name ?? '';
      votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  }

  #isCompatible({ memberId, protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    const others = [...this.#members.values()].filter((member) => member.memberId !== memberId);
    if (others.length === 0) return true;
    if (protocolType !== this.protocolType) return false;
    return protocols.some(({ name }) => others.every((member) => member.protocols.some((each) => each.name === name)));
  }

  #result(member: LiveMember): JoinResult {
    const leads = member.memberId === this.#leader;
    return {
      errorCode: ErrorCode.NONE,
      generation: this.generation,
      protocolType: this.protocolType,
      protocolName: this.protocol,
      leader: this.#leader,
      memberId: member.memberId,
      skipAssignment: false,
      members: leads
        ? [...this.#members.values()].map((each) => ({
            memberId: each.memberId,
            instanceId: each.instanceId,
            metadata: this.metadataOf(each),
          }))
        : [],
    };
  }

  #answerSync(member: LiveMember, errorCode: ErrorCode): void {
    const answer = member.answerSync;
    if (answer === null) return;
    member.answerSync = null;
    this.#touch(member);
    answer({ errorCode, assignment: errorCode === ErrorCode.NONE ? member.assignment : NOTHING });
  }

  #touch(member: LiveMember): void {
    member.cancelSession();
    if (member.answerJoin !== null || member.answerSync !== null) return;
    member.cancelSession = this.#timers.after(member.sessionTimeoutMs, () => this.#remove(member));
  }

  #remove(member: LiveMember): void {
    member.cancelSession();
    member.answerJoin?.(refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.memberId));
    member.answerSync?.({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, assignment: NOTHING });
    this.#members.delete(member.memberId);
    this.#rebalance();
  }

  #byInstance(instanceId: string): LiveMember | undefined {
    for (const member of this.#members.values()) if (member.instanceId === instanceId) return member;
    return undefined;
  }
}
