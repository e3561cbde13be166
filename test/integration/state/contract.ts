/** What every implementation of the state's ports does, rule by rule. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataException, NotFoundException } from '../../../lib/core/errors.ts';
import type { SourcePartition } from '../../../lib/core/source-record.ts';
import { LeaseLostException, StateConflictException } from '../../../lib/state/errors.ts';
import type { AcquireRequest, Lease } from '../../../lib/state/lease-store.ts';
import type { Watermark } from '../../../lib/state/offset-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import type { TaskStatus } from '../../../lib/state/status-store.ts';
import type { StateTarget } from '../../support/state/targets.ts';

const RUNNING: Omit<TaskStatus, 'task' | 'generation'> = { state: 'RUNNING', workerId: 'w:1', trace: null, lastTick: null };
const FIGURES = { records: 3, bytes: 99, deadLetters: 0, retries: 1, durationMs: 12, endedAtMs: 1_000 };

export function describeStateContract(name: string, openTarget: () => Promise<StateTarget>, skipReason: string | null = null): void {
  const title = `state on ${name}${skipReason === null ? '' : ` (skipped: ${skipReason})`}`;
  describe.skipIf(skipReason !== null)(title, () => {
    let target: StateTarget;
    let one: StateStores;
    let two: StateStores;
    let made = 0;
    const newName = () => `orders ${++made} #%/ü🙂`;

    beforeAll(async () => {
      target = await openTarget();
      one = target.open();
      two = target.open();
    });
    afterAll(() => target?.close());

    const acquire = async (stores: StateStores, connector: string, request: Partial<AcquireRequest> = {}): Promise<Lease> => {
      const outcome = await stores.leases.acquire(requestOf(connector, request));
      if (!('acquired' in outcome)) throw new Error(`held by ${outcome.heldBy.owner}`);
      return outcome.acquired;
    };
    const requestOf = (connector: string, request: Partial<AcquireRequest> = {}): AcquireRequest => {
      return { connector, task: 0, owner: 'a', generation: 1, leaseMs: 30_000, nowMs: 1_000, ...request };
    };
    const create = (connector: string, config: Record<string, string> = { a: '1' }) =>
      one.configs.putConfig(connector, { config, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 7 });

    describe('leases', () => {
      it('gives a task that nobody ever held epoch 1, to be fenced', async () => {
        const connector = newName();
        expect(await one.leases.look(connector, 0)).toBeNull();
        expect(await acquire(one, connector)).toEqual({
          connector,
          task: 0,
          owner: 'a',
          token: { generation: 1, epoch: 1 },
          leaseUntilMs: 31_000,
          renewals: 0,
          releasedCleanly: false,
          fencedFromEpoch: 1,
          previous: null,
        });
      });

      it('tells the second of two runners who holds the task', async () => {
        const connector = newName();
        await acquire(one, connector);
        expect(await two.leases.acquire(requestOf(connector, { owner: 'b' }))).toEqual({
          heldBy: expect.objectContaining({ owner: 'a', token: { generation: 1, epoch: 1 }, leaseUntilMs: 31_000, renewals: 0 }),
        });
      });

      it('lets exactly one of many simultaneous runners have the task', async () => {
        const connector = newName();
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : two).leases.acquire(requestOf(connector, { owner: `o${at}` }))),
        );
        expect(outcomes.filter((outcome) => 'acquired' in outcome)).toHaveLength(1);
      });

      it('gives a released lease to anybody, one epoch later, and says that nothing needs fencing', async () => {
        const connector = newName();
        const first = await acquire(one, connector);
        await one.leases.release(first);
        expect((await two.leases.look(connector, 0))?.released).toBe(true);
        const second = await acquire(two, connector, { owner: 'b' });
        expect(second).toMatchObject({
          token: { generation: 1, epoch: 2 },
          releasedCleanly: true,
          previous: first.token,
          fencedFromEpoch: 1,
        });
      });

      it('remembers through clean releases from which epoch on every owner released', async () => {
        const connector = newName();
        await acquire(one, connector);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        expect(taken).toMatchObject({ token: { epoch: 2 }, releasedCleanly: false, fencedFromEpoch: 2, previous: null });
        await two.leases.release(taken);
        const third = await acquire(one, connector);
        await one.leases.release(third);
        expect(await acquire(one, connector)).toMatchObject({ token: { epoch: 4 }, releasedCleanly: true, fencedFromEpoch: 2 });
      });

      it('lets a tick take an unreleased lease 5 s after its end, not before', async () => {
        const connector = newName();
        await acquire(one, connector, { leaseMs: 10_000, nowMs: 0 });
        expect(await two.leases.acquire(requestOf(connector, { owner: 'b', nowMs: 15_000 }))).toHaveProperty('heldBy');
        expect(await acquire(two, connector, { owner: 'b', nowMs: 15_001 })).toMatchObject({ token: { epoch: 2 }, releasedCleanly: false });
      });

      it('lets a worker take a lease whose renewal counter stood still, whatever the clocks say', async () => {
        const connector = newName();
        const lease = await acquire(one, connector, { nowMs: 6 * 3_600_000 });
        const seen = await two.leases.look(connector, 0);
        const observed = { token: seen!.token, renewals: seen!.renewals };
        const renewed = await one.leases.renew(lease, 30_000, 6 * 3_600_000 + 1);
        expect(renewed.renewals).toBe(1);
        expect(await two.leases.acquire(requestOf(connector, { owner: 'b', nowMs: 0, observed }))).toHaveProperty('heldBy');
        const again = { token: renewed.token, renewals: 1 };
        expect(await acquire(two, connector, { owner: 'b', nowMs: 0, observed: again })).toMatchObject({ token: { epoch: 2 } });
      });

      it('does not let a worker go by an expired wall clock', async () => {
        const connector = newName();
        await acquire(one, connector, { nowMs: 0 });
        const observed = { token: { generation: 1, epoch: 1 }, renewals: 7 };
        expect(await two.leases.acquire(requestOf(connector, { owner: 'b', nowMs: 9e9, observed }))).toHaveProperty('heldBy');
      });

      it('gives a lease of an older generation at once, of a newer one never, not even a released one', async () => {
        const connector = newName();
        await acquire(one, connector, { generation: 4 });
        const newer = await acquire(two, connector, { owner: 'b', generation: 5 });
        expect(newer).toMatchObject({ token: { generation: 5, epoch: 2 }, releasedCleanly: false, fencedFromEpoch: 2 });
        await two.leases.release(newer);
        expect(await one.leases.acquire(requestOf(connector, { generation: 4, nowMs: 9e9 }))).toHaveProperty('heldBy.token.generation', 5);
      });

      it('does not call a release in an older generation clean', async () => {
        const connector = newName();
        await one.leases.release(await acquire(one, connector, { generation: 4 }));
        expect(await acquire(one, connector, { generation: 5 })).toMatchObject({
          releasedCleanly: false,
          previous: null,
          fencedFromEpoch: 2,
        });
      });

      it('gives an owner its own lease again, one epoch later, to be fenced', async () => {
        const connector = newName();
        await acquire(one, connector);
        expect(await acquire(one, connector)).toMatchObject({ token: { epoch: 2 }, releasedCleanly: false, fencedFromEpoch: 2 });
      });

      it('renews: the counter and the end move on', async () => {
        const connector = newName();
        const lease = await one.leases.renew(await acquire(one, connector), 30_000, 11_000);
        expect(lease).toMatchObject({ renewals: 1, leaseUntilMs: 41_000, token: { epoch: 1 } });
        expect(await one.leases.renew(lease, 30_000, 21_000)).toMatchObject({ renewals: 2, leaseUntilMs: 51_000 });
        expect(await two.leases.look(connector, 0)).toMatchObject({ renewals: 2, leaseUntilMs: 51_000, owner: 'a', released: false });
      });

      it('refuses a renewal after a takeover, and after the own release', async () => {
        const connector = newName();
        const lost = await acquire(one, connector);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        await expect(one.leases.renew(lost, 30_000, 100_001)).rejects.toThrow(LeaseLostException);
        await two.leases.release(taken);
        await expect(two.leases.renew(taken, 30_000, 100_002)).rejects.toThrow(LeaseLostException);
      });

      it('ignores the release of a lost lease', async () => {
        const connector = newName();
        const lost = await acquire(one, connector);
        await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        await one.leases.release(lost);
        expect(await one.leases.look(connector, 0)).toMatchObject({ owner: 'b', released: false });
      });

      it('shows all tasks of a connector by number', async () => {
        const connector = newName();
        for (const task of [10, 2, 0]) await acquire(one, connector, { task });
        const all = await two.leases.lookAll(connector);
        expect(all.map((held) => held.task)).toEqual([0, 2, 10]);
        expect(all[2]).toEqual({
          task: 10,
          owner: 'a',
          token: { generation: 1, epoch: 1 },
          leaseUntilMs: 31_000,
          renewals: 0,
          released: false,
        });
        expect(await two.leases.lookAll(newName())).toEqual([]);
      });
    });

    describe('source offsets', () => {
      const partition = { table: 'orders' };

      it('gives back what was committed, by any process, in the order asked', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        await one.offsets.commit(lease, [
          { partition: { db: 'x', table: 'a' }, offset: { id: 1 } },
          { partition: { table: 'b', db: 'x' }, offset: { id: 2, at: '2026' } },
        ]);
        await one.leases.release(lease);
        const next = await acquire(two, connector, { owner: 'b' });
        const asked: SourcePartition[] = [{ db: 'x', table: 'b' }, { table: 'unknown' }, { table: 'a', db: 'x' }];
        expect(await two.offsets.load(next, asked, false)).toEqual([{ id: 2, at: '2026' }, null, { id: 1 }]);
        expect(await two.offsets.list(connector)).toEqual([
          { partition: { db: 'x', table: 'a' }, offset: { id: 1 } },
          { partition: { db: 'x', table: 'b' }, offset: { id: 2, at: '2026' } },
        ]);
      });

      it('keeps integers beyond 2^53, floats, booleans, nulls and any text', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        const offset = {
          big: 9_007_199_254_740_993n,
          low: -(2n ** 63n),
          small: 5,
          half: 0.5,
          tiny: 1e-7,
          yes: true,
          none: null,
          text: 'ü"\\\n#',
        };
        await one.offsets.commit(lease, [{ partition, offset }]);
        const fresh = target.open();
        expect((await fresh.offsets.list(connector))[0]?.offset).toEqual(offset);
        const again = await acquire(fresh, connector);
        expect(await fresh.offsets.load(again, [partition], true)).toEqual([offset]);
      });

      it('takes a bigint for the same partition as the number', async () => {
        const lease = await acquire(one, newName());
        await one.offsets.commit(lease, [{ partition: { shard: 5n }, offset: { at: 1 } }]);
        expect(await one.offsets.load(lease, [{ shard: 5 }], false)).toEqual([{ at: 1 }]);
      });

      it('forgets an offset that is reset', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        await one.offsets.commit(lease, [{ partition, offset: { id: 1 } }]);
        await one.offsets.commit(lease, [{ partition, offset: null }]);
        expect(await one.offsets.load(lease, [partition], false)).toEqual([null]);
        expect(await one.offsets.list(connector)).toEqual([]);
      });

      it('takes the last of several offsets of one partition in one commit', async () => {
        const lease = await acquire(one, newName());
        await one.offsets.commit(
          lease,
          [1, 2, 3].map((id) => ({ partition, offset: { id } })),
        );
        expect(await one.offsets.load(lease, [partition], true)).toEqual([{ id: 3 }]);
      });

      it('commits and loads a hundred partitions, also after a takeover', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        const offsets = Array.from({ length: 100 }, (_, at) => ({ partition: { table: `t${at}` }, offset: { id: at } }));
        await one.offsets.commit(lease, offsets);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        const partitions = offsets.map((stored) => stored.partition);
        expect(await two.offsets.load(taken, partitions, false)).toEqual(offsets.map((stored) => stored.offset));
        await two.leases.release(taken);
        const fresh = target.open();
        const next = await acquire(fresh, connector, { owner: 'c' });
        expect(await fresh.offsets.load(next, partitions, false)).toEqual(offsets.map((stored) => stored.offset));
      });

      it('refuses the commit of a frozen owner after a takeover, whether the partition had an offset or not', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        await one.offsets.commit(frozen, [{ partition, offset: { id: 1 } }]);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        expect(await two.offsets.load(taken, [partition, { table: 'new' }], true)).toEqual([{ id: 1 }, null]);
        for (const late of [partition, { table: 'new' }]) {
          await expect(one.offsets.commit(frozen, [{ partition: late, offset: { id: 99 } }])).rejects.toThrow(LeaseLostException);
        }
        await expect(one.offsets.load(frozen, [partition], true)).rejects.toThrow(LeaseLostException);
        expect(await two.offsets.list(connector)).toEqual([{ partition, offset: { id: 1 } }]);
        await two.offsets.commit(taken, [{ partition, offset: { id: 2 } }]);
        expect(await two.offsets.list(connector)).toEqual([{ partition, offset: { id: 2 } }]);
      });

      it('fences a partition that is met for the first time after a clean release by an owner that did not ask for it', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        await one.offsets.commit(frozen, [{ partition, offset: { id: 1 } }]);
        await two.leases.release(await acquire(two, connector, { owner: 'b', nowMs: 100_000 }));
        const next = await acquire(two, connector, { owner: 'c', nowMs: 100_000 });
        expect(next.releasedCleanly).toBe(true);
        expect(await two.offsets.load(next, [partition, { table: 'new' }], false)).toEqual([{ id: 1 }, null]);
        await expect(one.offsets.commit(frozen, [{ partition, offset: { id: 5 } }])).rejects.toThrow(LeaseLostException);
        await expect(one.offsets.commit(frozen, [{ partition: { table: 'new' }, offset: { id: 5 } }])).rejects.toThrow(LeaseLostException);
      });

      it('moves a partition to another task with a new generation', async () => {
        const connector = newName();
        const old = await acquire(one, connector, { task: 0, generation: 1 });
        for (let epoch = 0; epoch < 3; epoch++) await one.leases.release(await acquire(one, connector, { task: 5, generation: 1 }));
        await one.offsets.commit(old, [{ partition, offset: { id: 1 } }]);
        const fresh = await acquire(two, connector, { task: 1, generation: 2, owner: 'b' });
        expect(await two.offsets.load(fresh, [partition], !fresh.releasedCleanly)).toEqual([{ id: 1 }]);
        await expect(one.offsets.commit(old, [{ partition, offset: { id: 9 } }])).rejects.toThrow(LeaseLostException);
        await two.offsets.commit(fresh, [{ partition, offset: { id: 2 } }]);
        expect(await one.offsets.list(connector)).toEqual([{ partition, offset: { id: 2 } }]);
      });

      it('lets two tasks of one generation that share a partition overwrite each other, as Connect does', async () => {
        const connector = newName();
        const first = await acquire(one, connector, { task: 0 });
        await two.leases.release(await acquire(two, connector, { task: 1, owner: 'b' }));
        const second = await acquire(two, connector, { task: 1, owner: 'b' });
        await two.offsets.commit(second, [{ partition, offset: { id: 2 } }]);
        await one.offsets.commit(first, [{ partition, offset: { id: 1 } }]);
        await two.offsets.commit(second, [{ partition, offset: { id: 3 } }]);
        expect(await one.offsets.list(connector)).toEqual([{ partition, offset: { id: 3 } }]);
      });

      it('sees what another process committed in between', async () => {
        const connector = newName();
        const first = await acquire(one, connector);
        await one.offsets.commit(first, [{ partition, offset: { id: 1 } }]);
        await one.leases.release(first);
        const second = await acquire(two, connector);
        await two.offsets.commit(second, [{ partition, offset: { id: 2 } }]);
        await two.leases.release(second);
        const third = await acquire(one, connector);
        expect(await one.offsets.load(third, [partition], false)).toEqual([{ id: 2 }]);
      });

      it('sees its own commits again after a clean release', async () => {
        const connector = newName();
        const first = await acquire(one, connector);
        expect(await one.offsets.load(first, [partition], true)).toEqual([null]);
        await one.offsets.commit(first, [{ partition, offset: { id: 1 } }]);
        await one.leases.release(first);
        const second = await acquire(one, connector);
        expect(await one.offsets.load(second, [partition], false)).toEqual([{ id: 1 }]);
      });

      it('refuses an offset over 350 kB, with its size, and writes nothing of that commit', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        const commit = one.offsets.commit(lease, [
          { partition, offset: { id: 1 } },
          { partition: { table: 'large' }, offset: { text: 'x'.repeat(350_000) } },
        ]);
        await expect(commit).rejects.toThrow(DataException);
        await expect(commit).rejects.toThrow('350011 bytes as JSON, at most 350000 can be stored');
        expect(await one.offsets.list(connector)).toEqual([]);
        await one.offsets.commit(lease, [{ partition, offset: { text: 'x'.repeat(349_900) } }]);
        expect((await two.offsets.list(connector))[0]?.offset).toEqual({ text: 'x'.repeat(349_900) });
      });

      it('refuses an offset that is not made of primitives, in words of Connect', async () => {
        const lease = await acquire(one, newName());
        const nested = { deep: { id: 1 } } as unknown as { deep: string };
        await expect(one.offsets.commit(lease, [{ partition, offset: nested }])).rejects.toThrow(
          'Offsets may only contain primitive types as values, but field deep contains MAP',
        );
      });

      it('alters offsets by hand under a new generation and fences every owner before it', async () => {
        const connector = newName();
        const old = await acquire(one, connector, { generation: 3 });
        await one.offsets.commit(old, [
          { partition, offset: { id: 10 } },
          { partition: { table: 'b' }, offset: { id: 20 } },
        ]);
        await one.offsets.alter(connector, { generation: 4, epoch: 0 }, [
          { partition, offset: { id: 3 } },
          { partition: { table: 'b' }, offset: null },
        ]);
        expect(await two.offsets.list(connector)).toEqual([{ partition, offset: { id: 3 } }]);
        await expect(one.offsets.commit(old, [{ partition, offset: { id: 11 } }])).rejects.toThrow(LeaseLostException);
        await expect(two.offsets.alter(connector, { generation: 3, epoch: 0 }, [{ partition, offset: { id: 0 } }])).rejects.toThrow(
          StateConflictException,
        );
        const next = await acquire(one, connector, { generation: 5 });
        expect(await one.offsets.load(next, [partition, { table: 'b' }], true)).toEqual([{ id: 3 }, null]);
      });
    });

    describe('watermarks', () => {
      const mark = (partition: number, nextOffset: number, topic = 'a.b_c-#1'): Watermark => {
        return { topic, partition, nextOffset, delivered: [{ offset: nextOffset - 1, crc: 4_294_967_295 }] };
      };
      const key = (watermark: Watermark) => `${watermark.topic}-${watermark.partition}`;
      const previous = (...marks: (Watermark | null)[]) => ({
        previous: new Map(marks.filter((one) => one !== null).map((one) => [key(one), one])),
      });

      it('are compared and set: only over what was loaded', async () => {
        const connector = newName();
        await one.offsets.commitWatermarks(connector, previous(), [mark(0, 5), mark(1, 6)]);
        const loaded = await two.offsets.loadWatermarks(connector, [mark(0, 0), mark(1, 0), mark(2, 0)]);
        expect([...loaded.values()]).toEqual([mark(0, 5), mark(1, 6)]);
        await two.offsets.commitWatermarks(connector, { previous: loaded }, [mark(0, 9)]);
        await expect(one.offsets.commitWatermarks(connector, { previous: loaded }, [mark(0, 7)])).rejects.toThrow(StateConflictException);
        await expect(one.offsets.commitWatermarks(connector, previous(), [mark(1, 7)])).rejects.toThrow(StateConflictException);
        expect(await one.offsets.listWatermarks(connector)).toEqual([mark(0, 9), mark(1, 6)]);
      });

      it('may be set back', async () => {
        const connector = newName();
        await one.offsets.commitWatermarks(connector, previous(), [mark(0, 5)]);
        await one.offsets.commitWatermarks(connector, previous(mark(0, 5)), [mark(0, 1)]);
        expect(await two.offsets.listWatermarks(connector)).toEqual([mark(0, 1)]);
      });

      it('keep the last eight answers', async () => {
        const connector = newName();
        const delivered = Array.from({ length: 10 }, (_, at) => ({ offset: at, crc: at }));
        await one.offsets.commitWatermarks(connector, previous(), [{ topic: 't', partition: 0, nextOffset: 10, delivered }]);
        expect((await two.offsets.listWatermarks(connector))[0]?.delivered).toEqual(delivered.slice(2));
      });

      it('remember the topic and the group, until they are written without', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        const full: Watermark = { ...mark(0, 5), topicId: 'WZ3bGJ4ESm6SvQm4hVhQgA', groupAt: 2 };
        await one.offsets.commitWatermarks(connector, { lease }, [full]);
        expect(await two.offsets.listWatermarks(connector)).toEqual([full]);
        await one.offsets.commitWatermarks(connector, previous(full), [mark(0, 7)]);
        expect(await two.offsets.listWatermarks(connector)).toEqual([mark(0, 7)]);
      });

      it('set by hand are out of reach of every owner from before', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector, { generation: 1 });
        await one.offsets.commitWatermarks(connector, { lease: frozen }, [mark(0, 5)]);
        const byHand = { generation: 2, epoch: 0 };
        await two.offsets.commitWatermarks(connector, { ...previous(mark(0, 5)), byHand }, [mark(0, 1)]);
        await expect(one.offsets.commitWatermarks(connector, { lease: frozen }, [mark(0, 9)])).rejects.toThrow(LeaseLostException);
        expect(await two.offsets.listWatermarks(connector)).toEqual([mark(0, 1)]);
        const next = await acquire(two, connector, { generation: 2, nowMs: 100_000 });
        await two.offsets.commitWatermarks(connector, { lease: next }, [mark(0, 2)]);
        expect(await one.offsets.listWatermarks(connector)).toEqual([mark(0, 2)]);
      });

      it('of a scheduled sink are fenced by its lease', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        expect(await one.offsets.fenceWatermarks(frozen, [mark(0, 0)])).toEqual(new Map());
        await one.offsets.commitWatermarks(connector, { lease: frozen }, [mark(0, 5)]);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        expect([...(await two.offsets.fenceWatermarks(taken, [mark(0, 0), mark(1, 0)])).values()]).toEqual([mark(0, 5)]);
        for (const partition of [0, 1]) {
          await expect(one.offsets.commitWatermarks(connector, { lease: frozen }, [mark(partition, 8)])).rejects.toThrow(
            LeaseLostException,
          );
        }
        await two.offsets.commitWatermarks(connector, { lease: taken }, [mark(0, 6)]);
        expect(await one.offsets.listWatermarks(connector)).toEqual([mark(0, 6)]);
      });

      it('are listed by topic and partition number', async () => {
        const connector = newName();
        const marks = [mark(10, 1, 'a'), mark(2, 1, 'b'), mark(2, 1, 'a')];
        await one.offsets.commitWatermarks(connector, previous(), marks);
        expect((await two.offsets.listWatermarks(connector)).map(key)).toEqual(['a-2', 'a-10', 'b-2']);
      });
    });

    describe('progress', () => {
      it('is remembered across owners and generations, and fenced', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        expect(await one.offsets.loadProgress(frozen)).toBeNull();
        await one.offsets.saveProgress(frozen, { lastPollMs: 5, position: 'k', done: false });
        const taken = await acquire(two, connector, { owner: 'b', generation: 2 });
        expect(await two.offsets.loadProgress(taken)).toEqual({ lastPollMs: 5, position: 'k', done: false });
        await expect(one.offsets.saveProgress(frozen, { lastPollMs: 6 })).rejects.toThrow(LeaseLostException);
        await two.offsets.saveProgress(taken, { lastPollMs: 7 });
        expect(await two.offsets.loadProgress(taken)).toEqual({ lastPollMs: 7 });
      });
    });

    describe('status', () => {
      it('is what the owner of the task wrote', async () => {
        const connector = newName();
        expect(await one.status.tasks(connector)).toEqual([]);
        const lease = await acquire(one, connector, { task: 1, generation: 3 });
        await one.status.putTask(lease, { ...RUNNING, lastTick: FIGURES });
        expect(await two.status.tasks(connector)).toEqual([{ ...RUNNING, task: 1, generation: 3, lastTick: FIGURES }]);
      });

      it('of a frozen owner is refused after a takeover', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        await expect(one.status.putTask(frozen, RUNNING)).rejects.toThrow(LeaseLostException);
        expect(await two.status.tasks(connector)).toEqual([]);
        await two.status.putTask(taken, { ...RUNNING, state: 'FAILED', trace: 'of two' });
        await expect(one.status.putTask(frozen, { ...RUNNING, state: 'FAILED', trace: 'of one' })).rejects.toThrow(LeaseLostException);
        expect(await one.status.tasks(connector)).toEqual([{ ...RUNNING, state: 'FAILED', task: 0, generation: 1, trace: 'of two' }]);
      });

      it('keeps its trace when its owner is frozen and taken over', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        await one.status.putTask(frozen, { ...RUNNING, state: 'FAILED', trace: 'before' });
        await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        await expect(one.status.putTask(frozen, { ...RUNNING, state: 'FAILED', trace: 'late' })).rejects.toThrow(LeaseLostException);
        expect(await two.status.tasks(connector)).toMatchObject([{ state: 'FAILED', trace: 'before' }]);
      });

      it('loses its trace when the task runs again', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        await one.status.putTask(lease, { ...RUNNING, state: 'FAILED', trace: 'why' });
        await one.status.putTask(lease, RUNNING);
        expect(await two.status.tasks(connector)).toEqual([{ ...RUNNING, task: 0, generation: 1 }]);
      });

      it('outlives the lease it was written under', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        await one.status.putTask(lease, { ...RUNNING, state: 'FAILED', trace: 'why' });
        await one.leases.release(lease);
        await acquire(two, connector, { owner: 'b', generation: 2 });
        expect(await two.status.tasks(connector)).toMatchObject([{ state: 'FAILED', trace: 'why', generation: 1 }]);
      });

      it('cuts a trace at 16 kB, between characters', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        await one.status.putTask(lease, { ...RUNNING, state: 'FAILED', trace: `x${'ü'.repeat(10_000)}` });
        const [status] = await two.status.tasks(connector);
        expect(status?.trace).toBe(`x${'ü'.repeat(8_191)}`);
      });

      it('of all connectors comes in one listing', async () => {
        const connector = newName();
        await one.status.putTask(await acquire(one, connector, { task: 3 }), { ...RUNNING, state: 'FAILED', trace: 'why' });
        await one.status.putTask(await acquire(one, connector, { task: 0 }), RUNNING);
        const listed = (await two.status.listTasks()).filter((task) => task.connector === connector);
        expect(listed).toEqual([
          { connector, task: 0, state: 'RUNNING', workerId: 'w:1', generation: 1, hasTrace: false },
          { connector, task: 3, state: 'FAILED', workerId: 'w:1', generation: 1, hasTrace: true },
        ]);
      });

      it('collects active topics until they are reset', async () => {
        const connector = newName();
        expect(await one.status.topics(connector)).toEqual([]);
        await one.status.addTopics(connector, ['b', 'a', 'b']);
        await two.status.addTopics(connector, ['c']);
        await two.status.addTopics(connector, []);
        expect(await one.status.topics(connector)).toEqual(['a', 'b', 'c']);
        await one.status.resetTopics(connector);
        expect(await two.status.topics(connector)).toEqual([]);
      });
    });

    describe('transactions of exactly-once sources', () => {
      const offsets = [
        { partition: { table: 'a' }, offset: { id: 2n ** 60n } },
        { partition: { table: 'b' }, offset: null },
      ];

      it('lists every task that began, and stamps nothing', async () => {
        const connector = newName();
        expect(await one.transactions.list(connector)).toEqual([]);
        const large = Array.from({ length: 3 }, (_, n) => ({ partition: { n }, offset: { text: 'x'.repeat(300_000) } }));
        const first = await acquire(one, connector);
        await one.transactions.load(first);
        const second = await acquire(one, connector, { task: 1 });
        await one.transactions.prepare(second, { number: 1, offsets: [] });
        await one.transactions.promoted(second, 1);
        await one.transactions.prepare(second, { number: 2, offsets: large });
        expect(await two.transactions.list(connector)).toEqual([
          { task: 0, promoted: null, pending: null },
          { task: 1, promoted: 1, pending: 2 },
        ]);
      });

      it('are pending from their preparation until they are promoted', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        expect(await one.transactions.load(lease)).toBeNull();
        await one.transactions.prepare(lease, { number: 1, offsets });
        expect(await one.transactions.load(lease)).toEqual({ promoted: 0, pending: { number: 1, offsets } });
        await one.transactions.promoted(lease, 1);
        expect(await one.transactions.load(lease)).toEqual({ promoted: 1, pending: null });
        await one.transactions.prepare(lease, { number: 2, offsets: [] });
        expect(await one.transactions.load(lease)).toEqual({ promoted: 1, pending: { number: 2, offsets: [] } });
      });

      it('can be discarded, and their number used again', async () => {
        const lease = await acquire(one, newName());
        await one.transactions.prepare(lease, { number: 1, offsets });
        await one.transactions.discard(lease, 1);
        expect(await one.transactions.load(lease)).toEqual({ promoted: 0, pending: null });
        await one.transactions.prepare(lease, { number: 1, offsets: [] });
        await one.transactions.promoted(lease, 1);
        expect(await one.transactions.load(lease)).toEqual({ promoted: 1, pending: null });
      });

      it('are promoted and discarded once, however often it is said', async () => {
        const lease = await acquire(one, newName());
        await one.transactions.prepare(lease, { number: 1, offsets });
        await one.transactions.promoted(lease, 1);
        await one.transactions.promoted(lease, 1);
        await one.transactions.prepare(lease, { number: 2, offsets });
        await one.transactions.discard(lease, 2);
        await one.transactions.discard(lease, 2);
        await expect(one.transactions.promoted(lease, 2)).rejects.toThrow(StateConflictException);
        await expect(one.transactions.discard(lease, 1)).rejects.toThrow(StateConflictException);
      });

      it('are prepared one after the other, without a gap', async () => {
        const lease = await acquire(one, newName());
        await expect(one.transactions.prepare(lease, { number: 2, offsets })).rejects.toThrow(StateConflictException);
        await one.transactions.prepare(lease, { number: 1, offsets });
        await expect(one.transactions.prepare(lease, { number: 1, offsets: [] })).rejects.toThrow(StateConflictException);
        await expect(one.transactions.prepare(lease, { number: 2, offsets: [] })).rejects.toThrow('0 was promoted last, pending is 1');
        await expect(one.transactions.promoted(lease, 2)).rejects.toThrow(StateConflictException);
        expect(await one.transactions.load(lease)).toEqual({ promoted: 0, pending: { number: 1, offsets } });
      });

      it('may be larger than an item, and are whole or not there', async () => {
        const connector = newName();
        const lease = await acquire(one, connector);
        const large = [1, 2, 3, 4].map((id) => ({ partition: { id }, offset: { text: 'x'.repeat(340_000), id: 2n ** 61n } }));
        await one.transactions.prepare(lease, { number: 1, offsets: large });
        await expect(one.transactions.prepare(lease, { number: 1, offsets: large.slice(1) })).rejects.toThrow(StateConflictException);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        expect(await two.transactions.load(taken)).toEqual({ promoted: 0, pending: { number: 1, offsets: large } });
        await two.transactions.promoted(taken, 1);
        await two.transactions.prepare(taken, { number: 2, offsets: large.slice(2) });
        expect(await two.transactions.load(taken)).toEqual({ promoted: 1, pending: { number: 2, offsets: large.slice(2) } });
        await two.transactions.discard(taken, 2);
        expect(await two.transactions.load(taken)).toEqual({ promoted: 1, pending: null });
      });

      it('of a frozen owner are refused after a takeover, in this generation and the next', async () => {
        for (const request of [
          { owner: 'b', nowMs: 100_000 },
          { owner: 'b', generation: 2 },
        ]) {
          const connector = newName();
          const frozen = await acquire(one, connector);
          await one.transactions.prepare(frozen, { number: 1, offsets });
          const taken = await acquire(two, connector, request);
          expect(await two.transactions.load(taken)).toEqual({ promoted: 0, pending: { number: 1, offsets } });
          await expect(one.transactions.promoted(frozen, 1)).rejects.toThrow(LeaseLostException);
          await expect(one.transactions.discard(frozen, 1)).rejects.toThrow(LeaseLostException);
          await two.transactions.discard(taken, 1);
          await expect(one.transactions.prepare(frozen, { number: 1, offsets })).rejects.toThrow(LeaseLostException);
          expect(await two.transactions.load(taken)).toEqual({ promoted: 0, pending: null });
        }
      });

      it('fence a frozen owner that never prepared one', async () => {
        const connector = newName();
        const frozen = await acquire(one, connector);
        const taken = await acquire(two, connector, { owner: 'b', nowMs: 100_000 });
        expect(await two.transactions.load(taken)).toBeNull();
        await expect(one.transactions.prepare(frozen, { number: 1, offsets })).rejects.toThrow(LeaseLostException);
      });

      it('outlive their connector with its offsets', async () => {
        const name = newName();
        await create(name);
        const lease = await acquire(one, name);
        await one.transactions.prepare(lease, { number: 1, offsets });
        await one.transactions.promoted(lease, 1);
        await one.configs.delete(name, { keepOffsets: true });
        const later = await acquire(two, name, { generation: 9 });
        expect(await two.transactions.load(later)).toEqual({ promoted: 1, pending: null });
        await two.configs.delete(name);
        expect(await two.transactions.load(await acquire(two, name, { generation: 99 }))).toBeNull();
      });
    });

    describe('operations', () => {
      it('keep the latest restart request per task until it was done', async () => {
        const connector = newName();
        expect(await one.restarts.list(connector)).toEqual([]);
        const first = await one.restarts.request(connector, 2, 10);
        await one.restarts.request(connector, 10, 11);
        await one.restarts.request(connector, null, 12);
        const second = await two.restarts.request(connector, 2, 13);
        await one.restarts.done(connector, first);
        expect((await two.restarts.list(connector)).map(({ task, requestedAtMs }) => [task, requestedAtMs])).toEqual([
          [null, 12],
          [2, 13],
          [10, 11],
        ]);
        await one.restarts.done(connector, second);
        await one.restarts.done(connector, second);
        expect((await two.restarts.list(connector)).map(({ task }) => task)).toEqual([null, 10]);
        expect(await two.restarts.connectors()).toContain(connector);
        for (const request of await one.restarts.list(connector)) await one.restarts.done(connector, request);
        expect(await two.restarts.connectors()).not.toContain(connector);
      });

      it('show which workers there are, and count their heartbeats', async () => {
        const worker = {
          id: `host:${newName()}`,
          beatAtMs: 5,
          startedAtMs: 1,
          url: null,
          joined: false,
          tasks: [],
          files: {},
          version: '1',
        };
        expect(await one.workers.beat(worker)).toEqual({ ...worker, beats: 1 });
        const later = { ...worker, beatAtMs: 9, url: 'http://x', joined: true, tasks: ['a-0'], files: { a: 'hash' } };
        expect(await one.workers.beat(later)).toEqual({ ...later, beats: 2 });
        const own = (listed: { id: string }[]) => listed.filter((one) => one.id === worker.id);
        expect(own(await two.workers.list())).toEqual([{ ...later, beats: 2 }]);
        await two.workers.remove(worker.id);
        expect(own(await one.workers.list())).toEqual([]);
      });

      it('keep log levels of cluster scope', async () => {
        await one.loggers.set({ logger: 'z.b', level: 'DEBUG', changedAtMs: 1 });
        await two.loggers.set({ logger: 'z.a#/', level: 'TRACE', changedAtMs: 2 });
        await two.loggers.set({ logger: 'z.b', level: 'INFO', changedAtMs: 3 });
        expect((await one.loggers.list()).filter(({ logger }) => logger.startsWith('z.'))).toEqual([
          { logger: 'z.a#/', level: 'TRACE', changedAtMs: 2 },
          { logger: 'z.b', level: 'INFO', changedAtMs: 3 },
        ]);
      });
    });

    describe('configurations and plans', () => {
      const plan = (expectedGeneration: number, tasks: string[], plannedVersion = 1) => {
        return { expectedGeneration, plannedVersion, nowMs: 50, taskConfigs: tasks.map((task) => ({ task })) };
      };

      it('creates a connector with its first configuration', async () => {
        const name = newName();
        expect(await one.configs.connector(name)).toBeNull();
        expect(await one.configs.config(name)).toBeNull();
        expect(await create(name)).toEqual({ name, config: { a: '1' }, version: 1, appliedHash: null, writer: 'REST', writtenAtMs: 7 });
        expect(await two.configs.config(name)).toEqual({
          name,
          config: { a: '1' },
          version: 1,
          appliedHash: null,
          writer: 'REST',
          writtenAtMs: 7,
        });
        const state = {
          name,
          targetState: 'STARTED',
          generation: 0,
          generationState: 'READY',
          retiring: 0,
          taskCount: 0,
          configVersion: 1,
          shards: 1,
          plannedVersion: 0,
          plannedAtMs: 0,
          error: null,
          consecutiveFailures: 0,
        };
        expect(await two.configs.connector(name)).toEqual(state);
        expect((await two.configs.list()).filter((listed) => listed.name === name)).toEqual([state]);
      });

      it('lists connectors by name', async () => {
        const names = (await one.configs.list()).map((listed) => listed.name);
        expect(names).toEqual([...names].sort());
      });

      it('replaces a configuration only over the version that was read', async () => {
        const name = newName();
        await create(name);
        const write = { config: { a: '2' }, expectedVersion: 1, appliedHash: 'h', writer: 'file x', nowMs: 8 };
        expect(await one.configs.putConfig(name, write)).toMatchObject({ version: 2, appliedHash: 'h' });
        await expect(two.configs.putConfig(name, write)).rejects.toThrow(StateConflictException);
        await expect(create(name)).rejects.toThrow('version 0 expected, found 2');
        expect(await two.configs.config(name)).toMatchObject({ version: 2, config: { a: '2' }, writer: 'file x' });
        expect(await two.configs.connector(name)).toMatchObject({ configVersion: 2, generation: 0 });
      });

      it('lets one of two creators win', async () => {
        const name = newName();
        const outcomes = await Promise.allSettled([create(name, { by: 'one' }), create(name, { by: 'two' })]);
        expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
        const won = outcomes.find((outcome) => outcome.status === 'fulfilled')?.value;
        expect(await two.configs.config(name)).toEqual(won);
      });

      it('keeps the target state through configuration changes', async () => {
        const name = newName();
        await one.configs.putConfig(name, {
          config: {},
          expectedVersion: 0,
          appliedHash: null,
          writer: 'REST',
          nowMs: 1,
          initialState: 'STOPPED',
          shards: 4,
        });
        expect(await two.configs.connector(name)).toMatchObject({ targetState: 'STOPPED', shards: 4 });
        await two.configs.setTargetState(name, 'PAUSED');
        await one.configs.putConfig(name, {
          config: {},
          expectedVersion: 1,
          appliedHash: null,
          writer: 'REST',
          nowMs: 2,
          initialState: 'STARTED',
        });
        expect(await one.configs.connector(name)).toMatchObject({ targetState: 'PAUSED', shards: 4 });
      });

      it('opens a generation with its plan', async () => {
        const name = newName();
        await create(name);
        const opened = await one.configs.openGeneration(name, { ...plan(0, ['x', 'y']), state: 'PREPARING' });
        expect(opened).toMatchObject({ generation: 1, generationState: 'PREPARING', taskCount: 2, plannedVersion: 1, plannedAtMs: 50 });
        expect(await two.configs.taskConfig(name, 1, 1)).toEqual({ task: 'y' });
        expect(await two.configs.taskConfig(name, 1, 2)).toBeNull();
        expect(await two.configs.taskConfig(name, 2, 0)).toBeNull();
        await expect(two.configs.markReady(name, 2)).rejects.toThrow(StateConflictException);
        await two.configs.markReady(name, 1);
        expect(await one.configs.connector(name)).toEqual({ ...opened, generationState: 'READY' });
      });

      it('lets one of two planners win, and keeps its plan only', async () => {
        const name = newName();
        await create(name);
        const plans = [
          one.configs.openGeneration(name, plan(0, ['p', 'p', 'p'])),
          two.configs.openGeneration(name, plan(0, ['q', 'q', 'q'])),
        ];
        const outcomes = await Promise.allSettled(plans);
        expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
        const winner = outcomes[0]?.status === 'fulfilled' ? 'p' : 'q';
        const fresh = target.open();
        for (const task of [0, 1, 2]) expect(await fresh.configs.taskConfig(name, 1, task)).toEqual({ task: winner });
      });

      it('forgets the plan of an older generation', async () => {
        const name = newName();
        await create(name);
        await one.configs.openGeneration(name, plan(0, ['x']));
        await one.configs.openGeneration(name, plan(1, ['y']));
        const fresh = target.open();
        expect(await fresh.configs.taskConfig(name, 1, 0)).toBeNull();
        expect(await fresh.configs.taskConfig(name, 2, 0)).toEqual({ task: 'y' });
      });

      it('refuses a plan made from an older configuration, but stops whatever the configuration is', async () => {
        const name = newName();
        await create(name);
        await one.configs.putConfig(name, { config: {}, expectedVersion: 1, appliedHash: null, writer: 'REST', nowMs: 2 });
        await expect(one.configs.openGeneration(name, plan(0, ['x'], 1))).rejects.toThrow(StateConflictException);
        expect(await one.configs.openGeneration(name, plan(0, [], 0))).toMatchObject({ generation: 1, taskCount: 0, configVersion: 2 });
        expect(await one.configs.openGeneration(name, plan(1, ['x'], 2))).toMatchObject({ generation: 2, taskCount: 1 });
      });

      it('notes that a plan was looked at', async () => {
        const name = newName();
        await create(name);
        await one.configs.openGeneration(name, plan(0, ['x']));
        await one.configs.touchPlan(name, 1, 1, 999);
        expect(await two.configs.connector(name)).toMatchObject({ plannedAtMs: 999, generation: 1 });
        await expect(one.configs.touchPlan(name, 0, 1, 1_000)).rejects.toThrow(StateConflictException);
      });

      it('counts consecutive failures and cuts the trace', async () => {
        const name = newName();
        await create(name);
        await one.configs.setError(name, 'x'.repeat(9_000));
        await two.configs.setError(name, 'again');
        expect(await one.configs.connector(name)).toMatchObject({ error: 'again', consecutiveFailures: 2 });
        await one.configs.setError(name, null);
        expect(await one.configs.connector(name)).toMatchObject({ error: null, consecutiveFailures: 0 });
        await one.configs.setError(name, 'x'.repeat(9_000));
        expect((await one.configs.connector(name))?.error).toBe('x'.repeat(2_048));
      });

      it('says that a connector does not exist', async () => {
        const name = newName();
        await expect(one.configs.setTargetState(name, 'PAUSED')).rejects.toThrow(NotFoundException);
        await expect(one.configs.openGeneration(name, plan(0, ['x']))).rejects.toThrow(NotFoundException);
        await expect(one.configs.setError(name, 'x')).rejects.toThrow(NotFoundException);
        await expect(one.configs.markReady(name, 1)).rejects.toThrow(NotFoundException);
        await one.configs.delete(name);
        expect(await one.configs.connector(name)).toBeNull();
      });

      it('deletes everything of a connector; its successor outranks every late owner', async () => {
        const name = newName();
        await create(name);
        await one.configs.openGeneration(name, plan(0, ['x']));
        const late = await acquire(one, name, { generation: 1 });
        await one.offsets.commit(late, [{ partition: { t: 1 }, offset: { id: 1 } }]);
        await one.offsets.commitWatermarks(name, { lease: late }, [{ topic: 't', partition: 0, nextOffset: 3, delivered: [] }]);
        await one.status.putTask(late, { ...RUNNING, state: 'FAILED', trace: 'why' });
        await one.status.addTopics(name, ['t']);
        await two.configs.delete(name);
        await two.configs.delete(name);
        const fresh = target.open();
        expect(await fresh.configs.connector(name)).toBeNull();
        expect(await fresh.configs.config(name)).toBeNull();
        expect((await fresh.configs.list()).map((listed) => listed.name)).not.toContain(name);
        expect(await fresh.offsets.list(name)).toEqual([]);
        expect(await fresh.offsets.listWatermarks(name)).toEqual([]);
        expect(await fresh.status.tasks(name)).toEqual([]);
        expect(await fresh.status.topics(name)).toEqual([]);
        expect((await fresh.status.listTasks()).filter((task) => task.connector === name)).toEqual([]);
        await expect(one.leases.renew(late, 30_000, 2_000)).rejects.toThrow(LeaseLostException);
        await expect(one.status.putTask(late, RUNNING)).rejects.toThrow(LeaseLostException);

        expect((await create(name)).version).toBe(2);
        const again = await fresh.configs.connector(name);
        expect(again?.generation).toBeGreaterThan(1);
        const opened = await fresh.configs.openGeneration(name, plan(again!.generation, ['z'], 2));
        const owner = await acquire(fresh, name, { generation: opened.generation, owner: 'b' });
        expect(await fresh.offsets.load(owner, [{ t: 1 }], true)).toEqual([null]);
        await expect(one.offsets.commit(late, [{ partition: { t: 1 }, offset: { id: 9 } }])).rejects.toThrow(LeaseLostException);
      });

      it('deletes a connector but its offsets, as Connect does', async () => {
        const name = newName();
        await create(name);
        await one.configs.openGeneration(name, plan(0, ['x']));
        const lease = await acquire(one, name, { generation: 1 });
        await one.offsets.commit(lease, [{ partition: { t: 1 }, offset: { id: 1 } }]);
        await one.offsets.commitWatermarks(name, { lease }, [{ topic: 't', partition: 0, nextOffset: 3, delivered: [] }]);
        await two.configs.delete(name, { keepOffsets: true });
        expect(await two.configs.connector(name)).toBeNull();
        await create(name);
        expect(await two.offsets.list(name)).toEqual([{ partition: { t: 1 }, offset: { id: 1 } }]);
        expect(await two.offsets.listWatermarks(name)).toMatchObject([{ nextOffset: 3 }]);
      });

      it('changes the number of shards of a stopped connector, and fences owners from before', async () => {
        const name = newName();
        await create(name);
        const lease = await acquire(one, name, { generation: 0 });
        const offsets = Array.from({ length: 12 }, (_, at) => ({ partition: { table: `t${at + 10}` }, offset: { id: at } }));
        await one.offsets.commit(lease, offsets);
        const marks = [0, 1, 2, 3].map((partition) => ({ topic: 't', partition, nextOffset: partition, delivered: [] }));
        await one.offsets.commitWatermarks(name, { lease }, marks);
        await expect(one.configs.setShards(name, 3)).rejects.toThrow('stop it first');
        await one.configs.setTargetState(name, 'STOPPED');
        await one.configs.openGeneration(name, plan(0, []));
        for (const shards of [3, 2, 1]) {
          await two.configs.setShards(name, shards);
          const fresh = target.open();
          expect(await fresh.configs.connector(name)).toMatchObject({ shards, targetState: 'STOPPED' });
          expect(await fresh.offsets.list(name)).toEqual(offsets);
          expect(await fresh.offsets.listWatermarks(name)).toEqual(marks);
        }
        await expect(one.offsets.commit(lease, offsets)).rejects.toThrow(LeaseLostException);
        const next = await acquire(two, name, { generation: 2 });
        expect(await two.offsets.load(next, [offsets[3]!.partition], true)).toEqual([{ id: 3 }]);
      });

      it('spreads offsets and watermarks over shards', async () => {
        const name = newName();
        await one.configs.putConfig(name, { config: {}, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 1, shards: 3 });
        const lease = await acquire(one, name);
        const offsets = Array.from({ length: 20 }, (_, at) => ({ partition: { table: `t${at + 10}` }, offset: { id: at } }));
        await one.offsets.commit(lease, offsets);
        const marks = [0, 1, 2, 3].map((partition) => ({ topic: 't', partition, nextOffset: partition, delivered: [] }));
        await one.offsets.commitWatermarks(name, { lease }, marks);
        const fresh = target.open();
        expect(await fresh.offsets.list(name)).toEqual(offsets);
        expect(await fresh.offsets.listWatermarks(name)).toEqual(marks);
        await one.leases.release(lease);
        const next = await acquire(fresh, name, { owner: 'b' });
        expect(
          await fresh.offsets.load(
            next,
            offsets.map((stored) => stored.partition),
            false,
          ),
        ).toEqual(offsets.map((stored) => stored.offset));
        await fresh.configs.delete(name);
        expect(await target.open().offsets.list(name)).toEqual([]);
      });
    });
  });
}
