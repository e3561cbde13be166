import { ConnectException } from '../core/errors.ts';
import type { RecordMetadata } from '../core/record-metadata.ts';
import type { TransactionalProducer } from '../kafka/record-producer.ts';
import type { ProgressValues } from '../state/offset-store.ts';
import { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import { taskCommit, taskCommitRecord } from './commit-callbacks.ts';
import type { PolledBatch } from './record-sender.ts';
import type { SourceDelivery } from './source-delivery.ts';
import type { SourceRun } from './source-runner.ts';
import { type TransactionEnd, TransactionRequests } from './transaction-requests.ts';
import { isTransactionLost, TransactionAbortedException, type TransactionSequence } from './transaction-sequence.ts';

/** What delivering exactly once needs beside the run. */
export interface ExactlyOnceSettings {
  readonly producer: TransactionalProducer;
  /** Made with the signal at whose abort it gives up waiting for outages. */
  readonly sequence: (signal: AbortSignal) => TransactionSequence;
  readonly boundary: 'poll' | 'interval' | 'connector';
  /** `transaction.boundary.interval.ms`, or `offset.flush.interval.ms`. */
  readonly intervalMs: number;
  readonly sequenceTopic: string;
}

/** Records of the open transaction, kept for `commitRecord`. */
interface Sent {
  readonly polled: PolledBatch['polled'];
  readonly metadataOf: (place: number) => RecordMetadata | null;
}

/** A batch on its way, with what the task asked for when it gave it. */
interface Submitted {
  readonly batch: PolledBatch;
  /** Places after which a transaction ends, ascending. */
  readonly ends: readonly { readonly place: number; readonly end: TransactionEnd }[];
  /** How the transaction ends after the batch; null = it stays open. */
  readonly end: TransactionEnd | 'when due';
}

/**
 * Records and their offsets in transactions (KIP-618). A transaction begins with its first record. Nothing is tolerated from the producer: whatever
 * fails a transaction ends the run, and the next one starts from the offsets of the last committed one.
 */
export class ExactlyOnceDelivery implements SourceDelivery {
  readonly transactionContext: TransactionRequests | null;
  readonly #run: SourceRun;
  readonly #settings: ExactlyOnceSettings;
  readonly #sequence: TransactionSequence;
  readonly #giveUp = new AbortController();
  readonly #offsets = new AcknowledgedOffsets();
  #queue: Submitted[] = [];
  #pumping: Promise<void> | null = null;
  #onSpace: (() => void) | null = null;
  #failure: { error: unknown } | null = null;
  #isOpen = false;
  #sent: Sent[] = [];
  #sentBytes = 0;
  #sentRecords = 0;
  #progress: ProgressValues | null = null;
  #advanced = false;
  #commitAt: number;

  constructor(run: SourceRun, settings: ExactlyOnceSettings) {
    this.#run = run;
    this.#settings = settings;
    this.#sequence = settings.sequence(AbortSignal.any([this.#giveUp.signal, run.keeper.signal]));
    this.transactionContext = settings.boundary === 'connector' ? new TransactionRequests() : null;
    this.#commitAt = run.clock.monotonic() + settings.intervalMs;
  }

  get failure(): { error: unknown } | null {
    return this.#failure;
  }

  get advanced(): boolean {
    return this.#advanced;
  }

  get nextCommitAt(): number {
    return this.#commitAt;
  }

  /** Ends at the deadline too: until there is a first record nothing is worth the buffer kept for the end. */
  async open(): Promise<void> {
    const { clock, deadline, stop } = this.#run;
    const done = new AbortController();
    const giveUp = () => this.#giveUp.abort();
    stop.addEventListener('abort', giveUp, { once: true, signal: done.signal });
    if (stop.aborted) giveUp();
    const leftMs = deadline.leftMs();
    if (leftMs !== Number.POSITIVE_INFINITY) {
      void clock.sleep(Math.max(0, leftMs), done.signal).then(() => {
        if (!done.signal.aborted) giveUp();
      });
    }
    try {
      if ((await this.#sequence.acquire()) === 'promote') this.#advanced = true;
    } finally {
      done.abort();
    }
  }

  deliver(batch: PolledBatch): Promise<void> | null {
    const { boundary } = this.#settings;
    const ends: { place: number; end: TransactionEnd }[] = [];
    let end: Submitted['end'] = boundary === 'interval' ? 'when due' : 'commit';
    if (this.transactionContext !== null) {
      for (const [place, record] of batch.polled.entries()) {
        const asked = this.transactionContext.takeEnd(record);
        if (asked !== null) ends.push({ place, end: asked });
      }
      end = this.transactionContext.takeBatchEnd();
      // what was asked for after the last record outranks the batch
      if (ends.at(-1)?.place === batch.polled.length - 1) end = null;
    }
    return this.#submit({ batch, ends, end });
  }

  /** As in Connect: a batch that fails takes its transaction with it. */
  deliverBroken(): void {}

  idle(progress: ProgressValues | null): void {
    const end = this.transactionContext?.takeBatchEnd() ?? null;
    if (progress === null && end === null) return;
    void this.#submit({ batch: { polled: [], records: [], indexes: [], progress }, ends: [], end });
  }

  commit(): void {
    this.#commitAt = this.#run.clock.monotonic() + this.#settings.intervalMs;
    const end = this.#settings.boundary === 'connector' ? null : 'commit';
    void this.#submit({ batch: { polled: [], records: [], indexes: [], progress: null }, ends: [], end });
  }

  async finish(failed: { error: unknown } | null): Promise<{ error: unknown } | null> {
    const { clock, flushTimeoutMs, keeper } = this.#run;
    const done = new AbortController();
    void clock.sleep(flushTimeoutMs, done.signal).then(() => {
      if (!done.signal.aborted) this.#giveUp.abort();
    });
    if (failed !== null || keeper.lost) this.#queue = [];
    while (this.#pumping !== null) await this.#pumping;
    let failure = failed ?? this.#failure;
    if (failure === null && !keeper.lost) failure = await this.#last();
    // The broker would do it after the time-out of the transaction; until then readers of committed records wait.
    if (this.#isOpen && !keeper.lost) await this.#abort().catch(() => undefined);
    done.abort();
    return failure;
  }

  /** The final transaction: whatever is open, unless only the task says where transactions end. */
  async #last(): Promise<{ error: unknown } | null> {
    try {
      const end = this.transactionContext === null ? 'commit' : this.transactionContext.takeBatchEnd();
      await this.#end(end);
      return null;
    } catch (error) {
      return { error };
    }
  }

  #submit(submitted: Submitted): Promise<void> | null {
    const waits = this.#queue.length > 0;
    this.#queue.push(submitted);
    this.#pumping ??= this.#pump();
    if (!waits) return null;
    return new Promise((resolve) => {
      this.#onSpace = resolve;
    });
  }

  async #pump(): Promise<void> {
    await null;
    try {
      for (let next = this.#queue.shift(); next !== undefined && this.#failure === null; next = this.#queue.shift()) {
        this.#onSpace?.();
        this.#onSpace = null;
        await this.#handle(next);
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#pumping = null;
      this.#onSpace?.();
    }
  }

  async #handle({ batch, end, ends }: Submitted): Promise<void> {
    let from = 0;
    for (const { place, end: endHere } of ends) {
      await this.#send(part(batch, from, place + 1));
      await this.#end(endHere);
      from = place + 1;
    }
    if (from < batch.polled.length) await this.#send(from === 0 ? batch : part(batch, from, batch.polled.length));
    if (batch.progress !== null) this.#progress = batch.progress;
    if (end !== 'when due') return this.#end(end);
    if (this.#run.clock.monotonic() >= this.#commitAt) {
      this.#commitAt = this.#run.clock.monotonic() + this.#settings.intervalMs;
      await this.#end('commit');
    }
  }

  async #send(batch: PolledBatch): Promise<void> {
    const { ensureTopics, keeper } = this.#run;
    const { producer, sequenceTopic } = this.#settings;
    let metadataOf: Sent['metadataOf'] = () => null;
    if (batch.records.length > 0) {
      if (batch.records.some(({ topic }) => topic === sequenceTopic)) {
        throw new ConnectException(
          `a task may not write to ${sequenceTopic}, which carries its transaction numbers; set lambda.sequence.topic to another`,
          {
            code: 'sequence-topic',
          },
        );
      }
      const signal = AbortSignal.any([this.#giveUp.signal, keeper.signal]);
      try {
        await ensureTopics(batch.records);
        if (!this.#isOpen) producer.begin();
        this.#isOpen = true;
        const result = await producer.send(batch.records, { signal });
        for (const error of result.failed.values()) throw error;
        metadataOf = (place) => {
          const index = batch.indexes.indexOf(place);
          return index < 0 ? null : result.metadata(index);
        };
      } catch (error) {
        throw this.#sendFailure(error, signal);
      }
    }
    for (const record of batch.records) this.#sentBytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
    this.#sentRecords += batch.records.length;
    this.#offsets.settle(batch.polled);
    if (this.#run.task.commitRecord !== undefined) this.#sent.push({ polled: batch.polled, metadataOf });
  }

  #sendFailure(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted || isTransactionLost(error))
      return new TransactionAbortedException('the records of a transaction could not be sent', { cause: error });
    if ((error as { code?: unknown }).code === 'producer-fenced' || (error as { code?: unknown }).code === 'topic-not-created')
      return error;
    return new ConnectException('Unrecoverable exception from producer send callback', { cause: error });
  }

  async #end(end: TransactionEnd): Promise<void> {
    if (end === null) return;
    if (end === 'abort') {
      this.#run.logger.info('aborting a transaction, as the task asked; its offsets are committed without its records', {
        records: this.#sentRecords,
      });
      await this.#abort();
      this.#sentRecords = 0;
      this.#sentBytes = 0;
    }
    await this.#commit();
  }

  async #commit(): Promise<void> {
    const { figures, keeper, logger, offsets, task } = this.#run;
    const taken = this.#offsets.take();
    if (this.#isOpen || taken.length > 0) {
      if (!this.#isOpen) this.#settings.producer.begin();
      this.#isOpen = true;
      await this.#sequence.commit(taken);
      this.#isOpen = false;
      this.#advanced = true;
      figures.recordsOut += this.#sentRecords;
      figures.bytes += this.#sentBytes;
      this.#sentRecords = 0;
      this.#sentBytes = 0;
    }
    if (this.#progress !== null) {
      await offsets.saveProgress(keeper.lease, this.#progress);
      this.#progress = null;
    }
    const sent = this.#sent;
    this.#sent = [];
    for (const { polled, metadataOf } of sent) taskCommitRecord(task, polled, null, metadataOf, logger);
    await taskCommit(task, logger);
  }

  async #abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#settings.producer.abort();
    } catch (error) {
      throw isTransactionLost(error) ? new TransactionAbortedException('a transaction could not be aborted', { cause: error }) : error;
    }
  }
}

/** The places `from` to `to` (excluded) of a batch. */
function part(batch: PolledBatch, from: number, to: number): PolledBatch {
  const places = batch.indexes.map((place, index) => ({ place, index })).filter(({ place }) => place >= from && place < to);
  return {
    polled: batch.polled.slice(from, to),
    records: places.map(({ index }) => batch.records[index] as PolledBatch['records'][number]),
    indexes: places.map(({ place }) => place - from),
    progress: null,
  };
}
