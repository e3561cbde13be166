import type { Schema } from '../../../core/data/schema.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import type { JdbcClient } from '../client.ts';
import { sinkFields } from './sink-fields.ts';
import type { SinkSettings } from './sink-settings.ts';
import type { TargetTables } from './target-tables.ts';

interface Schemas {
  readonly key: Schema | null;
  readonly value: Schema | null;
}

/**
 * Creates and grows the tables that a batch needs, before the transaction of its records: with it MySQL would commit what was written so far. Walks the records
 * as they are written; where every table is known as it must be, no statement is sent.
 */
export async function prepareTables(
  client: JdbcClient,
  settings: SinkSettings,
  tables: TargetTables,
  records: readonly SinkRecord[],
): Promise<void> {
  const seen = new Map<string, Schemas>();
  for (const { keySchema, topic, valueSchema } of records) {
    const before = seen.get(topic);
    const schemas: Schemas = { key: keySchema, value: valueSchema ?? before?.value ?? null };
    if (before !== undefined && same(before.key, schemas.key) && same(before.value, schemas.value)) continue;
    seen.set(topic, schemas);
    const table = await tables.tableOf(client, topic);
    const { all } = sinkFields(table.table, settings, schemas.key, schemas.value);
    if (!tables.covers(table, all)) {
      await client.begin();
      try {
        await tables.ensure(client, table, all);
        await client.commit();
      } catch (error) {
        await client.rollback().catch(() => undefined);
        throw error;
      }
    }
    await tables.requireTransactions(client, table);
  }
}

function same(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a?.equals(b) ?? false);
}
