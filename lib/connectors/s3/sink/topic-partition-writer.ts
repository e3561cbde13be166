import type { Schema } from '../../../core/data/schema.ts';
import { ConnectException, javaClassOf, SchemaProjectorException } from '../../../core/errors.ts';
import type { ErrantRecordReporter, SinkTaskContext } from '../../../core/sink.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../core/topic-partition.ts';
import type { S3Client } from '../client.ts';
import { type JodaZone, nextInDay } from '../partitioner/joda-zone.ts';
import { PartitionException } from '../partitioner/partition-exception.ts';
import type { Partitioner } from '../partitioner/partitioner.ts';
import { FileExistsException } from '../s3-exception.ts';
import { isBadData } from '../sink-formats/bad-data.ts';
import type { RecordWriter } from '../sink-formats/record-writer.ts';
import { type FileFormats, openFile } from './key-value-header-writer.ts';
import { nextFreeOffset } from './next-free-offset.ts';
import { type Compatibility, needsNewFile, projected } from './schema-compatibility.ts';
import type { SinkSettings } from './sink-settings.ts';
import { tagObject } from './tag-object.ts';

/** What the writers of all partitions share. */
export interface WriterShared {
  readonly settings: SinkSettings;
  readonly compatibility: Compatibility;
  /** Of `rotate.schedule.interval.ms`; null = none. */
  readonly zone: JodaZone | null;
  readonly partitioner: Partitioner;
  readonly formats: FileFormats;
  readonly client: S3Client;
  readonly context: SinkTaskContext;
  readonly reporter: ErrantRecordReporter | null;
  readonly tags: ReadonlyMap<string, string>;
}

/** One object that is open, or was and is being completed. */
interface OpenFile {
  readonly key: string;
  readonly writer: RecordWriter;
  startOffset: number;
  endOffset: number;
  records: number;
}

/**
 * Writes one topic partition. Records wait in a buffer until `write`; which of them share an object depends on them alone (and, where
 * configured, on the clock), and objects are completed together, so that the offset behind the last record written can be committed.
 */
export class TopicPartitionWriter {
  readonly #tp: TopicPartition;
  readonly #shared: WriterShared;
  #buffer: SinkRecord[] = [];
  #next = 0;
  /** By encoded partition, in the order in which they were opened. */
  readonly #files = new Map<string, OpenFile>();
  readonly #schemas = new Map<string, Schema | null>();
  /** Keys that objects would have that begin at these offsets: looked at when an object exists already. */
  readonly #keysByOffset = new Map<number, string>();
  /** Start of each open file; kept apart because a file that exists moves its start behind itself. */
  readonly #reports: Promise<void>[] = [];
  #records = 0;
  #currentOffset = -1;
  #currentTimestamp: number | null = null;
  #currentPartition: string | null = null;
  #baseTimestamp: number | null = null;
  #latestKafkaTimestamp: number | null = null;
  #offsetToCommit: number | null = null;
  #nextScheduled = 0;
  #failedAt = -1;
  #deadline = Number.POSITIVE_INFINITY;
  #isPaused = false;
  /** A rotation was decided but the time for writing was over. */
  #rotates = false;

  constructor(tp: TopicPartition, shared: WriterShared) {
    this.#tp = tp;
    this.#shared = shared;
    this.#scheduleNext();
  }

  buffer(record: SinkRecord): void {
    this.#buffer.push(record);
  }

  /** Writes what is buffered, until `deadline` (ms since the epoch). Throws RetriableException for an outage; the writer is then lost. */
  async write(deadline: number): Promise<void> {
    this.#deadline = deadline;
    // While records come, even old ones, the topic is not quiet: a backlog is cut by its records alone
    const nothingCame = this.#buffer.length === 0;
    const now = this.#now();
    if (this.#failedAt > 0 && now - this.#failedAt < this.#shared.settings.retryBackoffMs) return;
    this.#failedAt = -1;
    if (this.#records === 0 && this.#isScheduled(now)) this.#scheduleNext();
    if (this.#next < this.#buffer.length && !this.#isLate()) this.#pause();
    while (this.#next < this.#buffer.length && !this.#isLate()) {
      if (!this.#rotates) {
        try {
          const file = this.#append(now);
          if (file?.writer.full) await file.writer.drain();
        } catch (error) {
          if (!(error instanceof SchemaProjectorException) || this.#shared.reporter === null) throw error;
          this.#report(this.#buffer[this.#next++]!, error);
        }
      }
      if (this.#rotates && !this.#isLate()) {
        await this.#commitFiles();
        this.#rotates = false;
      }
    }
    this.#forgetWritten();
    if (this.#reports.length > 0) await Promise.all(this.#reports.splice(0));
    if (!this.#isLate()) await this.#commitOnTimeWithoutData(now, nothingCame);
    if (this.#buffer.length >= Math.max(this.#shared.settings.flushSize, 1)) this.#pause();
    else if (this.#isPaused) this.#resume();
  }

  /** Offset behind the last completed objects, once; null = nothing new. */
  takeOffsetToCommit(): number | null {
    const offset = this.#offsetToCommit;
    this.#offsetToCommit = null;
    return offset;
  }

  /** The first offset that is in no completed object; null = nothing is open. */
  get startOffset(): number | null {
    const starts = [...this.#files.values()].map(({ startOffset }) => startOffset);
    return starts.length === 0 ? null : Math.min(...starts);
  }

  /** Nothing is written until `retry.backoff.ms` after this. */
  failedAt(ms: number): void {
    this.#failedAt = ms;
  }

  /** Gives the open objects up. */
  async close(): Promise<void> {
    for (const { writer } of this.#files.values()) await writer.close();
    this.#files.clear();
  }

  #now(): number {
    return this.#shared.context.clock.now();
  }

  #isLate(): boolean {
    return this.#deadline !== Number.POSITIVE_INFINITY && this.#now() > this.#deadline;
  }

  /** One record: appends it, or decides that the open objects are to be completed first. Answers the file that was written to. */
  #append(now: number): OpenFile | null {
    const { partitioner, compatibility, reporter, settings } = this.#shared;
    const record = this.#buffer[this.#next]!;
    if (partitioner.extractor !== null) {
      this.#currentTimestamp = partitioner.extractor(record, now);
      this.#baseTimestamp ??= this.#currentTimestamp;
    }
    let partition: string;
    try {
      partition = partitioner.encode(record, now);
    } catch (error) {
      if (!(error instanceof PartitionException) || reporter === null) throw error;
      this.#next++;
      this.#report(record, error);
      return null;
    }
    if (this.#keysByOffset.size < settings.scanLimit) {
      this.#keysByOffset.set(record.kafkaOffset, this.#keyOf(partition, record.kafkaOffset));
    }
    const { valueSchema } = record;
    const known = this.#schemas.has(partition);
    let current = this.#schemas.get(partition) ?? null;
    const changesKind = known && (current === null) !== (valueSchema === null);
    if (current === null || valueSchema === null) {
      this.#schemas.set(partition, valueSchema);
      current = valueSchema;
    }
    if (changesKind) return this.#rotate();
    if (this.#isTimeToRotate(partition, this.#currentTimestamp, now) || this.#isGap(record)) {
      this.#scheduleNext();
      return this.#rotate();
    }
    if (needsNewFile(compatibility, valueSchema, current) && this.#records > 0) {
      this.#schemas.set(partition, valueSchema);
      return this.#rotate();
    }
    if (settings.maxOpenFiles !== -1 && !this.#files.has(partition) && this.#files.size === settings.maxOpenFiles) return this.#rotate();
    const file = this.#writeRecord(projected(compatibility, record, current), partition, record);
    this.#next++;
    if (file !== null && this.#records >= settings.flushSize) this.#rotates = true;
    return file;
  }

  #rotate(): null {
    this.#rotates = true;
    return null;
  }

  #writeRecord(record: SinkRecord, partition: string, original: SinkRecord): OpenFile | null {
    const { formats, reporter } = this.#shared;
    let file = this.#files.get(partition) ?? null;
    try {
      if (file === null) {
        const key = this.#keyOf(partition, record.kafkaOffset);
        file = { key, writer: openFile(formats, key), startOffset: record.kafkaOffset, endOffset: 0, records: 0 };
        // Known before the first write: an outage there rewinds to it
        this.#files.set(partition, file);
      }
      file.writer.write(record);
    } catch (error) {
      if (!isBadData(error)) throw error;
      if (file !== null && file.records === 0) this.#files.delete(partition);
      if (reporter === null) throw new ConnectException(`${javaClassOf(error)}: ${error.message}`, { cause: error });
      this.#report(original, error);
      return null;
    }
    this.#currentPartition = partition;
    this.#currentOffset = record.kafkaOffset;
    if (record.timestamp !== null && record.timestamp > (this.#latestKafkaTimestamp ?? Number.NEGATIVE_INFINITY)) {
      this.#latestKafkaTimestamp = record.timestamp;
    }
    this.#records++;
    file.records++;
    file.endOffset = record.kafkaOffset;
    return file;
  }

  #report(record: SinkRecord, error: unknown): void {
    const report = this.#shared.reporter!.report(record, error);
    // Awaited at the end of the write; until then its failure is not to count as unhandled.
    report.catch(() => undefined);
    this.#reports.push(report);
  }

  #isTimeToRotate(partition: string | null, timestamp: number | null, now: number): boolean {
    if (this.#records === 0) return false;
    const { partitioner, settings } = this.#shared;
    if (settings.rotateIntervalMs > 0 && partitioner.extractor !== null) {
      const base = this.#baseTimestamp;
      if (base !== null && timestamp !== null && timestamp - base >= settings.rotateIntervalMs) return true;
      if (this.#changesFolder(partition)) return true;
    }
    return this.#isScheduled(now);
  }

  /** With tombstones written, going to and from their folder does not count as a change. */
  #changesFolder(partition: string | null): boolean {
    const { nullValues, rotateOnPartitionChange, tombstoneFolder } = this.#shared.settings;
    const current = this.#currentPartition;
    if (nullValues === 'write' && current !== null && (partition?.includes(tombstoneFolder) || current.includes(tombstoneFolder))) {
      return false;
    }
    return rotateOnPartitionChange && partition !== current;
  }

  /** `lambda.s3.flush.idle.ms`, by the records alone: the same after a restart, whenever it comes. */
  #isGap({ timestamp }: SinkRecord): boolean {
    const { flushIdleMs } = this.#shared.settings;
    if (flushIdleMs <= 0 || this.#records === 0 || timestamp === null || this.#latestKafkaTimestamp === null) return false;
    return timestamp - this.#latestKafkaTimestamp >= flushIdleMs;
  }

  #isIdle(now: number): boolean {
    const { flushIdleMs } = this.#shared.settings;
    return flushIdleMs > 0 && this.#latestKafkaTimestamp !== null && now - this.#latestKafkaTimestamp >= flushIdleMs;
  }

  #isScheduled(now: number): boolean {
    return this.#shared.settings.rotateScheduleIntervalMs > 0 && now >= this.#nextScheduled;
  }

  #scheduleNext(): void {
    const { settings, zone } = this.#shared;
    if (settings.rotateScheduleIntervalMs > 0 && zone !== null) {
      this.#nextScheduled = nextInDay(this.#now(), settings.rotateScheduleIntervalMs, zone);
    }
  }

  async #commitOnTimeWithoutData(now: number, nothingCame: boolean): Promise<void> {
    if (this.#next < this.#buffer.length) return;
    if (
      this.#records > 0 &&
      (this.#isTimeToRotate(this.#currentPartition, this.#currentTimestamp, now) || (nothingCame && this.#isIdle(now)))
    ) {
      this.#scheduleNext();
      await this.#commitFiles();
    }
    this.#resume();
  }

  async #commitFiles(): Promise<void> {
    const { client, context, settings, tags } = this.#shared;
    for (const [partition, file] of this.#files) {
      try {
        await file.writer.commit();
      } catch (error) {
        if (error instanceof FileExistsException) {
          file.startOffset = await nextFreeOffset(client, file.startOffset, this.#keysByOffset, settings.scanLimit);
        }
        throw error;
      }
      if (settings.tagging) await tagObject(client, file, tags, settings, context);
      this.#files.delete(partition);
    }
    this.#offsetToCommit = this.#currentOffset + 1;
    this.#schemas.clear();
    this.#keysByOffset.clear();
    this.#records = 0;
    this.#baseTimestamp = null;
    this.#latestKafkaTimestamp = null;
    context.logger.debug('completed the open objects', { ...this.#tp, nextOffset: this.#offsetToCommit });
  }

  #keyOf(partition: string, offset: number): string {
    const { directoryDelim, fileDelim, offsetWidth, topicsDir } = this.#shared.settings;
    const { topic, partition: kafkaPartition } = this.#tp;
    const name = topic + fileDelim + kafkaPartition + fileDelim + String(offset).padStart(offsetWidth, '0');
    const path = topic + directoryDelim + partition + directoryDelim + name + this.#shared.formats.values.extension;
    return topicsDir.trim() === '' ? path : topicsDir + directoryDelim + path;
  }

  #pause(): void {
    this.#shared.context.pause(this.#tp);
    this.#isPaused = true;
  }

  #resume(): void {
    this.#shared.context.resume(this.#tp);
    this.#isPaused = false;
  }

  #forgetWritten(): void {
    this.#buffer = this.#next === this.#buffer.length ? [] : this.#buffer.slice(this.#next);
    this.#next = 0;
  }

  toString(): string {
    return topicPartitionKey(this.#tp.topic, this.#tp.partition);
  }
}
