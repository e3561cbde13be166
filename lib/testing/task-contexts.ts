import { canonicalJson } from '../core/canonical-json.ts';
import type { Clock } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { IllegalWorkerStateException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ErrantRecordReporter, SinkOffsets, SinkTaskContext } from '../core/sink.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import type { SourceConnectorContext, SourceTaskContext } from '../core/source.ts';
import type { SourceOffset, SourcePartition } from '../core/source-record.ts';
import type { TopicPartition } from '../core/topic-partition.ts';

/** A clock that moves only when told: `sleep` moves it and returns at once. */
export class ManualClock implements Clock {
  #now: number;

  /** @param now wall clock ms at the beginning. */
  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted !== true) this.#now += ms;
  }
}

/** A log line that a component under test wrote. */
export interface LoggedLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is logged in {@link MemoryLogger.lines}. */
export class MemoryLogger implements Logger {
  readonly lines: LoggedLine[];
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(lines: LoggedLine[] = [], fields: Readonly<Record<string, unknown>> = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  #log(level: LoggedLine['level'], message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }

  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('error', message, fields);
  }
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('warn', message, fields);
  }
  info(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('info', message, fields);
  }
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('debug', message, fields);
  }
  trace(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('trace', message, fields);
  }
  child(fields: Readonly<Record<string, unknown>>): Logger {
    return new MemoryLogger(this.lines, { ...this.#fields, ...fields });
  }
}

/** What every fake context is made with. */
export interface FakeContextOptions {
  readonly props?: ConnectorProps;
  /** Default: a {@link ManualClock} at 0. */
  readonly clock?: Clock;
  /** Default: a {@link MemoryLogger}. */
  readonly logger?: Logger;
}

/** A source task's context, with what the task told it. */
export interface FakeSourceTaskContext extends SourceTaskContext {
  /** Committed offsets as the task may read them; set one before `start`. */
  commit(partition: SourcePartition, offset: SourceOffset | null): void;
  /** From the last {@link SourceTaskContext.pollAgainAt}; null = not called since {@link FakeSourceTaskContext.forget}. */
  readonly pollAgainAtMs: number | null;
  readonly isCaughtUp: boolean;
  /** What the runtime does before each `poll` (and, for caughtUp, at each record). */
  forget(): void;
  /** Aborts `signal`. */
  abort(): void;
}

/** A context to drive a {@link SourceTaskContext | source task} directly in a test. */
export function createSourceTaskContext(options: FakeContextOptions = {}): FakeSourceTaskContext {
  const offsets = new Map<string, SourceOffset>();
  const aborted = new AbortController();
  let progress: Readonly<Record<string, string | number | boolean | null>> | null = null;
  let pollAgainAtMs: number | null = null;
  let isCaughtUp = false;
  const offset = (partition: SourcePartition): SourceOffset | null => offsets.get(canonicalJson(partition)) ?? null;
  return {
    ...pluginContext(options),
    configs: () => options.props ?? {},
    offsetStorageReader: () => ({
      offset: async (partition) => offset(partition),
      offsets: async (partitions) => partitions.map(offset),
    }),
    transactionContext: () => null,
    pollAgainAt(timeMs) {
      pollAgainAtMs = timeMs;
    },
    caughtUp() {
      isCaughtUp = true;
    },
    progress: {
      get: () => progress,
      set(values) {
        progress = values;
      },
    },
    signal: aborted.signal,
    commit(partition, value) {
      if (value === null) offsets.delete(canonicalJson(partition));
      else offsets.set(canonicalJson(partition), value);
    },
    get pollAgainAtMs() {
      return pollAgainAtMs;
    },
    get isCaughtUp() {
      return isCaughtUp;
    },
    forget() {
      pollAgainAtMs = null;
      isCaughtUp = false;
    },
    abort() {
      aborted.abort();
    },
  };
}

/** A source connector's context, with what the connector told it. */
export interface FakeSourceConnectorContext extends SourceConnectorContext {
  readonly reconfigurations: number;
  readonly raised: readonly unknown[];
}

/** A context to drive a source (or sink) connector directly in a test. */
export function createConnectorContext(options: FakeContextOptions = {}): FakeSourceConnectorContext {
  const raised: unknown[] = [];
  let reconfigurations = 0;
  return {
    ...pluginContext(options),
    requestTaskReconfiguration() {
      reconfigurations++;
    },
    raiseError(error) {
      raised.push(error);
    },
    offsetStorageReader: () => ({ offset: async () => null, offsets: async (partitions) => partitions.map(() => null) }),
    get reconfigurations() {
      return reconfigurations;
    },
    raised,
  };
}

/** Options of {@link createSinkTaskContext}. */
export interface FakeSinkTaskOptions extends FakeContextOptions {
  readonly assignment?: readonly TopicPartition[];
  /** Default: no reporter, as without a dead letter queue. `collect` keeps reports in `reported`. */
  readonly reporter?: ErrantRecordReporter | 'collect';
}

/** A sink task's context, with what the task told it. */
export interface FakeSinkTaskContext extends SinkTaskContext {
  readonly reported: readonly { readonly record: SinkRecord; readonly error: unknown }[];
  /** From the last `timeout`; null = none was asked for. */
  readonly timeoutMs: number | null;
  readonly requestedCommits: number;
  readonly paused: readonly TopicPartition[];
}

/** A context to drive a sink task directly in a test. */
export function createSinkTaskContext(options: FakeSinkTaskOptions = {}): FakeSinkTaskContext {
  const reported: { record: SinkRecord; error: unknown }[] = [];
  let paused: TopicPartition[] = [];
  let timeoutMs: number | null = null;
  let requestedCommits = 0;
  const collecting: ErrantRecordReporter = {
    async report(record, error) {
      reported.push({ record, error });
    },
  };
  const reporter = options.reporter === 'collect' ? collecting : (options.reporter ?? null);
  const isSame = (a: TopicPartition, b: TopicPartition): boolean => a.topic === b.topic && a.partition === b.partition;
  return {
    ...pluginContext(options),
    configs: () => options.props ?? {},
    offset(_offsets: SinkOffsets) {
      throw new IllegalWorkerStateException('this fake context cannot rewind');
    },
    timeout(ms) {
      timeoutMs = ms;
    },
    assignment: () => options.assignment ?? [],
    pause(...partitions) {
      paused.push(...partitions);
    },
    resume(...partitions) {
      paused = paused.filter((partition) => !partitions.some((other) => isSame(partition, other)));
    },
    requestCommit() {
      requestedCommits++;
    },
    errantRecordReporter: () => reporter,
    signal: new AbortController().signal,
    reported,
    get timeoutMs() {
      return timeoutMs;
    },
    get requestedCommits() {
      return requestedCommits;
    },
    get paused() {
      return paused;
    },
  };
}

function pluginContext(options: FakeContextOptions): { logger: Logger; clock: Clock; random: () => number } {
  return { logger: options.logger ?? new MemoryLogger(), clock: options.clock ?? new ManualClock(), random: () => 0.5 };
}
