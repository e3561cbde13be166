import type { ConsumerRecord } from '../core/kafka-record.ts';
import { RecordHeaders } from '../core/record-headers.ts';
import type { ErrantRecordReporter } from '../core/sink.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import { ConsumedSinkRecord } from './consumed-sink-record.ts';
import { ProcessingContext } from './processing-context.ts';
import type { RecordConverters } from './record-converters.ts';
import type { RetryWithToleranceOperator } from './retry-with-tolerance.ts';

const SINK_TASK = 'org.apache.kafka.connect.sink.SinkTask';

/** Reports what a sink task refused, as a failure of stage TASK_PUT (KIP-610). */
export class WorkerErrantRecordReporter implements ErrantRecordReporter {
  readonly #operator: RetryWithToleranceOperator<ConsumerRecord>;
  readonly #converters: RecordConverters;

  constructor(operator: RetryWithToleranceOperator<ConsumerRecord>, converters: RecordConverters) {
    this.#operator = operator;
    this.#converters = converters;
  }

  async report(record: SinkRecord, error: unknown): Promise<void> {
    const original = record instanceof ConsumedSinkRecord ? record.original : await this.#bytesOf(record);
    await this.#operator.executeFailed(new ProcessingContext(original), 'TASK_PUT', SINK_TASK, error);
  }

  /** A record that the task made itself has no original bytes; as in Connect its converters make them. */
  async #bytesOf(record: SinkRecord): Promise<ConsumerRecord> {
    const { key, value, header } = this.#converters;
    const converted = [...record.headers].map((each) => ({
      key: each.key,
      value: header.plugin.fromConnectHeader(record.topic, each.key, each.schema, each.value),
    }));
    const headers = new RecordHeaders(converted);
    return {
      topic: record.topic,
      partition: record.kafkaPartition,
      offset: record.kafkaOffset,
      timestamp: record.timestamp ?? -1,
      timestampType: record.timestampType,
      key: await key.plugin.fromConnectData(record.topic, record.keySchema, record.key, headers),
      value: await value.plugin.fromConnectData(record.topic, record.valueSchema, record.value, headers),
      headers: headers.all,
    };
  }
}
