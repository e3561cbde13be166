import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type InvocationResult, TooManyRequestsError } from './deployed-function.ts';
import { readBody } from './runtime-api.ts';

/** What the endpoint needs of its host. */
export interface Invoker {
  knows(name: string): boolean;
  invoke(name: string, payload: unknown, traceId: string | undefined): Promise<InvocationResult>;
  enqueue(name: string, payload: unknown, traceId: string | undefined): { requestId: string };
  /** Enables or disables an event source mapping; resolves when that was accepted. False = there is no such mapping. */
  switchMapping(uuid: string, enabled: boolean): boolean;
}

const MAPPING_PATH = /^\/2015-03-31\/event-source-mappings\/([^/?]+)$/;
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;
const SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
const ASYNC_PAYLOAD_BYTES = 1024 * 1024;

/**
 * Serves Lambda's Invoke and, of UpdateEventSourceMapping, the switch (https://docs.aws.amazon.com/lambda/latest/api/) on 127.0.0.1 for the SDK;
 * signatures are not judged.
 */
export async function openInvokeEndpoint(invoker: Invoker): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const refuse = (status: number, type: string, message: string): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
      response.end(JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, message }));
    };
    const mapping = request.method === 'PUT' ? MAPPING_PATH.exec(request.url ?? '')?.[1] : undefined;
    if (mapping !== undefined) {
      const uuid = decodeURIComponent(mapping);
      readBody(request).then(
        (body) => {
          const { Enabled } = JSON.parse(body) as { Enabled: boolean };
          if (!invoker.switchMapping(uuid, Enabled)) return refuse(404, 'ResourceNotFoundException', `no event source mapping ${uuid}`);
          response.writeHead(202, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ UUID: uuid, State: Enabled ? 'Enabling' : 'Disabling' }));
        },
        () => response.destroy(),
      );
      return;
    }
    const named = PATH.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || named === undefined)
      return refuse(404, 'UnknownOperationException', `no such operation: ${request.method} ${request.url}`);
    const name = functionName(decodeURIComponent(named));
    const isEvent = request.headers['x-amz-invocation-type'] === 'Event';
    const traceId = request.headers['x-amzn-trace-id'];
    readBody(request)
      .then(async (body) => {
        if (!invoker.knows(name)) return refuse(404, 'ResourceNotFoundException', `Function not found: ${name}`);
        const limit = isEvent ? ASYNC_PAYLOAD_BYTES : SYNC_PAYLOAD_BYTES;
        if (Buffer.byteLength(body) > limit) return refuse(413, 'RequestTooLargeException', `payload is larger than ${limit} bytes`);
        const payload: unknown = body === '' ? {} : JSON.parse(body);
        const trace = typeof traceId === 'string' ? traceId : undefined;
        if (isEvent) return void response.writeHead(202, { 'x-amzn-requestid': invoker.enqueue(name, payload, trace).requestId }).end();
        answer(response, await invoker.invoke(name, payload, trace));
      })
      .catch((error: unknown) => {
        if (error instanceof TooManyRequestsError) refuse(429, error.name, error.message);
        else if (error instanceof SyntaxError) refuse(400, 'InvalidRequestContentException', error.message);
        else refuse(500, 'ServiceException', error instanceof Error ? error.message : String(error));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, result: InvocationResult): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-amzn-requestid': result.requestId,
    'x-amz-executed-version': '$LATEST',
    ...(result.functionError === null ? {} : { 'x-amz-function-error': result.functionError }),
  });
  response.end(result.payload);
}

/** A function is named by its name or its ARN, with or without a qualifier. */
function functionName(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  return parts.length >= 7 ? (parts[6] as string) : (parts[0] as string);
}
