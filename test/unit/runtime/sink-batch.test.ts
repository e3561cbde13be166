import { describe, expect, it } from 'vitest';
import { RetriableException } from '../../../lib/core/errors.ts';
import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import type { SinkOffsets, SinkTask } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { deliverSinkBatch, type SinkBatch } from '../../../lib/runtime/sink-batch.ts';
import { newTaskFigures } from '../../../lib/runtime/task-outcome.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { FakeKafka, SILENT, sinkProcessor, valuesOf } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

class World {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores = createMemoryStores();
  readonly figures = newTaskFigures();
  readonly delivered: unknown[] = [];
  onPut: (records: readonly SinkRecord[]) => void = () => undefined;
  preCommit: ((offsets: SinkOffsets) => SinkOffsets) | undefined;

  async deliver(records: readonly ConsumerRecord[], more: Partial<SinkBatch> = {}): Promise<void> {
    const task: SinkTask = {
      version: () => '1',
      initialize: () => undefined,
      start: () => undefined,
      put: (batch) => {
        this.onPut(batch);
        this.delivered.push(...valuesOf(batch));
      },
      stop: () => undefined,
    };
    if (this.preCommit !== undefined) task.preCommit = this.preCommit;
    await deliverSinkBatch({
      connector: 'c',
      owner: { name: 'invocation', generation: 1, epoch: null, fence: false },
      task,
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
}

function topic(world: World, ...values: string[]): ConsumerRecord[] {
  return values.map((value) => world.kafka.append('in', 0, value));
}

describe('deliverSinkBatch', () => {
  it('trims a redelivered batch, and delivers only what is new of a longer one', async () => {
    const world = new World();
    const records = topic(world, 'a', 'b', 'c', 'd');
    await world.deliver(records.slice(0, 3));

    await world.deliver(records.slice(0, 3));
    await world.deliver(records);

    expect(world.delivered).toEqual(['a', 'b', 'c', 'd']);
    expect(world.figures.duplicatesSkipped).toBe(6);
    expect(world.figures.rewinds).toBe(0);
  });

  it('delivers a rewind, as Connect would, and reports it', async () => {
    const world = new World();
    const records = topic(world, 'a', 'b', 'c');
    await world.deliver(records);

    await world.deliver(records.slice(1));

    expect(world.delivered).toEqual(['a', 'b', 'c', 'b', 'c']);
    expect(world.figures.rewinds).toBe(1);
  });

  it('never takes a re-created topic for a redelivery', async () => {
    const world = new World();
    await world.deliver(topic(world, 'a', 'b', 'c'));
    world.kafka.topics.clear();

    await world.deliver(topic(world, 'x', 'y'));

    expect(world.delivered).toEqual(['a', 'b', 'c', 'x', 'y']);
  });

  it('skips or refuses a rewind where configured', async () => {
    const world = new World();
    const records = topic(world, 'a', 'b', 'c');
    await world.deliver(records.slice(0, 2));

    await world.deliver(records.slice(1), { onRewind: 'skip' });
    expect(world.delivered).toEqual(['a', 'b', 'c']);

    await expect(world.deliver(records.slice(1), { onRewind: 'fail' })).rejects.toThrow(
      /in-0 went back to offset 1 .*lambda.on.rewind=fail/,
    );
  });

  it('writes no watermark when the put fails, so the whole batch comes again', async () => {
    const world = new World();
    const records = topic(world, 'a', 'b');
    world.onPut = () => {
      throw new Error('no such table');
    };
    await expect(world.deliver(records)).rejects.toThrow('Exiting WorkerSinkTask');
    world.onPut = () => undefined;

    await world.deliver(records);

    expect(world.delivered).toEqual(['a', 'b']);
  });

  it('tries a target that is down inside the invocation, for lambda.retry.ms at most', async () => {
    const world = new World();
    const records = topic(world, 'a');
    let failures = 4;
    world.onPut = () => {
      if (failures-- > 0) throw new RetriableException('down');
    };
    await world.deliver(records);
    expect(world.delivered).toEqual(['a']);

    world.onPut = () => {
      throw new RetriableException('still down');
    };
    const before = world.clock.now();
    await expect(world.deliver(topic(world, 'b'))).rejects.toThrow('still down');
    expect(world.clock.now() - before).toBeLessThanOrEqual(60_000);
  });

  it('refuses a sink that holds records back', async () => {
    const world = new World();
    world.preCommit = () => new Map();

    await expect(world.deliver(topic(world, 'a'))).rejects.toThrow(/holds records of in-0 back .*lambda.trigger=schedule/);
    expect(await world.stores.offsets.listWatermarks('c')).toEqual([]);
  });
});
