import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createRestApi } from '../../../lib/rest/routes.ts';
import { readingDeps, writeConnectors } from '../../support/rest/listed-connectors.ts';
import { dynaliteTarget } from '../../support/state/targets.ts';

const CONNECTORS = 60;

function countCalls(client: DynamoDBClient): string[] {
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      calls.push(context.commandName ?? '');
      return next(args);
    },
    { step: 'initialize', name: 'countCalls' },
  );
  return calls;
}

it('reads the statuses of all connectors with one query of the connectors and one of the tasks', async () => {
  const target = await dynaliteTarget();
  try {
    const stores = target.open();
    await writeConnectors(stores, CONNECTORS);
    const handle = createRestApi(readingDeps(stores));
    const request = { method: 'GET', path: '/connectors', query: 'expand=status', headers: {}, body: '' };
    // The first answer reads each configuration once.
    await handle(request);
    const calls = countCalls(target.client);
    const { body, status } = await handle(request);
    expect(status).toBe(200);
    const answer = JSON.parse(body ?? '') as Record<string, { status: { name: string } }>;
    expect(Object.keys(answer)).toHaveLength(CONNECTORS);
    expect(answer['connector-0007']?.status).toEqual({
      name: 'connector-0007',
      connector: { state: 'RUNNING', worker_id: 'host:8083', version: '4.3.0' },
      tasks: [{ id: 0, state: 'RUNNING', worker_id: 'host:8083', version: '4.3.0' }],
      type: 'source',
    });
    expect(calls).toEqual(['QueryCommand', 'QueryCommand']);
  } finally {
    await target.close();
  }
});
