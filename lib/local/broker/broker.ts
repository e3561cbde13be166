import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { openBrokerState } from './broker-state.ts';
import { serveConnection, supported } from './connection.ts';
import { committedOffsetHandlers } from './handlers/committed-offsets.ts';
import { configHandlers } from './handlers/configs.ts';
import { fetchHandler } from './handlers/fetch.ts';
import { groupHandlers } from './handlers/groups.ts';
import { type Handler, handler } from './handlers/handler.ts';
import { metadataHandlers } from './handlers/metadata.ts';
import { logOffsetHandlers } from './handlers/offsets-of-logs.ts';
import { produceHandler } from './handlers/produce.ts';
import { topicHandlers } from './handlers/topics.ts';
import { transactionHandlers } from './handlers/transactions.ts';
import { directoryStorage, memoryStorage } from './storage/storage.ts';
import { systemTimers, type Timers } from './timers.ts';
import { apiVersionsApi } from './wire/admin-apis.ts';
import { ErrorCode } from './wire/error-code.ts';

/** Options of {@link startBroker}. */
export interface BrokerOptions {
  /** @default 0, any free port */
  readonly port?: number;
  /** @default '127.0.0.1'; the broker knows no authentication, so think twice */
  readonly host?: string;
  /** Keeps everything there, also across `kill -9`. @default memory */
  readonly dir?: string;
  /** Whether a client that asks for an unknown topic gets it. @default true */
  readonly autoCreateTopics?: boolean;
  /** Partitions of a topic that is created without a number. @default 1 */
  readonly defaultPartitions?: number;
  /** Smallest session timeout a group member may ask for. @default 6000, as Kafka */
  readonly minSessionTimeoutMs?: number;
  /** @default the machine's clock */
  readonly timers?: Timers;
  /** Called with what went wrong inside; the connection it happened on is closed. @default `console.error` */
  readonly onError?: (error: unknown) => void;
}

/** A running broker. */
export interface Broker {
  /** `host:port`, for `bootstrap.servers`. */
  readonly bootstrap: string;
  readonly port: number;
  /** Drops the connections and closes the files. */
  close(): Promise<void>;
}

/**
 * Starts a single-node Kafka broker inside this process, for development and tests.
 *
 * @throws {Error} when the port is taken, or another process has the directory (with its pid)
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const host = options.host ?? '127.0.0.1';
  const settings = {
    autoCreateTopics: options.autoCreateTopics ?? true,
    defaultPartitions: options.defaultPartitions ?? 1,
    minSessionTimeoutMs: options.minSessionTimeoutMs ?? 6_000,
  };
  const storage = options.dir === undefined ? memoryStorage() : directoryStorage(options.dir);
  const state = openBrokerState(storage, settings, options.timers ?? systemTimers);

  const handlers = new Map<number, Handler>();
  const all: Handler[] = [
    handler(apiVersionsApi, () => ({ errorCode: ErrorCode.NONE, apiKeys: supported(handlers), throttleTimeMs: 0 })),
    produceHandler(state),
    fetchHandler(state),
    ...logOffsetHandlers(state),
    ...metadataHandlers(state, () => ({ host, port })),
    ...topicHandlers(state),
    ...configHandlers(state),
    ...groupHandlers(state),
    ...committedOffsetHandlers(state),
    ...transactionHandlers(state),
  ];
  for (const each of all.sort((a, b) => a.api.key - b.api.key)) handlers.set(each.api.key, each);

  const sockets = new Set<Socket>();
  const report = options.onError ?? ((error: unknown) => console.error('embedded Kafka broker:', error));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, handlers, report);
  });
  let port = 0;
  try {
    server.listen(options.port ?? 0, host);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  } catch (error) {
    state.close();
    throw new Error(`cannot listen on ${host}:${options.port ?? 0}: ${(error as Error).message}; choose another port`, { cause: error });
  }

  return {
    bootstrap: `${host}:${port}`,
    port,
    close: async () => {
      const ended = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await ended;
      state.close();
    },
  };
}
