import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EnvironmentAnswer, InvokeRequest } from './execution-environment.ts';

/** Lambda's Runtime API for one environment, on a free port of 127.0.0.1. */
export interface RuntimeApi {
  /** `host:port`, the value of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Resolves when the environment asks for its next event: it is initialised, or done with the last one. */
  idle(): Promise<void>;
  invoke(request: InvokeRequest): Promise<EnvironmentAnswer>;
  /** What `init/error` reported; null = nothing. */
  initError(): { errorType: string; errorMessage: string } | null;
  close(): void;
}

export async function openRuntimeApi(): Promise<RuntimeApi> {
  let waiting: ServerResponse | null = null;
  let onIdle: (() => void)[] = [];
  let answerOf: ((answer: EnvironmentAnswer) => void) | null = null;
  let reported: { errorType: string; errorMessage: string } | null = null;

  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      waiting = response;
      for (const resolve of onIdle.splice(0)) resolve();
      return;
    }
    readBody(request).then(
      (body) => {
        response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
        const path = request.url ?? '';
        if (path.endsWith('/init/error')) reported = JSON.parse(body);
        else {
          const open = String(request.headers['x-open-handles'] ?? '');
          answerOf?.({ payload: body, failed: path.endsWith('/error'), openHandles: open === '' ? [] : open.split(',') });
          answerOf = null;
        }
      },
      () => response.destroy(),
    );
  });
  // An environment may be frozen for hours with its request open.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    idle: () => (waiting === null ? new Promise((resolve) => onIdle.push(resolve)) : Promise.resolve()),
    invoke: (event) =>
      new Promise((resolve) => {
        answerOf = resolve;
        const response = waiting;
        waiting = null;
        response
          ?.writeHead(200, {
            'content-type': 'application/json',
            'lambda-runtime-aws-request-id': event.requestId,
            'lambda-runtime-deadline-ms': String(event.deadlineMs),
            'lambda-runtime-trace-id': event.traceId,
            'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:local:000000000000:function:local',
          })
          .end(event.payload);
      }),
    initError: () => reported,
    close() {
      onIdle = [];
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The whole body of a request as text. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}
