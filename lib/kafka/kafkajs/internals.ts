import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import Connection from 'kafkajs/src/network/connection.js';
import type { Logger } from '../../core/logger.ts';
import { exceptionOf } from '../protocol/error-codes.ts';
import { WireReader } from '../protocol/wire-reader.ts';
import { WireWriter } from '../protocol/wire-writer.ts';
import { connectionFailure } from './connection-failure.ts';

/** How to connect to a broker. */
export interface ConnectionSettings {
  readonly clientId: string;
  /** null = PLAINTEXT or SASL_PLAINTEXT. */
  readonly tls: TlsOptions | null;
  /** kafkajs' `sasl` option; null = none. */
  readonly sasl: object | null;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** One request. */
export interface BrokerRequest {
  readonly api: number;
  readonly name: string;
  readonly version: number;
  /** Written one after the other, so that large ones need not be copied together. */
  readonly body: Buffer | readonly Buffer[];
  /** KIP-482: header with tagged fields; from a version on that each API defines. */
  readonly flexible?: boolean;
  /** Longer than the connection's own for requests that wait at the broker. */
  readonly timeoutMs?: number;
}

const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;

/**
 * An open connection to one broker. Not used again once it broke.
 *
 * This is the only file that imports kafkajs' internals, and this one class of them: sockets with TLS, SASL, answers and their time-outs.
 * They are pinned to 2.2.4 (`test/unit/kafka/kafkajs-internals.test.ts`). Requests stand above it (docs/decisions/0003): kafkajs cannot read
 * a partition without a group, put a limit to a batch, keep the order of headers, or ask for stable offsets.
 */
export class BrokerConnection {
  readonly address: string;
  readonly #connection: Connection;
  readonly #clientId: string;
  readonly #sasl: boolean;
  #versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> = {};

  private constructor(address: string, connection: Connection, settings: ConnectionSettings) {
    this.address = address;
    this.#connection = connection;
    this.#clientId = settings.clientId;
    this.#sasl = settings.sasl !== null;
  }

  /** Connects, asks for the versions of the APIs, authenticates. Throws KafkaException; retriable unless credentials or certificates are refused. */
  static async open(host: string, port: number, settings: ConnectionSettings, logger: Logger): Promise<BrokerConnection> {
    const address = `${host}:${port}`;
    const connection = new Connection({
      host,
      port,
      clientId: settings.clientId,
      logger: bridge(logger),
      socketFactory: openSocket,
      ssl: settings.tls,
      // kafkajs keeps its authenticator in the object: one object per connection
      sasl: settings.sasl === null ? null : { ...settings.sasl },
      connectionTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
    });
    checkPendingOnlyWhenSome(connection.requestQueue);
    const opened = new BrokerConnection(address, connection, settings);
    try {
      await connection.connect();
      await opened.#negotiate();
      await connection.authenticate();
      return opened;
    } catch (error) {
      const failure = connectionFailure(error, `connection to ${address} failed`, true);
      opened.destroy(failure);
      throw failure;
    }
  }

  get connected(): boolean {
    return this.#connection.isConnected();
  }

  get idle(): boolean {
    return this.#connection.requestQueue.inflight.size === 0;
  }

  /** The highest version that both sides know, between `min` and `max`. Throws KafkaException UNSUPPORTED_VERSION. */
  version(api: number, name: string, min: number, max: number): number {
    const offered = this.#versions[api];
    if (offered === undefined || offered.maxVersion < min || offered.minVersion > max) {
      const range = offered === undefined ? 'not at all' : `in versions ${offered.minVersion} to ${offered.maxVersion}`;
      throw exceptionOf(35, `the broker ${this.address} speaks ${name} ${range}, versions ${min} to ${max} are needed`);
    }
    return Math.min(max, offered.maxVersion);
  }

  /** Sends a request and gives the body of its answer. Requests of one connection are answered in order. */
  async request({ api, name, version, body, flexible = false, timeoutMs }: BrokerRequest): Promise<WireReader> {
    const connection = this.#connection;
    try {
      // a session that SASL limits is renewed by whoever sends next
      if (this.#sasl && api !== API_VERSIONS && !connection.isAuthenticated()) await connection.authenticate();
      const payload = await new Promise<Buffer>((resolve, reject) => {
        const correlationId = connection.nextCorrelationId();
        connection.requestQueue.push({
          entry: { apiKey: api, apiName: name, apiVersion: version, correlationId, resolve: (answer) => resolve(answer.payload), reject },
          expectResponse: true,
          requestTimeout: timeoutMs ?? null,
          sendRequest: () => this.#write(api, version, correlationId, flexible, Array.isArray(body) ? body : [body]),
        });
      });
      const reader = new WireReader(payload);
      if (flexible) reader.skipTags();
      return reader;
    } catch (error) {
      const failure = connectionFailure(error, `${name} to ${this.address} failed`, api === API_VERSIONS);
      // an answer may still come, and would be taken for that of a later request of a caller who asks again
      this.destroy(failure);
      throw failure;
    }
  }

  /** Closes at once; requests under way are rejected with the reason. */
  destroy(reason: Error): void {
    this.#connection.rejectRequests(reason);
    this.#connection.disconnect().catch(() => {});
    this.#connection.socket?.destroy();
  }

  #write(api: number, version: number, correlationId: number, flexible: boolean, body: readonly Buffer[]): void {
    const { socket } = this.#connection;
    if (socket === undefined || !this.connected) throw new Error('Not connected');
    const header = new WireWriter(64).int16(api).int16(version).int32(correlationId).string(this.#clientId);
    if (flexible) header.noTags();
    const size = body.reduce((sum, part) => sum + part.length, header.bytes.length);
    socket.cork();
    socket.write(new WireWriter(4).int32(size).bytes);
    socket.write(header.bytes);
    for (const part of body) socket.write(part);
    socket.uncork();
  }

  async #negotiate(): Promise<void> {
    const reader = await this.request({ api: API_VERSIONS, name: 'ApiVersions', version: 0, body: Buffer.alloc(0) });
    const code = reader.int16();
    if (code !== 0) throw exceptionOf(code, `the broker ${this.address} refused ApiVersions`);
    const versions: Record<number, { minVersion: number; maxVersion: number }> = {};
    reader.array(() => {
      versions[reader.int16()] = { minVersion: reader.int16(), maxVersion: reader.int16() };
    });
    this.#versions = versions;
    this.#connection.setVersions(versions);
    this.#connection.setSupportAuthenticationProtocol(versions[SASL_AUTHENTICATE] !== undefined);
  }
}

const KEEP_ALIVE_MS = 60_000;

function openSocket(target: { host: string; port: number; ssl: TlsOptions | null; onConnect: () => void }): Socket {
  const { host, port, ssl, onConnect } = target;
  const socket =
    ssl === null
      ? connectTcp({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true); // several requests are under way at once: Nagle would hold the second back until the first is acknowledged
  return socket;
}

/**
 * kafkajs asks for a timer after every answer, with a delay of minus the time of day when nothing throttles it: Node 24 prints a
 * TimeoutNegativeWarning. A timer is needed only while requests wait.
 */
function checkPendingOnlyWhenSome(queue: Connection.RequestQueue): void {
  queue.scheduleCheckPendingRequests = () => {
    if (queue.throttleCheckTimeoutId !== null || queue.pending.length === 0) return;
    queue.throttleCheckTimeoutId = setTimeout(
      () => {
        queue.throttleCheckTimeoutId = null;
        queue.checkPendingRequests();
      },
      Math.max(queue.throttledUntil - Date.now(), 10),
    );
  };
}

/** kafkajs logs as errors what it also throws, retried or not; whoever catches it logs it once. */
function bridge(logger: Logger): Connection.Logger {
  const debug = (message: string, extra?: object) => logger.debug(message, { ...extra });
  return {
    namespace: () => bridge(logger),
    debug: (message, extra) => logger.trace(message, { ...extra }),
    info: debug,
    warn: debug,
    error: debug,
  };
}
