import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';

/** How the registry is reached. */
export interface HttpSettings {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly tls: ConnectionOptions;
  /** null = directly. */
  readonly proxy: { readonly host: string; readonly port: number } | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends one request on a connection of its own: requests are rare, for everything is remembered, and a connection that is kept would be dead
 * after a freeze. Rejects with the system's error where the registry cannot be reached.
 */
export async function sendHttp(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string | null,
  settings: HttpSettings,
): Promise<HttpAnswer> {
  const { proxy, tls } = settings;
  const options: RequestOptions = { method, headers: { ...headers }, agent: false };
  if (url.protocol !== 'https:') {
    if (proxy === null) return send(httpRequest(url, options), body, settings);
    // a plain request goes to the proxy with the whole address in its first line
    const viaProxy = { ...options, host: proxy.host, port: proxy.port, path: url.href, headers: { ...headers, host: url.host } };
    return send(httpRequest(viaProxy), body, settings);
  }
  if (proxy === null) return send(httpsRequest(url, { ...options, ...tls }), body, settings);
  const tunnel = await openTunnel(url, settings);
  const socket = tlsConnect({ ...tls, socket: tunnel.socket, servername: url.hostname });
  return send(httpsRequest(url, { ...options, createConnection: () => socket }), body, settings);
}

function openTunnel(url: URL, { proxy, connectTimeoutMs }: HttpSettings): Promise<IncomingMessage> {
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      method: 'CONNECT',
      host: proxy?.host,
      port: proxy?.port,
      path: target,
      headers: { host: target },
      agent: false,
    });
    asked.setTimeout(connectTimeoutMs, () => asked.destroy(new Error(`the proxy ${proxy?.host}:${proxy?.port} did not answer in time`)));
    asked.on('connect', (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      answer.socket.destroy();
      return reject(new Error(`the proxy ${proxy?.host}:${proxy?.port} refused: ${answer.statusCode} ${answer.statusMessage}`));
    });
    asked.on('error', reject);
    asked.end();
  });
}

function send(sent: ClientRequest, body: string | null, { connectTimeoutMs, readTimeoutMs }: HttpSettings): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    // until the socket is connected the shorter of the two counts, afterwards that of reading
    sent.setTimeout(Math.min(connectTimeoutMs, readTimeoutMs), () => sent.destroy(new Error('Read timed out')));
    sent.on('socket', (socket) => socket.once('connect', () => socket.setTimeout(readTimeoutMs)));
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}
