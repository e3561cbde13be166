import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import { JavaPattern } from '../../../core/java/regex.ts';
import { sourceConfigDef } from '../source-config.ts';
import { checkConnection, Findings } from '../validation.ts';
import { ColumnMapping } from './column-mapping.ts';
import { validateSafeReads } from './validate-safe-reads.ts';

const LEGACY_KEYS = ['table.whitelist', 'table.blacklist', 'timestamp.column.name', 'incrementing.column.name'] as const;
const NEW_KEYS = ['table.include.list', 'table.exclude.list', 'timestamp.columns.mapping', 'incrementing.column.mapping'] as const;
const LISTS = ['table.whitelist', 'table.blacklist', 'table.include.list', 'table.exclude.list'] as const;

/** Rules between the keys of a source, with Confluent's texts; at last the connection is tried. */
export async function validateSource(props: ConnectorProps): Promise<ConfigValidation> {
  const findings = new Findings(sourceConfigDef, props);
  const set = (name: string): boolean => (props[name] ?? '').trim() !== '';
  const query = (props.query ?? '').trim() || (props['query.masked'] ?? '').trim();
  if (query !== '') validateQuery(findings, props, query, set);
  validateApproach(findings, set);
  validatePatterns(findings, props, set);
  if ((props['transaction.isolation.mode'] ?? '').toUpperCase() === 'SQL_SERVER_SNAPSHOT') {
    findings.add('Isolation mode of `SQL_SERVER_SNAPSHOT` can only be configured with a Sql Server Dialect', 'transaction.isolation.mode');
  }
  await checkConnection(findings, sourceConfigDef, props);
  await validateSafeReads(findings, props);
  return findings.answer();
}

function validateQuery(findings: Findings, props: ConnectorProps, query: string, set: (name: string) => boolean): void {
  const key = set('query') ? 'query' : 'query.masked';
  if (set('query') && set('query.masked'))
    findings.add("Both 'query' and 'query.masked' configs cannot be set at the same time.", 'query', 'query.masked');
  if (!/^select\b/i.test(query)) {
    findings.add("Only SELECT statements are supported for 'query'. Please provide a statement that starts with SELECT.", key);
  }
  const lists = LISTS.filter(set);
  if (lists.length > 0) {
    const message =
      "Do not specify table filtering configs with 'query'. Remove table.whitelist / table.blacklist / table.include.list / " +
      "table.exclude.list when using query mode or 'query' when using table filtering mode.";
    findings.add(message, 'query', 'query.masked', ...lists);
  }
  if (/incrementing/.test(props.mode ?? '') && !set('incrementing.column.name')) {
    findings.add(
      "'incrementing.column.name' must be provided when using mode 'incrementing' or 'timestamp+incrementing' with a custom query. The " +
        'incrementing column cannot be auto-discovered in query mode because there is no table to inspect. Note that ' +
        "'incrementing.column.mapping' is not applied in query mode (it maps columns by table-name regex, and a custom query has no underlying " +
        "table to match), so 'incrementing.column.name' must be set explicitly.",
      'incrementing.column.name',
    );
  }
}

function validateApproach(findings: Findings, set: (name: string) => boolean): void {
  const legacy = LEGACY_KEYS.filter(set);
  const modern = NEW_KEYS.filter(set);
  if (legacy.length > 0 && modern.length > 0) {
    const message =
      'Cannot mix legacy and new configuration approaches. Legacy configurations (table.whitelist, table.blacklist, timestamp.column.name, ' +
      'incrementing.column.name) cannot be used together with new configurations (table.include.list, table.exclude.list, ' +
      'timestamp.columns.mapping, incrementing.column.mapping). Please choose one approach: either use all legacy configurations or all new configurations.';
    findings.add(message, ...legacy, ...modern);
  }
  if (set('table.exclude.list') && !set('table.include.list')) {
    findings.add(
      'table.exclude.list cannot be used without table.include.list. Exclude list only applies to tables that match the include list.',
      'table.exclude.list',
    );
  }
}

function validatePatterns(findings: Findings, props: ConnectorProps, set: (name: string) => boolean): void {
  const attempt = (name: string, check: (entries: string[]) => void): void => {
    if (!set(name)) return;
    try {
      check(props[name]!.split(/\s*,\s*/));
    } catch (error) {
      findings.add(`Invalid value ${props[name]} for configuration ${name}: ${(error as Error).message}`, name);
    }
  };
  const patterns = (entries: string[]): void => {
    for (const entry of entries) new JavaPattern(entry);
  };
  attempt('table.include.list', patterns);
  attempt('table.exclude.list', patterns);
  attempt('incrementing.column.mapping', (entries) => new ColumnMapping(entries, 'incrementing'));
  attempt('timestamp.columns.mapping', (entries) => new ColumnMapping(entries, 'timestamp'));
}
