import type { Schema } from '../../../core/data/schema.ts';
import { ConnectException } from '../../../core/errors.ts';
import { type SourceOffset, type SourcePartition, SourceRecord } from '../../../core/source-record.ts';
import type { JdbcClient, RawValue, RowCursor } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { compareInstants, type Instant } from '../instant.ts';
import type { SourceMode } from '../source-config.ts';
import type { TableId } from '../table-id.ts';
import { incrementingValue } from './incrementing-value.ts';
import { type ReadOffset, START, sourceOffset } from './read-offset.ts';
import { RowSchema, type RowSettings } from './row-schema.ts';
import type { SafeBound } from './safe-bound.ts';

/** One table or query of a task. */
export interface QuerierInit {
  readonly mode: SourceMode;
  readonly dialect: Dialect;
  readonly settings: RowSettings;
  /** null in query mode. */
  readonly table: TableId | null;
  /** The SELECT without WHERE. */
  readonly select: string;
  readonly suffix: string;
  readonly topic: string;
  /** null in bulk mode, which has no offsets. */
  readonly partition: SourcePartition | null;
  readonly incrementingColumn: string | null;
  readonly timestampColumns: readonly string[];
  readonly delayMs: number;
  readonly offset: ReadOffset;
  readonly blockRows: number;
  /** `lambda.jdbc.safe.reads`; null = rows that commit late are skipped, as Connect's. */
  readonly safe: SafeBound | null;
}

/**
 * Reads one table (or query) again and again. A round begins with {@link begin}; {@link read} then gives its rows block by block, [] at
 * the end. The position moves with the records that were given out; after an error {@link abandon} returns to it.
 */
export class TableQuerier {
  readonly #init: QuerierInit;
  #cursor: RowCursor | null = null;
  #rowSchema: RowSchema | null = null;
  #offset: ReadOffset;
  #incrementingAt = -1;
  #timestampsAt: readonly number[] = [];
  /** `timestamp` mode: the last record is held until it is known whether the next has the same time. */
  #held: { readonly record: SourceRecordParts; readonly timestamp: Instant } | null = null;

  constructor(init: QuerierInit) {
    this.#init = init;
    this.#offset = init.offset;
  }

  get isReading(): boolean {
    return this.#cursor !== null;
  }

  /** Name for logs and messages. */
  get name(): string {
    return this.#init.table === null ? 'query' : this.#init.dialect.tableName(this.#init.table);
  }

  /** Safe reads: transactions are open that hold the next rows up. */
  get isWaiting(): boolean {
    return this.#init.safe?.isWaiting ?? false;
  }

  /** The same, and they are young enough for a tick to stay. */
  get isWorthWaiting(): boolean {
    return this.#init.safe?.isWorthWaiting ?? false;
  }

  async begin(client: JdbcClient): Promise<void> {
    await this.#init.safe?.advance(client);
    if (this.#nothingIsSafe()) return;
    const { sql, parameters } = await this.#statement(client);
    const cursor = await client.openCursor(sql, parameters, this.#init.blockRows);
    this.#cursor = cursor;
    if (this.#rowSchema === null || !this.#rowSchema.fits(cursor.columns)) {
      const { table, dialect, settings } = this.#init;
      this.#rowSchema = new RowSchema(table?.table ?? null, cursor.columns, dialect, settings);
    }
    this.#incrementingAt = positionOf(cursor, this.#init.incrementingColumn);
    this.#timestampsAt = this.#init.timestampColumns.map((column) => positionOf(cursor, column)).filter((at) => at >= 0);
  }

  #nothingIsSafe(): boolean {
    const { incrementingColumn, safe, timestampColumns } = this.#init;
    if (safe === null) return false;
    if (safe.bound === null) return true;
    return timestampColumns.length === 0 && incrementingColumn !== null && safe.bound.incrementing === null;
  }

  /** The next records; [] = this round is over, and the cursor closed. */
  async read(): Promise<SourceRecord[]> {
    const cursor = this.#cursor;
    if (cursor === null) return [];
    for (;;) {
      const rows = await cursor.next();
      const records = this.#convert(rows);
      if (rows.length === 0) {
        this.#cursor = null;
        await cursor.close();
      }
      if (records.length > 0 || rows.length === 0) return records;
    }
  }

  /** Gives up the round; the next one begins after the last record that was given out. */
  async abandon(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = null;
    this.#held = null;
    await cursor?.close();
  }

  #convert(rows: readonly (readonly RawValue[])[]): SourceRecord[] {
    switch (this.#init.mode) {
      case 'bulk':
        return rows.map((row) => this.#record(this.#parts(row), null));
      case 'timestamp':
        return this.#convertByTimestamp(rows);
      default:
        return rows.map((row) => this.#record(this.#parts(row), this.#advance(row)));
    }
  }

  #parts(row: readonly RawValue[]): SourceRecordParts {
    const struct = this.#rowSchema!.read(row);
    return { schema: struct.schema, value: struct };
  }

  #record({ schema, value }: SourceRecordParts, offset: SourceOffset | null): SourceRecord {
    const { topic, partition } = this.#init;
    return new SourceRecord({ sourcePartition: partition, sourceOffset: offset, topic, valueSchema: schema, value });
  }

  #advance(row: readonly RawValue[]): SourceOffset {
    const { mode } = this.#init;
    const incrementing = this.#incrementingOf(row);
    const timestamp = mode === 'timestamp+incrementing' ? (this.#timestampOf(row) ?? this.#offset.timestamp) : null;
    this.#offset = { incrementing, timestamp };
    return sourceOffset(this.#offset);
  }

  /**
   * Rows may share a time; if reading broke off between two of them, the rest would be skipped. So a record carries a time only once the
   * next one has a later time, or the round is over.
   */
  #convertByTimestamp(rows: readonly (readonly RawValue[])[]): SourceRecord[] {
    const records: SourceRecord[] = [];
    for (const row of rows) {
      const timestamp = this.#timestampOf(row) ?? this.#offset.timestamp ?? START.timestamp;
      const record = this.#parts(row);
      this.#release(records, timestamp);
      this.#held = { record, timestamp };
    }
    if (rows.length === 0) this.#release(records, null);
    return records;
  }

  #release(records: SourceRecord[], next: Instant | null): void {
    const held = this.#held;
    if (held === null) return;
    if (next === null || compareInstants(held.timestamp, next) < 0) this.#offset = { incrementing: null, timestamp: held.timestamp };
    records.push(this.#record(held.record, sourceOffset({ incrementing: null, timestamp: this.#offset.timestamp ?? START.timestamp })));
    this.#held = null;
  }

  #incrementingOf(row: readonly RawValue[]): bigint {
    const raw = row[this.#incrementingAt] ?? null;
    const column = this.#init.incrementingColumn;
    if (raw === null) throw new ConnectException(`Null value for incrementing column '${column}' is not allowed`);
    return incrementingValue(raw, this.#init.dialect);
  }

  /** The first timestamp column that is not null. */
  #timestampOf(row: readonly RawValue[]): Instant | null {
    for (const at of this.#timestampsAt) {
      const raw = row[at] ?? null;
      if (raw !== null) return this.#init.dialect.values.instant(raw, this.#init.settings);
    }
    return null;
  }

  async #statement(client: JdbcClient): Promise<{ sql: string; parameters: unknown[] }> {
    const { mode, select, suffix } = this.#init;
    const parameters: unknown[] = [];
    const conditions = mode === 'bulk' ? '' : await this.#conditions(client, parameters);
    return { sql: `${select}${conditions}${suffix === '' ? '' : ` ${suffix}`}`, parameters };
  }

  async #conditions(client: JdbcClient, parameters: unknown[]): Promise<string> {
    const { mode, dialect, settings, delayMs } = this.#init;
    const add = (value: unknown): string => dialect.placeholder(parameters.push(value));
    const addInteger = (value: bigint): string => dialect.integerPlaceholder(parameters.push(value));
    const id = this.#columnText(this.#init.incrementingColumn ?? '');
    const from = this.#offset.incrementing ?? START.incrementing;
    const bound = this.#init.safe?.bound ?? null;
    if (mode === 'incrementing') {
      const above = `${id} > ${addInteger(from)}`;
      const below = bound === null ? '' : ` AND ${id} <= ${addInteger(bound.incrementing as bigint)}`;
      return ` WHERE ${above}${below} ORDER BY ${id} ASC`;
    }
    const time = this.#timestampText();
    const since = dialect.timestampParameter(this.#offset.timestamp ?? START.timestamp, settings);
    const now = await dialect.currentTime(client);
    const until = dialect.timestampParameter(bound?.timestamp ?? { ...now, epochMs: now.epochMs - delayMs }, settings);
    if (mode === 'timestamp') return ` WHERE ${time} > ${add(since)} AND ${time} < ${add(until)} ORDER BY ${time} ASC`;
    return ` WHERE ${time} < ${add(until)} AND ((${time} = ${add(since)} AND ${id} > ${addInteger(from)}) OR ${time} > ${add(since)}) ORDER BY ${time},${id} ASC`;
  }

  #columnText(column: string): string {
    const { dialect, table } = this.#init;
    return table === null ? dialect.columnName(column) : dialect.columnName(column, table);
  }

  #timestampText(): string {
    const columns = this.#init.timestampColumns.map((column) => this.#columnText(column));
    return columns.length === 1 ? columns[0]! : `COALESCE(${columns.join(',')})`;
  }
}

interface SourceRecordParts {
  readonly schema: Schema;
  readonly value: unknown;
}

/** Column names in configurations may differ in case from the database's. */
function positionOf({ columns }: RowCursor, name: string | null): number {
  if (name === null) return -1;
  const exact = columns.findIndex((column) => column.name === name);
  return exact >= 0 ? exact : columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
}
