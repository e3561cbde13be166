import { describe, expect, it } from 'vitest';
import type { PartitionOffset } from '../../../../lib/local/broker/coordinator/committed-offsets.ts';
import { Transactions } from '../../../../lib/local/broker/coordinator/transactions.ts';
import type { Journal } from '../../../../lib/local/broker/storage/journal.ts';
import { ErrorCode } from '../../../../lib/local/broker/wire/error-code.ts';
import { ManualTimers } from './manual-timers.ts';

/** A journal whose entries a second coordinator can be opened with, as after a crash. */
function crashableJournal<T>(): { journal(): Journal<T>; entries: Map<string, T> } {
  const entries = new Map<string, T>();
  return {
    entries,
    journal: () => ({
      entries: new Map(entries),
      put: (key, value) => {
        if (value === null) entries.delete(key);
        else entries.set(key, value);
      },
      close: () => undefined,
    }),
  };
}

function world() {
  const timers = new ManualTimers();
  const log: string[] = [];
  const transactions = crashableJournal<never>();
  const ids = crashableJournal<number>();
  let failing = false;
  const effects = {
    writeMarker: ({ topic, partition }: { topic: string; partition: number }, producer: { producerEpoch: number }, commit: boolean) => {
      if (failing) throw new Error('crash');
      log.push(`${commit ? 'commit' : 'abort'} ${topic}-${partition} epoch ${producer.producerEpoch}`);
    },
    commitOffset: (groupId: string, { topic, offset }: PartitionOffset) => {
      log.push(`${groupId} at ${topic} ${offset}`);
    },
  };
  return {
    timers,
    log,
    open: () => new Transactions(transactions.journal(), ids.journal(), effects, timers),
    crash: (fail: boolean) => {
      failing = fail;
    },
  };
}

const PARTITION = { topic: 't', partition: 0 };
const OFFSET = { ...PARTITION, offset: 5, leaderEpoch: -1, metadata: '' };

describe('Transactions', () => {
  it('aborts at the time-out with a higher epoch, which fences the producer', () => {
    const { timers, log, open } = world();
    const transactions = open();
    const producer = transactions.init('id', 1_000, null);
    transactions.addPartitions('id', producer, [PARTITION]);

    timers.advance(999);
    expect(log).toEqual([]);
    timers.advance(1);

    expect(log).toEqual(['abort t-0 epoch 1']);
    expect(() => transactions.end('id', producer, true)).toThrow(expect.objectContaining({ code: ErrorCode.PRODUCER_FENCED }));
    expect(timers.waiting).toBe(0);
  });

  it('keeps the time-out running over a restart', () => {
    const { timers, log, open } = world();
    const before = open();
    const producer = before.init('id', 1_000, null);
    before.addPartitions('id', producer, [PARTITION]);
    before.close();
    timers.advance(600);

    open();

    timers.advance(400);
    expect(log).toEqual(['abort t-0 epoch 1']);
  });

  it('finishes a prepared commit after a crash, offsets included', () => {
    const { log, open, crash } = world();
    const before = open();
    const producer = before.init('id', 1_000, null);
    before.addPartitions('id', producer, [PARTITION]);
    before.addGroup('id', producer, 'group');
    before.addOffsets('id', producer, 'group', [OFFSET]);
    crash(true);
    expect(() => before.end('id', producer, true)).toThrow('crash');
    before.close();

    crash(false);
    const after = open();

    expect(log).toEqual(['commit t-0 epoch 0', 'group at t 5']);
    after.end('id', producer, true);
    expect(log).toHaveLength(2);
  });

  it('drops offsets with an abort and knows which wait', () => {
    const { log, open } = world();
    const transactions = open();
    const producer = transactions.init('id', 1_000, null);
    transactions.addGroup('id', producer, 'group');
    transactions.addOffsets('id', producer, 'group', [OFFSET]);
    expect(transactions.isOffsetPending('group', 't', 0)).toBe(true);
    expect(transactions.isOffsetPending('other', 't', 0)).toBe(false);

    transactions.end('id', producer, false);

    expect(transactions.isOffsetPending('group', 't', 0)).toBe(false);
    expect(log).toEqual([]);
  });

  it('gives a new producer id when the epochs are used up', () => {
    const { open } = world();
    const transactions = open();
    let producer = transactions.init('id', 1_000, null);
    const first = producer.producerId;
    while (producer.producerEpoch < 32_766) producer = transactions.init('id', 1_000, producer);

    const next = transactions.init('id', 1_000, null);

    expect(next.producerId).not.toBe(first);
    expect(next.producerEpoch).toBe(0);
  });

  it('never gives a producer id twice, also after a crash', () => {
    const { open } = world();
    const before = open();
    const ids = [before.newProducer(), before.newProducer()].map(({ producerId }) => producerId);

    ids.push(open().newProducer().producerId, open().newProducer().producerId);

    expect(new Set(ids).size).toBe(4);
  });
});
