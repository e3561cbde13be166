import { ConfigDef } from '../../core/config/config-def.ts';
import { NonEmptyString, Range } from '../../core/config/validators.ts';
import { oneOf, TimeZoneName } from './config-validators.ts';
import { defineConnection } from './connection-config.ts';

export type InsertMode = 'insert' | 'upsert' | 'update';
export type PrimaryKeyMode = 'none' | 'kafka' | 'record_key' | 'record_value';

const CONNECTION = 'Connection';
const WRITES = 'Writes';
const MAPPING = 'Data Mapping';
const DDL = 'DDL Support';
const DML = 'DML Support';
const RETRIES = 'Retries';

/** Keys of the sink, with Confluent's names, types and defaults. */
export const sinkConfigDef = defineConnection(new ConfigDef(), CONNECTION, true)
  .define({
    name: 'insert.mode',
    type: 'STRING',
    default: 'insert',
    validator: oneOf('insert', 'upsert', 'update'),
    importance: 'HIGH',
    doc: '`insert` adds rows; `upsert` replaces the row with the same primary key; `update` changes rows that exist.',
    group: WRITES,
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Insert Mode',
  })
  .define({
    name: 'batch.size',
    type: 'INT',
    default: 3000,
    validator: Range.atLeast(0),
    importance: 'MEDIUM',
    doc: 'Records written by one statement, where they have one schema.',
    group: WRITES,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Batch Size',
  })
  .define({
    name: 'delete.enabled',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether a tombstone deletes the row with that key; needs pk.mode=record_key.',
    group: WRITES,
    orderInGroup: 3,
    width: 'SHORT',
    displayName: 'Enable deletes',
  })
  .define({
    name: 'replace.null.with.default',
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Whether a null in a field that has a default is written as the default.',
    group: WRITES,
    orderInGroup: 4,
    width: 'SHORT',
    displayName: 'Replace Null With Default',
  })
  .define({
    name: 'table.types',
    type: 'LIST',
    default: 'TABLE',
    importance: 'LOW',
    doc: 'Kinds of tables that may be written to: TABLE, PARTITIONED TABLE, VIEW.',
    group: WRITES,
    orderInGroup: 5,
    width: 'MEDIUM',
    displayName: 'Table Types',
  })
  .define({
    name: 'table.name.format',
    type: 'STRING',
    default: '${topic}',
    validator: NonEmptyString,
    importance: 'MEDIUM',
    doc: 'Name of the target table; `${topic}` stands for the topic. Dots separate schema and table.',
    group: MAPPING,
    orderInGroup: 1,
    width: 'LONG',
    displayName: 'Table Name Format',
  })
  .define({
    name: 'pk.mode',
    type: 'STRING',
    default: 'none',
    validator: oneOf('none', 'kafka', 'record_key', 'record_value'),
    importance: 'HIGH',
    doc: 'Where the primary key comes from: `none`; `kafka` (topic, partition, offset); `record_key`; `record_value`.',
    group: MAPPING,
    orderInGroup: 2,
    width: 'MEDIUM',
    displayName: 'Primary Key Mode',
  })
  .define({
    name: 'pk.fields',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Columns of the primary key. kafka: empty or three names. record_key: one name for a primitive key, else fields of the key; empty = all. record_value: fields of the value; empty = all.',
    group: MAPPING,
    orderInGroup: 3,
    width: 'LONG',
    displayName: 'Primary Key Fields',
  })
  .define({
    name: 'fields.whitelist',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Fields of the value that are written; empty = all.',
    group: MAPPING,
    orderInGroup: 4,
    width: 'LONG',
    displayName: 'Fields Whitelist',
  })
  .define({
    name: 'db.timezone',
    type: 'STRING',
    default: 'UTC',
    validator: TimeZoneName,
    importance: 'MEDIUM',
    doc: 'Time zone in which times are written into columns that have none.',
    group: MAPPING,
    orderInGroup: 5,
    width: 'MEDIUM',
    displayName: 'DB Time Zone',
  })
  .define({
    name: 'date.timezone',
    type: 'STRING',
    default: 'DB_TIMEZONE',
    validator: oneOf('DB_TIMEZONE', 'UTC'),
    importance: 'MEDIUM',
    doc: 'Time zone of dates: `DB_TIMEZONE` shifts midnight UTC into db.timezone, as Confluent’s connector always did; `UTC` writes the date as it is.',
    group: MAPPING,
    orderInGroup: 6,
    width: 'MEDIUM',
    displayName: 'Date Time Zone',
  })
  .define({
    name: 'date.calendar.system',
    type: 'STRING',
    default: 'LEGACY',
    validator: oneOf('LEGACY', 'PROLEPTIC_GREGORIAN'),
    importance: 'LOW',
    doc: 'How dates before 15 October 1582 are written.',
    group: MAPPING,
    orderInGroup: 7,
    width: 'SHORT',
    displayName: 'Date Calendar System',
  })
  .define({
    name: 'timestamp.fields.list',
    type: 'LIST',
    default: [],
    importance: 'LOW',
    doc: 'int64 (or string) fields that hold micro- or nanoseconds since the epoch and are written as timestamps.',
    group: MAPPING,
    orderInGroup: 8,
    width: 'LONG',
    displayName: 'Timestamp Fields',
  })
  .define({
    name: 'timestamp.precision.mode',
    type: 'STRING',
    default: 'microseconds',
    validator: oneOf('microseconds', 'nanoseconds'),
    importance: 'LOW',
    doc: 'Unit of timestamp.fields.list.',
    group: MAPPING,
    orderInGroup: 9,
    width: 'SHORT',
    displayName: 'Timestamp Precision Mode',
  })
  .define({
    name: 'string.output.value.column.name',
    type: 'STRING',
    default: 'record_value',
    validator: NonEmptyString,
    importance: 'LOW',
    doc: 'Column for values that are a plain string.',
    group: MAPPING,
    orderInGroup: 10,
    width: 'MEDIUM',
    displayName: 'String Value Column',
  })
  .define({
    name: 'auto.create',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether a missing table is created from the schema of the first record.',
    group: DDL,
    orderInGroup: 1,
    width: 'SHORT',
    displayName: 'Auto-Create',
  })
  .define({
    name: 'auto.evolve',
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether columns are added for new fields, which must be optional or have a default. Nothing is ever dropped or changed.',
    group: DDL,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Auto-Evolve',
  })
  .define({
    name: 'quote.sql.identifiers',
    type: 'STRING',
    default: 'always',
    validator: oneOf('always', 'never'),
    importance: 'MEDIUM',
    doc: 'Whether names in statements are quoted.',
    group: DDL,
    orderInGroup: 3,
    width: 'MEDIUM',
    displayName: 'Quote Identifiers',
  })
  .define({
    name: 'mssql.use.merge.holdlock',
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Accepted for compatibility; concerns SQL Server only.',
    group: DML,
    orderInGroup: 1,
    width: 'SHORT',
    displayName: 'SQL Server - Use HOLDLOCK in MERGE',
  })
  .define({
    name: 'trim.sensitive.log',
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Accepted for compatibility: values of records are never logged.',
    group: DML,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Trim Sensitive Logs',
  })
  .define({
    name: 'max.retries',
    type: 'INT',
    default: 10,
    validator: Range.atLeast(0),
    importance: 'MEDIUM',
    doc: 'How often a failed batch is tried again before its records go to the dead letter queue one by one, or the task fails. Values that the database can never take are not tried again.',
    group: RETRIES,
    orderInGroup: 1,
    width: 'SHORT',
    displayName: 'Maximum Retries',
  })
  .define({
    name: 'retry.backoff.ms',
    type: 'INT',
    default: 3000,
    validator: Range.atLeast(0),
    importance: 'MEDIUM',
    doc: 'Milliseconds before a failed batch is tried again.',
    group: RETRIES,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Retry Backoff (millis)',
  });
