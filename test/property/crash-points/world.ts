import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import type { PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import type { TopicAdmin, TopicDescription } from '../../../lib/kafka/topic-admin.ts';
import { manifestOfClass } from '../../../lib/plugins/module-plugins.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import type { InvocationDeps, TickEvent } from '../../../lib/runtime/invocation.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { MemoryState } from '../../../lib/state/memory/memory-state.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { type FakeKafka, overridden, SILENT } from '../../support/runtime/fakes.ts';
import { KeepingTarget, KeepingTask } from '../../support/runtime/keeping-target.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';
import { TransactionalKafka } from '../../support/runtime/transactional-kafka.ts';
import {
  instrumented,
  instrumentedAdmin,
  instrumentedGroup,
  instrumentedProducer,
  instrumentedReader,
  instrumentedStores,
  instrumentedTransactionalProducer,
} from './instrumented-ports.ts';
import { CrashPoints, InvocationProcess } from './invocation-process.ts';
import { CALL_MS, PlannedConnector, ShardTask, TargetTask } from './plug-ins.ts';

/** More than a lease and the grace of who finds it. */
const LEASE_OVER_MS = 40_000;
/** Work for about eight polls or puts: the rest is handed over. */
const REMAINING_MS = 35_000;
const TURNS_TO_SETTLE = 500;
export const CONNECTOR = 'c';

const TASK_CALLS = ['start', 'stop', 'poll', 'commit', 'takeOffsets', 'open', 'put', 'flush', 'close'];
const CONNECTOR_CALLS = ['start', 'stop', 'taskConfigs'];

/** Loaded once: the time an import takes must not move the clock of a world. */
const converters = await Promise.all(
  REGISTRY.manifests
    .filter(({ className }) => /\.(StringConverter|SimpleHeaderConverter)$/.test(className))
    .map(async (manifest) => {
      const loaded = await manifest.load();
      return { ...manifest, load: () => Promise.resolve(loaded) };
    }),
);

/** What the state table says at one moment. */
export interface Moment {
  readonly offsets: ReadonlyMap<string, number>;
  readonly watermarks: ReadonlyMap<string, number>;
  readonly state: string;
}

export interface WorldOptions {
  readonly config: Readonly<Record<string, string>>;
  readonly task: 'source' | 'sink' | 'buffering-sink' | 'keeping-sink';
  readonly stopAt: number | null;
  /** Wraps the stores every invocation uses. */
  readonly stores?: (stores: StateStores, state: MemoryState) => StateStores;
  /** False: Kafka lets older producers go on. */
  readonly kafkaFences?: boolean;
  /** False: a target that keeps the offsets lets everybody write. */
  readonly targetFences?: boolean;
}

/** Everything outside the invocations: table, brokers, source, target, time. */
export class World {
  readonly clock = new ManualClock();
  readonly kafka = new TransactionalKafka();
  readonly shards: Record<string, { rows: number }> = {};
  readonly target: string[] = [];
  readonly keeping = new KeepingTarget();
  readonly points: CrashPoints;
  readonly errors: string[] = [];
  /** Taken when the invocation was stopped. */
  atStop: (Moment & { readonly heldLease: boolean }) | null = null;
  /** Called once, after the first invocation that follows the stopped one. */
  onSuccessor: () => Promise<void> = async () => undefined;
  readonly #state = new MemoryState();
  readonly #stores: StateStores;
  readonly #options: WorldOptions;
  readonly #topics = new Map<string, number>();
  readonly #asked: TickEvent[] = [];
  #invocations = 0;
  #version = 0;
  #stopped: Promise<unknown> | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.kafka.fencing = options.kafkaFences !== false;
    this.keeping.fences = options.targetFences !== false;
    const stores = createMemoryStores(this.#state);
    this.#stores = options.stores?.(stores, this.#state) ?? stores;
    this.points = new CrashPoints(options.stopAt, ({ owner }) => {
      this.atStop = { ...this.moment(), heldLease: this.#holdsLease(owner) };
    });
  }

  addTopic(topic: string, partitions: number): void {
    this.#topics.set(topic, partitions);
  }

  async configure(change: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#stores.configs.putConfig(CONNECTOR, {
      config: { name: CONNECTOR, 'connector.class': 'Own', ...this.#options.config, ...change },
      expectedVersion: this.#version++,
      appliedHash: null,
      writer: 'test',
      nowMs: this.clock.now(),
    });
  }

  /** Runs one invocation. Null = it was stopped, or it failed; time then passes until its lease is over. */
  async invoke<T>(run: (deps: InvocationDeps) => Promise<T>): Promise<T | null> {
    const process = new InvocationProcess(++this.#invocations, this.points);
    const running = run(this.#deps(process)).then(
      (value) => {
        process.end();
        return { value };
      },
      (error: unknown) => {
        process.end();
        if (this.points.stopped !== process) this.errors.push(String(error));
        return null;
      },
    );
    const ended = await Promise.race([running, process.whenStopped.then(() => null)]);
    if (this.points.stopped === process && this.#stopped === null) this.#stopped = running;
    if (ended === null) this.clock.advance(LEASE_OVER_MS);
    else if (this.#stopped !== null) await this.#afterSuccessor();
    return ended?.value ?? null;
  }

  async #afterSuccessor(): Promise<void> {
    const then = this.onSuccessor;
    this.onSuccessor = async () => undefined;
    await then();
  }

  /** The stopped invocation had the task, and another took it meanwhile. */
  get leaseWasTaken(): boolean {
    return this.atStop?.heldLease === true && !this.#holdsLease(this.points.stopped?.owner ?? '');
  }

  #holdsLease(owner: string): boolean {
    return [...this.#state.of(CONNECTOR).leases.values()].some((lease) => lease.owner === owner && !lease.released);
  }

  /** Events by which invocations asked for further ones. */
  nextAsked(): TickEvent | null {
    return this.#asked.shift() ?? null;
  }

  /** The frozen invocation goes on, to its end. False = it does not end. */
  async thaw(): Promise<boolean> {
    const stopped = this.#stopped;
    if (stopped === null) return true;
    let ended = false;
    void stopped.then(() => {
      ended = true;
    });
    this.points.stopped?.thaw();
    for (let turn = 0; turn < TURNS_TO_SETTLE && !ended; turn++) await new Promise((resolve) => setImmediate(resolve));
    return ended;
  }

  moment(): Moment {
    const { leases, offsets, plan, progress, state, statuses, transactions, watermarks } = this.#state.of(CONNECTOR);
    const committed = new Map<string, number>();
    for (const [partition, { value }] of offsets) {
      if (value !== null) committed.set((JSON.parse(partition) as { shard: string }).shard, (JSON.parse(value) as { at: number }).at);
    }
    const delivered = new Map<string, number>();
    for (const [key, { value }] of watermarks) if (value !== null) delivered.set(key, value.nextOffset);
    return {
      offsets: committed,
      watermarks: delivered,
      state: JSON.stringify([[...leases], [...offsets], plan, [...progress], state, [...statuses], [...transactions], [...watermarks]]),
    };
  }

  /** Offsets, watermarks and progress without the stamps of who wrote them, and the states of the tasks. */
  values(): string {
    const { offsets, progress, statuses, transactions, watermarks } = this.#state.of(CONNECTOR);
    const unstamped = (items: ReadonlyMap<unknown, { value: unknown }>) => [...items].map(([key, { value }]) => [key, value]);
    return JSON.stringify([
      unstamped(offsets),
      unstamped(progress),
      unstamped(watermarks),
      [...transactions].map(([task, { pending, promoted }]) => [task, pending, promoted]),
      [...statuses.values()].map(({ state, trace }) => [state, trace]),
    ]);
  }

  #deps(process: InvocationProcess): InvocationDeps {
    const clients: KafkaClients = {
      producer: () => instrumentedProducer(this.kafka, process),
      transactionalProducer: (id) => instrumentedTransactionalProducer(this.kafka.transactional(id), process),
      reader: () => instrumentedReader(withoutMarkers(this.kafka), process),
      groupOffsets: () => instrumentedGroup(this.kafka.stableOffsets(), process),
      admin: () => instrumentedAdmin(this.#admin(), process),
      close: async () => undefined,
    };
    const endsAt = this.clock.now() + REMAINING_MS;
    return {
      stores: instrumentedStores(this.#stores, process),
      kafka: async () => clients,
      plugins: createPluginResolver({ manifests: converters }, [manifestOfClass('Own', this.#connectorClass(process), 'x', 'Own')]),
      workerProps: {
        'bootstrap.servers': 'x:1',
        'group.id': 'g',
        'key.converter': 'StringConverter',
        'value.converter': 'StringConverter',
        'offset.flush.interval.ms': '7000',
      },
      resolveVariables: async (props) => props,
      logger: SILENT,
      clock: process.clock(this.clock),
      random: () => 0.5,
      owner: process.owner,
      connector: CONNECTOR,
      invokeSelf: (event) => process.call('invokeSelf', () => void this.#asked.push(event)),
      remainingMs: () => endsAt - this.clock.now(),
      signal: new AbortController().signal,
    };
  }

  #connectorClass(process: InvocationProcess): new () => object {
    const { clock, keeping, shards, target } = this;
    const { task } = this.#options;
    const newTask = () => {
      if (task === 'source') return new ShardTask(shards, clock);
      if (task === 'keeping-sink') return new KeepingTask(keeping, (records) => clock.advance(records.length === 0 ? 0 : CALL_MS));
      return new TargetTask(target, clock, task === 'buffering-sink');
    };
    const taskClass = asClass(() => instrumented(newTask(), 'task', process, TASK_CALLS));
    return asClass(() => instrumented(new PlannedConnector(taskClass), 'connector', process, CONNECTOR_CALLS));
  }

  #admin(): TopicAdmin {
    return {
      describeTopics: async (topics) => {
        const found = new Map<string, TopicDescription>();
        for (const topic of topics) {
          const partitions = this.#topics.get(topic);
          if (partitions !== undefined) found.set(topic, { topic, partitions });
        }
        return found;
      },
      listTopics: async () => [...this.#topics.keys()],
      createTopic: async ({ topic, partitions }) => {
        if (this.#topics.has(topic)) return false;
        this.#topics.set(topic, partitions ?? 1);
        return true;
      },
      close: async () => undefined,
    };
  }
}

/** A marker of a transaction takes an offset and is no record: it is kept as a record without a value. */
function withoutMarkers(kafka: FakeKafka): PartitionReader {
  return overridden<PartitionReader>(kafka, {
    fetch: async (positions, options) =>
      (await kafka.fetch(positions, options)).map((part) => ({ ...part, records: part.records.filter(({ value }) => value !== null) })),
  });
}

/** A class whose instances are made by `make`: the instrumented ones. */
function asClass(make: () => object): new () => object {
  return new Proxy(class {}, { construct: make }) as new () => object;
}
