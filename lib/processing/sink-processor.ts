import type { Converter, HeaderConverter, MaybePromise } from '../core/converter.ts';
import { ConnectHeaders } from '../core/data/headers.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../core/data/schema-and-value.ts';
import type { ConsumerRecord } from '../core/kafka-record.ts';
import { RecordHeaders } from '../core/record-headers.ts';
import type { ErrantRecordReporter } from '../core/sink.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import { ConsumedSinkRecord } from './consumed-sink-record.ts';
import { WorkerErrantRecordReporter } from './errant-record-reporter.ts';
import type { DeadLetterQueueReporter } from './error-reporters.ts';
import { checkedTimestamp } from './kafka-timestamp.ts';
import type { Operation } from './operation.ts';
import { ProcessingContext } from './processing-context.ts';
import { closeConverters, type RecordConverters } from './record-converters.ts';
import type { RetryWithToleranceOperator } from './retry-with-tolerance.ts';
import type { TransformationChain } from './transformation-chain.ts';

/** What a {@link SinkProcessor} is made of. */
export interface SinkProcessorDeps {
  readonly operator: RetryWithToleranceOperator<ConsumerRecord>;
  readonly chain: TransformationChain<ConsumerRecord, SinkRecord>;
  readonly converters: RecordConverters;
  /** null = no dead letter queue is configured. */
  readonly deadLetterQueue: DeadLetterQueueReporter | null;
  /** Whether the task may report records itself: a dead letter queue is configured, or `errors.log.enable=true`. */
  readonly errantRecords: boolean;
}

/**
 * The path of a consumed record: key, value and header converter, then transformations. Answers directly, without a promise per record, while every
 * plug-in does and nothing has to be retried. Batches must not overlap.
 */
export class SinkProcessor {
  /** For the task's context; null unless there is somebody to report to. */
  readonly reporter: ErrantRecordReporter | null;
  readonly #operator: RetryWithToleranceOperator<ConsumerRecord>;
  readonly #chain: TransformationChain<ConsumerRecord, SinkRecord>;
  readonly #converters: RecordConverters;
  readonly #deadLetterQueue: DeadLetterQueueReporter | null;
  readonly #key: Operation<ConsumerRecord, SchemaAndValue>;
  readonly #value: Operation<ConsumerRecord, SchemaAndValue>;
  readonly #header: Operation<ConsumerRecord, ConnectHeaders>;
  readonly #raw = new RecordHeaders();
  readonly #context = new ProcessingContext<ConsumerRecord>(null as unknown as ConsumerRecord);

  constructor({ operator, chain, converters, deadLetterQueue, errantRecords }: SinkProcessorDeps) {
    this.#operator = operator;
    this.#chain = chain;
    this.#converters = converters;
    this.#deadLetterQueue = deadLetterQueue;
    this.#key = new BytesToKey(converters.key.plugin, converters.key.className, this.#raw);
    this.#value = new BytesToValue(converters.value.plugin, converters.value.className, this.#raw);
    this.#header = new BytesToHeaders(converters.header.plugin, converters.header.className, this.#raw);
    this.reporter = errantRecords ? new WorkerErrantRecordReporter(operator, converters) : null;
  }

  /**
   * The records to put, in order; dropped ones are missing. Throws ConnectException as Connect does at the first record that fails and may not;
   * a retriable error is an outage: the same batch may be given again.
   */
  process(batch: readonly ConsumerRecord[]): MaybePromise<SinkRecord[]> {
    const records: SinkRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = this.#one(batch[i] as ConsumerRecord);
      if (record instanceof Promise) return this.#rest(records, batch, i, record);
      if (record !== null) records.push(record);
    }
    return records;
  }

  /** The record that {@link SinkProcessor.process} was at last: the one that it threw for. */
  get latest(): ConsumerRecord {
    return this.#context.original;
  }

  /** Resolves when every report so far is safe (dead letters acknowledged); throws what a report failed with. Awaited before offsets are committed. */
  async settleReports(): Promise<void> {
    await this.#deadLetterQueue?.settle();
  }

  /** Ends a back-off that is under way. */
  stop(): void {
    this.#operator.stop();
  }

  async close(): Promise<void> {
    await this.#chain.close();
    await closeConverters(this.#converters);
  }

  async #rest(
    records: SinkRecord[],
    batch: readonly ConsumerRecord[],
    from: number,
    first: Promise<SinkRecord | null>,
  ): Promise<SinkRecord[]> {
    let next: MaybePromise<SinkRecord | null> = first;
    for (let i = from; ; ) {
      const record: SinkRecord | null = next instanceof Promise ? await next : next;
      if (record !== null) records.push(record);
      if (++i >= batch.length) return records;
      next = this.#one(batch[i] as ConsumerRecord);
    }
  }

  #one(consumed: ConsumerRecord): MaybePromise<SinkRecord | null> {
    const context = this.#context;
    context.begin(consumed);
    this.#raw.begin(consumed.headers);
    const key = this.#operator.execute(context, this.#key, consumed);
    if (key instanceof Promise) return this.#convertSlowly(consumed, key, undefined, undefined);
    const value = this.#operator.execute(context, this.#value, consumed);
    if (value instanceof Promise) return this.#convertSlowly(consumed, key, value, undefined);
    const headers = this.#raw.all.length === 0 ? new ConnectHeaders() : this.#operator.execute(context, this.#header, consumed);
    if (headers instanceof Promise) return this.#convertSlowly(consumed, key, value, headers);
    return context.failed ? null : this.#transform(consumed, key, value, headers);
  }

  /** The same once something had to be waited for; undefined = not begun. */
  async #convertSlowly(
    consumed: ConsumerRecord,
    key: MaybePromise<SchemaAndValue | null>,
    value: MaybePromise<SchemaAndValue | null> | undefined,
    headers: MaybePromise<ConnectHeaders | null> | undefined,
  ): Promise<SinkRecord | null> {
    const context = this.#context;
    const settledKey = await key;
    const settledValue = await (value === undefined ? this.#operator.execute(context, this.#value, consumed) : value);
    const settledHeaders = await (headers === undefined ? this.#operator.execute(context, this.#header, consumed) : headers);
    return context.failed ? null : this.#transform(consumed, settledKey, settledValue, settledHeaders);
  }

  #transform(
    consumed: ConsumerRecord,
    key: SchemaAndValue | null,
    value: SchemaAndValue | null,
    headers: ConnectHeaders | null,
  ): MaybePromise<SinkRecord | null> {
    const { schema: keySchema, value: keyValue } = key ?? NULL_SCHEMA_AND_VALUE;
    const { schema: valueSchema, value: data } = value ?? NULL_SCHEMA_AND_VALUE;
    const record: SinkRecord = new ConsumedSinkRecord(
      {
        topic: consumed.topic,
        kafkaPartition: consumed.partition,
        keySchema,
        key: keyValue,
        valueSchema,
        value: data,
        kafkaOffset: consumed.offset,
        timestamp: checkedTimestamp(consumed.timestamp),
        timestampType: consumed.timestampType,
        headers: headers ?? new ConnectHeaders(),
      },
      consumed,
    );
    const transformed = this.#chain.apply(this.#context, record);
    if (transformed instanceof Promise) {
      return transformed.then((settled) => (settled === null ? null : ConsumedSinkRecord.remembering(settled, consumed)));
    }
    return transformed === null ? null : ConsumedSinkRecord.remembering(transformed, consumed);
  }
}

abstract class SinkConversion<C, O> implements Operation<ConsumerRecord, O> {
  abstract readonly stage: 'HEADER_CONVERTER' | 'KEY_CONVERTER' | 'VALUE_CONVERTER';
  readonly executingClass: string;
  protected readonly converter: C;
  /** Those of the message, which key and value converter are given (KIP-440). */
  protected readonly headers: RecordHeaders;

  constructor(converter: C, executingClass: string, headers: RecordHeaders) {
    this.converter = converter;
    this.executingClass = executingClass;
    this.headers = headers;
  }

  abstract call(record: ConsumerRecord): MaybePromise<O>;
}

class BytesToKey extends SinkConversion<Converter, SchemaAndValue> {
  readonly stage = 'KEY_CONVERTER';

  call(record: ConsumerRecord): MaybePromise<SchemaAndValue> {
    return this.converter.toConnectData(record.topic, record.key, this.headers);
  }
}

class BytesToValue extends SinkConversion<Converter, SchemaAndValue> {
  readonly stage = 'VALUE_CONVERTER';

  call(record: ConsumerRecord): MaybePromise<SchemaAndValue> {
    return this.converter.toConnectData(record.topic, record.value, this.headers);
  }
}

class BytesToHeaders extends SinkConversion<HeaderConverter, ConnectHeaders> {
  readonly stage = 'HEADER_CONVERTER';

  call(record: ConsumerRecord): ConnectHeaders {
    const headers = new ConnectHeaders();
    for (const { key, value } of this.headers) {
      const converted = this.converter.toConnectHeader(record.topic, key, value);
      headers.add(key, converted.value, converted.schema);
    }
    return headers;
  }
}
