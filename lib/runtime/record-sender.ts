import type { Clock, Random } from '../core/clock.ts';
import { ConnectException, isRetriable } from '../core/errors.ts';
import type { ProducerRecord } from '../core/kafka-record.ts';
import type { Logger } from '../core/logger.ts';
import type { RecordMetadata } from '../core/record-metadata.ts';
import type { SourceRecord } from '../core/source-record.ts';
import type { RecordProducer } from '../kafka/record-producer.ts';
import type { ProgressValues } from '../state/offset-store.ts';
import { outageBackoffMs } from './backoff.ts';
import { SEND_BATCH_RECORDS } from './defaults.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { TaskFigures } from './task-outcome.ts';

/** One polled batch on its way. */
export interface PolledBatch {
  readonly polled: readonly SourceRecord[];
  readonly records: readonly ProducerRecord[];
  /** Place in `polled` of each of `records`; missing places were dropped. */
  readonly indexes: readonly number[];
  /** Progress that holds once this batch and all before it are settled; null = none. */
  readonly progress: ProgressValues | null;
}

/** What a sender needs. */
export interface RecordSenderDeps {
  readonly producer: RecordProducer;
  readonly keeper: LeaseKeeper;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly figures: TaskFigures;
  /** Creates topics that are not there, if the configuration says how. */
  readonly ensureTopics: (records: readonly ProducerRecord[]) => Promise<void>;
  /** A batch is settled but for the places in `unsettled` (null = none). Called in the order the batches were polled. */
  readonly onSettled: (
    batch: PolledBatch,
    unsettled: ReadonlySet<number> | null,
    metadataOf: (place: number) => RecordMetadata | null,
  ) => void;
  /** Kafka refused this record for good. Throws when that is not tolerated. */
  readonly onRefused: (record: SourceRecord, error: Error) => void | Promise<void>;
}

/**
 * Sends polled batches in order, one request at a time, gathering what is polled meanwhile into the next. An outage is retried with
 * back-off until {@link RecordSender.halt}; what was not acknowledged by then stays unsettled.
 */
export class RecordSender {
  readonly #deps: RecordSenderDeps;
  readonly #halt = new AbortController();
  #queue: PolledBatch[] = [];
  #queuedRecords = 0;
  #pumping: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;
  #onSpace: (() => void) | null = null;

  constructor(deps: RecordSenderDeps) {
    this.#deps = deps;
  }

  /** What ended sending for good; null = nothing did. */
  get failure(): { error: unknown } | null {
    return this.#failure;
  }

  get idle(): boolean {
    return this.#pumping === null && this.#queue.length === 0;
  }

  /** Adds a batch; resolves at once while there is room, else when there is some again. */
  submit(batch: PolledBatch): Promise<void> | null {
    this.#queue.push(batch);
    this.#queuedRecords += batch.records.length;
    this.#pumping ??= this.#pump();
    if (this.#queuedRecords < SEND_BATCH_RECORDS) return null;
    return new Promise((resolve) => {
      this.#onSpace = resolve;
    });
  }

  /** Resolves when everything submitted is settled or sending failed or was halted. */
  async drain(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  /** Gives up what is not acknowledged. */
  halt(): void {
    this.#halt.abort();
    this.#onSpace?.();
  }

  async #pump(): Promise<void> {
    // Leave the caller's turn first: batches polled in the same turn then go out together.
    await null;
    try {
      while (this.#queue.length > 0 && this.#failure === null && !this.#halt.signal.aborted) {
        const batches = this.#queue;
        this.#queue = [];
        this.#queuedRecords = 0;
        this.#onSpace?.();
        this.#onSpace = null;
        await this.#send(batches);
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#pumping = null;
      this.#onSpace?.();
    }
  }

  async #send(batches: readonly PolledBatch[]): Promise<void> {
    const records = batches.length === 1 ? (batches[0] as PolledBatch).records : batches.flatMap((batch) => batch.records);
    const outcome = new SendOutcome(records.length);
    if (records.length > 0) {
      await this.#deps.ensureTopics(records);
      await this.#sendUntilSettled(records, outcome, (place) => sourceRecordAt(batches, place));
    }
    let start = 0;
    for (const batch of batches) {
      const first = start;
      const unsettled = outcome.unsettledOf(batch, first);
      const placeOf = new Map<number, number>();
      const metadataOf = (polledPlace: number): RecordMetadata | null => {
        if (placeOf.size === 0) for (const [place, index] of batch.indexes.entries()) placeOf.set(index, place);
        const place = placeOf.get(polledPlace);
        return place === undefined ? null : outcome.metadata(first + place);
      };
      this.#deps.onSettled(batch, unsettled, metadataOf);
      start += batch.records.length;
    }
    if (outcome.fatal !== null) throw outcome.fatal;
  }

  async #sendUntilSettled(
    records: readonly ProducerRecord[],
    outcome: SendOutcome,
    sourceOf: (place: number) => SourceRecord,
  ): Promise<void> {
    const { clock, figures, keeper, logger, producer, random } = this.#deps;
    let places: number[] | null = null;
    for (let attempt = 1; ; attempt++) {
      if (this.#halt.signal.aborted || keeper.lost) return outcome.abandon(places, records.length);
      let reason: unknown = new ConnectException('the lease could not be renewed in time; nothing is sent before it is');
      if (keeper.held) {
        try {
          const batch = places === null ? records : places.map((place) => records[place] as ProducerRecord);
          const signal = AbortSignal.any([this.#halt.signal, keeper.signal]);
          const result = await producer.send(batch, { signal });
          const again: number[] = [];
          reason = null;
          for (const [i, error] of result.failed) {
            const place = places === null ? i : (places[i] as number);
            if (isRetriable(error)) {
              again.push(place);
              reason ??= error;
            } else {
              await this.#refused(outcome, place, sourceOf(place), error);
            }
          }
          outcome.acknowledge(places, result);
          if (again.length === 0) return;
          places = again.sort((a, b) => a - b);
        } catch (error) {
          if (this.#halt.signal.aborted || keeper.lost) return outcome.abandon(places, records.length);
          if (!isRetriable(error)) throw error;
          reason = error;
        }
      }
      figures.retries++;
      const waitMs = outageBackoffMs(attempt, random);
      logger.warn('cannot send to Kafka; trying again', {
        error: String(reason),
        attempt,
        waitMs,
        records: places?.length ?? records.length,
      });
      await clock.sleep(waitMs, this.#halt.signal);
    }
  }

  async #refused(outcome: SendOutcome, place: number, record: SourceRecord, error: Error): Promise<void> {
    try {
      await this.#deps.onRefused(record, error);
    } catch (fatal) {
      outcome.refuse(place, fatal);
    }
  }
}

function sourceRecordAt(batches: readonly PolledBatch[], place: number): SourceRecord {
  let start = 0;
  for (const batch of batches) {
    if (place < start + batch.records.length) return batch.polled[batch.indexes[place - start] as number] as SourceRecord;
    start += batch.records.length;
  }
  throw new ConnectException(`no record at place ${place} of the batch`);
}

/** What became of each record of one merged batch; the common case (all acknowledged at once) costs nothing per record. */
class SendOutcome {
  readonly #size: number;
  #unsettled: Set<number> | null = null;
  #answers: { places: number[] | null; metadata(index: number): RecordMetadata | null }[] = [];
  fatal: unknown = null;

  constructor(size: number) {
    this.#size = size;
  }

  acknowledge(places: number[] | null, result: { metadata(index: number): RecordMetadata | null }): void {
    this.#answers.push({ places, metadata: (index) => result.metadata(index) });
  }

  refuse(place: number, fatal: unknown): void {
    this.#unsettled ??= new Set();
    this.#unsettled.add(place);
    this.fatal ??= fatal;
  }

  abandon(places: number[] | null, size: number): void {
    this.#unsettled ??= new Set();
    for (const place of places ?? Array.from({ length: size }, (_, i) => i)) this.#unsettled.add(place);
  }

  metadata(place: number): RecordMetadata | null {
    for (const { places, metadata } of this.#answers) {
      const index = places === null ? place : places.indexOf(place);
      const found = index < 0 || index >= this.#size ? null : metadata(index);
      if (found !== null) return found;
    }
    return null;
  }

  /** Places in `batch.polled` that are unsettled; null = none. `first` = place of the batch's first record in the merged batch. */
  unsettledOf(batch: PolledBatch, first: number): Set<number> | null {
    if (this.#unsettled === null) return null;
    const found = new Set<number>();
    for (const [place, index] of batch.indexes.entries()) if (this.#unsettled.has(first + place)) found.add(index);
    return found.size === 0 ? null : found;
  }
}
