import { ConnectException } from '../../../lib/core/errors.ts';
import type { ConsumerRecord, ProducerRecord, RawHeader } from '../../../lib/core/kafka-record.ts';
import type { Stage } from '../../../lib/core/stage.ts';
import { DeadLetterQueueReporter, LogReporter } from '../../../lib/processing/error-reporters.ts';
import { ProcessingContext } from '../../../lib/processing/processing-context.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import type { ConformanceCase } from '../format/case.ts';
import { decodeRecord, type RecordJson } from '../format/record-codec.ts';

interface ErrorJson {
  readonly class: string;
  readonly message: string | null;
  readonly cause?: ErrorJson;
}

interface OriginalJson extends Omit<ConsumerRecord, 'key' | 'value' | 'headers'> {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly { readonly key: string; readonly bytes: string | null }[];
}

interface ReportInput {
  readonly connector: string;
  readonly task: number;
  readonly stage: Stage;
  readonly executingClass: string;
  readonly error: ErrorJson;
  readonly original: OriginalJson | RecordJson;
}

const SILENT = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

export async function run({ op, config = {}, input }: ConformanceCase): Promise<unknown> {
  const { connector, task, stage, executingClass, error, original } = input as unknown as ReportInput;
  const metrics = new TaskErrorMetrics();
  const identity = { connector, task };
  if (op === 'log') {
    const record = 'kind' in original ? decodeRecord(original) : decodeOriginal(original);
    const reporter = new LogReporter({
      identity,
      includeMessages: config['errors.log.include.messages'] === 'true',
      logger: SILENT,
      metrics,
    });
    const context = new ProcessingContext<unknown>(record);
    context.fail(stage, executingClass, decodeError(error));
    return { logged: config['errors.log.enable'] === 'true', message: reporter.message(context) };
  }
  const topic = config['errors.deadletterqueue.topic.name'] ?? '';
  if (topic === '') return { sent: null };
  const sent: ProducerRecord[] = [];
  const reporter = new DeadLetterQueueReporter({
    identity,
    topic,
    contextHeaders: config['errors.deadletterqueue.context.headers.enable'] === 'true',
    deadLetters: {
      send: (records) => {
        sent.push(...records);
        return Promise.resolve();
      },
    },
    logger: SILENT,
    metrics,
  });
  const context = new ProcessingContext<ConsumerRecord>(decodeOriginal(original as OriginalJson));
  context.fail(stage, executingClass, decodeError(error));
  await reporter.report(context);
  const record = sent[0] as ProducerRecord;
  return {
    sent: {
      topic: record.topic,
      partition: record.partition,
      timestamp: record.timestamp,
      key: encodeBytes(record.key),
      value: encodeBytes(record.value),
      headers: record.headers.map(encodeHeader),
    },
  };
}

function decodeOriginal(json: OriginalJson): ConsumerRecord {
  return {
    ...json,
    key: decodeBytes(json.key),
    value: decodeBytes(json.value),
    headers: json.headers.map(({ key, bytes }) => ({ key, value: decodeBytes(bytes) })),
  };
}

function decodeError(json: ErrorJson): ConnectException {
  const cause = json.cause === undefined ? undefined : decodeError(json.cause);
  return new ConnectException(json.message ?? '', cause === undefined ? {} : { cause }, json.class);
}

function encodeHeader({ key, value }: RawHeader): unknown {
  const text = value === null ? null : Buffer.from(value).toString('utf8');
  if (key === '__connect.errors.exception.stacktrace') return { key, firstLine: text?.split('\n')[0]?.trimEnd() };
  const readable = text !== null && Buffer.from(text).equals(Buffer.from(value as Uint8Array));
  return { key, bytes: encodeBytes(value), ...(readable ? { text } : {}) };
}

function encodeBytes(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('base64');
}

function decodeBytes(base64: string | null): Uint8Array | null {
  return base64 === null ? null : Buffer.from(base64, 'base64');
}
