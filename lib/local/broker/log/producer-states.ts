import { BrokerError, ErrorCode } from '../wire/error-code.ts';
import { addSequence, type BatchHeader } from './record-batch.ts';

/** As many batches as a producer may have in flight: a repetition older than that cannot be told from a gap. */
const REMEMBERED_BATCHES = 5;

interface SequencedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

interface ProducerState {
  epoch: number;
  /** Oldest first; empty after a new epoch. */
  batches: SequencedBatch[];
}

/** A transaction that read_committed consumers must skip. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** What one partition knows of the producers that wrote to it: their sequences and open transactions. Rebuilt from batch headers. */
export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>();
  /** First offset of each producer's open transaction, so earliest first. */
  readonly #open = new Map<number, number>();
  #aborted: AbortedTransaction[] = [];

  /** Open transactions' first offset, null = none: read_committed consumers stop there. */
  get firstUnstableOffset(): number | null {
    for (const firstOffset of this.#open.values()) return firstOffset;
    return null;
  }

  /**
   * Compares a produced batch with what its producer wrote before.
   *
   * @returns base offset of the same batch when it is here already, else null
   * @throws {BrokerError} INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER
   */
  check(batch: BatchHeader): number | null {
    const state = this.#producers.get(batch.producerId);
    if (state === undefined) return null;
    if (batch.producerEpoch < state.epoch) {
      throw new BrokerError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `epoch ${batch.producerEpoch} of producer ${batch.producerId} is smaller than the last seen epoch ${state.epoch}`,
      );
    }
    let expected = 0;
    if (batch.producerEpoch === state.epoch) {
      const same = state.batches.find((each) => each.firstSequence === batch.baseSequence && each.lastSequence === batch.lastSequence);
      if (same !== undefined) return same.baseOffset;
      const last = state.batches.at(-1);
      if (last !== undefined) expected = addSequence(last.lastSequence, 1);
    }
    if (batch.baseSequence !== expected) {
      throw new BrokerError(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `sequence ${batch.baseSequence} of producer ${batch.producerId} came where ${expected} was expected`,
      );
    }
    return null;
  }

  /** Takes note of a batch that is in the log now. */
  appended(batch: BatchHeader, baseOffset: number): void {
    let state = this.#producers.get(batch.producerId);
    if (state === undefined) {
      state = { epoch: batch.producerEpoch, batches: [] };
      this.#producers.set(batch.producerId, state);
    }
    if (batch.producerEpoch > state.epoch) {
      state.epoch = batch.producerEpoch;
      state.batches = [];
    }
    state.batches.push({ firstSequence: batch.baseSequence, lastSequence: batch.lastSequence, baseOffset });
    if (state.batches.length > REMEMBERED_BATCHES) state.batches.shift();
    if (batch.transactional && !this.#open.has(batch.producerId)) this.#open.set(batch.producerId, baseOffset);
  }

  /** Takes note of a transaction marker that is in the log now. */
  ended(marker: BatchHeader, markerOffset: number, commit: boolean): void {
    const state = this.#producers.get(marker.producerId);
    if (state === undefined) {
      this.#producers.set(marker.producerId, { epoch: marker.producerEpoch, batches: [] });
      return;
    }
    const firstOffset = this.#open.get(marker.producerId);
    if (firstOffset !== undefined && !commit) {
      this.#aborted.push({ producerId: marker.producerId, firstOffset, lastOffset: markerOffset });
    }
    this.#open.delete(marker.producerId);
    if (marker.producerEpoch > state.epoch) {
      state.epoch = marker.producerEpoch;
      state.batches = [];
    }
  }

  /** Aborted transactions with records in `[from, to)`. */
  abortedBetween(from: number, to: number): AbortedTransaction[] {
    return this.#aborted.filter((each) => each.lastOffset >= from && each.firstOffset < to);
  }

  /** Forgets what lies before the log's first offset. */
  startMoved(startOffset: number): void {
    this.#aborted = this.#aborted.filter((each) => each.lastOffset >= startOffset);
  }
}
