import { describe, expect, it } from 'vitest';
import { FencedException } from '../../../lib/core/errors.ts';
import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import { deliverSinkBatch, type SinkBatch } from '../../../lib/runtime/sink-batch.ts';
import { newTaskFigures } from '../../../lib/runtime/task-outcome.ts';
import { keptOffset, watermarkOf } from '../../../lib/state/kept-offsets.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { FakeKafka, SILENT, sinkProcessor } from '../../support/runtime/fakes.ts';
import { KeepingTarget, KeepingTask } from '../../support/runtime/keeping-target.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

describe('keptOffset', () => {
  it('brings back what the runtime remembers', () => {
    const watermark = { topic: 't', partition: 3, nextOffset: 12, delivered: [{ offset: 4, crc: 77 }], topicId: 'x' };

    expect(watermarkOf(keptOffset(watermark))).toEqual(watermark);
  });

  it.each(['', 'null', '{}', '[]'])('refuses evidence that is not its own: %j', (evidence) => {
    expect(() => watermarkOf({ topic: 't', partition: 3, nextOffset: 12, evidence })).toThrow(
      'the evidence that the target keeps of t-3 cannot be read',
    );
  });
});

class Events {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores = createMemoryStores();
  readonly target = new KeepingTarget();
  readonly figures = newTaskFigures();
  invocations = 0;

  async deliver(records: readonly ConsumerRecord[], more: Partial<SinkBatch> = {}): Promise<void> {
    await deliverSinkBatch({
      connector: 'c',
      owner: { name: `invocation ${++this.invocations}`, generation: 1, epoch: null, fence: false },
      task: new KeepingTask(this.target),
      props: {},
      records,
      offsets: this.stores.offsets,
      processor: sinkProcessor(this.clock),
      onRewind: 'deliver',
      retryMs: 60_000,
      signal: new AbortController().signal,
      figures: this.figures,
      clock: this.clock,
      random: () => 0.5,
      logger: SILENT,
      ...more,
    });
  }

  append(...values: string[]): ConsumerRecord[] {
    return values.map((value) => this.kafka.append('in', 0, value));
  }
}

describe('deliverSinkBatch with a target that keeps the offsets', () => {
  it('trims by what the target has, and writes no watermark of its own', async () => {
    const world = new Events();
    const records = world.append('a', 'b', 'c', 'd');
    await world.deliver(records.slice(0, 2));
    await world.deliver(records.slice(0, 2));
    await world.deliver(records);

    expect(world.target.values).toEqual(['a', 'b', 'c', 'd']);
    expect(world.target.at('in', 0)).toBe(4);
    expect(world.figures.duplicatesSkipped).toBe(4);
    expect(await world.stores.offsets.listWatermarks('c')).toEqual([]);
  });

  it('delivers a rewind, sets the target back for it, and goes on from there', async () => {
    const world = new Events();
    const records = world.append('a', 'b', 'c', 'd');
    await world.deliver(records);

    await world.deliver(records.slice(1, 3));
    await world.deliver(records.slice(3));

    expect(world.target.values).toEqual(['a', 'b', 'c', 'd', 'b', 'c', 'd']);
    expect(world.figures.rewinds).toBe(1);
    expect(world.target.at('in', 0)).toBe(4);
  });

  it.each([
    ['skip', ['a', 'b', 'c', 'd'], null],
    ['fail', ['a', 'b', 'c', 'd'], 'in-0 went back to offset 1'],
  ] as const)('with lambda.on.rewind=%s', async (onRewind, expected, refused) => {
    const world = new Events();
    const records = world.append('a', 'b', 'c', 'd');
    await world.deliver(records);

    const again = world.deliver(records.slice(1, 3), { onRewind });
    if (refused === null) await again;
    else await expect(again).rejects.toThrow(refused);

    expect(world.target.values).toEqual(expected);
  });

  it('an invocation that slept while another delivered writes nothing', async () => {
    const world = new Events();
    const records = world.append('a', 'b');
    let other: Promise<void> | null = null;
    const sleeper = new KeepingTask(world.target);
    const slow: typeof sleeper = Object.assign(sleeper, {
      open: async () => {
        other = world.deliver(records);
        await other;
      },
    });

    await expect(world.deliver(records, { task: slow })).rejects.toBeInstanceOf(FencedException);
    expect(other).not.toBeNull();
    expect(world.target.values).toEqual(['a', 'b']);
  });
});
