import { BrokerError, ErrorCode } from '../wire/error-code.ts';
import { type BatchStore, FileStore, MemoryStore } from './batch-store.ts';
import { type AbortedTransaction, ProducerStates } from './producer-states.ts';
import { BATCH_HEADER_BYTES, type BatchHeader, checksumFits, markerCommits, placeBatch, readBatchHeader } from './record-batch.ts';
import { firstRecordSince, type RecordTime } from './record-times.ts';

/** Where a batch is; the whole index is in memory and rebuilt from the headers. */
interface IndexEntry {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly position: number;
  readonly sizeBytes: number;
  readonly maxTimestamp: number;
}

/** How far a read may see. */
export type Isolation = 'read_uncommitted' | 'read_committed';

/** What a fetch gets of one partition. */
export interface LogSlice {
  readonly batches: Buffer[];
  readonly sizeBytes: number;
  readonly aborted: readonly AbortedTransaction[];
}

/** Rewriting a file pays only when most of it is dead. */
const RECLAIM_BYTES = 1 << 20;

/** One partition: batches as opaque bytes, their index, and what their producers did. */
export class PartitionLog {
  readonly producers = new ProducerStates();
  readonly #store: BatchStore;
  #index: IndexEntry[] = [];
  #startOffset = 0;
  #endOffset = 0;
  #endPosition = 0;
  /** Called after the log grew or a transaction ended. */
  readonly #listeners = new Set<() => void>();

  private constructor(store: BatchStore) {
    this.#store = store;
  }

  static inMemory(): PartitionLog {
    return new PartitionLog(new MemoryStore());
  }

  /** Opens or creates the file; a torn tail is cut off. `startOffset`: records before it were deleted. */
  static inFile(path: string, startOffset: number): PartitionLog {
    const store = new FileStore(path);
    const log = new PartitionLog(store);
    log.#recover(store);
    log.#endOffset = Math.max(log.#endOffset, startOffset);
    log.deleteBefore(startOffset);
    return log;
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  /** Offset the next record gets. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Everything below is decided: committed, aborted or never in a transaction. */
  get lastStableOffset(): number {
    return this.producers.firstUnstableOffset ?? this.#endOffset;
  }

  get sizeBytes(): number {
    return this.#endPosition - (this.#index[0]?.position ?? this.#endPosition);
  }

  /** Appends a checked batch and returns its base offset. The buffer belongs to the log from now on. */
  append(batch: Buffer, header: BatchHeader): number {
    const baseOffset = this.#endOffset;
    placeBatch(batch, baseOffset);
    this.#store.append(batch);
    this.#indexed({ ...header, baseOffset }, header.control && markerCommits(batch));
    for (const listener of [...this.#listeners]) listener();
    return baseOffset;
  }

  /** @returns how to stop listening */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  endOf(isolation: Isolation): number {
    return isolation === 'read_committed' ? this.lastStableOffset : this.#endOffset;
  }

  /**
   * Whole batches from the one that holds `offset` on, at most `maxBytes`.
   *
   * @param atLeastOne the first batch comes even when it alone is larger (KIP-74)
   * @throws {BrokerError} OFFSET_OUT_OF_RANGE
   */
  read(offset: number, maxBytes: number, isolation: Isolation, atLeastOne: boolean): LogSlice {
    if (offset < this.#startOffset || offset > this.#endOffset) {
      throw new BrokerError(ErrorCode.OFFSET_OUT_OF_RANGE, `offset ${offset} is outside of [${this.#startOffset}, ${this.#endOffset}]`);
    }
    const end = this.endOf(isolation);
    const from = this.#firstAt((entry) => entry.lastOffset >= offset);
    let to = from;
    let sizeBytes = 0;
    for (; to < this.#index.length; to++) {
      const entry = this.#index[to] as IndexEntry;
      if (entry.baseOffset >= end || (sizeBytes + entry.sizeBytes > maxBytes && !(to === from && atLeastOne))) break;
      sizeBytes += entry.sizeBytes;
    }
    if (to === from) return { batches: [], sizeBytes: 0, aborted: [] };
    const first = this.#index[from] as IndexEntry;
    const last = this.#index[to - 1] as IndexEntry;
    return {
      batches: this.#store.read(from, to, first.position, sizeBytes),
      sizeBytes,
      aborted: isolation === 'read_committed' ? this.producers.abortedBetween(offset, last.lastOffset + 1) : [],
    };
  }

  /** Bytes a `read` from there could bring at most. */
  bytesFrom(offset: number, isolation: Isolation): number {
    const first = this.#index[this.#firstAt((entry) => entry.lastOffset >= offset)];
    if (first === undefined) return 0;
    const beyond = this.#index[this.#firstAt((entry) => entry.baseOffset >= this.endOf(isolation))];
    return Math.max(0, (beyond?.position ?? this.#endPosition) - first.position);
  }

  /** First record at or after a timestamp; null = none. */
  async since(timestamp: number): Promise<RecordTime | null> {
    const index = this.#index;
    for (let at = 0; at < index.length; at++) {
      const entry = index[at] as IndexEntry;
      if (entry.maxTimestamp < timestamp) continue;
      if (index !== this.#index) return this.since(timestamp); // Records were deleted while one was decompressed.
      const [batch] = this.#store.read(at, at + 1, entry.position, entry.sizeBytes) as [Buffer];
      const header = readBatchHeader(batch) as BatchHeader;
      if (header.control) continue;
      const found = await firstRecordSince(batch, header, timestamp);
      if (found !== null && found.offset >= this.#startOffset) return found;
    }
    return null;
  }

  /** The record with the largest timestamp, the earliest of equals; null = no records. */
  async latest(): Promise<RecordTime | null> {
    let largest = -1;
    for (const entry of this.#index) largest = Math.max(largest, entry.maxTimestamp);
    return largest < 0 ? null : this.since(largest);
  }

  /** Moves the log's start (DeleteRecords); space of whole batches before it is given back when most of the file is dead. */
  deleteBefore(offset: number): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = offset;
    const dead = this.#firstAt((entry) => entry.lastOffset >= offset);
    const first = this.#index[dead];
    const deadBytes = first === undefined ? this.#endPosition : first.position;
    this.producers.startMoved(offset);
    const reclaim = this.#store instanceof MemoryStore || (deadBytes > RECLAIM_BYTES && deadBytes * 2 > this.#endPosition);
    if (dead === 0 || !reclaim) return;
    this.#store.dropFirst(dead, deadBytes);
    this.#index = this.#index.slice(dead).map((entry) => ({ ...entry, position: entry.position - deadBytes }));
    this.#endPosition -= deadBytes;
  }

  close(): void {
    this.#store.close();
  }

  #indexed(header: BatchHeader, commit: boolean): void {
    const { baseOffset, sizeBytes, maxTimestamp } = header;
    const lastOffset = baseOffset + header.lastOffsetDelta;
    this.#index.push({ baseOffset, lastOffset, position: this.#endPosition, sizeBytes, maxTimestamp });
    this.#endOffset = lastOffset + 1;
    this.#endPosition += sizeBytes;
    if (header.control) this.producers.ended(header, baseOffset, commit);
    else if (header.producerId >= 0) this.producers.appended(header, baseOffset);
  }

  /** Walks the headers. Cuts where a batch is incomplete, out of order or, for the last one, damaged: a crash tears the tail only. */
  #recover(store: FileStore): void {
    const WINDOW_BYTES = 1 << 22;
    let window: Buffer = Buffer.alloc(0);
    let windowAt = 0;
    const at = (position: number, bytes: number): Buffer => {
      if (position < windowAt || position + bytes > windowAt + window.length) {
        windowAt = position;
        window = store.readBytes(position, Math.max(bytes, Math.min(WINDOW_BYTES, store.sizeBytes - position)));
      }
      return window.subarray(position - windowAt, position - windowAt + bytes);
    };
    const end = store.sizeBytes;
    let good = true;
    while (good && this.#endPosition + BATCH_HEADER_BYTES <= end) {
      const position = this.#endPosition;
      const header = readBatchHeader(at(position, BATCH_HEADER_BYTES));
      if (header === null || position + header.sizeBytes > end || header.baseOffset < this.#endOffset) break;
      const last = position + header.sizeBytes === end;
      good = !last || checksumFits(at(position, header.sizeBytes));
      if (!good) break;
      if (this.#index.length === 0) this.#startOffset = header.baseOffset;
      this.#indexed(header, header.control && markerCommits(at(position, header.sizeBytes)));
    }
    if (this.#endPosition < end) store.truncate(this.#endPosition);
  }

  /** Number of the first entry for which a condition holds that, once true, stays true. */
  #firstAt(holds: (entry: IndexEntry) => boolean): number {
    let low = 0;
    let high = this.#index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#index[middle] as IndexEntry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
