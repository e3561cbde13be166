import { env } from 'node:process';
import type { ConnectorProps } from '../../../core/connector.ts';
import { ConnectException, DataException, isRetriable, javaClassOf, RetriableException } from '../../../core/errors.ts';
import type { SinkOffsets, SinkTask, SinkTaskContext } from '../../../core/sink.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { parseTopicPartitionKey, type TopicPartition, topicPartitionKey } from '../../../core/topic-partition.ts';
import type { S3Client } from '../client.ts';
import { createPartitioner, withSchemaName, withTombstones } from '../partitioner/create-partitioner.ts';
import { jodaZone } from '../partitioner/joda-zone.ts';
import type { Partitioner } from '../partitioner/partitioner.ts';
import { VERSION } from '../version.ts';
import { fileFormats } from './file-formats.ts';
import { openSinkClient } from './open-sink-client.ts';
import { compatibilityOf } from './schema-compatibility.ts';
import { type SinkSettings, sinkSettings } from './sink-settings.ts';
import { extraTags } from './tag-object.ts';
import { TopicPartitionWriter, type WriterShared } from './topic-partition-writer.ts';

/** Task of the S3 sink: collects records of each topic partition and uploads them as objects; offsets follow the uploads. */
export class S3SinkTask implements SinkTask {
  #context!: SinkTaskContext;
  #settings!: SinkSettings;
  #client: S3Client | null = null;
  #shared: Omit<WriterShared, 'tags'> | null = null;
  readonly #writers = new Map<string, TopicPartitionWriter>();

  version(): string {
    return VERSION;
  }

  initialize(context: SinkTaskContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    const context = this.#context;
    const settings = sinkSettings(props);
    this.#settings = settings;
    const client = openSinkClient(settings, { ...context, env });
    this.#client = client;
    await checkBucket(client);
    this.#shared = {
      settings,
      compatibility: compatibilityOf(settings.schemaCompatibility),
      zone: settings.rotateScheduleIntervalMs > 0 ? jodaZone(settings.timezone) : null,
      formats: await fileFormats(settings, client),
      partitioner: partitionerOf(settings),
      client,
      context,
      reporter: context.errantRecordReporter(),
    };
  }

  open(partitions: readonly TopicPartition[]): void {
    for (const tp of partitions) this.#writers.set(topicPartitionKey(tp.topic, tp.partition), this.#newWriter(tp));
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    const { clock } = this.#context;
    const { maxWriteDurationMs } = this.#settings;
    const started = clock.now();
    const reports: Promise<void>[] = [];
    let key = '';
    let writer: TopicPartitionWriter | undefined;
    let topic = '';
    let partition = -1;
    for (const record of records) {
      if (record.value === null && this.#settings.nullValues !== 'write') {
        this.#skip(record, reports);
        continue;
      }
      if (record.kafkaPartition !== partition || record.topic !== topic) {
        ({ topic, kafkaPartition: partition } = record);
        key = topicPartitionKey(topic, partition);
        writer = this.#writers.get(key);
        if (writer === undefined) throw this.#unassigned(key);
      }
      writer!.buffer(record);
    }
    await Promise.all(reports);
    const deadline = maxWriteDurationMs >= Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : started + maxWriteDurationMs;
    for (const key of this.#inAnyOrder()) await this.#write(key, deadline);
  }

  preCommit(): SinkOffsets {
    const offsets = new Map<string, number>();
    for (const [key, writer] of this.#writers) {
      const offset = writer.takeOffsetToCommit();
      if (offset !== null) offsets.set(key, offset);
    }
    return offsets;
  }

  /** Gives up everything open, as Confluent's task does: what is assigned again begins at its committed offset. */
  async close(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.close();
    this.#writers.clear();
  }

  stop(): void {
    this.#client?.close();
  }

  async #write(key: string, deadline: number): Promise<void> {
    const writer = this.#writers.get(key)!;
    try {
      await writer.write(deadline);
    } catch (error) {
      if (!isRetriable(error)) throw error;
      const { clock, logger } = this.#context;
      logger.warn('writing failed for now; the partition is read again', { partition: key, error: String(error) });
      const start = writer.startOffset;
      if (start !== null) this.#context.offset(new Map([[key, start]]));
      this.#context.timeout(this.#settings.retryBackoffMs);
      await writer.close();
      const fresh = this.#newWriter(parseTopicPartitionKey(key));
      fresh.failedAt(clock.now());
      this.#writers.set(key, fresh);
    }
  }

  #skip(record: SinkRecord, reports: Promise<void>[]): void {
    if (this.#settings.nullValues === 'fail') {
      throw new ConnectException("Null valued records are not writeable with current behavior.on.null.values 'settings.");
    }
    const reporter = this.#shared!.reporter;
    if (reporter === null || !this.#settings.reportNullValues) return;
    reports.push(reporter.report(record, new DataException('Skipping null value record.')));
  }

  #unassigned(key: string): ConnectException {
    const assigned = [...this.#writers.keys()].join(', ');
    return new ConnectException(
      `No writer found for topic partition ${key}. The record's topic-partition does not match any assigned partitions. Assigned partitions: [${assigned}]`,
    );
  }

  /** In another order each time, so that with `max.write.duration.ms` no partition is always the last. */
  #inAnyOrder(): string[] {
    const keys = [...this.#writers.keys()];
    if (this.#settings.maxWriteDurationMs >= Number.MAX_SAFE_INTEGER) return keys;
    const { random } = this.#context;
    for (let at = keys.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [keys[at], keys[other]] = [keys[other]!, keys[at]!];
    }
    return keys;
  }

  #newWriter(tp: TopicPartition): TopicPartitionWriter {
    return new TopicPartitionWriter(tp, { ...this.#shared!, tags: extraTags(this.#settings.tagPairs) });
  }
}

function partitionerOf(settings: SinkSettings): Partitioner {
  const { schemaAffix, nullValues, directoryDelim, tombstoneFolder } = settings;
  const plain = createPartitioner(settings.partitioner, settings.partitionerInit);
  const named = schemaAffix === 'NONE' ? plain : withSchemaName(plain, schemaAffix, directoryDelim);
  return nullValues === 'write' ? withTombstones(named, tombstoneFolder) : named;
}

/** A bucket that is not there fails the task; S3 that cannot be reached is an outage. */
async function checkBucket(client: S3Client): Promise<void> {
  let exists: boolean;
  try {
    exists = await client.bucketExists();
  } catch (cause) {
    const message = `${javaClassOf(cause)}: ${(cause as Error).message}`;
    throw isRetriable(cause) ? new RetriableException(message, { cause }) : new ConnectException(message, { cause });
  }
  if (!exists) throw new ConnectException(`Non-existent S3 bucket: ${client.bucket}`);
}
