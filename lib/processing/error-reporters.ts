import { javaClassOf, traceOf } from '../core/errors.ts';
import type { ConsumerRecord, ProducerRecord, RawHeader } from '../core/kafka-record.ts';
import type { Logger } from '../core/logger.ts';
import type { TimestampType } from '../core/sink-record.ts';
import { SourceRecord } from '../core/source-record.ts';
import type { ProcessingContext } from './processing-context.ts';
import { sourceRecordText } from './source-record-text.ts';
import type { TaskErrorMetrics } from './task-error-metrics.ts';

/** Tells somebody about a record that failed. Takes what it needs of the context before it returns. */
export interface ErrorReporter<T> {
  /** null = told; a promise resolves once the report is safe, and rejects when it cannot be made safe. */
  report(context: ProcessingContext<T>): Promise<void> | null;
}

/** Where records go that could not be processed. */
export interface DeadLetters {
  /** Resolves when Kafka has acknowledged all of them. */
  send(records: readonly ProducerRecord[]): Promise<void>;
}

/** What is known of the task whose records fail. */
export interface TaskIdentity {
  readonly connector: string;
  readonly task: number;
}

const TIMESTAMP_TYPES: Readonly<Record<TimestampType, string>> = {
  NO_TIMESTAMP_TYPE: 'NoTimestampType',
  CREATE_TIME: 'CreateTime',
  LOG_APPEND_TIME: 'LogAppendTime',
};

/** Writes one line per failed record, with Connect's text (`errors.log.enable`, `errors.log.include.messages`). */
export class LogReporter<T> implements ErrorReporter<T> {
  readonly #identity: TaskIdentity;
  readonly #includeMessages: boolean;
  readonly #logger: Logger;
  readonly #metrics: TaskErrorMetrics;

  constructor(deps: { identity: TaskIdentity; includeMessages: boolean; logger: Logger; metrics: TaskErrorMetrics }) {
    this.#identity = deps.identity;
    this.#includeMessages = deps.includeMessages;
    this.#logger = deps.logger;
    this.#metrics = deps.metrics;
  }

  report(context: ProcessingContext<T>): null {
    this.#logger.error(this.message(context), { error: traceOf(context.error) });
    this.#metrics.errorsLogged++;
    return null;
  }

  message(context: ProcessingContext<T>): string {
    const { connector, task } = this.#identity;
    const where = `Executing stage '${context.stage}' with class '${context.executingClass}'`;
    return `Error encountered in task ${connector}-${task}. ${where}${this.#includeMessages ? describeRecord(context.original) : ''}.`;
  }
}

/** Source records with all their data, consumed ones without (Connect prints neither key nor value of those). */
function describeRecord(original: unknown): string {
  if (original instanceof SourceRecord) return `, where source record is = ${sourceRecordText(original)}`;
  const record = original as ConsumerRecord;
  const time =
    record.timestampType === 'NO_TIMESTAMP_TYPE'
      ? ''
      : `, timestamp=${record.timestamp}, timestampType=${TIMESTAMP_TYPES[record.timestampType]}`;
  return `, where consumed record is {topic='${record.topic}', partition=${record.partition}, offset=${record.offset}${time}}`;
}

/**
 * Sends the original bytes of a failed record to the dead letter queue, with Connect's `__connect.errors.*` headers (KIP-298). Records that fail
 * in one go travel in one request.
 */
export class DeadLetterQueueReporter implements ErrorReporter<ConsumerRecord> {
  readonly #identity: TaskIdentity;
  readonly #topic: string;
  readonly #contextHeaders: boolean;
  readonly #deadLetters: DeadLetters;
  readonly #logger: Logger;
  readonly #metrics: TaskErrorMetrics;
  #waiting: ProducerRecord[] = [];
  #sending: Promise<void> | null = null;
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(deps: {
    identity: TaskIdentity;
    topic: string;
    contextHeaders: boolean;
    deadLetters: DeadLetters;
    logger: Logger;
    metrics: TaskErrorMetrics;
  }) {
    this.#identity = deps.identity;
    this.#topic = deps.topic;
    this.#contextHeaders = deps.contextHeaders;
    this.#deadLetters = deps.deadLetters;
    this.#logger = deps.logger;
    this.#metrics = deps.metrics;
  }

  report(context: ProcessingContext<ConsumerRecord>): Promise<void> {
    this.#metrics.deadLetterQueueProduceRequests++;
    this.#waiting.push(this.record(context));
    // everything that fails until the synchronous path pauses goes out together
    this.#sending ??= Promise.resolve().then(() => this.#send());
    return this.#sending;
  }

  /** What is sent for a failed record. */
  record(context: ProcessingContext<ConsumerRecord>): ProducerRecord {
    const { key, value, timestamp, headers } = context.original;
    return {
      topic: this.#topic,
      partition: null,
      key,
      value,
      timestamp: timestamp === -1 ? null : timestamp,
      headers: this.#contextHeaders ? [...headers, ...this.#errorHeaders(context)] : headers,
    };
  }

  /** Resolves when every report so far is safe; throws what the first one failed with since this was last asked. */
  async settle(): Promise<void> {
    while (this.#pending.size > 0 || this.#sending !== null) await Promise.allSettled([...this.#pending, this.#sending]);
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  #send(): Promise<void> {
    const records = this.#waiting;
    this.#waiting = [];
    this.#sending = null;
    const sent = this.#deadLetters.send(records).catch((error: unknown) => {
      this.#metrics.deadLetterQueueProduceFailures += records.length;
      this.#logger.error(`Could not produce message to dead letter queue. topic=${this.#topic}`, { error: traceOf(error) });
      this.#failure ??= { error };
      throw error;
    });
    this.#pending.add(sent);
    const forget = () => {
      this.#pending.delete(sent);
    };
    sent.then(forget, forget);
    return sent;
  }

  #errorHeaders(context: ProcessingContext<ConsumerRecord>): RawHeader[] {
    const { topic, partition, offset } = context.original;
    const headers = [
      textHeader('topic', topic),
      textHeader('partition', String(partition)),
      textHeader('offset', String(offset)),
      textHeader('connector.name', this.#identity.connector),
      textHeader('task.id', String(this.#identity.task)),
      textHeader('stage', context.stage),
      textHeader('class.name', context.executingClass),
    ];
    const { error } = context;
    if (error !== null && error !== undefined) {
      headers.push(
        textHeader('exception.class.name', javaClassOf(error)),
        textHeader('exception.message', error instanceof Error ? error.message : String(error)),
        textHeader('exception.stacktrace', traceOf(error)),
      );
    }
    return headers;
  }
}

function textHeader(name: string, text: string): RawHeader {
  return { key: `__connect.errors.${name}`, value: Buffer.from(text) };
}
