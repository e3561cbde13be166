import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';

/** Where to listen. */
export interface ListenerAddress {
  /** As written, for messages. */
  readonly text: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** True = https. */
  readonly secure: boolean;
}

/** Connect listens on every address; a worker on a laptop has no password, so that only this machine is let in where no host is given. */
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8083;

/**
 * The addresses of `listeners`, or Connect's default port, and those of `admin.listeners` for `/admin`: null = the same as `listeners`,
 * none = nowhere. Throws ConfigException for what cannot be listened on.
 */
export function listenerAddresses(worker: ConnectorProps): {
  readonly addresses: readonly ListenerAddress[];
  readonly admin: readonly ListenerAddress[] | null;
  readonly given: boolean;
} {
  const admin = worker['admin.listeners'] === undefined ? null : parseAll('admin.listeners', worker['admin.listeners']);
  const addresses = parseAll('listeners', worker.listeners ?? '');
  if (addresses.length > 0) return { addresses, admin, given: true };
  const text = `http://${DEFAULT_HOST}:${DEFAULT_PORT}`;
  return { addresses: [{ text, host: DEFAULT_HOST, port: DEFAULT_PORT, secure: false }], admin, given: false };
}

function parseAll(key: string, list: string): ListenerAddress[] {
  return list
    .split(',')
    .map((listener) => listener.trim())
    .filter((listener) => listener !== '')
    .map((listener) => parse(key, listener));
}

function parse(key: string, text: string): ListenerAddress {
  const match = /^(https?):\/\/(\[[^\]]*\]|[^:/]*)(?::(\d+))?\/?$/i.exec(text);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (match === null || port > 65_535) {
    throw new ConfigException(
      `cannot listen on ${text} (${key}): http://host:port or https://host:port is expected, e.g. http://127.0.0.1:8083`,
    );
  }
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '');
  return { text, host: host === '' ? DEFAULT_HOST : host, port, secure: match[1]?.toLowerCase() === 'https' };
}
