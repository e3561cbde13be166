import type { ConsumerRecord, RawHeader } from '../core/kafka-record.ts';
import { topicPartitionKey } from '../core/topic-partition.ts';
import type { Arguments } from './command.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { UsageException } from './parse-arguments.ts';
import { timestampMs } from './usage.ts';

const ERRORS = '__connect.errors.';
/** How often a record was sent back from a dead letter queue, as decimal text. Sinks copy headers, so it comes back with a record that fails again. */
export const ATTEMPTS_HEADER = 'serverless-connect.redrive.attempts';

const FETCH_BYTES = 8 * 1024 * 1024;
const FETCH_WAIT_MS = 500;

/** A record of a dead letter queue, with what its headers say. */
export interface DeadLetter {
  readonly record: ConsumerRecord;
  /** Where it came from; null = the connector writes no `__connect.errors.*` headers. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number } | null;
  readonly connector: string | null;
  readonly task: number | null;
  readonly stage: string | null;
  /** Java class of the exception. */
  readonly error: string | null;
  readonly message: string | null;
  readonly trace: string | null;
  /** How often it was sent back already. */
  readonly attempts: number;
  /** Headers it had before it failed, that of attempts left out. */
  readonly headers: readonly RawHeader[];
}

/** Reads what the headers say (KIP-298). Of a header that is there twice the last one holds: it was written by the last failure. */
export function deadLetterOf(record: ConsumerRecord): DeadLetter {
  const said = new Map<string, string>();
  for (const { key, value } of record.headers) {
    if ((key.startsWith(ERRORS) || key === ATTEMPTS_HEADER) && value !== null) said.set(key, Buffer.from(value).toString());
  }
  const text = (name: string) => said.get(`${ERRORS}${name}`) ?? null;
  const number = (value: string | null | undefined) => (value != null && /^\d+$/.test(value) ? Number(value) : null);
  const topic = text('topic');
  const partition = number(text('partition'));
  return {
    record,
    origin: topic === null || partition === null ? null : { topic, partition, offset: number(text('offset')) ?? -1 },
    connector: text('connector.name'),
    task: number(text('task.id')),
    stage: text('stage'),
    error: text('exception.class.name'),
    message: text('exception.message'),
    trace: text('exception.stacktrace'),
    attempts: number(said.get(ATTEMPTS_HEADER)) ?? 0,
    headers: record.headers.filter(({ key }) => !key.startsWith(ERRORS) && key !== ATTEMPTS_HEADER),
  };
}

/** Reads a topic from `from` (else its beginning) to where it ends now, partition by partition in order. */
export async function* readDeadLetters(
  { clients, settings }: KafkaAccess,
  topic: string,
  partitions: number,
  from: ReadonlyMap<string, number>,
  stop: AbortSignal,
): AsyncGenerator<DeadLetter[]> {
  const reader = clients.reader({ ...settings, 'isolation.level': 'read_committed' });
  try {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const [first, last] = await Promise.all([reader.beginningOffsets(all), reader.endOffsets(all)]);
    for (const { partition } of all) {
      const key = topicPartitionKey(topic, partition);
      const end = last.get(key) ?? 0;
      let offset = Math.max(first.get(key) ?? 0, from.get(key) ?? 0);
      while (offset < end && !stop.aborted) {
        const [fetched] = await reader.fetch([{ topic, partition, offset }], {
          maxWaitMs: FETCH_WAIT_MS,
          maxBytes: FETCH_BYTES,
          signal: stop,
        });
        if (fetched === undefined || fetched.outOfRange) break;
        const records = fetched.records.filter((record) => record.offset < end);
        if (records.length > 0) yield records.map(deadLetterOf);
        offset = fetched.nextOffset;
      }
    }
  } finally {
    await reader.close();
  }
}

/** Flags that select dead letters. */
export const SELECTION_FLAGS = [
  { name: 'error', value: 'CLASS', help: 'only this exception class, full or simple name; may be given again' },
  { name: 'connector', value: 'NAME', help: 'only of this connector' },
  { name: 'from-topic', value: 'TOPIC', help: 'only records that came from this topic' },
  { name: 'partition', value: 'N', help: 'only records that came from this partition; may be given again' },
  { name: 'since', value: 'TIME', help: 'only records with this timestamp or a later one (ISO 8601, or milliseconds since the epoch)' },
  { name: 'until', value: 'TIME', help: 'only records with an earlier timestamp' },
];

/** What the flags select. Throws UsageException. */
export function selectionOf(args: Arguments): (letter: DeadLetter) => boolean {
  const errors = args.all('error');
  const connector = args.text('connector');
  const topic = args.text('from-topic');
  const partitions = args.all('partition').map((text) => {
    if (!/^\d+$/.test(text)) throw new UsageException(`--partition must be a partition number, got '${text}'`);
    return Number(text);
  });
  const since = timestampMs(args, 'since');
  const until = timestampMs(args, 'until');
  return (letter) =>
    (errors.length === 0 ||
      (letter.error !== null && errors.some((error) => letter.error === error || simpleName(letter.error) === error))) &&
    (connector === undefined || letter.connector === connector) &&
    (topic === undefined || letter.origin?.topic === topic) &&
    (partitions.length === 0 || (letter.origin !== null && partitions.includes(letter.origin.partition))) &&
    (since === null || letter.record.timestamp >= since) &&
    (until === null || letter.record.timestamp < until);
}

/** `DataException` of `org.apache.kafka.connect.errors.DataException`. */
export function simpleName(className: string | null): string {
  return className === null ? '' : className.slice(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
}
