import type { BigDecimal } from '../../../core/data/decimal.ts';
import { epochMillisOf } from '../../../core/data/epoch-millis.ts';
import { doubleToString, floatToString } from '../../../core/data/java-numbers.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../../core/data/logical-names.ts';
import { dateText } from '../calendar.ts';
import type { JdbcClient } from '../client.ts';
import { type Instant, instantOfMs, instantText } from '../instant.ts';
import { batchException, mysqlFailure } from '../mysql-errors.ts';
import { mysqlBytes, mysqlText } from '../mysql-literals.ts';
import { epochInstant } from '../sink/epoch-instant.ts';
import type { SinkField } from '../sink/sink-field.ts';
import { SqlException } from '../sql-exception.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { unsupportedType } from './ddl.ts';
import type { BatchStatement, Binder, Dialect, WriteRequest } from './dialect.ts';

const DAY_MS = 86_400_000;

/** Characters of one statement; the server's `max_allowed_packet` is 16 MB or more unless it was lowered, and a character has at most 3 bytes. */
const STATEMENT_CHARACTERS = 1_000_000;

/**
 * Rows travel as literals, many in one statement, as MySQL's JDBC driver sends them; so the server converts the same. Rows of one key in
 * one batch are written in order: `ON DUPLICATE KEY UPDATE` sees the rows before it in the same statement.
 */
export function mysqlStatement(dialect: Dialect, request: WriteRequest, settings: SqlSettings): BatchStatement {
  const { kind, keyFields, nonKeyFields } = request;
  const target = dialect.tableName(request.table);
  const name = (field: SinkField): string => dialect.columnName(field.name);
  const fields = kind === 'delete' ? keyFields : kind === 'update' ? [...nonKeyFields, ...keyFields] : [...keyFields, ...nonKeyFields];
  const binders = fields.map((field) => binderOf(field, settings));
  const run = async (client: JdbcClient, sql: string): Promise<void> => {
    try {
      await client.execute(sql);
    } catch (error) {
      throw error instanceof SqlException ? batchException(error) : error;
    }
  };
  if (kind === 'update') {
    const set = nonKeyFields.map(name);
    const keys = keyFields.map(name);
    return {
      binders,
      run: async (client, rows) => {
        for (const row of rows) {
          const values = set.map((column, index) => `${column} = ${text(row[index])}`).join(',');
          const where = keys.map((column, index) => `${column} = ${text(row[set.length + index])}`).join(' AND ');
          await run(client, `UPDATE ${target} SET ${values}${where === '' ? '' : ` WHERE ${where}`}`);
        }
      },
    };
  }
  if (kind === 'delete') {
    const keys = keyFields.map(name);
    const sameKey = (row: readonly unknown[]): string =>
      `(${keys.map((column, index) => `${column} = ${text(row[index])}`).join(' AND ')})`;
    return {
      binders,
      run: async (client, rows) => await inChunks(rows.map(sameKey), ' OR ', (list) => run(client, `DELETE FROM ${target} WHERE ${list}`)),
    };
  }
  // Without other columns, something must be assigned for a duplicate to be no error.
  const updated = nonKeyFields.length > 0 ? nonKeyFields : keyFields;
  const onDuplicate =
    kind === 'upsert' ? ` ON DUPLICATE KEY UPDATE ${updated.map((field) => `${name(field)}=VALUES(${name(field)})`).join(',')}` : '';
  const head = `INSERT INTO ${target}(${fields.map(name).join(',')}) VALUES `;
  const tuple = (row: readonly unknown[]): string => `(${row.map(text).join(',')})`;
  return { binders, run: async (client, rows) => await inChunks(rows.map(tuple), ',', (list) => run(client, head + list + onDuplicate)) };
}

/** Binders make literals, and are not asked about null. */
function text(value: unknown): string {
  return value === null || value === undefined ? 'NULL' : (value as string);
}

async function inChunks(parts: readonly string[], separator: string, run: (list: string) => Promise<void>): Promise<void> {
  let from = 0;
  let length = 0;
  for (const [index, part] of parts.entries()) {
    if (length > 0 && length + part.length > STATEMENT_CHARACTERS) {
      await run(parts.slice(from, index).join(separator));
      from = index;
      length = 0;
    }
    length += part.length + separator.length;
  }
  if (from < parts.length) await run(parts.slice(from).join(separator));
}

/** Date and time with microseconds, in `db.timezone`. */
export function mysqlTimestamp(instant: Instant, { zone, calendar }: SqlSettings): string {
  return instantText(instant, zone, calendar, 6);
}

function binderOf({ schema, name }: SinkField, settings: SqlSettings): Binder {
  if (settings.timestampFields.has(name) && (schema.type === 'INT64' || schema.type === 'STRING') && schema.name === null) {
    return (value) => `'${mysqlTimestamp(epochInstant(value, settings.timestampPrecision), settings)}'`;
  }
  switch (schema.name) {
    case DECIMAL_NAME:
      return (value) => (value as BigDecimal).toPlainString();
    case DATE_NAME:
      return (value) => `'${mysqlDate(value as Date, settings)}'`;
    case TIME_NAME:
      return (value) => `'${instantText(instantOfMs((value as Date).getTime()), settings.zone, settings.calendar, 3).slice(-12)}'`;
    case TIMESTAMP_NAME:
      return (value) => `'${mysqlTimestamp(instantOfMs(Number(epochMillisOf(value as Date))), settings)}'`;
  }
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return String;
    case 'FLOAT32':
      return (value) => finite(value as number, floatToString);
    case 'FLOAT64':
      return (value) => finite(value as number, doubleToString);
    case 'BOOLEAN':
      return (value) => (value === true ? '1' : '0');
    case 'STRING':
      return (value) => mysqlText(value as string);
    case 'BYTES':
      return (value) => mysqlBytes(value as Uint8Array);
    default:
      return () => {
        throw unsupportedType(schema);
      };
  }
}

function mysqlDate(value: Date, { dateZone, calendar }: SqlSettings): string {
  const ms = value.getTime();
  return dateText(Math.floor((ms + dateZone.offsetAt(ms)) / DAY_MS), calendar);
}

/** MySQL has neither NaN nor infinities; the text is the JDBC driver's. */
function finite(value: number, print: (value: number) => string): string {
  if (Number.isFinite(value)) return print(value);
  throw mysqlFailure(`'${doubleToString(value)}' is not a valid numeric or approximate numeric value`, 'S1009', false);
}
