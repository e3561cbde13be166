import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ConnectorProps } from '../core/connector.ts';
import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { httpError } from '../rest/error-response.ts';
import type { RestHandler } from '../rest/router.ts';
import { basicAuthentication } from './basic-authentication.ts';
import { crossOrigin } from './cross-origin.ts';
import { type ListenerAddress, listenerAddresses } from './listener-address.ts';
import { listenerTls } from './listener-tls.ts';
import { answerWith } from './rest-exchange.ts';

/** A client that needs longer for a request is cut off: sockets of slow or dead senders do not pile up. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The REST API's sockets. Until {@link RestListener.serve} is called everything is answered with 503 `starting`. */
export interface RestListener {
  /** `http://127.0.0.1:8083`, with the real port; those of `admin.listeners` last. */
  readonly urls: readonly string[];
  /** `host:port` of the first; what statuses call `worker_id`. */
  readonly workerId: string;
  serve(handler: RestHandler): void;
  close(): Promise<void>;
}

/**
 * Listens on `listeners` and `admin.listeners` of the worker. Throws ConfigException for what cannot be
 * understood, ConnectException (`listener`) for an address that cannot be opened. null = `listeners` is not set and the default port is
 * taken: another worker runs on this machine.
 */
export async function openRestListener(worker: ConnectorProps, logger: Logger): Promise<RestListener | null> {
  const { addresses, admin, given } = listenerAddresses(worker);
  let handler: RestHandler = async () => ({
    status: 503,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'starting', message: 'Worker is still starting up.' }),
  });
  const authenticated = basicAuthentication(worker, (request) => handler(request));
  const around = crossOrigin(worker, authenticated);
  const servers: { readonly server: Server; readonly secure: boolean }[] = [];
  const close = async () => {
    for (const { server } of servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  };
  const open = async (address: ListenerAddress, serves: (path: string) => boolean, prefix: string) => {
    const answer = answerWith(async (request) => (serves(request.path) ? around(request) : httpError(404, 'Not Found')), logger);
    const server = address.secure ? createHttpsServer(await listenerTls(worker, prefix), answer) : createHttpServer(answer);
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    await listen(server, address);
    servers.push({ server, secure: address.secure });
  };
  try {
    const withoutAdmin = (path: string) => !isAdmin(path);
    for (const address of addresses) await open(address, admin === null ? () => true : withoutAdmin, 'listeners.https.');
    for (const address of admin ?? []) await open(address, isAdmin, 'admin.listeners.https.');
  } catch (error) {
    await close();
    if (!(error instanceof ListenException)) throw error;
    if (error.portTaken && !given) return null;
    throw error;
  }
  const advertisedHost = worker['rest.advertised.host.name'];
  const { address, port } = advertised(worker, servers).address() as AddressInfo;
  return {
    urls: servers.map(urlOf),
    workerId: `${advertisedHost ?? address}:${worker['rest.advertised.port'] ?? port}`,
    serve: (next) => {
      handler = next;
    },
    close,
  };
}

function isAdmin(path: string): boolean {
  return path === '/admin' || path.startsWith('/admin/');
}

/** The first, or with `rest.advertised.listener` the first of that protocol. */
function advertised(worker: ConnectorProps, servers: readonly { readonly server: Server; readonly secure: boolean }[]): Server {
  const wanted = worker['rest.advertised.listener']?.toLowerCase();
  const found = servers.find(({ secure }) => wanted === undefined || wanted === (secure ? 'https' : 'http'));
  return (found ?? servers[0])?.server as Server;
}

class ListenException extends ConnectException {
  readonly portTaken: boolean;

  constructor(address: ListenerAddress, cause: unknown) {
    const portTaken = (cause as { code?: string }).code === 'EADDRINUSE';
    const why = portTaken
      ? 'the port is taken; stop the other process or set another port in listeners'
      : cause instanceof Error
        ? cause.message
        : String(cause);
    super(`cannot listen on ${address.text}: ${why}`, { cause, code: 'listener' });
    this.portTaken = portTaken;
  }
}

function listen(server: Server, address: ListenerAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: unknown) => reject(new ListenException(address, error));
    server.once('error', refused);
    server.listen(address.port, address.host, () => {
      server.off('error', refused);
      resolve();
    });
  });
}

function urlOf({ server, secure }: { readonly server: Server; readonly secure: boolean }): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${secure ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
