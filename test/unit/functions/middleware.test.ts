import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import middy from '@middy/core';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { abortAtDeadline, type InvocationContext } from '../../../functions/middleware/abort-at-deadline.ts';
import { answerCloudFormation } from '../../../functions/middleware/answer-cloudformation.ts';
import { freshConnections } from '../../../functions/middleware/fresh-connections.ts';

const contextWith = (remainingMs: number): InvocationContext =>
  ({ getRemainingTimeInMillis: () => remainingMs }) as unknown as InvocationContext;

describe('abortAtDeadline', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('aborts shortly before the invocation is killed', async () => {
    const handler = middy<unknown, string, Error, InvocationContext>()
      .use(abortAtDeadline())
      .handler(
        (_event, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(String(Date.now() - started)))),
      );
    const started = Date.now();

    const answer = handler({}, contextWith(10_000));
    await vi.advanceTimersByTimeAsync(10_000);

    expect(await answer).toBe('8500');
  });

  it.each([
    ['answered', () => 'done'],
    ['failed', () => Promise.reject(new Error('no'))],
  ])('aborts what is left when the handler has %s, and leaves no timer', async (_how, work) => {
    const signals: AbortSignal[] = [];
    const handler = middy<unknown, unknown, Error, InvocationContext>()
      .use(abortAtDeadline())
      .handler(async (_event, { signal }) => {
        signals.push(signal);
        expect(signal.aborted).toBe(false);
        return work();
      });

    await Promise.allSettled([handler({}, contextWith(10_000))]);
    await Promise.allSettled([handler({}, contextWith(10_000))]);

    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(signals[0]).not.toBe(signals[1]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('freshConnections', () => {
  it('drops connections after a freeze of more than a minute only', async () => {
    let nowMs = 0;
    let dropped = 0;
    const clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => undefined };
    const disconnect = async (): Promise<void> => void dropped++;
    const handler = middy<unknown, null>()
      .use(freshConnections({ disconnect }, clock))
      .handler(async () => {
        nowMs += 300_000;
        return null;
      });
    const context = contextWith(1);

    await handler({}, context);
    nowMs += 60_000;
    await handler({}, context);
    expect(dropped).toBe(0);
    nowMs += 60_001;
    await handler({}, context);

    expect(dropped).toBe(1);
  });
});

describe('answerCloudFormation', () => {
  it.each([
    ['SUCCESS', async () => 'orders', { Status: 'SUCCESS', PhysicalResourceId: 'orders' }],
    ['FAILED', async () => Promise.reject(new Error('no table')), { Status: 'FAILED', Reason: 'no table', PhysicalResourceId: 'Logical' }],
  ])('puts %s to the URL of the event', async (_status, work, expected) => {
    const bodies: unknown[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(JSON.parse(body));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const event = {
      RequestType: 'Create',
      ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Logical',
    } as CloudFormationCustomResourceEvent;

    await Promise.allSettled([
      middy<CloudFormationCustomResourceEvent, string>().use(answerCloudFormation()).handler(work)(event, contextWith(1)),
    ]);
    server.close();

    expect(bodies).toEqual([{ ...expected, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Logical' }]);
  });
});
