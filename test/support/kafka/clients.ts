import type { Clock } from '../../../lib/core/clock.ts';
import type { ConsumerRecord, ProducerRecord, RawHeader } from '../../../lib/core/kafka-record.ts';
import type { LogFields, Logger } from '../../../lib/core/logger.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { createKafkaClients } from '../../../lib/kafka/kafkajs/kafka-clients.ts';
import type { PartitionReader } from '../../../lib/kafka/partition-reader.ts';

/** What was logged, at every level. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines. */
export function collectingLogger(lines: LoggedLine[] = []): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  const logger: Logger = {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: () => {},
    child: () => logger,
  };
  return logger;
}

/** Clients, on the machine's own time unless told otherwise. */
export function testClients(lines?: LoggedLine[], clock: Clock = SYSTEM_CLOCK): KafkaClients {
  return createKafkaClients({ logger: collectingLogger(lines), clock, random: Math.random });
}

/** A record with defaults for what a test does not care about. */
export function record(topic: string, init: Partial<ProducerRecord> & { headers?: RawHeader[] } = {}): ProducerRecord {
  return { topic, partition: null, key: null, value: Buffer.from('value'), timestamp: null, headers: [], ...init };
}

/** Everything of a partition, from the beginning to the end at the reader's isolation level. */
export async function readAll(reader: PartitionReader, topic: string, partition = 0): Promise<ConsumerRecord[]> {
  const at = { topic, partition };
  const key = topicPartitionKey(topic, partition);
  const end = (await reader.endOffsets([at])).get(key) ?? 0;
  let offset = (await reader.beginningOffsets([at])).get(key) ?? 0;
  const records: ConsumerRecord[] = [];
  while (offset < end) {
    const [fetched] = await reader.fetch([{ ...at, offset }], { maxWaitMs: 1_000, maxBytes: 4_000_000 });
    if (fetched === undefined || fetched.nextOffset <= offset) throw new Error(`${key} does not advance at ${offset} of ${end}`);
    records.push(...fetched.records);
    offset = fetched.nextOffset;
  }
  return records;
}

let serial = 0;

/** A name nobody used before. */
export function unique(prefix: string): string {
  return `${prefix}-${process.pid}-${++serial}`;
}

/** The text of values. */
export function values(records: readonly { readonly value: Uint8Array | null }[]): (string | null)[] {
  return records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}
