import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StateStores } from '../state-stores.ts';
import { DynamoConfigStore } from './dynamo-config-store.ts';
import { DynamoLeaseStore } from './dynamo-lease-store.ts';
import { DynamoLoggerStore } from './dynamo-logger-store.ts';
import { DynamoOffsetStore } from './dynamo-offset-store.ts';
import { DynamoRestartStore } from './dynamo-restart-store.ts';
import { DynamoStatusStore } from './dynamo-status-store.ts';
import { DynamoTransactionStore } from './dynamo-transaction-store.ts';
import { DynamoWorkerStore } from './dynamo-worker-store.ts';
import { ShardCounts } from './shard-counts.ts';
import { StateTable } from './state-table.ts';

/**
 * All stores over one table, which must exist (`ensureTable`). They hold no connection and nothing that must be closed; what they remember
 * between invocations is proven valid by lease tokens. Close the client when done.
 */
export function createDynamoDbStores(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Unique per write; random by default. */
  readonly newWriteId?: () => string;
}): StateStores {
  const table = new StateTable(options.client, options.table, options.newWriteId ?? (() => randomBytes(9).toString('base64url')));
  const shards = new ShardCounts(table);
  return {
    leases: new DynamoLeaseStore(table),
    offsets: new DynamoOffsetStore(table, shards),
    status: new DynamoStatusStore(table),
    configs: new DynamoConfigStore(table, shards),
    transactions: new DynamoTransactionStore(table),
    restarts: new DynamoRestartStore(table),
    workers: new DynamoWorkerStore(table),
    loggers: new DynamoLoggerStore(table),
  };
}
