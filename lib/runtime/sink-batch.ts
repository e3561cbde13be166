import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConnectException } from '../core/errors.ts';
import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { Logger } from '../core/logger.ts';
import type { SinkOwner, SinkTask } from '../core/sink.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import { type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';
import type { SinkProcessor } from '../processing/sink-processor.ts';
import type { OffsetStore, Watermark } from '../state/offset-store.ts';
import { advanceWatermark, judgeBatch } from './record-evidence.ts';
import { SinkSession } from './sink-session.ts';
import { noteOldest, type TaskFigures } from './task-outcome.ts';

/** `lambda.on.rewind`. */
export type OnRewind = 'deliver' | 'skip' | 'fail';

/** How far the delivery of a batch came. */
export interface BatchProgress {
  /** The first record that was not delivered before; null = not looked at yet. */
  firstFresh: ConsumerRecord | null;
  /** The record that could not be converted. */
  failing: ConsumerRecord | null;
}

/** One batch of an event source mapping, delivered by a task of its own. */
export interface SinkBatch {
  readonly connector: string;
  /** For a target that keeps offsets itself. */
  readonly owner: SinkOwner;
  readonly task: SinkTask;
  readonly props: ConnectorProps;
  /** In order per partition. */
  readonly records: readonly ConsumerRecord[];
  readonly offsets: OffsetStore;
  readonly processor: SinkProcessor;
  readonly onRewind: OnRewind;
  /** `lambda.retry.ms`: how long a target that is down is tried again inside this invocation. */
  readonly retryMs: number;
  readonly signal: AbortSignal;
  /** Written while the batch is delivered, for whoever learns of its failure. */
  readonly progress?: BatchProgress;
  readonly figures: TaskFigures;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Delivers a batch: trim what was delivered before (by evidence) → convert → transform → put → preCommit → watermarks. Throws what failed:
 * the whole batch comes again, and what was delivered of it is recognised if its watermark was written.
 */
export async function deliverSinkBatch(batch: SinkBatch): Promise<void> {
  const { clock, connector, figures, offsets, processor, task } = batch;
  const byPartition = Map.groupBy(batch.records, (record) => topicPartitionKey(record.topic, record.partition));
  const partitions = [...byPartition.values()].map(([first]) => ({
    topic: (first as ConsumerRecord).topic,
    partition: (first as ConsumerRecord).partition,
  }));
  figures.recordsIn += batch.records.length;
  noteOldest(figures, batch.records);
  const session = new SinkSession({ ...batch, task, processor, seekable: false, mayPut: () => true });
  try {
    const kept = await session.takeOffsets(partitions, batch.owner);
    await deliver(session, kept ?? (await offsets.loadWatermarks(connector, partitions)));
  } finally {
    await session.stop();
  }

  async function deliver(to: SinkSession, watermarks: ReadonlyMap<string, Watermark>): Promise<void> {
    const fresh: ConsumerRecord[] = [];
    const next: Watermark[] = [];
    const back: Watermark[] = [];
    for (const [key, records] of byPartition) {
      const watermark = watermarks.get(key) ?? null;
      const kept = trim(batch, watermark, records);
      const [first] = kept;
      if (first === undefined) continue;
      for (const record of kept) {
        fresh.push(record);
        figures.bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
      }
      if (watermark !== null && first.offset < watermark.nextOffset) back.push({ ...watermark, nextOffset: first.offset });
      next.push(advanceWatermark(watermark, first, (kept.at(-1) as ConsumerRecord).offset + 1));
    }
    if (fresh.length === 0) return;
    if (batch.progress !== undefined) batch.progress.firstFresh = fresh[0] as ConsumerRecord;

    await to.start(partitions);
    // A target that keeps offsets writes nothing below them; here it is to.
    if (to.keepsOffsets && back.length > 0) await to.keep(back);
    await put(batch, to, fresh, to.keepsOffsets ? next : null);
    await preCommitAll(to, next);
    await to.close(partitions);
    if (to.keepsOffsets) return;
    const previous = new Map(
      next.map((w) => [topicPartitionKey(w.topic, w.partition), watermarks.get(topicPartitionKey(w.topic, w.partition)) ?? null]),
    );
    await offsets.commitWatermarks(connector, { previous }, next);
  }

  async function put(within: SinkBatch, to: SinkSession, raw: readonly ConsumerRecord[], kept: readonly Watermark[] | null): Promise<void> {
    const giveUpAtMs = clock.monotonic() + within.retryMs;
    const records = await convert(within, raw);
    if (await to.put(records, giveUpAtMs, kept)) return;
    throw new ConnectException('the batch was not delivered before the end of the invocation; it comes again', {
      code: 'batch-not-delivered',
    });
  }
}

async function convert({ processor, progress }: SinkBatch, raw: readonly ConsumerRecord[]): Promise<readonly SinkRecord[]> {
  try {
    const processing = processor.process(raw);
    return processing instanceof Promise ? await processing : processing;
  } catch (error) {
    if (progress !== undefined) progress.failing = processor.latest;
    throw error;
  }
}

/** What is left to deliver of one partition's records. */
function trim(batch: SinkBatch, watermark: Watermark | null, records: readonly ConsumerRecord[]): readonly ConsumerRecord[] {
  const { figures, logger, onRewind } = batch;
  const first = records[0] as ConsumerRecord;
  const judged = judgeBatch(watermark, first);
  if (watermark === null || judged === 'new') return records;
  const above = records.filter((record) => record.offset >= watermark.nextOffset);
  if (judged === 'redelivered') {
    const skipped = records.length - above.length;
    figures.duplicatesSkipped += skipped;
    logger.info('recognised a redelivery', { topic: first.topic, partition: first.partition, offset: first.offset, skipped });
    return above;
  }
  figures.rewinds++;
  const where: TopicPartition & Record<string, unknown> = {
    topic: first.topic,
    partition: first.partition,
    offset: first.offset,
    watermark: watermark.nextOffset,
  };
  if (onRewind === 'fail') {
    throw new ConnectException(
      `${first.topic}-${first.partition} went back to offset ${first.offset} although everything below ${watermark.nextOffset} was delivered, and lambda.on.rewind=fail; set it to deliver or skip, or reset the connector's offsets`,
      { code: 'rewind' },
    );
  }
  logger.warn(
    onRewind === 'skip'
      ? 'the topic went back; records below the watermark are skipped'
      : 'the topic went back; its records are delivered again',
    where,
  );
  return onRewind === 'skip' ? above : records;
}

/** An event source mapping has no way to keep a part of a batch: a sink that holds records back would lose them. */
async function preCommitAll(session: SinkSession, next: readonly Watermark[]): Promise<void> {
  const wanted = new Map(next.map((w) => [topicPartitionKey(w.topic, w.partition), w.nextOffset]));
  const answer = await session.preCommit(wanted);
  for (const [key, offset] of wanted) {
    if ((answer.get(key) ?? -1) < offset) {
      throw new ConnectException(
        `the sink holds records of ${key} back (it commits ${answer.get(key) ?? 'nothing'} of ${offset}), which an event trigger cannot keep for it; set lambda.trigger=schedule`,
        { code: 'sink-holds-records' },
      );
    }
  }
}
