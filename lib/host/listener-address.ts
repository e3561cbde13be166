import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';

/** Where to listen. */
export interface ListenerAddress {
  /** As written, for messages. */
  readonly text: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

/** Connect listens on every address; a worker on a laptop has no password, so that only this machine is let in where no host is given. */
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8083;

/** The addresses of `listeners`, or Connect's default port. Throws ConfigException for what cannot be listened on. */
export function listenerAddresses(worker: ConnectorProps): { readonly addresses: readonly ListenerAddress[]; readonly given: boolean } {
  const listeners = (worker.listeners ?? '')
    .split(',')
    .map((listener) => listener.trim())
    .filter((listener) => listener !== '');
  if (listeners.length === 0) {
    return { addresses: [{ text: `http://${DEFAULT_HOST}:${DEFAULT_PORT}`, host: DEFAULT_HOST, port: DEFAULT_PORT }], given: false };
  }
  return { addresses: listeners.map(parse), given: true };
}

function parse(text: string): ListenerAddress {
  const match = /^([a-z]+):\/\/(\[[^\]]*\]|[^:/]*)(?::(\d+))?\/?$/i.exec(text);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (match === null || port > 65_535) {
    throw new ConfigException(`cannot listen on ${text} (listeners): http://host:port is expected, e.g. http://127.0.0.1:8083`);
  }
  if (match[1]?.toLowerCase() !== 'http') {
    throw new ConfigException(`cannot listen on ${text} (listeners): only http is supported; put a proxy in front for ${match[1]}`);
  }
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '');
  return { text, host: host === '' ? DEFAULT_HOST : host, port };
}
