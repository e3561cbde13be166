import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectorProps } from '../core/connector.ts';
import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { RestHandler } from '../rest/router.ts';
import { type ListenerAddress, listenerAddresses } from './listener-address.ts';

/** More than any configuration: what is larger is refused before it is read to the end. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** The REST API's sockets. Until {@link RestListener.serve} is called everything is answered with 503 `starting`. */
export interface RestListener {
  /** `http://127.0.0.1:8083`, with the real port. */
  readonly urls: readonly string[];
  /** `host:port` of the first; what statuses call `worker_id`. */
  readonly workerId: string;
  serve(handler: RestHandler): void;
  close(): Promise<void>;
}

/**
 * Listens on `listeners` of the worker. Throws ConfigException for a listener that cannot be understood, ConnectException (`listener`) for
 * one that cannot be opened. null = `listeners` is not set and the default port is taken: another worker runs on this machine.
 */
export async function openRestListener(worker: ConnectorProps, logger: Logger): Promise<RestListener | null> {
  const { addresses, given } = listenerAddresses(worker);
  let handler: RestHandler = async () => ({
    status: 503,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'starting', message: 'Worker is still starting up.' }),
  });
  const cors = corsOf(worker);
  const servers: Server[] = [];
  const close = async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  };
  for (const address of addresses) {
    const server = createServer((request, response) => {
      void answer(request, response, (each) => handler(each), cors).catch((error: unknown) => {
        logger.debug('a request was cut off', { error: String(error) });
        response.destroy();
      });
    });
    try {
      await listen(server, address);
      servers.push(server);
    } catch (error) {
      await close();
      const taken = (error as { code?: string }).code === 'EADDRINUSE';
      if (taken && !given) return null;
      const why = taken
        ? 'the port is taken; stop the other process or set another port in listeners'
        : error instanceof Error
          ? error.message
          : String(error);
      throw new ConnectException(`cannot listen on ${address.text}: ${why}`, { cause: error, code: 'listener' });
    }
  }
  const urls = servers.map(urlOf);
  const advertisedHost = worker['rest.advertised.host.name'];
  const { address, port } = (servers[0] as Server).address() as AddressInfo;
  return {
    urls,
    workerId: `${advertisedHost ?? address}:${worker['rest.advertised.port'] ?? port}`,
    serve: (next) => {
      handler = next;
    },
    close,
  };
}

function listen(server: Server, { host, port }: ListenerAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function answer(request: IncomingMessage, response: ServerResponse, handler: RestHandler, cors: Cors | null): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ error_code: 413, message: `HTTP 413 the body is larger than ${MAX_BODY_BYTES} bytes` }));
    return;
  }
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const { headers } = request;
  const result = await handler({
    method: request.method ?? 'GET',
    path,
    query: query.join('?'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])),
    body,
  });
  response.writeHead(result.status, { ...result.headers, ...corsHeaders(cors, headers.origin) });
  response.end(result.body ?? undefined);
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

/** `access.control.allow.*`: which pages in a browser may read the answers. */
interface Cors {
  readonly origins: readonly string[];
  readonly methods: string;
}

function corsOf(worker: ConnectorProps): Cors | null {
  const origins = (worker['access.control.allow.origin'] ?? '').split(',').map((origin) => origin.trim());
  const named = origins.filter((origin) => origin !== '');
  return named.length === 0 ? null : { origins: named, methods: worker['access.control.allow.methods'] || 'GET,POST,HEAD' };
}

function corsHeaders(cors: Cors | null, origin: string | undefined): Record<string, string> {
  if (cors === null || origin === undefined || !(cors.origins.includes('*') || cors.origins.includes(origin))) return {};
  return { 'access-control-allow-origin': origin, 'access-control-allow-methods': cors.methods, vary: 'origin' };
}
