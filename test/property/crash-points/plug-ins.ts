import { ConfigDef } from '../../../lib/core/config/config-def.ts';
import type { Connector, ConnectorProps } from '../../../lib/core/connector.ts';
import type { SinkTask } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { SourceTask, SourceTaskContext } from '../../../lib/core/source.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import type { ManualClock } from '../../support/runtime/manual-clock.ts';

/** Rows of a source, by shard; row `n` of shard `s` is the record `s/n`. */
export type Shards = Readonly<Record<string, { rows: number }>>;

/** What a poll and a put cost. */
export const CALL_MS = 3_000;
const ROWS_PER_POLL = 2;

export class ShardTask implements SourceTask {
  readonly #shards: Shards;
  readonly #clock: ManualClock;
  readonly #at = new Map<string, number>();
  #context: SourceTaskContext | null = null;

  constructor(shards: Shards, clock: ManualClock) {
    this.#shards = shards;
    this.#clock = clock;
  }

  version = () => '1';
  stop = () => undefined;

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    const shards = props.shards?.split(',') ?? Object.keys(this.#shards);
    const offsets = await this.#context?.offsetStorageReader().offsets(shards.map((shard) => ({ shard })));
    for (const [i, shard] of shards.entries()) this.#at.set(shard, Number(offsets?.[i]?.at ?? 0));
  }

  poll(): SourceRecord[] | null {
    const found: SourceRecord[] = [];
    for (const [partition, [shard, { rows }]] of Object.entries(this.#shards).entries()) {
      if (!this.#at.has(shard)) continue;
      const from = this.#at.get(shard) ?? 0;
      for (let at = from + 1; at <= Math.min(rows, from + ROWS_PER_POLL); at++) {
        this.#at.set(shard, at);
        found.push(
          new SourceRecord({
            sourcePartition: { shard },
            sourceOffset: { at },
            topic: 'rows',
            kafkaPartition: partition,
            value: `${shard}/${at}`,
          }),
        );
      }
    }
    if (found.length === 0) {
      this.#context?.caughtUp();
      return null;
    }
    this.#clock.advance(CALL_MS);
    this.#context?.progress.set({ read: [...this.#at.values()].reduce((a, b) => a + b, 0) });
    return found;
  }

  commit = () => undefined;
}

/** Delivers at `put`, or at `flush` where it buffers. */
export class TargetTask implements SinkTask {
  readonly #target: string[];
  readonly #clock: ManualClock;
  readonly #buffers: boolean;
  #buffer: string[] = [];

  constructor(target: string[], clock: ManualClock, buffers: boolean) {
    this.#target = target;
    this.#clock = clock;
    this.#buffers = buffers;
  }

  version = () => '1';
  initialize = () => undefined;
  start = () => undefined;
  stop = () => undefined;
  open = () => undefined;
  close = () => undefined;

  put(records: readonly SinkRecord[]): void {
    this.#clock.advance(CALL_MS);
    const values = records.map((record) => String(record.value));
    if (this.#buffers) this.#buffer.push(...values);
    else this.#target.push(...values);
  }

  flush(): void {
    this.#target.push(...this.#buffer);
    this.#buffer = [];
  }
}

/** A connector of one task, or of those that `plan` divides the shards among: `a;b`, `b,a`. */
export class PlannedConnector implements Connector {
  readonly #task: new () => object;
  #props: ConnectorProps = {};

  constructor(task: new () => object) {
    this.#task = task;
  }

  version = () => '1';
  initialize = () => undefined;
  stop = () => undefined;
  start(props: ConnectorProps): void {
    this.#props = props;
  }
  taskClass = () => this.#task;
  config = () => new ConfigDef();
  taskConfigs = () => this.#props.plan?.split(';').map((shards) => ({ ...this.#props, shards })) ?? [this.#props];
  exactlyOnceSupport = () => 'SUPPORTED' as const;
}
