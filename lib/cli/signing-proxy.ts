import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectException } from '../core/errors.ts';
import { sendHttp } from './http.ts';
import type { RestTarget } from './rest-client.ts';

/** What a function takes at most. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;
/** Headers that tell of the request's content; the rest is between the tool and this process. */
const FORWARDED = ['accept', 'content-type'];
/** Headers that belong to one connection only (RFC 9110 §7.6.1), and what is computed anew. */
const NOT_RETURNED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date']);

/** Listens on 127.0.0.1 and forwards each request with the target's authorisation. Throws ConnectException (`listener`). */
export async function startProxy(target: RestTarget, port: number): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    forward(target, request, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 502, error instanceof Error ? error.message : String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is taken; name another with --port' : cause.message;
      reject(new ConnectException(`cannot listen on port ${port}: ${why}`, { cause, code: 'listener' }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function forward(target: RestTarget, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A page in a browser could use this port with the user's credentials: by its own name for this address, or across origins.
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(request.headers.host ?? '') || request.headers.origin !== undefined)
    return refuse(response, 403, 'this proxy serves tools on this machine, no pages in browsers');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return refuse(response, 413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { base } = target;
  const method = request.method ?? 'GET';
  const body = chunks.length === 0 ? null : Buffer.concat(chunks).toString();
  const given = FORWARDED.map((name) => [name, request.headers[name]] as const);
  const headers = {
    host: base.host,
    ...Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
  const path = `${base.pathname.replace(/\/$/, '')}${request.url ?? '/'}`;
  const authorized = await target.authorize({ method, target: path, headers, body });
  const answer = await sendHttp({ method, origin: base, target: path, headers: { ...headers, ...authorized }, body });
  const returned = Object.entries(answer.headers).filter(([name]) => !NOT_RETURNED.has(name));
  response.writeHead(answer.status, Object.fromEntries(returned));
  response.end(method === 'HEAD' || answer.status === 204 ? undefined : answer.body);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error_code: status, message }));
}
