import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** One request or its answer, as it passes. */
export interface Passage {
  readonly direction: 'request' | 'response';
  /** Of the request, also for its answer. */
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Without the length in front. */
  readonly frame: Buffer;
}

/** What happens to it: `cut` closes both sides of the connection and nothing of it arrives; `swallow` loses it silently; a Buffer replaces it. */
export type Verdict = 'pass' | 'cut' | 'swallow' | Buffer;

/** A proxy before one broker, that can misbehave as a network does. */
export interface FaultProxy {
  readonly bootstrap: string;
  /** Decides about everything that passes from now on. */
  interfere: (passage: Passage) => Verdict;
  /** Closes every connection. */
  cutAll(): void;
  close(): Promise<void>;
}

const METADATA = 3;
const FIND_COORDINATOR = 10;

/** Starts a proxy on 127.0.0.1. Brokers tell clients where to go: in those answers the broker's port becomes the proxy's. */
export async function startFaultProxy(brokerPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    const asked = new Map<number, { apiKey: number; apiVersion: number }>();
    const cut = () => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    const pass = (to: Socket, passage: Passage) => {
      const verdict = proxy.interfere(passage);
      if (verdict === 'cut') cut();
      else if (verdict !== 'swallow') to.write(framed(Buffer.isBuffer(verdict) ? verdict : passage.frame));
    };
    frames(client, (frame) => {
      const request = { apiKey: frame.readInt16BE(0), apiVersion: frame.readInt16BE(2) };
      asked.set(frame.readInt32BE(4), request);
      pass(broker, { direction: 'request', ...request, frame });
    });
    frames(broker, (frame) => {
      const correlation = frame.readInt32BE(0);
      const request = asked.get(correlation) ?? { apiKey: -1, apiVersion: -1 };
      asked.delete(correlation);
      if (request.apiKey === METADATA || request.apiKey === FIND_COORDINATOR) redirect(frame, brokerPort, port);
      pass(client, { direction: 'response', ...request, frame });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    bootstrap: `127.0.0.1:${port}`,
    interfere: () => 'pass',
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      this.cutAll();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

function frames(socket: Socket, take: (frame: Buffer) => void): void {
  let buffered: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
      const end = 4 + buffered.readInt32BE(0);
      take(Buffer.from(buffered.subarray(4, end)));
      buffered = buffered.subarray(end);
    }
  });
}

function framed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** `127.0.0.1` is followed by its port, four bytes, in every version of both answers. */
function redirect(frame: Buffer, from: number, to: number): void {
  for (let at = frame.indexOf('127.0.0.1'); at !== -1; at = frame.indexOf('127.0.0.1', at + 9)) {
    if (frame.readInt32BE(at + 9) === from) frame.writeInt32BE(to, at + 9);
  }
}
