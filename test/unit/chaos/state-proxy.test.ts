import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type HeldWrite, type StateProxy, startStateProxy } from '../../support/chaos/state-proxy.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(
  random: () => number = () => 0.9,
): Promise<{ proxy: StateProxy; asked: string[]; update(body: string): Promise<Response> }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(body);
    response.end(`answer to ${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const proxy = await startStateProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, random);
  closing.push(() => proxy.close());
  const headers = { 'x-amz-target': 'DynamoDB_20120810.UpdateItem' };
  return { proxy, asked, update: (body) => fetch(proxy.endpoint, { method: 'POST', body, headers }) };
}

describe('a way to the table', () => {
  it('passes calls and answers', async () => {
    const { asked, update } = await start();

    expect(await (await update('one')).text()).toBe('answer to one');
    expect(asked).toEqual(['one']);
  });

  it('throttles as DynamoDB does, without the call', async () => {
    const { asked, proxy, update } = await start();
    proxy.faults.throttled = 1;

    const answer = await update('one');

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: expect.stringContaining('#ProvisionedThroughputExceededException') });
    expect(asked).toEqual([]);
  });

  it.each([
    ['before the call', 0.9, []],
    ['after it', 0.1, ['one']],
  ])('cuts the connection %s', async (_when, chance, reached) => {
    const { asked, proxy, update } = await start(() => chance);
    proxy.faults.cut = 1;

    await expect(update('one')).rejects.toThrow();
    expect(asked).toEqual(reached);
  });

  it('holds the next wanted write until it is released, and no other', async () => {
    const { asked, proxy, update } = await start();
    const held = new Promise<HeldWrite>((resolve) => proxy.holdNext({ key: /wanted/, onHeld: resolve }));
    await update('other');
    const late = update('wanted one');
    const write = await held;
    await update('wanted two');
    expect(asked).toEqual(['other', 'wanted two']);

    await write.release();

    expect(await (await late).text()).toBe('answer to wanted one');
    expect(asked).toEqual(['other', 'wanted two', 'wanted one']);
  });
});
