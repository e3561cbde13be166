import type { PendingSend } from './pending-send.ts';

const SEQUENCES = 0x8000_0000;

/** Records of one partition that travel as one batch of Kafka's. */
export class Batch {
  readonly queue: PartitionQueue;
  readonly send: PendingSend;
  /** Which records of the send, in order. */
  readonly indices: readonly number[];
  /** Upper bound of the batch's bytes, uncompressed. */
  readonly sizeBytes: number;
  /** Monotonic time after which it is not sent again. */
  readonly deadline: number;
  /** Sequence number of its first record; −1 = never sent. */
  sequence = -1;
  inFlight = false;
  /** Under way with a sequence number that no longer fits, because a record before it was dropped: it will be refused. */
  stale = false;
  /** Given up: whatever is answered about it later does not matter. */
  settled = false;
  failures = 0;

  constructor(queue: PartitionQueue, send: PendingSend, indices: readonly number[], sizeBytes: number, deadline: number) {
    this.queue = queue;
    this.send = send;
    this.indices = indices;
    this.sizeBytes = sizeBytes;
    this.deadline = deadline;
  }
}

/** The batches of one partition in order, from the first that is not acknowledged, and their sequence numbers (KIP-98). */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  batches: Batch[] = [];
  nextSequence = 0;
  /**
   * True once the broker acknowledged a batch of the current producer id. Before that it accepts any first sequence number, so a second
   * batch may not be under way: were the first refused, the second would take its place.
   */
  proven = false;
  /** True while a refused batch is being split. */
  blocked = false;
  /** Monotonic time before which nothing is sent again. */
  notBefore = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** The next batch that may be sent beside those under way. */
  next(now: number, maxInFlight: number): Batch | undefined {
    if (this.blocked || now < this.notBefore) return undefined;
    let underWay = 0;
    for (const batch of this.batches) {
      if (!batch.inFlight) return batch;
      underWay++;
      if (batch.stale || !this.proven || underWay >= maxInFlight) return undefined;
    }
    return undefined;
  }

  /** Gives the batch its sequence number, the same each time it is sent, by which the broker knows a repetition. */
  number(batch: Batch): void {
    if (batch.sequence !== -1) return;
    batch.sequence = this.nextSequence;
    this.nextSequence = (this.nextSequence + batch.indices.length) % SEQUENCES;
  }

  remove(batch: Batch): void {
    const at = this.batches.indexOf(batch);
    if (at !== -1) this.batches.splice(at, 1);
  }

  /** Puts parts of a batch in its place; records that are in no part are dropped, and later sequence numbers close the gap. */
  replace(batch: Batch, parts: readonly Batch[]): void {
    const at = this.batches.indexOf(batch);
    if (at === -1) return;
    this.batches.splice(at, 1, ...parts);
    if (batch.sequence === -1) return;
    let sequence = batch.sequence;
    for (const part of parts) {
      part.sequence = sequence;
      sequence = (sequence + part.indices.length) % SEQUENCES;
    }
    const dropped = batch.indices.length - parts.reduce((sum, part) => sum + part.indices.length, 0);
    if (dropped === 0) return;
    for (const later of this.batches.slice(at + parts.length)) {
      if (later.sequence === -1) continue;
      later.sequence = (later.sequence - dropped + SEQUENCES) % SEQUENCES;
      later.stale = later.inFlight;
    }
    this.nextSequence = (this.nextSequence - dropped + SEQUENCES) % SEQUENCES;
  }

  /** Starts again for a new producer id. Nothing may be under way. */
  renumber(): void {
    this.nextSequence = 0;
    this.proven = false;
    for (const batch of this.batches) batch.sequence = -1;
  }
}
