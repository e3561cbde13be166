import type { ConnectorProps } from '../../../core/connector.ts';
import type { KeptOffset } from '../../../core/sink.ts';
import { topicPartitionKey } from '../../../core/topic-partition.ts';
import type { JdbcClient } from '../client.ts';
import { connectionSettings } from '../connection-config.ts';
import { openClient } from '../open-client.ts';
import { SqlException, wrapped } from '../sql-exception.ts';
import { sinkDialect, sinkSettings } from './sink-settings.ts';
import { WatermarkTable } from './watermark-table.ts';

/** Name of who sets offsets by hand, in the rows. */
const BY_HAND = 'by hand';

/** The offsets in the target; null = as configured it keeps none. Throws ConnectException. */
export async function readKeptOffsets(props: ConnectorProps): Promise<KeptOffset[] | null> {
  return await withTable(props, async (client, table) => {
    const rows = [...(await table.list(client)).values()];
    return rows.filter(({ evidence, nextOffset }) => nextOffset >= 0 || evidence !== '');
  });
}

/** Sets offsets while no task runs. Rows change hands: whoever read them before can write no more. Throws ConnectException. */
export async function writeKeptOffsets(props: ConnectorProps, offsets: readonly KeptOffset[]): Promise<void> {
  await withTable(props, async (client, table) => {
    await table.ensure(client);
    const rows = await table.list(client);
    await client.begin();
    for (const { evidence, nextOffset, partition, topic } of offsets) {
      const before = rows.get(topicPartitionKey(topic, partition)) ?? null;
      const stamp = { generation: before?.generation ?? 0, epoch: (before?.epoch ?? 0) + 1, holder: BY_HAND };
      if (await table.write(client, before, { topic, partition, nextOffset, evidence, ...stamp })) continue;
      await client.rollback();
      throw new SqlException({
        message: `the row of ${topic}-${partition} in ${table} changed at this moment: a task still runs; try again`,
        javaClass: 'java.sql.SQLException',
        sqlState: null,
        outage: true,
      });
    }
    await client.commit();
  });
}

async function withTable<T>(props: ConnectorProps, work: (client: JdbcClient, table: WatermarkTable) => Promise<T>): Promise<T | null> {
  const settings = sinkSettings(props);
  if (settings.watermarkTable === null) return null;
  try {
    const client = await openClient(connectionSettings(settings.config, null));
    try {
      return await work(client, new WatermarkTable(sinkDialect(settings), settings.connectorName, settings.watermarkTable));
    } finally {
      await client.close();
    }
  } catch (error) {
    throw error instanceof SqlException ? wrapped(error) : error;
  }
}
