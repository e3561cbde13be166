import type { Converter, HeaderConverter, MaybePromise } from '../core/converter.ts';
import { ConnectException } from '../core/errors.ts';
import type { ProducerRecord, RawHeader } from '../core/kafka-record.ts';
import { RecordHeaders } from '../core/record-headers.ts';
import type { SourceRecord } from '../core/source-record.ts';
import { checkedTimestamp } from './kafka-timestamp.ts';
import type { Operation } from './operation.ts';
import { ProcessingContext } from './processing-context.ts';
import { closeConverters, type RecordConverters } from './record-converters.ts';
import type { RetryWithToleranceOperator } from './retry-with-tolerance.ts';
import type { TransformationChain } from './transformation-chain.ts';

/** What became of a polled batch. */
export interface ProcessedSourceBatch {
  /** In the order polled. */
  readonly records: ProducerRecord[];
  /** Place in the polled batch of each produced record, ascending; a missing place was dropped (filtered, or failed and tolerated). */
  readonly indexes: number[];
}

/** What a {@link SourceProcessor} is made of. */
export interface SourceProcessorDeps {
  readonly operator: RetryWithToleranceOperator<SourceRecord>;
  readonly chain: TransformationChain<SourceRecord, SourceRecord>;
  readonly converters: RecordConverters;
}

const SOURCE_TASK = 'org.apache.kafka.connect.source.SourceTask';
const NO_HEADERS: readonly RawHeader[] = Object.freeze([]);

/**
 * The path of a source record: transformations, then header, key and value converter. Answers directly, without a promise per record, while every
 * plug-in does and nothing has to be retried. Batches must not overlap.
 */
export class SourceProcessor {
  readonly #operator: RetryWithToleranceOperator<SourceRecord>;
  readonly #chain: TransformationChain<SourceRecord, SourceRecord>;
  readonly #converters: RecordConverters;
  readonly #header: Operation<SourceRecord, readonly RawHeader[]>;
  readonly #key: Operation<SourceRecord, Uint8Array | null>;
  readonly #value: Operation<SourceRecord, Uint8Array | null>;
  readonly #headers = new RecordHeaders();
  readonly #context = new ProcessingContext<SourceRecord>(null as unknown as SourceRecord);
  #done: ProcessedSourceBatch = { records: [], indexes: [] };

  constructor({ operator, chain, converters }: SourceProcessorDeps) {
    this.#operator = operator;
    this.#chain = chain;
    this.#converters = converters;
    this.#header = new HeaderToBytes(converters.header.plugin, converters.header.className);
    this.#key = new KeyToBytes(converters.key.plugin, converters.key.className, this.#headers);
    this.#value = new ValueToBytes(converters.value.plugin, converters.value.className, this.#headers);
  }

  /**
   * Throws ConnectException ("Tolerance exceeded in error handler", "Unhandled exception in error handler") at the first record that fails and may not;
   * what came before it in the batch is then in {@link SourceProcessor.processed}. A retriable error is an outage: the same batch may be given again.
   */
  process(records: readonly SourceRecord[]): MaybePromise<ProcessedSourceBatch> {
    const batch: ProcessedSourceBatch = { records: [], indexes: [] };
    this.#done = batch;
    for (let i = 0; i < records.length; i++) {
      const produced = this.#one(records[i] as SourceRecord);
      if (produced instanceof Promise) return this.#rest(batch, records, i, produced);
      if (produced !== null) {
        batch.records.push(produced);
        batch.indexes.push(i);
      }
    }
    return batch;
  }

  /**
   * What is processed of the latest batch. After `process` threw: the records before the one that failed, which Connect has sent by then.
   */
  get processed(): ProcessedSourceBatch {
    return this.#done;
  }

  /**
   * Kafka refused a produced record for good: reported like any failure where `errors.tolerance=all`, else throws ConnectException.
   * `record` is the one that was polled.
   */
  produceFailed(record: SourceRecord, error: unknown): Promise<void> {
    if (!this.#operator.toleratesAll) throw new ConnectException('Unrecoverable exception from producer send callback', { cause: error });
    return this.#operator.executeFailed(new ProcessingContext(record), 'KAFKA_PRODUCE', SOURCE_TASK, error);
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
    batch: ProcessedSourceBatch,
    records: readonly SourceRecord[],
    from: number,
    first: Promise<ProducerRecord | null>,
  ): Promise<ProcessedSourceBatch> {
    let next: MaybePromise<ProducerRecord | null> = first;
    for (let i = from; ; ) {
      const produced: ProducerRecord | null = next instanceof Promise ? await next : next;
      if (produced !== null) {
        batch.records.push(produced);
        batch.indexes.push(i);
      }
      if (++i >= records.length) return batch;
      next = this.#one(records[i] as SourceRecord);
    }
  }

  #one(record: SourceRecord): MaybePromise<ProducerRecord | null> {
    this.#context.begin(record);
    const transformed = this.#chain.apply(this.#context, record);
    if (transformed instanceof Promise) return transformed.then((settled) => (settled === null ? null : this.#convert(settled)));
    return transformed === null ? null : this.#convert(transformed);
  }

  #convert(record: SourceRecord): MaybePromise<ProducerRecord | null> {
    const context = this.#context;
    const headers = record.headers.size === 0 ? NO_HEADERS : this.#operator.execute(context, this.#header, record);
    if (headers instanceof Promise) {
      return headers.then((settled) => {
        this.#headers.begin(settled ?? NO_HEADERS);
        return this.#convertSlowly(record, undefined, undefined);
      });
    }
    this.#headers.begin(headers ?? NO_HEADERS);
    const key = this.#operator.execute(context, this.#key, record);
    if (key instanceof Promise) return this.#convertSlowly(record, key, undefined);
    const value = this.#operator.execute(context, this.#value, record);
    if (value instanceof Promise) return this.#convertSlowly(record, key, value);
    return context.failed ? null : producerRecord(record, this.#headers.all, key, value);
  }

  /** The same once something had to be waited for; undefined = not begun. */
  async #convertSlowly(
    record: SourceRecord,
    key: MaybePromise<Uint8Array | null> | undefined,
    value: MaybePromise<Uint8Array | null> | undefined,
  ): Promise<ProducerRecord | null> {
    const context = this.#context;
    const settledKey = await (key === undefined ? this.#operator.execute(context, this.#key, record) : key);
    const settledValue = await (value === undefined ? this.#operator.execute(context, this.#value, record) : value);
    return context.failed ? null : producerRecord(record, this.#headers.all, settledKey, settledValue);
  }
}

function producerRecord(
  record: SourceRecord,
  headers: readonly RawHeader[],
  key: Uint8Array | null,
  value: Uint8Array | null,
): ProducerRecord {
  return {
    topic: record.topic,
    partition: record.kafkaPartition,
    key,
    value,
    timestamp: checkedTimestamp(record.timestamp),
    headers,
  };
}

abstract class SourceConversion<C, O> implements Operation<SourceRecord, O> {
  abstract readonly stage: 'HEADER_CONVERTER' | 'KEY_CONVERTER' | 'VALUE_CONVERTER';
  readonly executingClass: string;
  protected readonly converter: C;

  constructor(converter: C, executingClass: string) {
    this.converter = converter;
    this.executingClass = executingClass;
  }

  abstract call(record: SourceRecord): MaybePromise<O>;
}

class HeaderToBytes extends SourceConversion<HeaderConverter, readonly RawHeader[]> {
  readonly stage = 'HEADER_CONVERTER';

  call(record: SourceRecord): readonly RawHeader[] {
    const headers: RawHeader[] = [];
    for (const { key, schema, value } of record.headers) {
      headers.push({ key, value: this.converter.fromConnectHeader(record.topic, key, schema, value) });
    }
    return headers;
  }
}

/** Key and value converter are given the converted headers, and may add to them (KIP-440). */
abstract class DataToBytes extends SourceConversion<Converter, Uint8Array | null> {
  protected readonly headers: RecordHeaders;

  constructor(converter: Converter, executingClass: string, headers: RecordHeaders) {
    super(converter, executingClass);
    this.headers = headers;
  }
}

class KeyToBytes extends DataToBytes {
  readonly stage = 'KEY_CONVERTER';

  call(record: SourceRecord): MaybePromise<Uint8Array | null> {
    return this.converter.fromConnectData(record.topic, record.keySchema, record.key, this.headers);
  }
}

class ValueToBytes extends DataToBytes {
  readonly stage = 'VALUE_CONVERTER';

  call(record: SourceRecord): MaybePromise<Uint8Array | null> {
    return this.converter.fromConnectData(record.topic, record.valueSchema, record.value, this.headers);
  }
}
