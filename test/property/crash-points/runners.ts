import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import { encodeKafkaEvent } from '../../../lib/kafka/event-source-mapping.ts';
import { runSinkBatch, runTick, type TickReport } from '../../../lib/runtime/invocation.ts';
import type { Moment, World, WorldOptions } from './world.ts';

/** One of the runners, with a history that its crash points are taken from. */
export interface Runner {
  readonly name: string;
  readonly title: string;
  /** No record may arrive twice, nor out of order, whoever dies or wakes up. */
  readonly exactlyOnce?: boolean;
  /** Whoever loses a task while it fences those of an older plan takes its turn with the new one: it changes the state with a lease of its own. */
  readonly plansAgain?: boolean;
  readonly options: Pick<WorldOptions, 'config' | 'task'>;
  /** What happens to a world. An invocation that dies is followed by the next; at the end everything there is was moved. */
  history(world: World): Promise<void>;
  /** What arrived, in order, per source partition or topic partition. */
  arrived(world: World): ReadonlyMap<string, readonly string[]>;
  /** What should have arrived, by offset from 0, per partition; null = an offset without a record. */
  expected(world: World): ReadonlyMap<string, readonly (string | null)[]>;
  /** Up to which offset each partition was committed at a moment: what lies before arrives once. */
  committed(moment: Moment): ReadonlyMap<string, number>;
}

const PARTITIONS = [0, 1];
const TICKS_TO_CATCH_UP = 12;

/** A scheduled tick and the invocations it asks for. Answers the last report; null = one of them died. */
async function tick(world: World): Promise<TickReport | null> {
  let last = await world.invoke((deps) => runTick({}, deps));
  for (let event = world.nextAsked(); event !== null; event = world.nextAsked()) {
    const asked = event;
    last = await world.invoke((deps) => runTick(asked, deps));
  }
  return last;
}

async function tickUntilCaughtUp(world: World, tasks = 1): Promise<void> {
  for (let ticks = 0; ticks < TICKS_TO_CATCH_UP; ticks++) {
    // With several tasks the last report says nothing of the others: a further round finds them caught up, too.
    let idle = 0;
    for (let round = 0; round < tasks; round++) {
      const report = await tick(world);
      if (report?.outcome === 'caught-up' && report.figures.recordsIn === 0) idle++;
      if (report?.outcome === 'held') world.clock.advance(40_000);
    }
    if (idle === tasks) return;
  }
  world.errors.push(`not caught up after ${TICKS_TO_CATCH_UP} ticks`);
}

const SHARDS = ['a', 'b'];

const source: Runner = {
  name: 'source',
  title: 'Scheduled source, at least once',
  options: {
    task: 'source',
    config: {
      'topic.creation.default.partitions': '2',
      'topic.creation.default.replication.factor': '1',
    },
  },
  async history(world) {
    for (const shard of SHARDS) world.shards[shard] = { rows: 18 };
    await world.configure();
    await tick(world);
    await tick(world);
    for (const shard of SHARDS) world.shards[shard] = { rows: 21 };
    await tickUntilCaughtUp(world);
  },
  arrived: (world) => new Map(SHARDS.map((shard, partition) => [shard, world.kafka.values('rows', partition).map(String)])),
  expected: (world) =>
    new Map(SHARDS.map((shard) => [shard, Array.from({ length: world.shards[shard]?.rows ?? 0 }, (_, i) => `${shard}/${i + 1}`)])),
  committed: (moment) => moment.offsets,
};

/** What a `read_committed` consumer gets. */
const exactlyOnce: Pick<Runner, 'exactlyOnce' | 'arrived' | 'expected' | 'committed'> = {
  exactlyOnce: true,
  arrived: (world) => new Map(SHARDS.map((shard, partition) => [shard, world.kafka.committedValues('rows', partition)])),
  expected: source.expected,
  committed: source.committed,
};

const exactlyOnceSource: Runner = {
  name: 'exactly-once-source',
  title: 'Scheduled source, exactly once',
  options: { task: 'source', config: { 'exactly.once.support': 'required', 'transaction.boundary': 'interval' } },
  async history(world) {
    for (const shard of SHARDS) world.shards[shard] = { rows: 18 };
    await world.configure();
    await tick(world);
    await tick(world);
    for (const shard of SHARDS) world.shards[shard] = { rows: 21 };
    await tickUntilCaughtUp(world);
  },
  ...exactlyOnce,
};

/** Partitions move between tasks, and the number of tasks shrinks and grows. */
const movingSource: Runner = {
  name: 'exactly-once-moves',
  title: 'Scheduled source, exactly once, whose partitions move between tasks',
  plansAgain: true,
  options: { task: 'source', config: { 'exactly.once.support': 'required', 'tasks.max': '2' } },
  async history(world) {
    let rows = 0;
    for (const plan of ['a;b', 'b,a', 'b;a']) {
      rows += 2;
      for (const shard of SHARDS) world.shards[shard] = { rows };
      await world.configure({ plan });
      await tick(world);
    }
    await tickUntilCaughtUp(world, 2);
  },
  ...exactlyOnce,
};

function append(world: World, from: number, count: number): ConsumerRecord[] {
  const added: ConsumerRecord[] = [];
  for (const partition of PARTITIONS)
    for (let n = from; n < from + count; n++) added.push(world.kafka.append('t', partition, `t-${partition}/${n}`));
  return added;
}

function appendMarkers(world: World): void {
  for (const partition of PARTITIONS) world.kafka.append('t', partition, null);
}

const sinkSides: Pick<Runner, 'arrived' | 'expected' | 'committed'> = {
  arrived: (world) => new Map(PARTITIONS.map((p) => [`t-${p}`, world.target.filter((value) => value.startsWith(`t-${p}/`))])),
  expected: (world) => new Map(PARTITIONS.map((p) => [`t-${p}`, world.kafka.values('t', p)])),
  committed: (moment) => moment.watermarks,
};

/** What a target that keeps the offsets holds. */
const keepingSides: Pick<Runner, 'exactlyOnce' | 'arrived' | 'expected' | 'committed'> = {
  ...sinkSides,
  exactlyOnce: true,
  arrived: (world) => new Map(PARTITIONS.map((p) => [`t-${p}`, world.keeping.values.filter((value) => value.startsWith(`t-${p}/`))])),
};

function scheduledSink(name: string, title: string, task: 'sink' | 'buffering-sink' | 'keeping-sink'): Runner {
  return {
    name,
    title,
    options: { task, config: { topics: 't', 'consumer.override.max.poll.records': '4' } },
    async history(world) {
      world.addTopic('t', PARTITIONS.length);
      // Every other record ends a transaction, so that commits come to stand before markers.
      for (let from = 0; from < 22; from += 2) {
        append(world, from, 2);
        appendMarkers(world);
      }
      await world.configure();
      await tick(world);
      await tick(world);
      append(world, 22, 3);
      await tickUntilCaughtUp(world);
    },
    ...(task === 'keeping-sink' ? keepingSides : sinkSides),
  };
}

const eventSink = (name: string, title: string, task: 'sink' | 'keeping-sink'): Runner => ({
  name,
  title,
  options: { task, config: { topics: 't' } },
  async history(world) {
    world.addTopic('t', PARTITIONS.length);
    await world.configure();
    for (const from of [0, 3, 6]) {
      const event = encodeKafkaEvent(append(world, from, 3), { bootstrapServers: 'x:1', clusterArn: null });
      // The poller gives the same batch again until it is answered.
      let answered = false;
      for (let tries = 0; tries < TICKS_TO_CATCH_UP && !answered; tries++) {
        answered = (await world.invoke((deps) => runSinkBatch(event, deps))) !== null;
      }
      if (!answered) world.errors.push('the batch was never answered');
    }
  },
  ...(task === 'keeping-sink' ? keepingSides : sinkSides),
});

export const RUNNERS: readonly Runner[] = [
  source,
  exactlyOnceSource,
  movingSource,
  scheduledSink('scheduled-sink', 'Scheduled sink that delivers at put', 'sink'),
  scheduledSink('buffering-sink', 'Scheduled sink that delivers at flush', 'buffering-sink'),
  eventSink('event-sink', 'Event sink', 'sink'),
  scheduledSink('keeping-sink', 'Scheduled sink whose target keeps the offsets', 'keeping-sink'),
  eventSink('keeping-event-sink', 'Event sink whose target keeps the offsets', 'keeping-sink'),
];
