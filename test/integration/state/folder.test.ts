/** dynalite on disk, as standalone mode uses it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { createDynamoDbClient } from '../../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { ensureTable } from '../../../lib/state/dynamodb/ensure-table.ts';

const root = join(import.meta.dirname, '../../..');

describe('the embedded DynamoDB on disk', () => {
  let dir: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serverless-connect-folder-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  /** Another process that owns the folder and commits offsets 1, 2, 3, … printing each when it is committed. */
  async function startWriter(): Promise<AsyncIterator<string>> {
    const script = `
      import { startDynamoDb } from '${root}/lib/local/dynamodb/start-dynamodb.ts';
      import { createDynamoDbClient } from '${root}/lib/state/dynamodb/create-client.ts';
      import { createDynamoDbStores } from '${root}/lib/state/dynamodb/create-dynamodb-stores.ts';
      import { ensureTable } from '${root}/lib/state/dynamodb/ensure-table.ts';
      const client = createDynamoDbClient(await startDynamoDb({ dir: process.argv[1] }));
      await ensureTable(client, 'state');
      const { leases, offsets } = createDynamoDbStores({ client, table: 'state' });
      const { acquired } = await leases.acquire({ connector: 'c', task: 0, owner: 'o', generation: 1, leaseMs: 1000, nowMs: 0 });
      for (let id = 1; ; id++) {
        await offsets.commit(acquired, [{ partition: { table: 't' }, offset: { id } }]);
        console.log(id);
      }`;
    child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    return createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  it('refuses a folder that another process works in, and names that process', async () => {
    const lines = await startWriter();
    await lines.next();
    await expect(startDynamoDb({ dir })).rejects.toThrow(
      `state folder ${dir} is in use by process ${child?.pid}; end that one or name another`,
    );
    await expect(startDynamoDb({ dir })).rejects.toMatchObject({ code: 'state-in-use' });
  });

  it('has every committed offset after kill -9 of its process', async () => {
    const lines = await startWriter();
    let committed = 0;
    while (committed < 50) committed = Number((await lines.next()).value);
    child?.kill('SIGKILL');
    await once(child as ChildProcess, 'exit');
    for (let next = await lines.next(); !next.done; next = await lines.next()) committed = Number(next.value);

    const db = await startDynamoDb({ dir });
    const client = createDynamoDbClient(db);
    await ensureTable(client, 'state');
    const [stored] = await createDynamoDbStores({ client, table: 'state' }).offsets.list('c');
    expect(Number(stored?.offset?.id)).toBeGreaterThanOrEqual(committed);
    client.destroy();
    await db.close();
  });

  it('refuses a folder that cannot be a folder', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, 'x');
    await expect(startDynamoDb({ dir: file })).rejects.toThrow();
  });

  it('outlives a client that goes away before it was answered', async () => {
    const db = await startDynamoDb();
    const client = createDynamoDbClient(db);
    await ensureTable(client, 'state');
    const body = JSON.stringify({ TableName: 'state', Key: { pk: { S: 'a' }, sk: { S: 'b' } } });
    const gone = Array.from({ length: 20 }, async (_, at) => {
      const signal = AbortSignal.timeout(at % 5);
      await fetch(db.endpoint, { method: 'POST', body, signal, headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' } }).catch(
        () => undefined,
      );
    });
    await Promise.all(gone);
    expect(await createDynamoDbStores({ client, table: 'state' }).configs.connector('c')).toBeNull();
    client.destroy();
    await db.close();
  });
});
