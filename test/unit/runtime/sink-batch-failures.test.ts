import { describe, expect, it } from 'vitest';
import { RetriableException } from '../../../lib/core/errors.ts';
import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { encodeKafkaEvent } from '../../../lib/kafka/event-source-mapping.ts';
import { type PartialReading, unfinished } from '../../../lib/local/event-source-mapping/partial-answer.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { type InvocationDeps, runSinkBatch, runSinkVisit, type SinkBatchReport } from '../../../lib/runtime/invocation.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { collectingSink } from '../../support/runtime/collecting-sink.ts';
import { FakeKafka, SILENT, valuesOf } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

class World {
  readonly clock = new ManualClock();
  readonly kafka = new FakeKafka();
  readonly stores = createMemoryStores();
  readonly delivered: unknown[] = [];
  invocations = 0;
  onPut: (records: readonly SinkRecord[]) => void = () => undefined;

  static async of(config: Record<string, string> = {}): Promise<World> {
    const world = new World();
    await world.stores.configs.putConfig('c', {
      config: { name: 'c', 'connector.class': 'Collecting', topics: 'rows', ...config },
      expectedVersion: 0,
      appliedHash: null,
      writer: 'test',
      nowMs: world.clock.now(),
    });
    return world;
  }

  get deps(): InvocationDeps {
    const collecting = collectingSink('Collecting', (records) => {
      this.onPut(records);
      this.delivered.push(...valuesOf(records));
    });
    return {
      stores: this.stores,
      kafka: () => Promise.reject(new Error('an event sink without a dead letter queue needs no Kafka client')),
      plugins: createPluginResolver(REGISTRY, [collecting]),
      workerProps: {
        'bootstrap.servers': 'x:1',
        'key.converter': 'StringConverter',
        'value.converter': 'JsonConverter',
        'value.converter.schemas.enable': 'false',
      },
      resolveVariables: async (props) => props,
      logger: SILENT,
      clock: this.clock,
      random: () => 0.5,
      owner: `invocation-${++this.invocations}`,
      connector: 'c',
      remainingMs: () => 600_000,
      signal: new AbortController().signal,
    };
  }

  invoke(records: readonly ConsumerRecord[]): Promise<SinkBatchReport> {
    return runSinkBatch(encodeKafkaEvent(records, { bootstrapServers: 'x:1', clusterArn: null }), this.deps);
  }

  async status() {
    return (await this.stores.status.tasks('c'))[0];
  }

  records(partition: number, ...values: string[]): ConsumerRecord[] {
    return values.map((value) => this.kafka.append('rows', partition, value));
  }
}

/** Gives the batch again and again as a poller does, until it is settled; answers how often. */
async function poll(world: World, records: readonly ConsumerRecord[], reading: PartialReading, most: number): Promise<number> {
  let rest = records;
  for (let invocations = 1; ; invocations++) {
    const answer = await world.invoke(rest).catch(() => null);
    const left = answer === null ? 'all' : unfinished(JSON.stringify(answer), rest, reading);
    if (left !== 'all') rest = left;
    if (rest.length === 0 || invocations === most) return invocations;
  }
}

describe('a batch with bad data', () => {
  describe.each(['from-lowest', 'exactly-reported'] as const)('behind provisioned pollers, read %s', (reading) => {
    it('delivers everything up to the first bad record of each partition, and the rest once it is good', async () => {
      const world = await World.of({ 'lambda.pollers.max': '2' });
      const bad = world.records(1, '"d"', '"e"', 'not json', '"f"', '"g"');
      const batch = [...world.records(0, '"a"', '"b"', '"c"'), ...bad];

      await poll(world, batch, reading, 2);
      expect(world.delivered).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(await world.status()).toMatchObject({ state: 'RUNNING', lastTick: { failing: { 'rows-1': [2, 2] } } });

      const corrected = batch.map((record) => (record === bad[2] ? { ...record, value: Buffer.from('"x"') } : record));
      const rest = corrected.filter(({ offset, partition }) => partition === 1 && offset >= 2);
      await poll(world, rest, reading, 1);
      expect(world.delivered).toEqual(['a', 'b', 'c', 'd', 'e', 'x', 'f', 'g']);
      expect(await world.status()).toMatchObject({ state: 'RUNNING', lastTick: null });
    });

    it('loses nothing and repeats nothing of the other partitions where the target refuses one', async () => {
      const world = await World.of({ 'lambda.pollers.max': '2' });
      world.onPut = (records) => {
        if (valuesOf(records).includes('d')) throw new Error('no such column');
      };
      const batch = [...world.records(0, '"a"', '"b"'), ...world.records(1, '"c"', '"d"'), ...world.records(2, '"e"')];

      const answer = await world.invoke(batch);

      expect(answer.batchItemFailures).toEqual([0, 1].map((offset) => ({ itemIdentifier: { partition: 'rows-1', offset } })));
      expect(world.delivered).toEqual(['a', 'b', 'e']);
      world.onPut = () => undefined;
      await poll(world, unfinished(JSON.stringify(answer), batch, reading) as ConsumerRecord[], reading, 1);
      expect(world.delivered).toEqual(['a', 'b', 'e', 'c', 'd']);
    });
  });

  it('comes again whole where pollers run on demand', async () => {
    const world = await World.of();
    const batch = [...world.records(0, '"a"'), ...world.records(1, 'not json')];

    await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded in error handler');
    expect(world.delivered).toEqual([]);
  });

  it('stops the sink after lambda.failure.max failures at the same record, and tries no more', async () => {
    const world = await World.of({ 'lambda.failure.max': '3' });
    const batch = world.records(0, '"a"', 'not json');
    for (const failures of [1, 2]) {
      await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded');
      expect(await world.status()).toMatchObject({ state: 'RUNNING', lastTick: { failures } });
    }
    await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded');
    expect(await world.status()).toMatchObject({ state: 'FAILED', trace: expect.stringContaining('DataException') });
    let puts = 0;
    world.onPut = () => {
      puts++;
    };

    await expect(world.invoke(batch)).rejects.toThrow(
      /c FAILED over the record of rows-0 at offset 1 \(3 times\).*serverless-connect restart c/,
    );
    await expect(world.invoke(world.records(1, '"good"'))).rejects.toThrow('c FAILED');
    expect(puts).toBe(0);
  });

  it('waits longer each time it fails again after that, and not at all after a restart', async () => {
    const world = await World.of({ 'lambda.failure.max': '1', 'lambda.failure.backoff.ms': '1000' });
    const batch = world.records(0, 'not json');
    for (const waitMs of [1_000, 2_000, 4_000]) {
      await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded');
      world.clock.advance(waitMs - 1);
      await expect(world.invoke(batch)).rejects.toThrow('c FAILED');
      world.clock.advance(1);
    }
    await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded');
    await world.stores.restarts.request('c', 0, world.clock.now());
    await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded');
    expect(await world.status()).toMatchObject({ state: 'FAILED', lastTick: { failures: 1 } });

    await world.stores.restarts.request('c', 0, world.clock.now());
    await runSinkVisit({ restart: true }, world.deps);
    expect(await world.status()).toMatchObject({ state: 'RUNNING', trace: null });
    await world.invoke([{ ...(batch[0] as ConsumerRecord), value: Buffer.from('"good"') }]);
    expect(world.delivered).toEqual(['good']);
  });

  it('counts a record by itself: another that fails, or a success elsewhere, starts no new count', async () => {
    const world = await World.of({ 'lambda.failure.max': '3' });
    const one = world.records(0, 'not json');
    const other = world.records(1, 'not json either');
    for (const batch of [one, other, one, other]) await expect(world.invoke(batch)).rejects.toThrow('Tolerance exceeded');
    await world.invoke(world.records(2, '"a"'));
    expect(await world.status()).toMatchObject({ state: 'RUNNING', lastTick: { failing: { 'rows-0': [0, 2], 'rows-1': [0, 2] } } });
    await expect(world.invoke(one)).rejects.toThrow('Tolerance exceeded');
    expect(await world.status()).toMatchObject({ state: 'FAILED' });
  });

  it('is not an outage: those neither count nor set FAILED, however often', async () => {
    const world = await World.of({ 'lambda.failure.max': '2', 'lambda.retry.ms': '1000' });
    const batch = world.records(0, '"a"');
    world.onPut = () => {
      throw new RetriableException('database is down');
    };
    for (let time = 0; time < 5; time++) await expect(world.invoke(batch)).rejects.toThrow('database is down');
    expect(await world.status()).toBeUndefined();
    world.onPut = () => undefined;
    await world.invoke(batch);
    expect(world.delivered).toEqual(['a']);
    expect(await world.status()).toMatchObject({ state: 'RUNNING' });
  });
});
