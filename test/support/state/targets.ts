import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type LocalDynamoDb, startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { createDynamoDbClient } from '../../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { ensureTable } from '../../../lib/state/dynamodb/ensure-table.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { MemoryState } from '../../../lib/state/memory/memory-state.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { startDynamoDbLocal } from '../dynamodb-local/start-dynamodb-local.ts';

/** One state, as several processes see it. */
export interface StateTarget {
  /** Stores of one more process. */
  open(): StateStores;
  close(): Promise<void>;
}

/** A state over DynamoDB's protocol. */
export interface DynamoTarget extends StateTarget {
  readonly table: string;
  readonly client: DynamoDBClient;
}

export async function memoryTarget(): Promise<StateTarget> {
  const state = new MemoryState();
  return { open: () => createMemoryStores(state), close: async () => undefined };
}

/** dynalite in memory. */
export async function dynaliteTarget(): Promise<DynamoTarget> {
  return over(await startDynamoDb());
}

/** dynalite in a folder of its own. */
export async function dynaliteDiskTarget(): Promise<DynamoTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'serverless-connect-state-'));
  const target = await over(await startDynamoDb({ dir }));
  return {
    ...target,
    close: async () => {
      await target.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** AWS's DynamoDB Local; ask `dynamoDbLocalUnavailable()` before. */
export async function dynamoDbLocalTarget(): Promise<DynamoTarget> {
  return over(await startDynamoDbLocal());
}

async function over(db: LocalDynamoDb): Promise<DynamoTarget> {
  const client = createDynamoDbClient(db);
  const table = 'state';
  await ensureTable(client, table);
  return {
    table,
    client,
    open: () => createDynamoDbStores({ client, table }),
    close: async () => {
      client.destroy();
      await db.close();
    },
  };
}

/** What one more client of the same state needs. */
export async function connectionOf(target: DynamoTarget) {
  const endpoint = await target.client.config.endpoint?.();
  const { accessKeyId, secretAccessKey } = await target.client.config.credentials();
  return {
    endpoint: `${endpoint?.protocol}//${endpoint?.hostname}:${endpoint?.port}`,
    region: 'local',
    credentials: { accessKeyId, secretAccessKey },
  };
}
