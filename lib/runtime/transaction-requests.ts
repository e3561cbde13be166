import { ConnectException } from '../core/errors.ts';
import type { TransactionContext } from '../core/source.ts';
import type { SourceRecord } from '../core/source-record.ts';

/** How a part of a polled batch ends. */
export type TransactionEnd = 'commit' | 'abort' | null;

/** What a task with `transaction.boundary=connector` asks for (KIP-618). Records are told apart by identity: the very objects that `poll` gives. */
export class TransactionRequests implements TransactionContext {
  readonly #commitAfter = new Set<SourceRecord>();
  readonly #abortAfter = new Set<SourceRecord>();
  #commitBatch = false;
  #abortBatch = false;

  commitTransaction(after?: SourceRecord): void {
    if (after === undefined) this.#commitBatch = true;
    else this.#commitAfter.add(this.#given(after));
  }

  abortTransaction(after?: SourceRecord): void {
    if (after === undefined) this.#abortBatch = true;
    else this.#abortAfter.add(this.#given(after));
  }

  /** What was asked for the batch as a whole; forgotten afterwards. Throws as Connect where both were. */
  takeBatchEnd(): TransactionEnd {
    if (this.#commitBatch && this.#abortBatch) throw illegalState('Connector requested both commit and abort of same transaction');
    const end = this.#commitBatch ? 'commit' : this.#abortBatch ? 'abort' : null;
    this.#commitBatch = false;
    this.#abortBatch = false;
    return end;
  }

  /** What was asked for after this record; forgotten afterwards. Throws as Connect where both were. */
  takeEnd(record: SourceRecord): TransactionEnd {
    if (this.#commitAfter.size === 0 && this.#abortAfter.size === 0) return null;
    const commit = this.#commitAfter.delete(record);
    const abort = this.#abortAfter.delete(record);
    if (commit && abort) {
      throw illegalState(
        `Connector requested both commit and abort of same record against topic/partition ${record.topic}/${record.kafkaPartition}`,
      );
    }
    return commit ? 'commit' : abort ? 'abort' : null;
  }

  #given(record: SourceRecord): SourceRecord {
    if (record !== null) return record;
    throw new ConnectException(
      'Source record used to define transaction boundaries may not be null',
      {},
      'java.lang.NullPointerException',
      'null-record',
    );
  }
}

function illegalState(message: string): ConnectException {
  return new ConnectException(message, {}, 'java.lang.IllegalStateException', 'transaction-requests');
}
