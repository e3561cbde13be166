import { FencedException } from '../../../core/errors.ts';
import type { KeptOffset, SinkOwner } from '../../../core/sink.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../core/topic-partition.ts';
import type { JdbcClient } from '../client.ts';
import { SqlException } from '../sql-exception.ts';
import type { RowStamp, WatermarkRow, WatermarkTable } from './watermark-table.ts';

/** What a transaction is to write: the records that are not in the target yet, and the offsets behind them. */
export interface PendingWrite {
  readonly records: readonly SinkRecord[];
  readonly kept: readonly KeptOffset[];
}

/**
 * The offsets that a task keeps in its target. It knows each row as it was last read or written; a write is conditional on just that, in the transaction of
 * the records, so what a task that lost its partitions has in hand is rolled back whole.
 */
export class KeptOffsets {
  readonly #table: WatermarkTable;
  readonly #owner: SinkOwner;
  readonly #rows = new Map<string, WatermarkRow | null>();
  /** What the transaction that runs would make of the rows. */
  #attempted = new Map<string, WatermarkRow>();
  /** A transaction failed: its COMMIT may have been carried out all the same. */
  #uncertain = false;

  constructor(table: WatermarkTable, owner: SinkOwner) {
    this.#table = table;
    this.#owner = owner;
  }

  /** Reads the rows of these partitions; with `fence` nobody who read them before can write them any more. Throws FencedException, SqlException. */
  async take(client: JdbcClient, partitions: readonly TopicPartition[]): Promise<Map<string, KeptOffset>> {
    await this.#table.ensure(client);
    while (!(await this.#tryTake(client, partitions)));
    const found = new Map<string, KeptOffset>();
    for (const [key, row] of this.#rows) {
      // A row that only fences says nothing.
      if (row !== null && (row.nextOffset >= 0 || row.evidence !== '')) found.set(key, row);
    }
    return found;
  }

  /** Answers false where another owner wrote between the reading and the fencing. */
  async #tryTake(client: JdbcClient, partitions: readonly TopicPartition[]): Promise<boolean> {
    const found = await this.#table.list(client);
    for (const { topic, partition } of partitions) {
      const key = topicPartitionKey(topic, partition);
      const row = found.get(key) ?? null;
      if (row !== null && this.#isLater(row)) throw this.#fenced(row);
      this.#rows.set(key, row);
    }
    if (!this.#owner.fence) return true;
    const unclaimed = partitions.filter(
      ({ topic, partition }) => !this.#isOwn(this.#rows.get(topicPartitionKey(topic, partition)) ?? null),
    );
    if (unclaimed.length === 0) return true;
    await client.begin();
    try {
      for (const { topic, partition } of unclaimed) {
        const before = this.#rows.get(topicPartitionKey(topic, partition)) ?? null;
        const row = {
          topic,
          partition,
          nextOffset: before?.nextOffset ?? -1,
          evidence: before?.evidence ?? '',
          ...this.#stampAfter(before),
        };
        if (!(await this.#table.write(client, before, row))) {
          await client.rollback();
          return false;
        }
        this.#attempted.set(topicPartitionKey(topic, partition), row);
      }
      await client.commit();
    } catch (error) {
      await client.rollback().catch(() => undefined);
      if (error instanceof SqlException && isDuplicate(error)) return false;
      throw error;
    }
    this.committed();
    return true;
  }

  /**
   * What of a batch is still to be written. After a failure the rows are read again: what a COMMIT without an answer did is not done twice. Throws
   * FencedException where somebody else wrote meanwhile.
   */
  async pending(client: JdbcClient, records: readonly SinkRecord[], kept: readonly KeptOffset[]): Promise<PendingWrite> {
    if (this.#uncertain) await this.#readAgain(client);
    // Positions may be set back, by themselves; records never are.
    const ahead = kept.filter((one) => {
      const at = this.#rows.get(topicPartitionKey(one.topic, one.partition))?.nextOffset ?? -1;
      return records.length === 0 ? one.nextOffset !== at : one.nextOffset > at;
    });
    const fresh = records.filter((record) => {
      const row = this.#rows.get(topicPartitionKey(record.originalTopic, record.originalKafkaPartition));
      return record.originalKafkaOffset >= (row?.nextOffset ?? -1);
    });
    return { records: fresh.length === records.length ? records : fresh, kept: ahead };
  }

  /** Writes offsets inside the transaction that the caller began. Answers false where a row is not as it was: the caller rolls back and asks {@link KeptOffsets.pending} again. */
  async write(client: JdbcClient, kept: readonly KeptOffset[]): Promise<boolean> {
    this.#uncertain = true;
    this.#attempted = new Map();
    for (const { evidence, nextOffset, partition, topic } of kept) {
      const key = topicPartitionKey(topic, partition);
      const before = this.#rows.get(key) ?? null;
      const row: WatermarkRow = { topic, partition, nextOffset, evidence, ...this.#stampAfter(before) };
      try {
        if (!(await this.#table.write(client, before, row))) return false;
      } catch (error) {
        if (before === null && error instanceof SqlException && isDuplicate(error)) return false;
        throw error;
      }
      this.#attempted.set(key, row);
    }
    return true;
  }

  /** The transaction was committed. */
  committed(): void {
    for (const [key, row] of this.#attempted) this.#rows.set(key, row);
    this.#attempted = new Map();
    this.#uncertain = false;
  }

  async #readAgain(client: JdbcClient): Promise<void> {
    const found = await this.#table.list(client);
    for (const [key, known] of this.#rows) {
      const row = found.get(key) ?? null;
      if (row !== null && !same(row, known) && !this.#isOwn(row)) throw this.#fenced(row);
      if (row === null && known !== null) throw new FencedException(`${this.#table} no longer has a row for ${key}: somebody removed it`);
      this.#rows.set(key, row);
    }
    this.#uncertain = false;
  }

  #stampAfter(before: WatermarkRow | null): RowStamp {
    const { epoch, generation, name } = this.#owner;
    // Without leases each write counts; a counter that goes on makes sure that no state comes twice.
    return { generation, epoch: epoch ?? (before?.epoch ?? 0) + 1, holder: name };
  }

  #isOwn(row: WatermarkRow | null): boolean {
    const { epoch, generation, name } = this.#owner;
    return row !== null && row.holder === name && row.generation === generation && (epoch === null || row.epoch === epoch);
  }

  #isLater(row: WatermarkRow): boolean {
    const { epoch, generation, name } = this.#owner;
    if (row.generation !== generation) return row.generation > generation;
    return epoch !== null && row.holder === name && row.epoch > epoch;
  }

  #fenced({ epoch, generation, holder, partition, topic }: WatermarkRow): FencedException {
    const { name } = this.#owner;
    return new FencedException(
      `lost ${topic}-${partition}: ${this.#table} was written by ${holder} with token ${generation}.${epoch}, this is ${name} with token ${this.#owner.generation}.${this.#owner.epoch ?? 'none'}`,
    );
  }
}

function same(a: WatermarkRow, b: WatermarkRow | null): boolean {
  return b !== null && a.nextOffset === b.nextOffset && a.generation === b.generation && a.epoch === b.epoch && a.holder === b.holder;
}

/** Somebody inserted the row first: SQLSTATE class 23; SQLite has no such states. */
function isDuplicate({ message, sqlState }: SqlException): boolean {
  return sqlState?.startsWith('23') ?? message.includes('SQLITE_CONSTRAINT');
}
