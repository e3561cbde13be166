import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionDefinition } from '../../../lib/local/lambda-host/execution-environment.ts';
import { createLambdaHost, type LambdaHost, type LambdaHostOptions } from '../../../lib/local/lambda-host/lambda-host.ts';

const ECHO = `let calls = 0; exports.handler = async (event, context) => ({ event, calls: ++calls, name: context.functionName, greeting: process.env.GREETING });`;
const open: { host: LambdaHost; dir: string }[] = [];

afterEach(async () => {
  for (const { host, dir } of open.splice(0)) {
    await host.close();
    await rm(dir, { recursive: true });
  }
});

async function hostOf(code: string, options: LambdaHostOptions = {}, definition: Partial<FunctionDefinition> = {}): Promise<LambdaHost> {
  const dir = await mkdtemp(join(tmpdir(), 'lambda-host-'));
  await writeFile(join(dir, 'package.json'), '{"type":"commonjs"}');
  await writeFile(join(dir, 'index.js'), code);
  const host = await createLambdaHost(options);
  open.push({ host, dir });
  await host.deploy({
    name: 'f',
    bundleDir: dir,
    handler: 'index.handler',
    env: { GREETING: 'hello' },
    timeoutMs: 3000,
    memoryMb: 128,
    ...definition,
  });
  return host;
}

describe.each(['worker', 'process'] as const)('Lambda host (%s)', (mode) => {
  it('keeps the state of a warm environment and bills the init', async () => {
    const host = await hostOf(ECHO, { mode });

    const cold = await host.invoke('f', { a: 1 });
    const warm = await host.invoke('f', { a: 2 });

    expect(JSON.parse(cold.payload)).toEqual({ event: { a: 1 }, calls: 1, name: 'f', greeting: 'hello' });
    expect(JSON.parse(warm.payload)).toMatchObject({ event: { a: 2 }, calls: 2 });
    expect([cold.coldStart, warm.coldStart]).toEqual([true, false]);
    expect(cold.billedMs).toBeGreaterThanOrEqual(Math.floor(cold.initMs));
    expect(host.stats('f')).toMatchObject({ invocations: 2, coldStarts: 1, errors: 0, billedMs: cold.billedMs + warm.billedMs });
  });

  it('starts cold again after recycle, without the variables of this process', async () => {
    process.env.LEAKED_INTO_FUNCTION = 'yes';
    const host = await hostOf(`let n = 0; exports.handler = async () => [++n, process.env.LEAKED_INTO_FUNCTION ?? null];`, { mode });

    await host.invoke('f', {});
    await host.recycle('f');
    const again = await host.invoke('f', {});
    delete process.env.LEAKED_INTO_FUNCTION;

    expect(again.payload).toBe('[1,null]');
    expect(host.stats('f').coldStarts).toBe(2);
  });

  it('answers the error of a handler and stays warm', async () => {
    const host = await hostOf(`exports.handler = async () => { throw new TypeError('no such thing'); };`, { mode });

    const result = await host.invoke('f', {});

    expect(result.functionError).toBe('Unhandled');
    expect(JSON.parse(result.payload)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such thing' });
    expect((await host.invoke('f', {})).coldStart).toBe(false);
  });

  it('answers a bundle that cannot be loaded', async () => {
    const host = await hostOf(`throw new Error('broken at load');`, { mode });

    const result = await host.invoke('f', {});

    expect(JSON.parse(result.payload).errorMessage).toContain('broken at load');
    expect(result.functionError).toBe('Unhandled');
  });

  it('kills at the timeout and tells the handler its remaining time', async () => {
    const host = await hostOf(
      `exports.handler = async (e, c) => { console.log(c.getRemainingTimeInMillis()); for (;;) {} };`,
      { mode },
      { timeoutMs: 300 },
    );

    const result = await host.invoke('f', {});

    expect(JSON.parse(result.payload)).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(result.payload).toContain('Task timed out after 0.30 seconds');
    expect(Number(result.logs[0])).toBeGreaterThan(0);
    expect(Number(result.logs[0])).toBeLessThanOrEqual(300);
    expect(host.stats('f')).toMatchObject({ timeouts: 1, errors: 1 });
    expect((await host.invoke('f', {})).coldStart).toBe(true);
  });

  it('kills half-way on request', async () => {
    const host = await hostOf(`exports.handler = () => new Promise((r) => setTimeout(r, 60000));`, { mode }, { timeoutMs: 60_000 });

    const invocation = host.invoke('f', {});
    while ((await host.kill('f')) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const result = await invocation;

    expect(JSON.parse(result.payload).errorType).toBe('Runtime.ExitError');
    expect(host.stats('f').kills).toBe(1);
  });

  it('reports process.exit and running out of memory as the end of the environment', async () => {
    const host = await hostOf(
      `exports.handler = async (e) => { if (e.exit) process.exit(3); const hoard = []; for (;;) hoard.push(new Array(1e5).fill({}).map(() => ({}))); };`,
      { mode },
      { memoryMb: 32, timeoutMs: 20_000 },
    );

    expect(JSON.parse((await host.invoke('f', { exit: true })).payload).errorType).toBe('Runtime.ExitError');
    expect(JSON.parse((await host.invoke('f', {})).payload).errorType).toBe('Runtime.OutOfMemory');
  });

  it('stands still between two events', async () => {
    const host = await hostOf(
      `let ticks = 0; setInterval(() => ticks++, 5).unref(); exports.handler = async () => { await new Promise((r) => setTimeout(r, 30)); return ticks; };`,
      { mode },
    );

    const before = Number((await host.invoke('f', {})).payload);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = Number((await host.invoke('f', {})).payload);

    expect(before).toBeGreaterThan(0);
    expect(after - before).toBeLessThan(30);
  });

  it('freezes and thaws in the middle of an event', async () => {
    const host = await hostOf(
      `exports.handler = async () => { let longest = 0, last = Date.now(); for (let i = 0; i < 40; i++) { await new Promise((r) => setTimeout(r, 10)); longest = Math.max(longest, Date.now() - last); last = Date.now(); } return longest; };`,
      { mode },
      { timeoutMs: 10_000 },
    );
    await host.invoke('f', {});

    const invocation = host.invoke('f', {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    host.freeze('f');
    await new Promise((resolve) => setTimeout(resolve, 400));
    host.thaw('f');

    expect(Number((await invocation).payload)).toBeGreaterThanOrEqual(350);
  });

  it('finds what a handler left open, idle sockets excepted', async () => {
    const leaky = await hostOf(`exports.handler = async () => { setTimeout(() => {}, 10000); return 1; };`, { mode, strict: true });
    const tidy = await hostOf(
      `const http = require('node:http'); const agent = new http.Agent({ keepAlive: true });
       exports.handler = (e) => new Promise((ok, no) => http.get({ port: e.port, host: '127.0.0.1', agent }, (r) => { r.resume(); r.on('end', () => ok(r.statusCode)); }).on('error', no));`,
      { mode, strict: true },
    );

    const leaked = await leaky.invoke('f', {});
    const clean = await tidy.invoke('f', { port: new URL(tidy.endpoint).port });

    expect(JSON.parse(leaked.payload).errorType).toBe('LambdaHost.OpenHandles');
    expect(leaky.stats('f').openHandles).toEqual({ Timeout: 1 });
    expect(clean).toMatchObject({ payload: '404', functionError: null, openHandles: [] });
  });

  it('carries the lines of a function with their invocation', async () => {
    const lines: string[] = [];
    const host = await hostOf(
      `console.log('init'); exports.handler = async (e) => { for (let i = 0; i < 50; i++) console.log(e.n + ':' + i); };`,
      {
        mode,
        onLog: (entry) => lines.push(entry.line),
      },
    );

    await host.invoke('f', { n: 'a' });
    const second = await host.invoke('f', { n: 'b' });
    await host.close();

    expect(lines).toEqual(['init', ...Array.from({ length: 50 }, (_, i) => `a:${i}`), ...Array.from({ length: 50 }, (_, i) => `b:${i}`)]);
    if (mode === 'worker') expect(second.logs).toHaveLength(50);
  });
});

describe('Lambda host', () => {
  const client = (host: LambdaHost): LambdaClient =>
    new LambdaClient({
      endpoint: host.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    });

  it('serves the SDK: synchronous, asynchronous, unknown function', async () => {
    const host = await hostOf(ECHO);
    const lambda = client(host);

    const sync = await lambda.send(new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify({ a: 1 }) }));
    const event = await lambda.send(
      new InvokeCommand({ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:f', InvocationType: 'Event' }),
    );
    await host.drain();

    expect(JSON.parse(Buffer.from(sync.Payload ?? []).toString())).toMatchObject({ event: { a: 1 } });
    expect(event.StatusCode).toBe(202);
    expect(host.stats('f').invocations).toBe(2);
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'g' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('throttles beyond the reserved concurrency and queues asynchronous events', async () => {
    const host = await hostOf(`exports.handler = () => new Promise((r) => setTimeout(r, 100));`, {}, { reservedConcurrency: 1 });

    const first = host.invoke('f', {});
    await expect(host.invoke('f', {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    await host.invokeAsync('f', {});
    await host.invokeAsync('f', {});
    await first;
    await host.drain();

    expect(host.stats('f')).toMatchObject({ invocations: 3, throttles: 1, coldStarts: 1, dropped: 0 });
  });

  it('drops an asynchronous event that waited too long, and retries a failed one only when told to', async () => {
    const host = await hostOf(
      `exports.handler = async (e) => { if (e.fail) throw new Error('no'); await new Promise((r) => setTimeout(r, 150)); };`,
      {},
      {
        reservedConcurrency: 1,
        maxEventAgeMs: 50,
        asyncRetries: 1,
      },
    );

    await host.invokeAsync('f', {});
    await host.invokeAsync('f', {});
    await host.drain();
    expect(host.stats('f')).toMatchObject({ invocations: 1, dropped: 1 });

    await host.invokeAsync('f', { fail: true });
    await host.drain();
    expect(host.stats('f')).toMatchObject({ invocations: 3, dropped: 2 });
  });

  it.each([
    ['Terminate', 16],
    ['Allow', 30],
  ] as const)('lets a function invoke itself (%s: %i times)', async (recursiveLoop, expected) => {
    // The header is what the SDK's recursion middleware sends.
    const host = await hostOf(
      `exports.handler = async (e) => { if (e.hop < 30) await fetch(process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/f/invocations', {
         method: 'POST', body: JSON.stringify({ hop: e.hop + 1 }), headers: { 'x-amz-invocation-type': 'Event', 'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID } }); };`,
      {},
      { recursiveLoop },
    );

    await host.invokeAsync('f', { hop: 1 });
    await host.drain();

    expect(host.stats('f').invocations).toBe(expected);
  });
});
