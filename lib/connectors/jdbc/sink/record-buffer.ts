import type { Field, Schema } from '../../../core/data/schema.ts';
import type { Struct } from '../../../core/data/struct.ts';
import { ConnectException } from '../../../core/errors.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import type { JdbcClient } from '../client.ts';
import type { BatchStatement, Dialect } from '../dialects/dialect.ts';
import { type TableId, unquoted } from '../table-id.ts';
import type { SinkField } from './sink-field.ts';
import { type SinkFields, sinkFields } from './sink-fields.ts';
import type { SinkSettings } from './sink-settings.ts';
import type { TargetTables } from './target-tables.ts';

type ValueOf = (record: SinkRecord) => unknown;

/** Statements for records of one pair of schemas. */
interface Plan {
  readonly write: BatchStatement;
  readonly writeValues: readonly ValueOf[];
  readonly delete: BatchStatement | null;
  readonly deleteValues: readonly ValueOf[];
}

/**
 * Collects records of one table and writes them in batches, each of one schema. Writes come before deletes within a batch; a write
 * after a delete begins a new one, so that the order per key holds.
 */
export class RecordBuffer {
  readonly #settings: SinkSettings;
  readonly #dialect: Dialect;
  readonly #tables: TargetTables;
  readonly #table: TableId;
  #keySchema: Schema | null = null;
  #valueSchema: Schema | null = null;
  #plan: Plan | null = null;
  #hasDeletes = false;
  #records: SinkRecord[] = [];

  constructor(settings: SinkSettings, dialect: Dialect, tables: TargetTables, table: TableId) {
    this.#settings = settings;
    this.#dialect = dialect;
    this.#tables = tables;
    this.#table = table;
  }

  /** Whether the record belongs to the batch as it is; else {@link RecordBuffer.change} comes first. Keeps the common case free of promises. */
  accepts(record: SinkRecord): boolean {
    if (this.#plan === null || !same(this.#keySchema, record.keySchema)) return false;
    if (record.valueSchema !== null && (!same(this.#valueSchema, record.valueSchema) || this.#hasDeletes)) return false;
    return this.#settings.batchSize === 0 || this.#records.length < this.#settings.batchSize;
  }

  /** Writes out what is buffered and gets ready for the record's schemas. */
  async change(client: JdbcClient, record: SinkRecord): Promise<void> {
    const schemaChanged =
      !same(this.#keySchema, record.keySchema) || (record.valueSchema !== null && !same(this.#valueSchema, record.valueSchema));
    await this.flush(client);
    if (!schemaChanged && this.#plan !== null) return;
    this.#keySchema = record.keySchema;
    this.#valueSchema = record.valueSchema ?? this.#valueSchema;
    this.#plan = null;
    this.#plan = await this.#prepare(client);
  }

  add(record: SinkRecord): void {
    if (record.value === null && this.#settings.deleteEnabled) this.#hasDeletes = true;
    this.#records.push(record);
  }

  async flush(client: JdbcClient): Promise<void> {
    const records = this.#records;
    this.#records = [];
    const plan = this.#plan;
    if (records.length === 0 || plan === null) return;
    const writes = this.#hasDeletes ? records.filter(({ value }) => value !== null) : records;
    const deletes = this.#hasDeletes ? records.filter(({ value }) => value === null) : [];
    this.#hasDeletes = false;
    if (writes.length > 0) await plan.write.run(client, bind(writes, plan.write, plan.writeValues));
    if (deletes.length > 0 && plan.delete !== null) await plan.delete.run(client, bind(deletes, plan.delete, plan.deleteValues));
  }

  async #prepare(client: JdbcClient): Promise<Plan> {
    const settings = this.#settings;
    const fields = sinkFields(this.#table.table, settings, this.#keySchema, this.#valueSchema);
    if (settings.insertMode !== 'insert' && fields.keyFields.length === 0) {
      throw new ConnectException(
        `Write to table '${unquoted(this.#table)}' in ${settings.insertMode.toUpperCase()} mode requires key field names to be known, check the primary key configuration`,
      );
    }
    const definition = await this.#tables.ensure(client, this.#table, fields.all);
    const request = { table: this.#table, definition, keyFields: fields.keyFields, nonKeyFields: fields.nonKeyFields };
    const keyValues = this.#keyValues(fields);
    const otherValues = fields.nonKeyFields.map((field) => this.#fromValue(field));
    return {
      write: this.#dialect.statement({ ...request, kind: settings.insertMode }),
      writeValues: settings.insertMode === 'update' ? [...otherValues, ...keyValues] : [...keyValues, ...otherValues],
      delete: settings.deleteEnabled ? this.#dialect.statement({ ...request, kind: 'delete' }) : null,
      deleteValues: keyValues,
    };
  }

  #keyValues({ keyFields }: SinkFields): ValueOf[] {
    switch (this.#settings.primaryKeyMode) {
      case 'none':
        return [];
      case 'kafka': {
        const values: ValueOf[] = [(record) => record.topic, (record) => record.kafkaPartition, (record) => BigInt(record.kafkaOffset)];
        return values;
      }
      case 'record_key':
        return keyFields.map((field) => this.#fromKey(field));
      case 'record_value':
        return keyFields.map((field) => this.#fromValue(field));
    }
  }

  #fromKey({ name }: SinkField): ValueOf {
    if (this.#keySchema?.type !== 'STRUCT') return (record) => record.key;
    const field = this.#keySchema.field(name)!;
    return this.#slot(field, (record) => record.key as Struct);
  }

  #fromValue({ name }: SinkField): ValueOf {
    if (this.#valueSchema?.type !== 'STRUCT') return (record) => record.value;
    const field = this.#valueSchema.field(name)!;
    return this.#slot(field, (record) => record.value as Struct);
  }

  #slot(field: Field, structOf: (record: SinkRecord) => Struct): ValueOf {
    const { index } = field;
    if (!this.#settings.replaceNullWithDefault || field.schema.defaultValue === null) return (record) => structOf(record).valueAt(index);
    return (record) => structOf(record).get(field);
  }
}

function bind(records: readonly SinkRecord[], { binders }: BatchStatement, values: readonly ValueOf[]): unknown[][] {
  const width = values.length;
  return records.map((record) => {
    const row = new Array<unknown>(width);
    for (let column = 0; column < width; column++) {
      const value = values[column]!(record);
      row[column] = value === null || value === undefined ? null : binders[column]!(value);
    }
    return row;
  });
}

function same(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a?.equals(b) ?? false);
}
