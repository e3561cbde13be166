import { ConnectException, FencedException, isRetriable } from '../core/errors.ts';
import type { ConsumerRecord } from '../core/kafka-record.ts';
import type { SinkOffsets, SinkTask } from '../core/sink.ts';
import type { SinkRecord } from '../core/sink-record.ts';
import { parseTopicPartitionKey, type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';
import type { FetchedPartition, GroupOffsets, PartitionReader } from '../kafka/partition-reader.ts';
import type { SinkProcessor } from '../processing/sink-processor.ts';
import { LeaseLostException } from '../state/errors.ts';
import type { Watermark } from '../state/offset-store.ts';
import { GROUP_MARK } from '../state/watermarks.ts';
import { outageBackoffMs } from './backoff.ts';
import { FETCH_BYTES, FETCH_WAIT_MS } from './defaults.ts';
import { Halt } from './halt.ts';
import { advanceWatermark } from './record-evidence.ts';
import { refuseMembers, refuseStrangeTopics, type TopicsNow } from './remembered-topics.ts';
import type { RunContext } from './run-context.ts';
import { type OffsetReset, resetOffsets, startPositions } from './sink-positions.ts';
import { SinkSession } from './sink-session.ts';
import { noteOldest, type TaskOutcome } from './task-outcome.ts';

/** Everything one run of a sink task over its own partitions needs. */
export interface SinkRun extends RunContext {
  readonly connector: string;
  readonly task: SinkTask;
  readonly partitions: readonly TopicPartition[];
  readonly processor: SinkProcessor;
  readonly reader: PartitionReader;
  readonly groupOffsets: GroupOffsets;
  readonly groupId: string;
  readonly reset: OffsetReset;
  /** What the partitions were taken from. */
  readonly topics: TopicsNow & { readonly missing: readonly string[]; readonly open: boolean };
  readonly lookAtTopics: () => Promise<TopicsNow>;
  /** One of the tasks also looks for positions of partitions that nobody has. */
  readonly seesAll: boolean;
  /** `max.poll.records`: the most one `put` is given. */
  readonly maxPutRecords: number;
}

/** Runs a sink task: fetch → convert → transform → put → preCommit → fenced watermark → group offset. Never throws. */
export async function runSink(run: SinkRun): Promise<TaskOutcome> {
  return new SinkRunner(run).run();
}

class SinkRunner {
  readonly #run: SinkRun;
  readonly #halt: Halt;
  readonly #session: SinkSession;
  /** Next offset to fetch. */
  #positions = new Map<string, number>();
  /** Next offset after what `put` was given. */
  #consumed = new Map<string, number>();
  #committed = new Map<string, number>();
  /** Where somebody else has left the consumer group, until this run commits to it. */
  #foreign = new Map<string, number>();
  #watermarks = new Map<string, Watermark>();
  /** First record since the last commit, per partition. */
  #firstSince = new Map<string, ConsumerRecord>();
  #ends = new Map<string, number>();
  #prefetch: Promise<FetchedPartition[]> | null = null;
  /** Ends a fetch that nobody will read: nothing may be pending when a handler answers. */
  readonly #unread = new AbortController();
  #nextCommitAt: number;
  #advanced = false;
  #fetchFailures = 0;

  constructor(run: SinkRun) {
    this.#run = run;
    this.#halt = new Halt(run.stop, run.keeper, run.deadline, run.clock);
    this.#nextCommitAt = run.clock.monotonic() + run.flushIntervalMs;
    this.#session = new SinkSession({ ...run, seekable: true, signal: this.#halt.signal, mayPut: () => run.keeper.held });
  }

  async run(): Promise<TaskOutcome> {
    const { keeper } = this.#run;
    let failure: { error: unknown } | null = null;
    let caughtUp = false;
    try {
      await this.#start();
      caughtUp = await this.#loop();
    } catch (error) {
      failure = { error };
    }
    failure = await this.#finish(failure);
    this.#halt.dispose();
    if (keeper.lost || isLost(failure?.error)) {
      keeper.markLost();
      return { end: 'lease-lost', error: null, workLeft: false, advanced: this.#advanced };
    }
    if (failure !== null) return { end: 'failed', error: failure.error, workLeft: false, advanced: this.#advanced };
    const end = caughtUp ? 'caught-up' : (this.#halt.end ?? 'stopped');
    return { end, error: null, workLeft: end === 'deadline', advanced: this.#advanced };
  }

  async #start(): Promise<void> {
    const { connector, fence, groupId, groupOffsets, keeper, mode, offsets, partitions, reader, topics } = this.#run;
    const { task, token } = keeper.lease;
    const owner = { name: `task ${task}`, ...token, fence };
    this.#watermarks = (await this.#session.takeOffsets(partitions, owner)) ?? (await offsets.fenceWatermarks(keeper.lease, partitions));
    const remembersMore = !this.#session.keepsOffsets && this.#remembersGoneOnes();
    refuseStrangeTopics(connector, remembersMore ? await offsets.listWatermarks(connector) : this.#watermarks.values(), topics);
    refuseMembers(groupId, await groupOffsets.members(groupId));
    const { foreign, positions } = await startPositions({ ...this.#run, watermarks: this.#watermarks });
    this.#positions = positions;
    this.#foreign = foreign;
    this.#consumed = new Map(this.#positions);
    this.#committed = new Map(this.#positions);
    if (mode === 'tick') {
      this.#ends = await reader.endOffsets(partitions);
      // A position behind the end would look like "nothing to do" for ever: the topic was re-created.
      await this.#resetOutOfRange(
        partitions.filter((tp) => this.#isBehindEnd(tp)).map((tp) => ({ ...tp, nextOffset: this.#positionOf(tp) })),
      );
    }
    await this.#session.start(partitions);
    this.#applyRewinds();
    await this.#run.onStarted();
  }

  /** May there be positions of partitions that no task has? A topic's id tells of every other change. */
  #remembersGoneOnes(): boolean {
    const { seesAll, topics } = this.#run;
    if (!seesAll) return false;
    return topics.open || topics.missing.length > 0 || [...topics.topics.values()].some(({ topicId }) => topicId === undefined);
  }

  async #loop(): Promise<boolean> {
    const { clock } = this.#run;
    while (this.#halt.end === null) {
      if (this.#session.context.takeCommitRequest() || clock.monotonic() >= this.#nextCommitAt) await this.#commit(false);
      if (this.#run.mode === 'tick' && this.#reachedEnds()) return true;
      const fetched = await this.#fetch();
      if (fetched === null) continue;
      await this.#deliver(fetched);
      this.#updateLag();
    }
    return false;
  }

  async #fetch(): Promise<FetchedPartition[] | null> {
    const { clock, logger, random } = this.#run;
    try {
      const fetching = this.#prefetch ?? this.#startFetch();
      this.#prefetch = null;
      const fetched = (await this.#halt.orHalted(fetching))?.value ?? null;
      if (fetched === null) return null;
      this.#fetchFailures = 0;
      await this.#resetOutOfRange(fetched.filter((part) => part.outOfRange));
      for (const part of fetched) {
        const key = topicPartitionKey(part.topic, part.partition);
        if (!part.outOfRange) this.#positions.set(key, part.nextOffset);
        this.#ends.set(key, this.#run.mode === 'tick' ? (this.#ends.get(key) ?? part.endOffset) : part.endOffset);
      }
      if (fetched.some((part) => part.records.length > 0)) this.#prefetch = this.#startFetch();
      return fetched;
    } catch (error) {
      if (this.#halt.end !== null) return null;
      if (!isRetriable(error)) throw error;
      this.#run.figures.retries++;
      const waitMs = outageBackoffMs(++this.#fetchFailures, random);
      logger.warn('cannot read from Kafka; trying again', { error: String(error), attempt: this.#fetchFailures, waitMs });
      await clock.sleep(waitMs, this.#halt.signal);
      return null;
    }
  }

  #startFetch(): Promise<FetchedPartition[]> {
    const { mode, reader } = this.#run;
    const positions = [...this.#positions]
      .filter(([key]) => !this.#session.context.isPaused(key))
      .map(([key, offset]) => ({ ...parseTopicPartitionKey(key), offset }));
    if (positions.length === 0) return this.#run.clock.sleep(FETCH_WAIT_MS, this.#halt.signal).then(() => []);
    const fetching = reader.fetch(positions, {
      maxWaitMs: mode === 'tick' ? 0 : FETCH_WAIT_MS,
      maxBytes: FETCH_BYTES,
      signal: AbortSignal.any([this.#halt.signal, this.#unread.signal]),
    });
    // The failure is handled where the fetch is awaited, which may be after the next put.
    fetching.catch(() => undefined);
    return fetching;
  }

  /** Retention outran an offset, or the topic was re-created: never silent. */
  async #resetOutOfRange(parts: readonly (TopicPartition & { readonly nextOffset: number })[]): Promise<void> {
    if (parts.length === 0) return;
    const { connector, figures, logger, lookAtTopics, reader, reset } = this.#run;
    const read = parts.map(({ nextOffset, partition, topic }) => this.#ofTopic({ topic, partition, nextOffset, delivered: [] }));
    refuseStrangeTopics(connector, read, await lookAtTopics());
    const offsets = await resetOffsets(reader, parts, reset);
    for (const part of parts) {
      const key = topicPartitionKey(part.topic, part.partition);
      const offset = offsets.get(key) as number;
      figures.rewinds++;
      logger.error('the offset to read from is no longer in the partition; reset as auto.offset.reset says', {
        topic: part.topic,
        partition: part.partition,
        offset: part.nextOffset,
        resetTo: offset,
        reset,
      });
      this.#seek(key, offset);
    }
  }

  #positionOf({ topic, partition }: TopicPartition): number {
    return this.#positions.get(topicPartitionKey(topic, partition)) as number;
  }

  #isBehindEnd(tp: TopicPartition): boolean {
    return this.#positionOf(tp) > (this.#ends.get(topicPartitionKey(tp.topic, tp.partition)) ?? Number.POSITIVE_INFINITY);
  }

  async #deliver(fetched: readonly FetchedPartition[]): Promise<void> {
    const { figures, maxPutRecords } = this.#run;
    const nonEmpty = fetched.filter((part) => part.records.length > 0);
    const raw = nonEmpty.length === 1 ? (nonEmpty[0] as FetchedPartition).records : nonEmpty.flatMap((part) => part.records);
    figures.recordsIn += raw.length;
    noteOldest(figures, raw);
    let start = 0;
    do {
      const slice = raw.length <= maxPutRecords ? raw : raw.slice(start, start + maxPutRecords);
      const records = await this.#convert(slice);
      if (records === null || !(await this.#put(slice, records))) return;
      this.#consume(slice);
      if (this.#applyRewinds()) return;
      start += slice.length;
      // A long fetch must not keep a due commit waiting.
      if (start < raw.length && this.#run.clock.monotonic() >= this.#nextCommitAt) await this.#commit(false);
    } while (start < raw.length && this.#halt.end === null);
    if (start < raw.length) return;
    for (const part of fetched) if (!part.outOfRange) this.#consumed.set(topicPartitionKey(part.topic, part.partition), part.nextOffset);
  }

  /** False = halted; the slice may or may not have been delivered. */
  async #put(slice: readonly ConsumerRecord[], records: readonly SinkRecord[]): Promise<boolean> {
    // Where all were dropped, the next commit keeps the offsets.
    if (!this.#session.keepsOffsets || records.length === 0) return this.#session.put(records);
    const after: Watermark[] = [];
    const back: Watermark[] = [];
    for (const [key, [first, ...more]] of Map.groupBy(slice, ({ partition, topic }) => topicPartitionKey(topic, partition))) {
      if (first === undefined) continue;
      const before = this.#watermarks.get(key) ?? null;
      // Below what it keeps the target writes nothing; a position that was set back is to be written again.
      if (before !== null && first.offset < before.nextOffset) back.push({ ...before, nextOffset: first.offset });
      after.push(this.#ofTopic(advanceWatermark(before, first, (more.at(-1) ?? first).offset + 1)));
    }
    if (back.length > 0) await this.#session.keep(back);
    if (!(await this.#session.put(records, Number.POSITIVE_INFINITY, after))) return false;
    for (const watermark of after) this.#watermarks.set(topicPartitionKey(watermark.topic, watermark.partition), watermark);
    return true;
  }

  /** Converts a slice; an outage (a registry that is down) repeats it. Null = halted meanwhile. */
  async #convert(slice: readonly ConsumerRecord[]): Promise<SinkRecord[] | null> {
    const { clock, figures, logger, processor, random } = this.#run;
    for (let attempt = 1; this.#halt.end === null; attempt++) {
      try {
        const processing = processor.process(slice);
        return processing instanceof Promise ? await processing : processing;
      } catch (error) {
        if (!isRetriable(error)) throw error;
        figures.retries++;
        const waitMs = outageBackoffMs(attempt, random);
        logger.warn('cannot convert records for now; trying again', { error: String(error), attempt, waitMs });
        await clock.sleep(waitMs, this.#halt.signal);
      }
    }
    return null;
  }

  #consume(records: readonly ConsumerRecord[]): void {
    const { figures } = this.#run;
    let key = '';
    let last: ConsumerRecord | null = null;
    for (const record of records) {
      figures.bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
      if (last === null || record.partition !== last.partition || record.topic !== last.topic) {
        if (last !== null) this.#consumed.set(key, last.offset + 1);
        key = topicPartitionKey(record.topic, record.partition);
        if (!this.#firstSince.has(key)) this.#firstSince.set(key, record);
      }
      last = record;
    }
    if (last !== null) this.#consumed.set(key, last.offset + 1);
  }

  /** Positions the task asked for through its context. Answers whether there were any. */
  #applyRewinds(): boolean {
    const asked = this.#session.context.takeOffsets();
    if (asked === null) return false;
    for (const [key, offset] of asked) if (this.#positions.has(key)) this.#seek(key, offset);
    return true;
  }

  #seek(key: string, offset: number): void {
    this.#prefetch = null;
    this.#positions.set(key, offset);
    this.#consumed.set(key, offset);
    this.#firstSince.delete(key);
    this.#committed.delete(key);
  }

  #reachedEnds(): boolean {
    for (const [key, end] of this.#ends) if ((this.#consumed.get(key) ?? end) < end && !this.#session.context.isPaused(key)) return false;
    return true;
  }

  #updateLag(): void {
    let lag = 0;
    for (const [key, end] of this.#ends) lag += Math.max(0, end - (this.#consumed.get(key) ?? end));
    this.#run.figures.lag = lag;
  }

  /** preCommit → watermarks → group. A failing preCommit rewinds to what is committed, as Connect does; while closing it is logged. */
  async #commit(closing: boolean): Promise<void> {
    const { clock, flushIntervalMs, logger } = this.#run;
    this.#nextCommitAt = clock.monotonic() + flushIntervalMs;
    let answer: SinkOffsets;
    try {
      answer = await this.#session.preCommit(new Map(this.#consumed));
    } catch (error) {
      if (closing) throw error;
      logger.error('offsets cannot be committed now; records since the last commit are delivered again', { error: String(error) });
      for (const [key, offset] of this.#committed) this.#seekBack(key, offset);
      return;
    }
    const changed: Watermark[] = [];
    for (const [key, offset] of answer) {
      const consumed = this.#consumed.get(key);
      if (consumed === undefined || offset > consumed) {
        logger.warn('ignored an offset that preCommit answered: it was not consumed here', {
          partition: key,
          offset,
          consumed: consumed ?? null,
        });
        continue;
      }
      if (this.#committed.get(key) === offset) continue;
      const first = this.#firstSince.get(key);
      const { topic, partition } = parseTopicPartitionKey(key);
      const previous = this.#watermarks.get(key) ?? null;
      const watermark =
        first === undefined
          ? { topic, partition, nextOffset: offset, delivered: previous?.delivered ?? [] }
          : advanceWatermark(previous, first, offset);
      changed.push(this.#ofTopic(watermark));
    }
    if (changed.length > 0) await this.#write(changed);
  }

  /** Says of which topic the position is, and which position of the group it comes after. */
  #ofTopic({ delivered, nextOffset, partition, topic }: Watermark): Watermark {
    const topicId = this.#run.topics.topics.get(topic)?.topicId;
    const groupAt = this.#foreign.get(topicPartitionKey(topic, partition));
    const where = { topic, partition, nextOffset, delivered };
    return { ...where, ...(topicId === undefined ? {} : { topicId }), ...(groupAt === undefined ? {} : { groupAt }) };
  }

  #seekBack(key: string, offset: number): void {
    this.#seek(key, offset);
    this.#committed.set(key, offset);
  }

  async #write(changed: readonly Watermark[]): Promise<void> {
    const { connector, groupId, groupOffsets, keeper, logger, offsets } = this.#run;
    try {
      if (!this.#session.keepsOffsets) await offsets.commitWatermarks(connector, { lease: keeper.lease }, changed);
      else
        await this.#session.keep(
          changed.filter((one) => one.nextOffset !== this.#watermarks.get(topicPartitionKey(one.topic, one.partition))?.nextOffset),
        );
    } catch (error) {
      if (isLost(error)) return keeper.markLost();
      if (!isRetriable(error)) throw error;
      logger.error('cannot commit watermarks; the next commit includes them', { error: String(error) });
      return;
    }
    for (const watermark of changed) {
      const key = topicPartitionKey(watermark.topic, watermark.partition);
      this.#watermarks.set(key, watermark);
      this.#committed.set(key, watermark.nextOffset);
      this.#firstSince.delete(key);
    }
    this.#advanced = true;
    const positions = new Map(changed.map((w) => [topicPartitionKey(w.topic, w.partition), w.nextOffset]));
    try {
      await groupOffsets.commit(groupId, positions, GROUP_MARK);
      for (const key of positions.keys()) this.#foreign.delete(key);
    } catch (error) {
      if (isRetriable(error))
        logger.warn('cannot commit to the consumer group; lag tools are behind until the next commit', {
          group: groupId,
          error: String(error),
        });
      else
        throw new ConnectException(
          `cannot commit offsets to the consumer group ${groupId}: ${error instanceof Error ? error.message : String(error)}; if other consumers use this group, set consumer.override.group.id`,
          { cause: error, code: 'group-commit-refused' },
        );
    }
  }

  async #finish(failed: { error: unknown } | null): Promise<{ error: unknown } | null> {
    const { keeper, logger, partitions } = this.#run;
    let failure = failed;
    this.#unread.abort();
    await this.#prefetch?.catch(() => undefined);
    this.#prefetch = null;
    if (!keeper.lost) {
      try {
        await this.#commit(true);
      } catch (error) {
        // A tick that cannot commit must say so, or it would read the same records for ever; a worker that stops tries again when it is back.
        if (failure === null && this.#run.mode === 'tick') failure = { error };
        else logger.warn('the last commit failed; records since the one before are delivered again', { error: String(error) });
      }
    }
    try {
      await this.#session.close(partitions);
    } catch (error) {
      failure ??= { error };
    }
    await this.#session.stop();
    return failure;
  }
}

/** Another owner has the task, or its partitions in the target. */
function isLost(error: unknown): boolean {
  return error instanceof LeaseLostException || error instanceof FencedException;
}
