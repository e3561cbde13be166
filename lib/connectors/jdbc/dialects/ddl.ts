import { BigDecimal, Decimal } from '../../../core/data/decimal.ts';
import { doubleToString, floatToString } from '../../../core/data/java-numbers.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../../core/data/logical-names.ts';
import type { Schema } from '../../../core/data/schema.ts';
import { ConnectException } from '../../../core/errors.ts';
import { dateText } from '../calendar.ts';
import { instantOfMs, instantText } from '../instant.ts';
import type { SinkField } from '../sink/sink-field.ts';
import type { SqlSettings } from '../sql-settings.ts';
import type { TableId } from '../table-id.ts';
import type { Dialect } from './dialect.ts';

const DAY_MS = 86_400_000;

/** Confluent's complaint about a schema without a column type. */
export function noColumnType({ schema }: SinkField): ConnectException {
  return new ConnectException(`${schema.name} (${schema.type}) type doesn't have a mapping to the SQL database column type`);
}

/** Confluent's complaint about a value that no statement can take. */
export function unsupportedType(schema: Schema): ConnectException {
  return new ConnectException(`Unsupported source data type: ${schema.type}`);
}

type Ddl = Pick<Dialect, 'tableName' | 'columnName' | 'sqlType' | 'defaultLiteral'>;

/** `CREATE TABLE` with a primary key over the key fields, in the order of the fields. */
export function createTable(dialect: Ddl, table: TableId, fields: readonly SinkField[]): string {
  const columns = fields.map((field) => columnSpec(dialect, field));
  const keys = fields.filter((field) => field.primaryKey).map((field) => dialect.columnName(field.name));
  if (keys.length > 0) columns.push(`PRIMARY KEY(${keys.join(',')})`);
  return `CREATE TABLE ${dialect.tableName(table)} (\n${columns.join(',\n')})`;
}

/** `"name" TYPE`, then its default, else whether it may be null. */
export function columnSpec(dialect: Ddl, field: SinkField): string {
  const spec = `${dialect.columnName(field.name)} ${dialect.sqlType(field)}`;
  if (field.schema.defaultValue !== null) return `${spec} DEFAULT ${dialect.defaultLiteral(field)}`;
  return `${spec} ${field.optional ? 'NULL' : 'NOT NULL'}`;
}

/** A default value as SQL. Booleans and fractions of seconds differ between databases. */
export function defaultLiteral(
  { schema }: SinkField,
  settings: SqlSettings,
  style: { readonly booleans: readonly [no: string, yes: string]; readonly fractionDigits: number },
): string {
  const value = schema.defaultValue;
  if (value instanceof Date) return quoteText(dateLiteral(schema.name, value, settings, style.fractionDigits));
  if (value instanceof BigDecimal && schema.name === DECIMAL_NAME) return value.setScale(Decimal.scaleOf(schema)).toPlainString();
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return String(value);
    case 'FLOAT32':
      return floatToString(value as number);
    case 'FLOAT64':
      return doubleToString(value as number);
    case 'BOOLEAN':
      return style.booleans[value === true ? 1 : 0]!;
    case 'STRING':
      return quoteText(value as string);
    case 'BYTES':
      return `x'${Buffer.from(value as Uint8Array)
        .toString('hex')
        .toUpperCase()}'`;
    default:
      throw new ConnectException(`Unsupported type for column value: ${schema.type}`);
  }
}

function dateLiteral(name: string | null, value: Date, { zone, dateZone, calendar }: SqlSettings, fractionDigits: number): string {
  const ms = value.getTime();
  const text = instantText(instantOfMs(ms), zone, calendar, fractionDigits);
  switch (name) {
    case DATE_NAME:
      return dateText(Math.floor((ms + dateZone.offsetAt(ms)) / DAY_MS), calendar);
    case TIME_NAME:
      return text.slice(text.indexOf(' ') + 1);
    case TIMESTAMP_NAME:
      return text;
    default:
      throw new ConnectException(`Unsupported logical type for column value: ${name}`);
  }
}

/** A text in single quotes; quotes inside are doubled (Confluent's connector leaves them and fails). */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
