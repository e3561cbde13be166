import type { ConnectorProps } from '../../../core/connector.ts';
import { RetriableException } from '../../../core/errors.ts';
import type { SinkTask, SinkTaskContext } from '../../../core/sink.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import type { JdbcClient } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { JdbcConnection } from '../jdbc-connection.ts';
import { exceptionChain, printed, SqlException, wrapped } from '../sql-exception.ts';
import { unquoted } from '../table-id.ts';
import { VERSION } from '../version.ts';
import { RecordBuffer } from './record-buffer.ts';
import { type RecordValidator, recordValidator } from './record-validator.ts';
import { type SinkSettings, sinkDialect, sinkSettings } from './sink-settings.ts';
import { TableAlterOrCreateException } from './table-exceptions.ts';
import { TargetTables } from './target-tables.ts';

/** Task of the JDBC sink: each `put` is one transaction. */
export class JdbcSinkTask implements SinkTask {
  #context!: SinkTaskContext;
  #settings!: SinkSettings;
  #dialect!: Dialect;
  #tables!: TargetTables;
  #validate!: RecordValidator;
  #connection: JdbcConnection | null = null;
  #remainingRetries = 0;

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

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      await this.#write(records);
    } catch (error) {
      if (error instanceof TableAlterOrCreateException) await this.#refused(records, error);
      else if (error instanceof SqlException) await this.#failed(records, error);
      else throw error;
    }
    this.#remainingRetries = this.#settings.maxRetries;
  }

  async stop(): Promise<void> {
    await this.#connection?.close();
  }

  /** One transaction. Throws SqlException, TableAlterOrCreateException, and ConnectException for what the configuration cannot write. */
  async #write(records: readonly SinkRecord[]): Promise<void> {
    const client = await this.#connection!.clientNow();
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

  async #refused(records: readonly SinkRecord[], error: TableAlterOrCreateException): Promise<void> {
    if (this.#context.errantRecordReporter() === null) throw error;
    await this.#oneByOne(records);
  }

  async #failed(records: readonly SinkRecord[], error: SqlException): Promise<void> {
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
    await this.#oneByOne(records);
  }

  /** Each record in a transaction of its own; what the database refuses is reported. An outage ends it: all records come again. */
  async #oneByOne(records: readonly SinkRecord[]): Promise<void> {
    const reporter = this.#context.errantRecordReporter()!;
    const reports: Promise<void>[] = [];
    for (const record of records) {
      try {
        await this.#write([record]);
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
  }
}
