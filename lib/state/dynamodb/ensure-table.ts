import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { StateCorruptException, StateUnavailableException } from '../errors.ts';
import { INDEX_KEYS, INDEX_NAME, INDEXED_ATTRIBUTES, TABLE_KEYS } from '../table-shape.ts';
import { toStateError } from './service-errors.ts';

const ACTIVE_POLL_MS = 100;
const ACTIVE_LIMIT_MS = 60_000;

/**
 * Creates the table where there is none (paid per request) and waits until it can be used; checks its shape where there is one. Throws
 * StateCorruptException for another program's table, StateUnavailableException when it does not become active within a minute.
 */
export async function ensureTable(client: DynamoDBClient, name: string): Promise<void> {
  let table = await describe(client, name);
  if (table === null) {
    await create(client, name);
    table = await describe(client, name);
  }
  for (let waitedMs = 0; !isActive(table); waitedMs += ACTIVE_POLL_MS) {
    if (waitedMs >= ACTIVE_LIMIT_MS)
      throw new StateUnavailableException(`table ${name} is ${table?.TableStatus ?? 'absent'} after a minute`);
    await new Promise((resolve) => setTimeout(resolve, ACTIVE_POLL_MS));
    table = await describe(client, name);
  }
  requireShape(name, table as TableDescription);
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | null> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table ?? null;
  } catch (error) {
    if ((error as { name?: string }).name === 'ResourceNotFoundException') return null;
    throw toStateError(error, name, 'describing the table');
  }
}

async function create(client: DynamoDBClient, name: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [TABLE_KEYS, INDEX_KEYS]
          .flatMap((keys) => [keys.partition, keys.sort])
          .map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' })),
        KeySchema: keySchemaOf(TABLE_KEYS),
        GlobalSecondaryIndexes: [
          {
            IndexName: INDEX_NAME,
            KeySchema: keySchemaOf(INDEX_KEYS),
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...INDEXED_ATTRIBUTES] },
          },
        ],
      }),
    );
  } catch (error) {
    // Another worker was faster.
    if ((error as { name?: string }).name === 'ResourceInUseException') return;
    throw toStateError(error, name, 'creating the table');
  }
}

function keySchemaOf(keys: { readonly partition: string; readonly sort: string }): KeySchemaElement[] {
  return [
    { AttributeName: keys.partition, KeyType: 'HASH' },
    { AttributeName: keys.sort, KeyType: 'RANGE' },
  ];
}

function isActive(table: TableDescription | null): boolean {
  return table?.TableStatus === 'ACTIVE' && (table.GlobalSecondaryIndexes ?? []).every((index) => index.IndexStatus === 'ACTIVE');
}

function requireShape(name: string, table: TableDescription): void {
  const index = table.GlobalSecondaryIndexes?.find((one) => one.IndexName === INDEX_NAME);
  const found = {
    keys: keysOf(table),
    [INDEX_NAME]: index === undefined ? 'none' : keysOf(index),
    types: (table.AttributeDefinitions ?? []).every((attribute) => attribute.AttributeType === 'S') ? 'strings' : 'not all strings',
  };
  const carried = index?.Projection?.NonKeyAttributes ?? [];
  const lacking = index?.Projection?.ProjectionType === 'ALL' ? [] : INDEXED_ATTRIBUTES.filter((attribute) => !carried.includes(attribute));
  if (found.keys === 'pk,sk' && found[INDEX_NAME] === 'listing,listingKey' && found.types === 'strings' && lacking.length === 0) return;
  throw new StateCorruptException(
    `table ${name} has another shape than is needed: keys pk,sk, index ${INDEX_NAME} on listing,listingKey, all strings; ` +
      `found keys ${found.keys}, index ${found[INDEX_NAME]}, ${found.types}` +
      `${index !== undefined && lacking.length > 0 ? `, the index lacks ${lacking.join(', ')}` : ''}; name another table or remove this one`,
  );
}

function keysOf(shape: { readonly KeySchema?: readonly { readonly AttributeName?: string; readonly KeyType?: string }[] }): string {
  const keys = [...(shape.KeySchema ?? [])].sort((a, b) => (a.KeyType ?? '').localeCompare(b.KeyType ?? ''));
  return keys.map((key) => key.AttributeName).join(',');
}
