import type { ConnectorProps } from '../../../core/connector.ts';
import { RetriableException } from '../../../core/errors.ts';
import type { KeptOffset, SinkOwner, SinkTask, SinkTaskContext } from '../../../core/sink.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { type TopicPartition, topicPartitionKey } from '../../../core/topic-partition.ts';
import type { JdbcClient } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { JdbcConnection } from '../jdbc-connection.ts';
import { exceptionChain, printed, SqlException, wrapped } from '../sql-exception.ts';
import { unquoted } from '../table-id.ts';
import { VERSION } from '../version.ts';
import { KeptOffsets } from './kept-offsets.ts';
import { prepareTables } from './prepare-tables.ts';
import { RecordBuffer } from './record-buffer.ts';
import { type RecordValidator, recordValidator } from './record-validator.ts';
import { type SinkSettings, sinkDialect, sinkSettings } from './sink-settings.ts';
import { TableAlterOrCreateException } from './table-exceptions.ts';
import { TargetTables } from './target-tables.ts';
import { WatermarkTable } from './watermark-table.ts';

/** Task of the JDBC sink: each `put` is one transaction, which with `lambda.jdbc.watermark.table` keeps the offsets behind its records, too. */
export class JdbcSinkTask implements SinkTask {
  #context!: SinkTaskContext;
  #settings!: SinkSettings;
  #dialect!: Dialect;
  #tables!: TargetTables;
  #validate!: RecordValidator;
  #connection: JdbcConnection | null = null;
  #remainingRetries = 0;
  /** null = the target keeps no offsets. */
  #keeping: KeptOffsets | null = null;
  readonly #limited = new WeakSet<JdbcClient>();

  version(): string {
    return VERSION;
  }

  initialize(context: SinkTaskContext): void {
    this.#context = context;
  }

  start(props: ConnectorProps): void {
    this.#settings = sinkSettings(props);
    try {
      this.#dialect = sinkDialect(this.#settings);
    } catch (error) {
      throw error instanceof SqlException ? wrapped(error) : error;
    }
    this.#tables = new TargetTables(this.#settings, this.#dialect, this.#context.logger);
    this.#validate = recordValidator(this.#settings);
    this.#connection = new JdbcConnection(this.#settings.config, this.#context);
    this.#remainingRetries = this.#settings.maxRetries;
  }

  async takeOffsets(partitions: readonly TopicPartition[], owner: SinkOwner): Promise<ReadonlyMap<string, KeptOffset> | null> {
    const { connectorName, maxRetries, retryBackoffMs, watermarkTable } = this.#settings;
    if (watermarkTable === null) return null;
    const { clock, logger, signal } = this.#context;
    for (let left = maxRetries; ; left--) {
      try {
        const client = await this.#connection!.client();
        await this.#limitIdle(client);
        const keeping = new KeptOffsets(new WatermarkTable(this.#dialect, connectorName, watermarkTable), owner);
        const found = await keeping.take(client, partitions);
        this.#keeping = keeping;
        return found;
      } catch (error) {
        if (!(error instanceof SqlException)) throw error;
        if (error.outage) await this.#connection!.close();
        if (!error.outage || left === 0 || signal.aborted) throw wrapped(error);
        logger.warn('cannot read the offsets in the target, trying again', { remainingRetries: left, error: printed(error) });
        await clock.sleep(retryBackoffMs, signal);
      }
    }
  }

  async put(records: readonly SinkRecord[], kept: readonly KeptOffset[] = []): Promise<void> {
    if (records.length === 0 && kept.length === 0) return;
    try {
      await this.#write(records, kept);
    } catch (error) {
      if (error instanceof TableAlterOrCreateException) await this.#refused(records, kept, error);
      else if (error instanceof SqlException) await this.#failed(records, kept, error);
      else throw error;
    }
    this.#remainingRetries = this.#settings.maxRetries;
  }

  async stop(): Promise<void> {
    await this.#connection?.close();
  }

  /** One transaction. Throws SqlException, TableAlterOrCreateException, FencedException, and ConnectException for what the configuration cannot write. */
  async #write(records: readonly SinkRecord[], kept: readonly KeptOffset[]): Promise<void> {
    const client = await this.#connection!.clientNow();
    if (this.#keeping !== null && kept.length > 0) return await this.#writeWithOffsets(client, this.#keeping, records, kept);
    await client.begin();
    try {
      await this.#writeInside(client, records);
      await client.commit();
    } catch (error) {
      await client.rollback().catch(() => undefined);
      this.#tables.forget();
      throw error;
    }
  }

  async #writeWithOffsets(
    client: JdbcClient,
    keeping: KeptOffsets,
    records: readonly SinkRecord[],
    kept: readonly KeptOffset[],
  ): Promise<void> {
    await this.#limitIdle(client);
    for (;;) {
      const pending = await keeping.pending(client, records, kept);
      if (pending.records.length === 0 && pending.kept.length === 0) return;
      try {
        await prepareTables(client, this.#settings, this.#tables, pending.records);
        await client.begin();
        // First, because it locks the rows: who lost the partitions writes nothing.
        if (await keeping.write(client, pending.kept)) {
          await this.#tables.sealed(() => this.#writeInside(client, pending.records));
          await client.commit();
          keeping.committed();
          return;
        }
        await client.rollback();
      } catch (error) {
        await client.rollback().catch(() => undefined);
        this.#tables.forget();
        throw error;
      }
    }
  }

  /** A process that stands still in a transaction would keep its locks from whoever has the task then. */
  async #limitIdle(client: JdbcClient): Promise<void> {
    if (this.#limited.has(client)) return;
    await this.#dialect.endIdleTransactions(client, this.#settings.leaseMs);
    this.#limited.add(client);
  }

  async #writeInside(client: JdbcClient, records: readonly SinkRecord[]): Promise<void> {
    const byTopic = new Map<string, RecordBuffer>();
    const byTable = new Map<string, RecordBuffer>();
    for (const record of records) {
      let buffer = byTopic.get(record.topic);
      if (buffer === undefined) {
        const table = await this.#tables.tableOf(client, record.topic);
        const name = unquoted(table);
        buffer = byTable.get(name) ?? new RecordBuffer(this.#settings, this.#dialect, this.#tables, table);
        byTable.set(name, buffer);
        byTopic.set(record.topic, buffer);
      }
      this.#validate(record);
      if (!buffer.accepts(record)) await buffer.change(client, record);
      buffer.add(record);
    }
    for (const buffer of byTable.values()) await buffer.flush(client);
  }

  async #refused(records: readonly SinkRecord[], kept: readonly KeptOffset[], error: TableAlterOrCreateException): Promise<void> {
    if (this.#context.errantRecordReporter() === null) throw error;
    await this.#oneByOne(records, kept);
  }

  async #failed(records: readonly SinkRecord[], kept: readonly KeptOffset[], error: SqlException): Promise<void> {
    const { logger } = this.#context;
    const all = exceptionChain(error);
    if (error.outage) await this.#connection!.close();
    if (this.#remainingRetries > 0 && !error.hopeless) {
      logger.warn('writing failed, trying again', {
        records: records.length,
        remainingRetries: this.#remainingRetries,
        error: printed(error),
      });
      this.#remainingRetries--;
      this.#context.timeout(this.#settings.retryBackoffMs);
      throw new RetriableException(printed(all), { cause: all });
    }
    // An outage says nothing about the records: not one of them may be reported as bad.
    if (error.outage || this.#context.errantRecordReporter() === null) throw wrapped(all);
    await this.#oneByOne(records, kept);
  }

  /** Each record in a transaction of its own; what the database refuses is reported. An outage ends it: all records come again. */
  async #oneByOne(records: readonly SinkRecord[], kept: readonly KeptOffset[]): Promise<void> {
    const reporter = this.#context.errantRecordReporter()!;
    const reports: Promise<void>[] = [];
    for (const record of records) {
      try {
        await this.#write([record], keptAt(record, kept));
      } catch (error) {
        if (error instanceof TableAlterOrCreateException) reports.push(reporter.report(record, error));
        else if (!(error instanceof SqlException)) throw error;
        else if (!error.outage) reports.push(reporter.report(record, exceptionChain(error)));
        else {
          await this.#connection!.close();
          throw new RetriableException(printed(exceptionChain(error)), { cause: error });
        }
      }
    }
    await Promise.all(reports);
    if (kept.length > 0) await this.#write([], kept);
  }
}

/** What is to be kept once this record of a batch is written. */
function keptAt(record: SinkRecord, kept: readonly KeptOffset[]): KeptOffset[] {
  const key = topicPartitionKey(record.originalTopic, record.originalKafkaPartition);
  const whole = kept.find(({ partition, topic }) => topicPartitionKey(topic, partition) === key);
  return whole === undefined ? [] : [{ ...whole, nextOffset: record.originalKafkaOffset + 1 }];
}
