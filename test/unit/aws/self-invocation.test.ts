import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { invokeAsynchronously } from '../../../lib/aws/self-invocation.ts';

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A Lambda that answers with these statuses, one after the other. */
async function lambda(...statuses: number[]) {
  const seen: { url: string | undefined; type: unknown; trace: unknown; body: string }[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ url: request.url, type: request.headers['x-amz-invocation-type'], trace: request.headers['x-amzn-trace-id'], body });
    response.writeHead(statuses.shift() ?? 500).end('{"message":"said so"}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    _X_AMZN_TRACE_ID: 'Root=1-2-3;Lineage=f:1',
  };
  return { seen, env };
}

describe('invokeAsynchronously', () => {
  it('queues an event and passes the trace on', async () => {
    const { seen, env } = await lambda(202);

    await invokeAsynchronously('orders-source', { task: 1, hop: 2 }, env);

    expect(seen).toEqual([
      {
        url: '/2015-03-31/functions/orders-source/invocations',
        type: 'Event',
        trace: 'Root=1-2-3;Lineage=f:1',
        body: '{"task":1,"hop":2}',
      },
    ]);
  });

  it('tries again when the service throttles or fails', async () => {
    const { seen, env } = await lambda(429, 503, 202);

    await invokeAsynchronously('f', {}, env);

    expect(seen).toHaveLength(3);
  });

  it('says what the service answered, and whether a later call may succeed', async () => {
    const refused = await lambda(403);
    await expect(invokeAsynchronously('f', {}, refused.env)).rejects.toMatchObject({
      retriable: false,
      message: 'invoking function f failed: lambda answered 403 {"message":"said so"}',
    });
    const down = { ...refused.env, AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:1' };
    await expect(invokeAsynchronously('f', {}, down)).rejects.toMatchObject({ retriable: true });
    await expect(invokeAsynchronously('f', {}, { AWS_REGION: 'eu-west-1' })).rejects.toMatchObject({ code: 'no-credentials' });
  });
});
