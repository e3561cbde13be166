import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../core/logger.ts';
import { httpError } from '../rest/error-response.ts';
import type { RestHandler } from '../rest/router.ts';

/** More than any configuration: what is larger is refused before it is read to the end. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** A listener of Node's HTTP server that asks `handler`. A client that goes away half-way is only noted. */
export function answerWith(handler: RestHandler, logger: Logger): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    exchange(request, response, handler).catch((error: unknown) => {
      logger.debug('a request was cut off', { error: String(error) });
      response.destroy();
    });
  };
}

async function exchange(request: IncomingMessage, response: ServerResponse, handler: RestHandler): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    const refusal = httpError(413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
    response.writeHead(413, { ...refusal.headers, connection: 'close' });
    response.end(refusal.body);
    return;
  }
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  const answer = await handler({
    method: request.method ?? 'GET',
    path,
    query: query.join('?'),
    headers: Object.fromEntries(headers),
    body,
  });
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body ?? undefined);
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
