import type { Clock } from '../../../lib/core/clock.ts';
import type { Converter, HeaderConverter } from '../../../lib/core/converter.ts';
import type { ConsumerRecord, ProducerRecord } from '../../../lib/core/kafka-record.ts';
import type { Logger } from '../../../lib/core/logger.ts';
import type { ConnectRecord } from '../../../lib/core/record.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { SourceRecord } from '../../../lib/core/source-record.ts';
import type { Transformation } from '../../../lib/core/transformation.ts';
import { DeadLetterQueueReporter } from '../../../lib/processing/error-reporters.ts';
import type { RecordConverters } from '../../../lib/processing/record-converters.ts';
import { type RetryPolicy, RetryWithToleranceOperator } from '../../../lib/processing/retry-with-tolerance.ts';
import { SinkProcessor } from '../../../lib/processing/sink-processor.ts';
import { SourceProcessor } from '../../../lib/processing/source-processor.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { type ConfiguredTransformation, TransformationChain } from '../../../lib/processing/transformation-chain.ts';

/** A clock that moves only by waiting. */
export class ManualClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted !== true) this.time += ms;
    return Promise.resolve();
  }
}

/** A logger that keeps its error lines. */
export class KeepingLogger implements Logger {
  readonly errors: string[] = [];

  error(message: string): void {
    this.errors.push(message);
  }

  warn(): void {}
  info(): void {}
  debug(): void {}
  trace(): void {}

  child(): Logger {
    return this;
  }
}

/** JSON without schemas; `refuse` makes it throw for a value. */
export function jsonConverter(refuse: (text: string) => Error | null = () => null): Converter {
  return {
    configure() {},
    fromConnectData(_topic, _schema, value) {
      if (value === null) return null;
      const text = JSON.stringify(value);
      const error = refuse(text);
      if (error !== null) throw error;
      return Buffer.from(text);
    },
    toConnectData(_topic, bytes) {
      if (bytes === null) return { schema: null, value: null };
      const text = Buffer.from(bytes).toString();
      const error = refuse(text);
      if (error !== null) throw error;
      return { schema: null, value: JSON.parse(text) as unknown };
    },
  };
}

const TEXT_HEADERS: HeaderConverter = {
  configure() {},
  fromConnectHeader: (_topic, _key, _schema, value) => Buffer.from(String(value)),
  toConnectHeader: (_topic, _key, bytes) => ({ schema: null, value: bytes === null ? null : Buffer.from(bytes).toString() }),
};

/** A transformation of one function. */
export function transform<R extends ConnectRecord>(
  apply: Transformation<R>['apply'],
  className = 'a.b.Transform',
): ConfiguredTransformation<R> {
  const transformation: Transformation<R> = {
    configure() {},
    apply,
    config: () => {
      throw new Error('not asked');
    },
  };
  return { transformation, className, predicate: null, negate: false };
}

export interface PathOptions {
  readonly policy?: Partial<RetryPolicy>;
  readonly value?: Converter;
  readonly key?: Converter;
  readonly send?: (records: readonly ProducerRecord[]) => Promise<void>;
}

const POLICY: RetryPolicy = { tolerance: 'none', retryTimeoutMs: 0, retryDelayMaxMs: 60_000, outages: 'handed-back' };

function convertersOf({ key = jsonConverter(), value = jsonConverter() }: PathOptions): RecordConverters {
  return {
    key: { plugin: key, className: 'a.b.KeyConverter' },
    value: { plugin: value, className: 'a.b.ValueConverter' },
    header: { plugin: TEXT_HEADERS, className: 'a.b.HeaderConverter' },
  };
}

/** A sink's path with a dead letter queue that keeps what is sent. */
export function sinkPath(transformations: readonly ConfiguredTransformation<SinkRecord>[], options: PathOptions = {}) {
  const clock = new ManualClock();
  const logger = new KeepingLogger();
  const metrics = new TaskErrorMetrics();
  const requests: ProducerRecord[][] = [];
  const deadLetterQueue = new DeadLetterQueueReporter({
    identity: { connector: 'c', task: 0 },
    topic: 'dead',
    contextHeaders: true,
    deadLetters: {
      send:
        options.send ??
        ((records) => {
          requests.push([...records]);
          return Promise.resolve();
        }),
    },
    logger,
    metrics,
  });
  const operator = new RetryWithToleranceOperator<ConsumerRecord>({
    policy: { ...POLICY, ...options.policy },
    clock,
    random: () => 0.5,
    metrics,
    reporters: [deadLetterQueue],
  });
  const chain = new TransformationChain<ConsumerRecord, SinkRecord>(transformations, operator);
  const processor = new SinkProcessor({ operator, chain, converters: convertersOf(options), deadLetterQueue, errantRecords: true });
  return { processor, clock, logger, metrics, requests };
}

export function sourcePath(transformations: readonly ConfiguredTransformation<SourceRecord>[], options: PathOptions = {}) {
  const clock = new ManualClock();
  const metrics = new TaskErrorMetrics();
  const operator = new RetryWithToleranceOperator<SourceRecord>({
    policy: { ...POLICY, ...options.policy },
    clock,
    random: () => 0.5,
    metrics,
    reporters: [],
  });
  const chain = new TransformationChain<SourceRecord, SourceRecord>(transformations, operator);
  return { processor: new SourceProcessor({ operator, chain, converters: convertersOf(options) }), clock, metrics };
}

export function consumed(offset: number, value: unknown, change: Partial<ConsumerRecord> = {}): ConsumerRecord {
  return {
    topic: 'orders',
    partition: 0,
    offset,
    timestamp: 1000 + offset,
    timestampType: 'CREATE_TIME',
    key: Buffer.from(`"k${offset}"`),
    value: value === null ? null : Buffer.from(typeof value === 'string' && value.startsWith('!') ? value : JSON.stringify(value)),
    headers: [],
    ...change,
  };
}
