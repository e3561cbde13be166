import { describe, expect, it } from 'vitest';
import { Group } from '../../../../lib/local/broker/coordinator/group.ts';
import type { JoinRequest, JoinResult } from '../../../../lib/local/broker/coordinator/membership.ts';
import { ErrorCode } from '../../../../lib/local/broker/wire/error-code.ts';
import { ManualTimers } from './manual-timers.ts';

const SESSION_MS = 10_000;
const REBALANCE_MS = 60_000;

function request(more: Partial<JoinRequest> = {}): JoinRequest {
  return {
    memberId: '',
    instanceId: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: SESSION_MS,
    rebalanceTimeoutMs: REBALANCE_MS,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    ...more,
  };
}

function newGroup() {
  const timers = new ManualTimers();
  const group = new Group(timers);
  let serial = 0;
  const join = (more: Partial<JoinRequest> = {}): Promise<JoinResult> => group.join(request(more), () => `member-${++serial}`);
  return { timers, group, join };
}

/** Whether a promise has an answer by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('Group', () => {
  describe('a rebalance', () => {
    it('waits for the members there are', async () => {
      const { group, join } = newGroup();
      await join();
      await group.sync('member-1', new Map());

      const second = join();

      expect(await settled(second)).toBe(false);
      expect(group.heartbeat('member-1')).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
      const [first, other] = await Promise.all([join({ memberId: 'member-1' }), second]);
      expect([first.generation, other.generation, first.leader]).toEqual([2, 2, 'member-1']);
    });

    it('goes on without members that do not come back in time', async () => {
      const { timers, group, join } = newGroup();
      await join({ sessionTimeoutMs: REBALANCE_MS * 2 });
      await group.sync('member-1', new Map());
      const second = join();

      timers.advance(REBALANCE_MS);

      expect(await second).toMatchObject({ errorCode: 0, generation: 2, leader: 'member-2', members: { length: 1 } });
      expect(group.check('member-1', null, 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    });

    it('does not wait for a handed-out id longer than its session timeout', async () => {
      const { timers, group, join } = newGroup();
      group.reserve('reserved', SESSION_MS);
      const first = join();
      expect(await settled(first)).toBe(false);

      timers.advance(SESSION_MS);

      expect(await first).toMatchObject({ errorCode: 0, generation: 1 });
    });

    it('sends waiting syncs back to join', async () => {
      const { join, group } = newGroup();
      await join();
      const second = join();
      await Promise.all([join({ memberId: 'member-1' }), second]);
      const waiting = group.sync('member-2', new Map());

      const third = join();

      expect((await waiting).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
      await Promise.all([join({ memberId: 'member-1' }), join({ memberId: 'member-2' }), third]);
      expect(group.generation).toBe(3);
    });

    it('chooses a protocol all members know, by votes', async () => {
      const { join } = newGroup();
      const offer = (...names: string[]) => names.map((name) => ({ name, metadata: Buffer.from(name) }));
      await join({ protocols: offer('sticky', 'range') });
      const second = join({ protocols: offer('range', 'roundrobin') });

      const [first] = await Promise.all([join({ memberId: 'member-1', protocols: offer('sticky', 'range') }), second]);

      expect(first.protocolName).toBe('range');
      expect(first.members.map(({ metadata }) => String(metadata))).toEqual(['range', 'range']);
    });
  });

  describe('a session', () => {
    it('ends without heartbeats and starts a rebalance', async () => {
      const { timers, group, join } = newGroup();
      await join();
      await group.sync('member-1', new Map());

      timers.advance(SESSION_MS - 1);
      group.heartbeat('member-1');
      timers.advance(SESSION_MS - 1);
      expect(group.isEmpty).toBe(false);
      timers.advance(1);

      expect(group.isEmpty).toBe(true);
      expect(group.state).toBe('Empty');
      expect(timers.waiting).toBe(0);
    });

    it('does not end while the member waits for others', async () => {
      const { timers, group, join } = newGroup();
      await join({ sessionTimeoutMs: REBALANCE_MS * 2 });
      await group.sync('member-1', new Map());
      const second = join();

      timers.advance(SESSION_MS * 2);

      expect(await settled(second)).toBe(false);
      expect(group.members()).toHaveLength(2);
    });
  });

  describe('a static member', () => {
    it('keeps its assignment when it comes back under a new id', async () => {
      const { group, join } = newGroup();
      await join({ instanceId: 'one' });
      await group.sync('member-1', new Map([['member-1', Buffer.from('all')]]));

      const back = await join({ instanceId: 'one' });

      expect(back).toMatchObject({ memberId: 'member-2', generation: 1, leader: 'member-1', members: [] });
      expect(String((await group.sync('member-2', new Map())).assignment)).toBe('all');
      expect(group.check('member-1', 'one', 1)).toBe(ErrorCode.FENCED_INSTANCE_ID);
    });

    it('makes a rebalance when it wants something else', async () => {
      const { group, join } = newGroup();
      await join({ instanceId: 'one' });
      await group.sync('member-1', new Map());

      const back = await join({ instanceId: 'one', protocols: [{ name: 'range', metadata: Buffer.from('other') }] });

      expect(back).toMatchObject({ generation: 2, leader: 'member-2', members: { length: 1 } });
    });

    it('leaves by its instance id', async () => {
      const { group, join } = newGroup();
      await join({ instanceId: 'one' });

      expect(group.leave('', 'two')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
      expect(group.leave('wrong', 'one')).toBe(ErrorCode.FENCED_INSTANCE_ID);
      expect(group.leave('', 'one')).toBe(ErrorCode.NONE);

      expect(group.isEmpty).toBe(true);
    });
  });
});
