import { ConnectException } from '../core/errors.ts';
import { createDynamoDbClient } from '../state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../state/dynamodb/create-dynamodb-stores.ts';
import { ensureTable } from '../state/dynamodb/ensure-table.ts';
import { StateUnavailableException } from '../state/errors.ts';
import type { StateStores } from '../state/state-stores.ts';

/** Which DynamoDB and which table; region and credentials come from the environment where they are not given. */
export interface DynamoDbAt {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly table: string;
}

/** Opens the stores over a table, which is created if absent. Throws ConnectException (`unreachable`) with the endpoint. */
export async function openDynamoDbStores(at: DynamoDbAt, closing: (() => Promise<void>)[]): Promise<StateStores> {
  const { table, ...options } = at;
  const client = createDynamoDbClient(options);
  closing.push(async () => client.destroy());
  try {
    await ensureTable(client, table);
  } catch (error) {
    if (!(error instanceof StateUnavailableException)) throw error;
    throw new ConnectException(
      `the state table ${table} cannot be reached${at.endpoint === undefined ? '' : ` at ${at.endpoint}`}: ${error.message}`,
      {
        cause: error,
        code: 'unreachable',
      },
    );
  }
  return createDynamoDbStores({ client, table });
}
