import { BigDecimal, Decimal } from '../../../core/data/decimal.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../../core/data/logical.ts';
import type { Schema } from '../../../core/data/schema.ts';
import { SchemaBuilder } from '../../../core/data/schema-builder.ts';
import { Struct } from '../../../core/data/struct.ts';
import { DataException } from '../../../core/errors.ts';
import type { RawValue, ResultColumn } from '../client.ts';
import type { ColumnType, Dialect } from '../dialects/dialect.ts';
import type { NumericMapping, TimestampGranularity } from '../source-config.ts';
import { printed, SqlException } from '../sql-exception.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { granularTimestamp } from './granularity.ts';

/** Schema parameter with the precision of a NUMERIC column. */
const PRECISION_PARAMETER = 'connect.decimal.precision';
/** Digits that fit int64; Confluent's limit for integers and doubles. */
const MAX_INTEGER_PRECISION = 18;
/** Scales below this mean that the database told none. */
const MIN_SCALE = -84;
const INT8_MAX = 2 ** 7 - 1;
const INT16_MAX = 2 ** 15 - 1;
const INT32_MAX = 2 ** 31 - 1;

/** What of the configuration decides how columns become fields. */
export interface RowSettings extends SqlSettings {
  readonly numericMapping: NumericMapping;
  readonly granularity: TimestampGranularity;
}

type Read = (raw: RawValue) => unknown;

/** A field before it is known whether it is optional. */
interface FieldPlan {
  readonly builder: SchemaBuilder;
  readonly read: Read;
}

/** Turns rows of one result into Structs. */
export class RowSchema {
  readonly schema: Schema;
  /** Position in the row of each column that has a field. */
  readonly #positions: number[] = [];
  readonly #reads: Read[] = [];
  readonly #columns: readonly ResultColumn[];
  readonly #names: string[] = [];

  /** `name` null = the Struct has no name (query mode). Columns of types without a Connect type are left out. */
  constructor(name: string | null, columns: readonly ResultColumn[], dialect: Dialect, settings: RowSettings) {
    const builder = SchemaBuilder.struct();
    if (name !== null) builder.name(name);
    for (const [position, column] of columns.entries()) {
      const plan = planField(column, dialect, settings);
      if (plan === null) continue;
      if (column.nullable) plan.builder.optional();
      builder.field(column.name, plan.builder.build());
      this.#positions.push(position);
      this.#reads.push(plan.read);
      this.#names.push(column.name);
    }
    this.schema = builder.build();
    this.#columns = columns;
  }

  /** Whether a result with these columns has the same schema; sparing the work of building it again for every poll. */
  fits(columns: readonly ResultColumn[]): boolean {
    return columns.length === this.#columns.length && columns.every((column, index) => sameColumn(column, this.#columns[index]!));
  }

  /** Throws DataException, naming the column, where a value is not what its type says. */
  read(row: readonly RawValue[]): Struct {
    const positions = this.#positions;
    const slots = new Array<unknown>(positions.length);
    for (let index = 0; index < slots.length; index++) {
      const raw = row[positions[index]!]!;
      try {
        slots[index] = raw === null ? null : this.#reads[index]!(raw);
      } catch (error) {
        throw inColumn(this.#names[index]!, error);
      }
    }
    return Struct.ofSlots(this.schema, slots);
  }
}

function inColumn(name: string, error: unknown): unknown {
  return error instanceof SqlException ? new DataException(`${printed(error)} (column '${name}')`, { cause: error }) : error;
}

function sameColumn(a: ResultColumn, b: ResultColumn): boolean {
  return (
    a.name === b.name &&
    a.typeName === b.typeName &&
    a.precision === b.precision &&
    a.scale === b.scale &&
    a.nullable === b.nullable &&
    typeof a.sample === typeof b.sample &&
    (a.sample === undefined || (a.sample === null) === (b.sample === null))
  );
}

function planField(column: ResultColumn, dialect: Dialect, settings: RowSettings): FieldPlan | null {
  const { values } = dialect;
  const columnType: ColumnType = dialect.columnType(column);
  switch (columnType.type) {
    case 'BOOLEAN':
      return { builder: SchemaBuilder.boolean(), read: values.boolean };
    case 'TINYINT':
      return columnType.signed ? int8(dialect) : int16(dialect);
    case 'SMALLINT':
      return columnType.signed ? int16(dialect) : int32(dialect);
    case 'INTEGER':
      return columnType.signed ? int32(dialect) : int64(dialect);
    case 'BIGINT':
      return int64(dialect);
    case 'REAL':
      return { builder: SchemaBuilder.float32(), read: (raw) => Math.fround(values.double(raw)) };
    case 'DOUBLE':
      return { builder: SchemaBuilder.float64(), read: values.double };
    case 'NUMERIC':
      return mappedNumeric(column, dialect, settings.numericMapping) ?? decimal(column, dialect);
    case 'DECIMAL':
      return decimal(column, dialect);
    case 'VARCHAR':
      return { builder: SchemaBuilder.string(), read: values.text };
    case 'BINARY':
      return { builder: SchemaBuilder.bytes(), read: values.bytes };
    case 'DATE':
      return { builder: ConnectDate.builder(), read: (raw) => new Date(values.date(raw, settings)) };
    case 'TIME':
      return { builder: ConnectTime.builder(), read: (raw) => new Date(values.time(raw, settings)) };
    case 'TIMESTAMP':
      if (settings.granularity === 'connect_logical') {
        return { builder: ConnectTimestamp.builder(), read: (raw) => values.timestamp(raw, settings) };
      }
      return granularTimestamp(dialect, settings);
    case 'OTHER':
      return null;
  }
}

const int8 = ({ values }: Dialect): FieldPlan => ({
  builder: SchemaBuilder.int8(),
  read: (raw) => values.integer(raw, 'byte', -INT8_MAX - 1, INT8_MAX),
});
const int16 = ({ values }: Dialect): FieldPlan => ({
  builder: SchemaBuilder.int16(),
  read: (raw) => values.integer(raw, 'short', -INT16_MAX - 1, INT16_MAX),
});
const int32 = ({ values }: Dialect): FieldPlan => ({
  builder: SchemaBuilder.int32(),
  read: (raw) => values.integer(raw, 'int', -INT32_MAX - 1, INT32_MAX),
});
const int64 = ({ values }: Dialect): FieldPlan => ({ builder: SchemaBuilder.int64(), read: values.long });

/** `numeric.mapping`; null = stays a Decimal. */
function mappedNumeric(column: ResultColumn, dialect: Dialect, mapping: NumericMapping): FieldPlan | null {
  const { precision, scale } = column;
  const fits = precision <= MAX_INTEGER_PRECISION;
  switch (mapping) {
    case 'none':
      return null;
    case 'precision_only':
      return scale === 0 && fits ? integerFor(precision, dialect) : null;
    case 'best_fit':
    case 'best_fit_eager_double': {
      if (scale < 1 && scale >= MIN_SCALE) return fits ? integerFor(precision, dialect) : null;
      if (scale < 1 || (mapping === 'best_fit' && !fits)) return null;
      return { builder: SchemaBuilder.float64(), read: dialect.values.double };
    }
  }
}

function integerFor(precision: number, dialect: Dialect): FieldPlan {
  if (precision > 9) return int64(dialect);
  if (precision > 4) return int32(dialect);
  return precision > 2 ? int16(dialect) : int8(dialect);
}

function decimal(column: ResultColumn, dialect: Dialect): FieldPlan {
  const scale = dialect.decimalScale(column);
  const builder = Decimal.builder(scale).parameter(PRECISION_PARAMETER, String(column.precision));
  return { builder, read: (raw) => BigDecimal.parse(dialect.values.decimal(raw)).setScale(scale) };
}
