import { ConfigDef, type Recommender } from '../../core/config/config-def.ts';
import { Range, ValidString } from '../../core/config/validators.ts';
import { ConfigException } from '../../core/errors.ts';
import { oneOf, TimeZoneName } from './config-validators.ts';
import { defineConnection } from './connection-config.ts';

export const MODES = ['bulk', 'timestamp', 'incrementing', 'timestamp+incrementing'] as const;
export type SourceMode = (typeof MODES)[number];

export const TIMESTAMP_GRANULARITIES = [
  'connect_logical',
  'micros_long',
  'micros_string',
  'micros_iso_datetime_string',
  'nanos_long',
  'nanos_string',
  'nanos_iso_datetime_string',
] as const;
export type TimestampGranularity = (typeof TIMESTAMP_GRANULARITIES)[number];

export const NUMERIC_MAPPINGS = ['none', 'precision_only', 'best_fit', 'best_fit_eager_double'] as const;
export type NumericMapping = (typeof NUMERIC_MAPPINGS)[number];

export const ISOLATION_MODES = [
  'DEFAULT',
  'READ_UNCOMMITTED',
  'READ_COMMITTED',
  'REPEATABLE_READ',
  'SERIALIZABLE',
  'SQL_SERVER_SNAPSHOT',
] as const;

const DATABASE = 'Database';
const MODE_GROUP = 'Mode';
const CONNECTOR = 'Connector';

/** Keys that mean something in some modes only. Throws where there is no mode to decide by, as Confluent's recommender does. */
const byMode = (...modes: readonly SourceMode[]): Recommender => ({
  validValues: () => [],
  visible(_name, parsed) {
    const mode = parsed.get('mode');
    if (mode === '' || mode === undefined) throw new ConfigException('Query mode must be specified');
    if (!MODES.includes(mode as SourceMode)) throw new ConfigException(`Invalid mode: ${String(mode)}`);
    return modes.includes(mode as SourceMode);
  },
});

const INCREMENTING_MODES = byMode('incrementing', 'timestamp+incrementing');
const TIMESTAMP_MODES = byMode('timestamp', 'timestamp+incrementing');
const OFFSET_MODES = byMode('incrementing', 'timestamp', 'timestamp+incrementing');

/** Keys of the source, with Confluent's names, types and defaults. */
export const sourceConfigDef = defineConnection(new ConfigDef(), DATABASE, false)
  .define({
    name: 'table.whitelist',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Tables to copy, by name or `schema.table`. Not together with table.blacklist.',
    group: DATABASE,
    orderInGroup: 10,
    width: 'LONG',
    displayName: 'Table Whitelist',
  })
  .define({
    name: 'table.blacklist',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Tables not to copy; all others are. Not together with table.whitelist.',
    group: DATABASE,
    orderInGroup: 11,
    width: 'LONG',
    displayName: 'Table Blacklist',
  })
  .define({
    name: 'table.include.list',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Regular expressions; tables whose qualified name (`schema.table`) matches one are copied.',
    group: DATABASE,
    orderInGroup: 12,
    width: 'LONG',
    displayName: 'Table Include List',
  })
  .define({
    name: 'table.exclude.list',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Regular expressions; of the tables that table.include.list takes, those that match one are left out.',
    group: DATABASE,
    orderInGroup: 13,
    width: 'LONG',
    displayName: 'Table Exclude List',
  })
  .define({
    name: 'catalog.pattern',
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    doc: 'LIKE pattern for the catalog of tables; databases without catalogs ignore it.',
    group: DATABASE,
    orderInGroup: 14,
    width: 'SHORT',
    displayName: 'Schema pattern',
  })
  .define({
    name: 'schema.pattern',
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'LIKE pattern for the schema of tables.',
    group: DATABASE,
    orderInGroup: 15,
    width: 'SHORT',
    displayName: 'Schema pattern',
  })
  .define({
    name: 'numeric.precision.mapping',
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Replaced by numeric.mapping=precision_only.',
    group: DATABASE,
    orderInGroup: 16,
    width: 'SHORT',
    displayName: 'Map Numeric Values By Precision (deprecated)',
  })
  .define({
    name: 'numeric.mapping',
    type: 'STRING',
    default: null,
    validator: oneOf(...NUMERIC_MAPPINGS),
    importance: 'LOW',
    doc: 'What becomes of NUMERIC columns: `none` Decimal; `precision_only` integers where precision and scale 0 allow; `best_fit` also doubles; `best_fit_eager_double` doubles wherever there is a scale.',
    group: DATABASE,
    orderInGroup: 17,
    width: 'SHORT',
    displayName: 'Map Numeric Values, Integral or Decimal, By Precision and Scale',
  })
  .define({
    name: 'date.calendar.system',
    type: 'STRING',
    default: 'LEGACY',
    validator: oneOf('LEGACY', 'PROLEPTIC_GREGORIAN'),
    importance: 'LOW',
    doc: 'How dates before 15 October 1582 are counted.',
    group: DATABASE,
    orderInGroup: 18,
    width: 'SHORT',
    displayName: 'Date Calendar System',
  })
  .define({
    name: 'mode',
    type: 'STRING',
    default: '',
    validator: ValidString.in('', 'bulk', 'timestamp', 'incrementing', 'timestamp+incrementing'),
    importance: 'HIGH',
    doc: '`bulk`: the whole table each time. `incrementing`: rows with a higher value in a strictly growing column. `timestamp`: rows whose time of change is later. `timestamp+incrementing`: both, so that equal times are told apart.',
    group: MODE_GROUP,
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Table Loading Mode',
    dependents: [
      'incrementing.column.name',
      'timestamp.column.name',
      'incrementing.column.mapping',
      'timestamp.columns.mapping',
      'timestamp.initial',
      'validate.non.null',
    ],
  })
  .define({
    name: 'incrementing.column.name',
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    doc: 'The strictly growing, not null column. Empty = the one auto-incrementing column of the table.',
    group: MODE_GROUP,
    orderInGroup: 2,
    width: 'MEDIUM',
    displayName: 'Incrementing Column Name',
    recommender: INCREMENTING_MODES,
  })
  .define({
    name: 'incrementing.column.mapping',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'The incrementing column per table: `regex:column,…`, the regex against the qualified table name.',
    group: MODE_GROUP,
    orderInGroup: 3,
    width: 'LONG',
    displayName: 'Incrementing column to table mapping',
    recommender: INCREMENTING_MODES,
  })
  .define({
    name: 'timestamp.column.name',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Columns with the time of change; of several the first that is not null counts (COALESCE).',
    group: MODE_GROUP,
    orderInGroup: 4,
    width: 'MEDIUM',
    displayName: 'Timestamp Column Name',
    recommender: TIMESTAMP_MODES,
  })
  .define({
    name: 'timestamp.columns.mapping',
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'The timestamp columns per table: `regex:[column|column],…`, the regex against the qualified table name.',
    group: MODE_GROUP,
    orderInGroup: 5,
    width: 'LONG',
    displayName: 'Timestamp column to table mapping',
    recommender: TIMESTAMP_MODES,
  })
  .define({
    name: 'timestamp.initial',
    type: 'LONG',
    default: null,
    importance: 'LOW',
    doc: 'Where reading begins without a committed offset, in milliseconds since the epoch; -1 = now.',
    group: MODE_GROUP,
    orderInGroup: 6,
    width: 'MEDIUM',
    displayName: 'Unix time value of initial timestamp',
    recommender: TIMESTAMP_MODES,
  })
  .define({
    name: 'validate.non.null',
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Refuse tables whose incrementing column, or all of whose timestamp columns, may be null: such rows would never be read.',
    group: MODE_GROUP,
    orderInGroup: 7,
    width: 'SHORT',
    displayName: 'Validate Non Null',
    recommender: OFFSET_MODES,
  })
  .define({
    name: 'query',
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    doc: 'A SELECT to run instead of copying tables. In the modes other than bulk a WHERE clause is appended, so it must not have one (or be wrapped in a subquery).',
    group: MODE_GROUP,
    orderInGroup: 8,
    width: 'SHORT',
    displayName: 'Query',
  })
  .define({
    name: 'query.masked',
    type: 'PASSWORD',
    default: '',
    importance: 'MEDIUM',
    doc: 'The same as query, for text that is not to be shown.',
    group: MODE_GROUP,
    orderInGroup: 9,
    width: 'SHORT',
    displayName: 'Query (masked)',
  })
  .define({
    name: 'query.suffix',
    type: 'STRING',
    default: '',
    importance: 'LOW',
    doc: 'Text appended to every query, e.g. `LIMIT 1000`.',
    group: MODE_GROUP,
    orderInGroup: 10,
    width: 'MEDIUM',
    displayName: 'Query suffix',
  })
  .define({
    name: 'quote.sql.identifiers',
    type: 'STRING',
    default: 'always',
    validator: oneOf('always', 'never'),
    importance: 'MEDIUM',
    doc: 'Whether names in statements are quoted.',
    group: MODE_GROUP,
    orderInGroup: 11,
    width: 'MEDIUM',
    displayName: 'Quote Identifiers',
  })
  .define({
    name: 'transaction.isolation.mode',
    type: 'STRING',
    default: 'DEFAULT',
    validator: oneOf(...ISOLATION_MODES),
    importance: 'LOW',
    doc: 'Isolation level in which tables are read.',
    group: MODE_GROUP,
    orderInGroup: 12,
    width: 'MEDIUM',
    displayName: 'Transaction Isolation Mode',
  })
  .define({
    name: 'query.retry.attempts',
    type: 'INT',
    default: -1,
    importance: 'LOW',
    doc: 'How often a failed query is tried again, one poll interval apart, before the task fails; -1 = for ever, except for statements that cannot become valid (unknown column, no permission): these fail after 3.',
    group: MODE_GROUP,
    orderInGroup: 13,
    width: 'SHORT',
    displayName: 'Query Retry Attempts',
  })
  .define({
    name: 'table.types',
    type: 'LIST',
    default: 'TABLE',
    importance: 'LOW',
    doc: 'Kinds of tables to copy: TABLE, VIEW, PARTITIONED TABLE, MATERIALIZED VIEW, FOREIGN TABLE.',
    group: CONNECTOR,
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Table Types',
  })
  .define({
    name: 'poll.interval.ms',
    type: 'INT',
    default: 5000,
    importance: 'HIGH',
    doc: 'Milliseconds after which a table is asked again.',
    group: CONNECTOR,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Poll Interval (ms)',
  })
  .define({
    name: 'batch.max.rows',
    type: 'INT',
    default: 1000,
    validator: Range.atLeast(1),
    importance: 'LOW',
    doc: 'Rows fetched at a time and records per poll; bounds memory. While one block is sent the next is fetched.',
    group: CONNECTOR,
    orderInGroup: 3,
    width: 'SHORT',
    displayName: 'Max Rows Per Batch',
  })
  .define({
    name: 'max.buffer.size',
    type: 'INT',
    default: 0,
    importance: 'LOW',
    doc: 'Accepted for compatibility; blocks are never buffered beyond one ahead.',
    group: CONNECTOR,
    orderInGroup: 4,
    width: 'SHORT',
    displayName: 'Maximum Buffer Size',
  })
  .define({
    name: 'poll.linger.ms',
    type: 'LONG',
    default: 5000n,
    importance: 'LOW',
    doc: 'Accepted for compatibility; rows are handed over as soon as they are there.',
    group: CONNECTOR,
    orderInGroup: 5,
    width: 'SHORT',
    displayName: 'Poll Linger (ms)',
  })
  .define({
    name: 'table.poll.interval.ms',
    type: 'LONG',
    default: 60_000n,
    importance: 'LOW',
    doc: 'Milliseconds after which new and dropped tables are looked for; the tasks are then planned again.',
    group: CONNECTOR,
    orderInGroup: 6,
    width: 'SHORT',
    displayName: 'Metadata Change Monitoring Interval (ms)',
  })
  .define({
    name: 'table.monitoring.startup.polling.limit.ms',
    type: 'LONG',
    default: 10_000n,
    importance: 'LOW',
    doc: 'Accepted for compatibility: tables are read when tasks are planned, without waiting.',
    group: CONNECTOR,
    orderInGroup: 7,
    width: 'SHORT',
    displayName: 'Table Monitoring Startup Polling Limit (ms)',
  })
  .define({
    name: 'topic.prefix',
    type: 'STRING',
    importance: 'HIGH',
    doc: 'Before the table name in topics; with a query it is the whole topic.',
    group: CONNECTOR,
    orderInGroup: 8,
    width: 'MEDIUM',
    displayName: 'Topic Prefix',
  })
  .define({
    name: 'timestamp.delay.interval.ms',
    type: 'LONG',
    default: 0n,
    importance: 'HIGH',
    doc: 'Rows younger than this are left for later, so that transactions that committed late are not overtaken.',
    group: CONNECTOR,
    orderInGroup: 9,
    width: 'MEDIUM',
    displayName: 'Delay Interval (ms)',
  })
  .define({
    name: 'db.timezone',
    type: 'STRING',
    default: 'UTC',
    validator: TimeZoneName,
    importance: 'MEDIUM',
    doc: 'Time zone of columns that have none.',
    group: CONNECTOR,
    orderInGroup: 10,
    width: 'MEDIUM',
    displayName: 'DB time zone',
  })
  .define({
    name: 'timestamp.granularity',
    type: 'STRING',
    default: 'connect_logical',
    validator: oneOf(...TIMESTAMP_GRANULARITIES),
    importance: 'LOW',
    doc: 'What becomes of timestamp columns: Connect’s Timestamp (milliseconds), or micro- or nanoseconds as int64, as digits, or as ISO text.',
    group: CONNECTOR,
    orderInGroup: 11,
    width: 'MEDIUM',
    displayName: 'Timestamp granularity for timestamp columns',
  });
