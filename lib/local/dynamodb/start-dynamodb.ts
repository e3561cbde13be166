import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { ConnectException } from '../../core/errors.ts';

/** A DynamoDB of this process. */
export interface LocalDynamoDb {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** What a client needs besides; nobody checks it. */
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Resolves when everything is on disk and the folder is free. */
  close(): Promise<void>;
}

/** The little that is used of the database that dynalite brings along. */
type LevelConstructor = new (dir: string) => { open(): Promise<void>; close(): Promise<void> };

const PID_FILE = 'serverless-connect.pid';

/**
 * Starts dynalite on a free port of 127.0.0.1, in memory or in a folder (made where absent). Throws ConnectException (`state-in-use`) when
 * another process works in that folder; what a killed one left behind is taken over.
 */
export async function startDynamoDb(options: { readonly dir?: string; readonly port?: number } = {}): Promise<LocalDynamoDb> {
  const { dir, port = 0 } = options;
  if (dir !== undefined) await claim(dir);
  const server = dynalite({ path: dir, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const [handle] = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle?.(request, response);
    // dynalite throws, out of reach of any caller, when a client goes away before it was answered.
    request.removeAllListeners('error').on('error', () => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
      server.closeAllConnections();
    });
  await firstAnswer(endpoint);
  return { endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, close };
}

/** dynalite opens its folder with the first call: from then on it holds the lock. */
async function firstAnswer(endpoint: string): Promise<void> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.DescribeTable',
      'x-amz-date': '20260101T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: '{"TableName":"serverless-connect"}',
  });
  await answer.arrayBuffer();
}

/** LevelDB's own lock decides who may work in the folder. dynalite ends the process when it meets it, so it is asked for beforehand. */
async function claim(dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const { Level } = createRequire(import.meta.resolve('dynalite'))('level') as { readonly Level: LevelConstructor };
  const level = new Level(dir);
  try {
    await level.open();
  } catch (cause) {
    if ((cause as { cause?: { code?: string } }).cause?.code !== 'LEVEL_LOCKED') {
      throw new ConnectException(`state folder ${dir} cannot be opened; it is damaged or cannot be written`, {
        cause,
        code: 'state-damaged',
      });
    }
    throw new ConnectException(`state folder ${dir} is in use by process ${ownerOf(dir)}; end that one or name another folder`, {
      cause,
      code: 'state-in-use',
    });
  }
  writeFileSync(join(dir, PID_FILE), String(process.pid));
  await level.close();
}

function ownerOf(dir: string): string {
  try {
    return readFileSync(join(dir, PID_FILE), 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
