import type { ConnectorProps } from '../../../core/connector.ts';
import type { JdbcClient } from '../client.ts';
import { connectionSettings } from '../connection-config.ts';
import type { TableDefinition } from '../dialects/dialect.ts';
import { openClient } from '../open-client.ts';
import { sourceConfigDef } from '../source-config.ts';
import { messageName } from '../table-id.ts';
import type { Findings } from '../validation.ts';
import { SAFE_READS, safeReads } from './safe-reads-keys.ts';
import { customQuery, sourceDialect } from './source-settings.ts';
import { selectTables } from './table-selection.ts';

/** Columns by which safe reads would not be safe, named with their table; asked of the database once everything else is in order. */
export async function validateSafeReads(findings: Findings, props: ConnectorProps): Promise<void> {
  if (!safeReads(props)) return;
  if (props.mode === 'bulk') return findings.add(`mode=bulk reads every row each time; remove ${SAFE_READS}`, 'mode');
  if (!findings.isClean) return;
  const config = sourceConfigDef.parse(props);
  if (customQuery(config) !== '') return;
  const dialect = sourceDialect(config);
  let client: JdbcClient | null = null;
  try {
    client = await openClient(connectionSettings(config, null));
    const incrementing = props.mode === 'timestamp' ? '' : config.getText('incrementing.column.name');
    for (const table of await selectTables(client, dialect, config)) {
      const definition = await dialect.describeTable(client, table, config.getList('table.types'));
      if (definition === null) continue;
      const name = messageName(table);
      for (const problem of idProblems(definition, incrementing)) findings.add(`${name}: ${problem}`, 'incrementing.column.name');
      const times = props.mode === 'incrementing' ? [] : config.getList('timestamp.column.name');
      for (const time of times) {
        if (columnOf(definition, time)?.nullable !== true) continue;
        findings.add(`${name}: ${time} may be null, and rows without a time are never read; make it NOT NULL`, 'timestamp.column.name');
      }
    }
  } catch (error) {
    findings.add(`the tables cannot be checked for ${SAFE_READS}: ${(error as Error).message}`, 'mode');
  } finally {
    await client?.close();
  }
}

function idProblems(definition: TableDefinition, incrementing: string): string[] {
  const column = columnOf(definition, incrementing);
  if (column === undefined || definition.type !== 'TABLE') return [];
  if (column.nullable) return [`${incrementing} may be null; make it NOT NULL`];
  if (column.autoIncrement) return [];
  return [
    `${incrementing} is not numbered by the database, so a lower id may come after a higher one was read, which ${SAFE_READS} cannot see; use an identity, sequence or AUTO_INCREMENT column, or a timestamp mode`,
  ];
}

function columnOf({ columns }: TableDefinition, name: string) {
  return [...columns.values()].find((column) => column.name.toLowerCase() === name.toLowerCase());
}
