import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ConnectException } from '../core/errors.ts';

/** One request, with its path as it is to be sent. */
export interface HttpRequest {
  readonly method: string;
  readonly origin: URL;
  /** Percent-encoded, with query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** @default two minutes: creating and deleting wait for tasks */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const TIMEOUT_MS = 120_000;

/** Sends a request without touching its path, as odd connector names need. Throws ConnectException (`unreachable`). */
export function sendHttp({ method, origin, target, headers, body, timeoutMs = TIMEOUT_MS }: HttpRequest): Promise<HttpAnswer> {
  const open = origin.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(new ConnectException(`${origin.origin} cannot be reached: ${whyOf(error)}`, { cause: error, code: 'unreachable' }));
    const options = { hostname: origin.hostname.replace(/^\[|\]$/g, ''), port: origin.port, path: target, method, timeout: timeoutMs };
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = open({ ...options, agent: false, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    sent.on('error', failed);
    sent.end(body ?? undefined);
  });
}

function whyOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there; is the worker running? (--url tells where it is)';
  if (code === 'ENOTFOUND') return 'the host name is not known';
  return message === '' ? (code ?? 'no connection') : message;
}
