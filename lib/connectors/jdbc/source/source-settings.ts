import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { CalendarSystem } from '../calendar.ts';
import { CONNECTION_URL, DIALECT_NAME } from '../connection-config.ts';
import { chooseDialect } from '../dialects/choose-dialect.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { NumericMapping, TimestampGranularity } from '../source-config.ts';
import type { QuoteMode } from '../table-id.ts';
import { timeZone } from '../time-zone.ts';
import type { RowSettings } from './row-schema.ts';

/** What of a source's configuration concerns the meaning of rows. */
export function rowSettings(config: ParsedConfig): RowSettings {
  const zone = timeZone(config.getText('db.timezone'));
  return {
    quote: config.getText('quote.sql.identifiers').toLowerCase() as QuoteMode,
    zone,
    dateZone: zone,
    calendar: config.getText('date.calendar.system').toUpperCase() as CalendarSystem,
    timestampFields: new Set(),
    timestampPrecision: 'microseconds',
    numericMapping: numericMapping(config),
    granularity: config.getText('timestamp.granularity').toLowerCase() as TimestampGranularity,
  };
}

function numericMapping(config: ParsedConfig): NumericMapping {
  const mapping = config.getString('numeric.mapping');
  if (mapping !== null) return mapping.toLowerCase() as NumericMapping;
  return config.getBoolean('numeric.precision.mapping') ? 'precision_only' : 'none';
}

/** Throws SqlException for a URL without client. */
export function sourceDialect(config: ParsedConfig): Dialect {
  return chooseDialect(config.getText(CONNECTION_URL), config.getText(DIALECT_NAME), rowSettings(config));
}

/** The custom query, from either key; '' = tables are copied. */
export function customQuery(config: ParsedConfig): string {
  return config.getText('query') || (config.getPassword('query.masked')?.reveal() ?? '');
}

/** `transaction.isolation.mode`; null = the database's own. */
export function isolationOf(config: ParsedConfig): string | null {
  const mode = config.getText('transaction.isolation.mode').toUpperCase();
  return mode === 'DEFAULT' ? null : mode;
}
