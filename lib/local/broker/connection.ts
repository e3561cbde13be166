import type { Socket } from 'node:net';
import type { Handler } from './handlers/handler.ts';
import { apiVersionsApi } from './wire/admin-apis.ts';
import { readHeader, readRequest, writeResponse } from './wire/api.ts';
import { ErrorCode } from './wire/error-code.ts';
import { MalformedRequestError, Reader, UnanswerableError } from './wire/reader.ts';

/** `socket.request.max.bytes` */
const MAX_FRAME_BYTES = 104_857_600;
/** `connections.max.idle.ms` */
const MAX_IDLE_MS = 600_000;
/** Requests of one connection that wait behind a slow one, before reading from the socket stops. */
const MAX_QUEUED = 100;

/**
 * Serves one client: frames in, answers out in the order of the requests, one at a time, as Kafka does. Whatever is not the
 * protocol ends the connection and nothing else. `report` gets what looks like this broker's own fault.
 */
export function serveConnection(socket: Socket, handlers: ReadonlyMap<number, Handler>, report: (error: unknown) => void): void {
  const closed = new AbortController();
  const queue: Buffer[] = [];
  let busy = false;

  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (let frame = queue.shift(); frame !== undefined && !closed.signal.aborted; frame = queue.shift()) {
        const answer = await answerTo(frame, handlers, `/${socket.remoteAddress ?? ''}`, closed.signal);
        if (queue.length < MAX_QUEUED) socket.resume();
        if (answer === null || closed.signal.aborted) continue;
        if (!send(socket, answer)) await drained(socket, closed.signal);
      }
    } catch (error) {
      if (!(error instanceof UnanswerableError) && !closed.signal.aborted) report(error);
      socket.destroy();
    } finally {
      busy = false;
    }
  };

  const frames = frameReader((frame) => queue.push(frame));
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  socket.setTimeout(MAX_IDLE_MS, () => socket.destroy());
  socket.on('data', (chunk) => {
    try {
      frames(chunk);
    } catch {
      socket.destroy();
      return;
    }
    if (queue.length >= MAX_QUEUED) socket.pause();
    work().catch(report);
  });
  // A reset or a broken pipe is the client's affair; 'close' follows.
  socket.on('error', () => undefined);
  socket.on('close', () => closed.abort());
}

/** Cuts the stream into frames: four bytes of length, then as many bytes. */
function frameReader(deliver: (frame: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let wanted = 4;
  return (chunk) => {
    chunks.push(chunk);
    buffered += chunk.length;
    while (buffered >= wanted) {
      let all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, buffered);
      chunks = [all];
      const size = all.readInt32BE(0);
      if (size < 8 || size > MAX_FRAME_BYTES) throw new MalformedRequestError(`a frame of ${size} bytes`);
      wanted = size + 4;
      if (buffered < wanted) return;
      deliver(all.subarray(4, wanted));
      all = all.subarray(wanted);
      buffered = all.length;
      chunks = buffered === 0 ? [] : [all];
      wanted = 4;
    }
  };
}

async function answerTo(
  frame: Buffer,
  handlers: ReadonlyMap<number, Handler>,
  clientHost: string,
  closed: AbortSignal,
): Promise<Buffer[] | null> {
  const reader = new Reader(frame);
  const { apiKey, version, correlationId } = readHeader(reader);
  const handler = handlers.get(apiKey);
  if (handler === undefined) throw new MalformedRequestError(`unknown API key ${apiKey}`);
  const { api } = handler;
  if (version < api.min || version > api.max) {
    if (apiKey !== apiVersionsApi.key) throw new MalformedRequestError(`${api.name} version ${version}`);
    // A newer client asks again with a version from this list (KIP-511).
    return writeResponse(apiVersionsApi, 0, correlationId, {
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: supported(handlers),
      throttleTimeMs: 0,
    });
  }
  const { clientId, request } = readRequest(api, version, reader);
  const response = await handler.handle(request, { version, clientId, clientHost, closed });
  return response === null ? null : writeResponse(api, version, correlationId, response);
}

/** What ApiVersions lists. */
export function supported(handlers: ReadonlyMap<number, Handler>): { apiKey: number; min: number; max: number }[] {
  return [...handlers.values()].map(({ api }) => ({
    apiKey: api.key,
    // librdkafka takes a missing Produce 0 for a broker without compression; Kafka 4 lists it for that reason and refuses it all the same.
    min: api.name === 'Produce' ? 0 : api.min,
    max: api.max,
  }));
}

function send(socket: Socket, buffers: readonly Buffer[]): boolean {
  socket.cork();
  let flushed = true;
  for (const buffer of buffers) flushed = socket.write(buffer);
  socket.uncork();
  return flushed;
}

function drained(socket: Socket, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      closed.removeEventListener('abort', done);
      resolve();
    };
    socket.on('drain', done);
    closed.addEventListener('abort', done);
    if (closed.aborted) done();
  });
}
