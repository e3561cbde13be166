import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLambdaTriggers } from '../../../lib/aws/lambda-triggers.ts';
import type { Clock } from '../../../lib/core/clock.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: string;
  readonly signed: boolean;
}

let server: Server;
let seen: Seen[];

/** A Lambda that answers with these, in order; the last one for ever. */
async function lambda(...answers: { status: number; body?: string }[]) {
  seen = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method, url } = request;
    seen.push({ method, url, body: Buffer.concat(chunks).toString(), signed: /Signature=/.test(request.headers.authorization ?? '') });
    const { status, body = '{}' } = answers[Math.min(seen.length, answers.length) - 1] as { status: number; body?: string };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
  const env = {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  return createLambdaTriggers(env, clock);
}

afterEach(() => new Promise((resolve) => server.close(resolve)));

const PATH = '/2015-03-31/event-source-mappings/0b-1';

describe('the triggers of a deployment', () => {
  it('tick a function by an asynchronous invocation', async () => {
    const triggers = await lambda({ status: 202 });
    await triggers.tick('orders-orders-source', { restart: true });
    expect(seen).toEqual([
      { method: 'POST', url: '/2015-03-31/functions/orders-orders-source/invocations', body: '{"restart":true}', signed: true },
    ]);
  });

  it('enable and disable a mapping', async () => {
    const triggers = await lambda({ status: 202 });
    await triggers.disable('0b-1');
    await triggers.enable('0b-1');
    expect(seen).toEqual([
      { method: 'PUT', url: PATH, body: '{"Enabled":false}', signed: true },
      { method: 'PUT', url: PATH, body: '{"Enabled":true}', signed: true },
    ]);
  });

  it('wait while the mapping is being changed', async () => {
    const busy = { status: 400, body: '{"__type":"ResourceInUseException","message":"Cannot update the event source mapping"}' };
    const triggers = await lambda(busy, busy, { status: 202 });
    await triggers.enable('0b-1');
    expect(seen).toHaveLength(3);
  });

  it('give up on one that stays so, and at once on a refusal', async () => {
    const triggers = await lambda({ status: 409, body: 'ResourceConflictException' });
    await expect(triggers.disable('0b-1')).rejects.toThrow(/disabling event source mapping 0b-1 failed: lambda answered 409/);
    await new Promise((resolve) => server.close(resolve));
    const refusing = await lambda({ status: 403, body: 'AccessDeniedException' });
    await expect(refusing.disable('0b-1')).rejects.toThrow(/403/);
    expect(seen).toHaveLength(1);
  });
});
