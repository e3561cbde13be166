import type { ProducerRecord } from '../../core/kafka-record.ts';
import type { RecordMetadata } from '../../core/record-metadata.ts';
import type { SendResult } from '../record-producer.ts';

/** One `send` until every record of it is acknowledged or failed. Outcomes stand in arrays by record: no promise and no object each. */
export class PendingSend implements SendResult {
  readonly records: readonly ProducerRecord[];
  readonly failed = new Map<number, Error>();
  /** Timestamp of records without one. */
  readonly now: number;
  readonly done: Promise<SendResult>;
  readonly #partitions: Int32Array;
  readonly #offsets: Float64Array;
  #appendTimes: Float64Array | null = null;
  #left: number;
  #aborted = false;
  #resolve: (result: SendResult) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(records: readonly ProducerRecord[], now: number) {
    this.records = records;
    this.now = now;
    this.#left = records.length;
    this.#partitions = new Int32Array(records.length).fill(-1);
    this.#offsets = new Float64Array(records.length).fill(-1);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (records.length === 0) this.#resolve(this);
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** `baseOffset` and `appendTime` as the broker answered: −1 = not told. */
  acknowledge(indices: readonly number[], partition: number, baseOffset: number, appendTime: number): void {
    if (appendTime >= 0) this.#appendTimes ??= new Float64Array(this.records.length).fill(-1);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      this.#partitions[index] = partition;
      this.#offsets[index] = baseOffset < 0 ? -1 : baseOffset + i;
      if (appendTime >= 0 && this.#appendTimes !== null) this.#appendTimes[index] = appendTime;
    }
    this.#settle(indices.length);
  }

  fail(indices: readonly number[], error: Error): void {
    for (const index of indices) this.failed.set(index, error);
    this.#settle(indices.length);
  }

  /** Nobody waits any more: what is under way may still arrive. */
  abort(reason: unknown): void {
    this.#aborted = true;
    this.#reject(reason);
  }

  metadata(index: number): RecordMetadata | null {
    const record = this.records[index];
    const partition = this.#partitions[index] ?? -1;
    if (record === undefined || partition === -1) return null;
    const appendTime = this.#appendTimes?.[index] ?? -1;
    return {
      topic: record.topic,
      partition,
      offset: this.#offsets[index] ?? -1,
      timestamp: appendTime >= 0 ? appendTime : (record.timestamp ?? this.now),
    };
  }

  #settle(count: number): void {
    this.#left -= count;
    if (this.#left === 0) this.#resolve(this);
  }
}
