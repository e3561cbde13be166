import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { CalendarSystem } from '../calendar.ts';
import { CONNECTION_URL, DIALECT_NAME } from '../connection-config.ts';
import { chooseDialect } from '../dialects/choose-dialect.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { type InsertMode, type PrimaryKeyMode, sinkConfigDef } from '../sink-config.ts';
import type { SqlSettings } from '../sql-settings.ts';
import type { QuoteMode } from '../table-id.ts';
import { timeZone } from '../time-zone.ts';
import { leaseMs, watermarkTableName } from './watermark-key.ts';

/** A sink's configuration, typed. */
export interface SinkSettings {
  readonly config: ParsedConfig;
  /** For messages. */
  readonly connectorName: string;
  readonly insertMode: InsertMode;
  readonly primaryKeyMode: PrimaryKeyMode;
  readonly primaryKeyFields: readonly string[];
  readonly fieldsWhitelist: ReadonlySet<string>;
  readonly timestampFields: ReadonlySet<string>;
  readonly stringColumn: string;
  readonly deleteEnabled: boolean;
  readonly replaceNullWithDefault: boolean;
  readonly autoCreate: boolean;
  readonly autoEvolve: boolean;
  readonly batchSize: number;
  readonly maxRetries: number;
  readonly retryBackoffMs: number;
  readonly tableNameFormat: string;
  readonly tableTypes: readonly string[];
  /** `lambda.jdbc.watermark.table`; null = the target keeps no offsets. */
  readonly watermarkTable: string | null;
  /** `lambda.lease.ms`: after it a process that stands still has lost its task. */
  readonly leaseMs: number;
  readonly sql: SqlSettings;
}

/** Throws ConfigException. */
export function sinkSettings(props: Readonly<Record<string, string>>): SinkSettings {
  const config = sinkConfigDef.parse(props);
  const zone = timeZone(config.getText('db.timezone'));
  const timestampFields = new Set(config.getList('timestamp.fields.list'));
  return {
    config,
    connectorName: props.name ?? '',
    insertMode: config.getText('insert.mode').toLowerCase() as InsertMode,
    primaryKeyMode: config.getText('pk.mode').toLowerCase() as PrimaryKeyMode,
    primaryKeyFields: config.getList('pk.fields'),
    fieldsWhitelist: new Set(config.getList('fields.whitelist')),
    timestampFields,
    stringColumn: config.getText('string.output.value.column.name'),
    deleteEnabled: config.getBoolean('delete.enabled'),
    replaceNullWithDefault: config.getBoolean('replace.null.with.default'),
    autoCreate: config.getBoolean('auto.create'),
    autoEvolve: config.getBoolean('auto.evolve'),
    batchSize: config.getNumber('batch.size'),
    maxRetries: config.getNumber('max.retries'),
    retryBackoffMs: config.getNumber('retry.backoff.ms'),
    tableNameFormat: config.getText('table.name.format'),
    tableTypes: config.getList('table.types').map((type) => type.toUpperCase()),
    watermarkTable: watermarkTableName(props),
    leaseMs: leaseMs(props),
    sql: {
      quote: config.getText('quote.sql.identifiers').toLowerCase() as QuoteMode,
      zone,
      dateZone: config.getText('date.timezone').toUpperCase() === 'UTC' ? timeZone('UTC') : zone,
      calendar: config.getText('date.calendar.system').toUpperCase() as CalendarSystem,
      timestampFields,
      timestampPrecision: config.getText('timestamp.precision.mode').toLowerCase() as SqlSettings['timestampPrecision'],
    },
  };
}

/** Throws SqlException for a URL without client. */
export function sinkDialect({ config, sql }: SinkSettings): Dialect {
  return chooseDialect(config.getText(CONNECTION_URL), config.getText(DIALECT_NAME), sql);
}
