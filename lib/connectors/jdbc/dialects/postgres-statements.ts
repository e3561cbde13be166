import type { BigDecimal } from '../../../core/data/decimal.ts';
import { FarDate } from '../../../core/data/epoch-millis.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../../core/data/logical-names.ts';
import type { Schema } from '../../../core/data/schema.ts';
import type { JdbcClient } from '../client.ts';
import { instantOfMs } from '../instant.ts';
import { epochInstant } from '../sink/epoch-instant.ts';
import type { SinkField } from '../sink/sink-field.ts';
import { SqlException } from '../sql-exception.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { unsupportedType } from './ddl.ts';
import type { BatchStatement, Binder, ColumnDefinition, Dialect, WriteRequest } from './dialect.ts';
import { plainArray, textArray } from './postgres-arrays.ts';
import { postgresDate, postgresTime, postgresTimestamp } from './postgres-times.ts';
import { infinityText } from './postgres-values.ts';

/** Column types into which a text goes only by an explicit cast; Confluent's connector casts these and no others. */
const CAST_TYPES: readonly string[] = ['json', 'jsonb', 'uuid'];

/** Column types that a date or time becomes by its text; any other (a domain, say) takes what the schema says. */
const TIME_TEXT_TYPES: readonly string[] = ['date', 'time', 'timetz', 'timestamp', 'timestamptz', 'text', 'varchar', 'bpchar'];

/** "ON CONFLICT DO UPDATE command cannot affect row a second time": keys that differ as texts may be equal to the database. */
const CARDINALITY_VIOLATION = '21000';

/** How the values of one column travel: as an array of `arrayType`, cast where the column needs it. */
interface ColumnPlan {
  readonly field: SinkField;
  readonly arrayType: string;
  readonly cast: string;
  readonly quoted: boolean;
  readonly bind: Binder;
}

/**
 * One statement for a whole batch: each column travels as one array, and `unnest` makes rows of them. The types are those that PostgreSQL's
 * JDBC driver gives its parameters, so the server accepts and refuses the same.
 */
export function postgresStatement(dialect: Dialect, request: WriteRequest, settings: SqlSettings): BatchStatement {
  const { kind, keyFields, nonKeyFields, table, definition } = request;
  const fields = kind === 'delete' ? keyFields : kind === 'update' ? [...nonKeyFields, ...keyFields] : [...keyFields, ...nonKeyFields];
  const plans = fields.map((field) => planColumn(field, definition?.columns.get(field.name) ?? null, settings));
  const name = (field: SinkField): string => dialect.columnName(field.name);
  const value = new Map(plans.map((plan, index) => [plan.field, `u.c${index}${plan.cast}`]));
  const source = `unnest(${plans.map((plan, index) => `$${index + 1}::${plan.arrayType}[]`).join(',')}) AS u(${plans.map((_, index) => `c${index}`).join(',')})`;
  const target = dialect.tableName(table);
  const sameKey = keyFields.map((field) => `t.${name(field)} = ${value.get(field)}`).join(' AND ');
  let sql: string;
  switch (kind) {
    case 'delete':
      sql = `DELETE FROM ${target} AS t USING ${source} WHERE ${sameKey}`;
      break;
    case 'update':
      sql = `UPDATE ${target} AS t SET ${nonKeyFields.map((field) => `${name(field)} = ${value.get(field)}`).join(',')} FROM ${source}${sameKey === '' ? '' : ` WHERE ${sameKey}`}`;
      break;
    case 'insert':
    case 'upsert':
      sql = `INSERT INTO ${target} (${fields.map(name).join(',')}) SELECT ${fields.map((field) => value.get(field)).join(',')} FROM ${source}`;
  }
  if (kind === 'upsert') {
    const action =
      nonKeyFields.length === 0
        ? 'NOTHING'
        : `UPDATE SET ${nonKeyFields.map((field) => `${name(field)}=EXCLUDED.${name(field)}`).join(',')}`;
    sql += ` ON CONFLICT (${keyFields.map(name).join(',')}) DO ${action}`;
  }
  const keyPositions = keyFields.map((field) => fields.indexOf(field));
  const lastPerKey = (kind === 'upsert' || kind === 'update') && keyPositions.length > 0;
  const exactKeys = keyFields.every((field) => /^INT/.test(field.schema.type) && field.schema.name === null);
  const run = async (client: JdbcClient, rows: readonly (readonly unknown[])[]): Promise<void> => {
    await client.execute(sql, columnArrays(plans, rows));
  };
  return {
    binders: plans.map((plan) => plan.bind),
    run: async (client, rows) => {
      if (!lastPerKey) return await run(client, rows);
      if (exactKeys) return await run(client, lastRowPerKey(rows, keyPositions));
      await client.execute('SAVEPOINT batch');
      try {
        await run(client, lastRowPerKey(rows, keyPositions));
      } catch (error) {
        if (!(error instanceof SqlException && error.sqlState === CARDINALITY_VIOLATION)) throw error;
        await client.execute('ROLLBACK TO SAVEPOINT batch');
        for (const row of rows) await run(client, [row]);
      }
    },
  };
}

function columnArrays(plans: readonly ColumnPlan[], rows: readonly (readonly unknown[])[]): string[] {
  return plans.map((plan, column) => {
    const items = new Array<unknown>(rows.length);
    for (let row = 0; row < rows.length; row++) items[row] = rows[row]![column];
    return plan.quoted ? textArray(items) : plainArray(items);
  });
}

/**
 * A later record of a key replaces an earlier one of the same batch entirely, so only the last needs to be written; one statement could
 * not touch the same row twice anyway.
 */
function lastRowPerKey(rows: readonly (readonly unknown[])[], keyPositions: readonly number[]): readonly (readonly unknown[])[] {
  const last = new Map<unknown, readonly unknown[]>();
  const [first] = keyPositions;
  for (const row of rows) {
    const key = keyPositions.length === 1 ? row[first!] : JSON.stringify(keyPositions.map((position) => String(row[position])));
    last.delete(key);
    last.set(key, row);
  }
  return last.size === rows.length ? rows : [...last.values()];
}

function planColumn(field: SinkField, column: ColumnDefinition | null, settings: SqlSettings): ColumnPlan {
  const plan = (arrayType: string, quoted: boolean, bind: Binder = same, cast = ''): ColumnPlan => ({
    field,
    arrayType,
    quoted,
    bind,
    cast,
  });
  const asColumn = (type: string): string => `::${column !== null && TIME_TEXT_TYPES.includes(column.typeName) ? column.typeName : type}`;
  const { schema } = field;
  if (settings.timestampFields.has(field.name) && (schema.type === 'INT64' || schema.type === 'STRING') && schema.name === null) {
    return plan(
      'text',
      true,
      (value) => postgresTimestamp(epochInstant(value, settings.timestampPrecision), settings.zone, settings.calendar),
      asColumn('timestamp'),
    );
  }
  switch (schema.name) {
    case DECIMAL_NAME:
      return plan('numeric', false, (value) => (value as BigDecimal).toString());
    case DATE_NAME:
      return plan('text', true, (value) => postgresDate(value as Date, settings.dateZone, settings.calendar), asColumn('date'));
    case TIME_NAME:
      return plan('text', true, (value) => postgresTime(value as Date, settings.zone), asColumn('time'));
    case TIMESTAMP_NAME:
      return plan('text', true, (value) => timestampOf(value as Date, settings), asColumn('timestamp'));
  }
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
      return plan('int2', false);
    case 'INT32':
      return plan('int4', false);
    case 'INT64':
      return plan('int8', false);
    case 'FLOAT32':
      return plan('float4', false, shortestFloat);
    case 'FLOAT64':
      return plan('float8', false);
    case 'BOOLEAN':
      return plan('bool', false);
    case 'STRING':
      return plan('varchar', true, same, column !== null && CAST_TYPES.includes(column.typeName) ? `::${column.typeName}` : '');
    case 'BYTES':
      return plan('bytea', true, (value) => `\\x${Buffer.from(value as Uint8Array).toString('hex')}`);
    case 'ARRAY':
      return arrayPlan(schema, plan);
    default:
      return plan('text', true, () => {
        throw unsupportedType(schema);
      });
  }
}

const ARRAY_ITEMS: Readonly<Record<string, readonly [type: string, quoted: boolean]>> = {
  INT8: ['int2', false],
  INT16: ['int2', false],
  INT32: ['int4', false],
  INT64: ['int8', false],
  FLOAT32: ['float4', false],
  FLOAT64: ['float8', false],
  BOOLEAN: ['bool', false],
  STRING: ['text', true],
};

function arrayPlan(schema: Schema, plan: (arrayType: string, quoted: boolean, bind: Binder, cast?: string) => ColumnPlan): ColumnPlan {
  const items = schema.valueSchema === null ? undefined : ARRAY_ITEMS[schema.valueSchema.type];
  if (items === undefined) {
    return plan('text', true, () => {
      throw unsupportedType(schema);
    });
  }
  const [type, quoted] = items;
  return plan('text', true, (value) => (quoted ? textArray(value as unknown[]) : plainArray(value as unknown[])), `::${type}[]`);
}

function same(value: unknown): unknown {
  return value;
}

/** The shortest text of a float, so that the server does not read the digits of the double it was widened to. */
function shortestFloat(value: unknown): unknown {
  const number = value as number;
  return Number.isFinite(number) ? Number(number.toPrecision(9)) : number;
}

function timestampOf(value: Date, settings: SqlSettings): string {
  if (!(value instanceof FarDate)) return postgresTimestamp(instantOfMs(value.getTime()), settings.zone, settings.calendar);
  return infinityText(value.epochMillis) ?? String(value.epochMillis);
}
