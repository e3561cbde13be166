import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a way to the table misbehaves; chances are from 0 to 1. */
export interface StateFaults {
  /** The longest that a call is held back. */
  delayMs: number;
  throttled: number;
  /** The connection is cut: half of the time before the call, half after it was done and before its answer. */
  cut: number;
}

/** A write that did not get through yet. */
export interface HeldWrite {
  /** Sends it on; resolves when it was answered. */
  release(): Promise<void>;
}

/** One way to DynamoDB: every worker has its own. */
export interface StateProxy {
  readonly endpoint: string;
  readonly faults: StateFaults;
  /** Holds the next update of one of these items; `onHeld` is called at that very moment. Replaces an earlier wish; null takes it back. */
  holdNext(wanted: { readonly key: RegExp; onHeld(write: HeldWrite): void } | null): void;
  close(): Promise<void>;
}

const THROTTLED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

/** Starts a way to `target` on a free port of 127.0.0.1. */
export async function startStateProxy(target: string, random: () => number): Promise<StateProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const faults: StateFaults = { delayMs: 0, throttled: 0, cut: 0 };
  let wish: Parameters<StateProxy['holdNext']>[0] = null;

  const pass = (call: IncomingMessage, body: Buffer, response: ServerResponse | null): Promise<void> =>
    new Promise((resolve) => {
      const giveUp = () => {
        response?.destroy();
        resolve();
      };
      const onward = request({ hostname, port, agent, method: call.method, path: call.url, headers: call.headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', giveUp);
        answer.on('end', () => {
          if (response !== null && !response.destroyed)
            response.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(chunks));
          resolve();
        });
      });
      onward.on('error', giveUp);
      onward.end(body);
    });

  const answer = async (call: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const wanted = wish;
    if (wanted !== null && String(call.headers['x-amz-target']).endsWith('.UpdateItem') && wanted.key.test(body.toString('latin1'))) {
      wish = null;
      wanted.onHeld({ release: () => pass(call, body, response) });
      return;
    }
    if (faults.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, random() * faults.delayMs));
    if (random() < faults.throttled) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(THROTTLED);
      return;
    }
    if (random() >= faults.cut) return pass(call, body, response);
    if (random() < 0.5) await pass(call, body, null);
    call.socket.destroy();
  };

  const server = createServer((call, response) => {
    // A client that goes away is what this is for.
    response.on('error', () => undefined);
    answer(call, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    holdNext: (wanted) => {
      wish = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}
