import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, readResponse, writeRequest } from '../../../lib/local/broker/wire/api.ts';

/** Sends single requests of chosen versions, so that a suite sees the codes that clients hide behind retries. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #correlationId = 0;
  readonly #waiting: { resolve(frame: Buffer): void; reject(error: Error): void }[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
        const end = 4 + this.#received.readInt32BE(0);
        this.#waiting.shift()?.resolve(this.#received.subarray(4, end));
        this.#received = this.#received.subarray(end);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the broker closed the connection'));
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Rejects when the broker closes the connection instead. */
  async send<Q, R>(api: Api<Q, R>, version: number, request: Q): Promise<R> {
    const sent = ++this.#correlationId;
    const frame = await this.sendFrame(writeRequest(api as Api<Q, unknown>, version, sent, 'raw', request));
    const { correlationId, response } = readResponse(api as Api<unknown, R>, version, frame);
    if (correlationId !== sent) throw new Error(`answer ${correlationId} to request ${sent}`);
    return response;
  }

  /** Sends a request that gets no answer (acks=0). */
  post<Q>(api: Api<Q, unknown>, version: number, request: Q): void {
    this.socket.write(writeRequest(api, version, ++this.#correlationId, 'raw', request));
  }

  /** Bytes as they are, with their length in front. */
  sendFrame(frame: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) reject(new Error('the broker closed the connection'));
      this.#waiting.push({ resolve, reject });
      this.socket.write(frame);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, the coordinator's three, CONCURRENT_TRANSACTIONS. */
const NOT_READY = new Set([5, 6, 14, 15, 16, 51]);

/** Repeats while the real broker is still loading a coordinator, finishing a transaction or electing a leader. */
export async function whenReady<R>(attempt: () => Promise<R>, codeOf: (response: R) => number): Promise<R> {
  for (let left = 100; ; left--) {
    const response = await attempt();
    if (!NOT_READY.has(codeOf(response)) || left === 0) return response;
    await sleep(100);
  }
}
