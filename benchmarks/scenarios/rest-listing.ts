import { startDynamoDb } from '../../lib/local/dynamodb/start-dynamodb.ts';
import { createRestApi } from '../../lib/rest/routes.ts';
import { createDynamoDbClient } from '../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { ensureTable } from '../../lib/state/dynamodb/ensure-table.ts';
import { readingDeps, writeConnectors } from '../../test/support/rest/listed-connectors.ts';

const CONNECTORS = 500;
const REQUESTS = 200;

/** `GET /connectors?expand=status` on the embedded DynamoDB, in this process. */
export async function restListingScenario(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { close, ...at } = await startDynamoDb();
  const client = createDynamoDbClient(at);
  try {
    await ensureTable(client, 'bench');
    const stores = createDynamoDbStores({ client, table: 'bench' });
    await writeConnectors(stores, CONNECTORS);
    const handle = createRestApi(readingDeps(stores));
    const request = { method: 'GET', path: '/connectors', query: 'expand=status', headers: {}, body: '' };
    await handle(request);
    const times: number[] = [];
    for (let at = 0; at < REQUESTS; at++) {
      const began = performance.now();
      await handle(request);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const quantile = (share: number) => Math.round((times[Math.ceil(share * times.length) - 1] as number) * 10) / 10;
    return [{ connectors: CONNECTORS, requests: REQUESTS, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }];
  } finally {
    client.destroy();
    await close();
  }
}
