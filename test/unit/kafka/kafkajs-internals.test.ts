import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Connection from 'kafkajs/src/network/connection.js';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * kafkajs' internals are used as they are in 2.2.4. If a test here fails after an update of kafkajs, compare
 * `kafkajs/src/network/connection.js` with `lib/kafka/kafkajs/kafkajs-connection.d.ts` before anything else.
 */
describe('internals of kafkajs', () => {
  it('are pinned', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const installed = JSON.parse(readFileSync(join(ROOT, 'node_modules/kafkajs/package.json'), 'utf8')) as {
      version: string;
      exports?: unknown;
    };
    expect(dependencies.kafkajs).toBe('2.2.4');
    expect(installed.version).toBe('2.2.4');
    expect(installed.exports).toBeUndefined();
  });

  it('are imported by one file', async () => {
    const files = await readdir(join(ROOT, 'lib'), { recursive: true });
    const importing = files.filter(
      (file) =>
        file.endsWith('.ts') &&
        !file.endsWith('.d.ts') &&
        /from 'kafkajs|import\('kafkajs/.test(readFileSync(join(ROOT, 'lib', file), 'utf8')),
    );
    expect(importing).toEqual([join('kafka', 'kafkajs', 'internals.ts')]);
  });

  it('have a connection with the members that are used', () => {
    const silent = { namespace: () => silent, debug() {}, info() {}, warn() {}, error() {} };
    const connection = new Connection({
      host: '127.0.0.1',
      port: 1,
      clientId: 'test',
      logger: silent,
      socketFactory: () => {
        throw new Error('no socket is wanted');
      },
      ssl: null,
      sasl: null,
      connectionTimeout: 1,
      requestTimeout: 1,
    });
    for (const method of [
      'connect',
      'disconnect',
      'isConnected',
      'authenticate',
      'setVersions',
      'setSupportAuthenticationProtocol',
      'isAuthenticated',
      'nextCorrelationId',
      'rejectRequests',
    ] as const) {
      expect(connection[method], method).toBeTypeOf('function');
    }
    const queue = connection.requestQueue;
    expect(queue.pending).toEqual([]);
    expect(queue.inflight.size).toBe(0);
    expect(queue.throttledUntil).toBe(-1);
    expect(queue.throttleCheckTimeoutId).toBeNull();
    expect(queue.scheduleCheckPendingRequests).toBeTypeOf('function');
    expect(queue.checkPendingRequests).toBeTypeOf('function');
    expect(queue.push).toBeTypeOf('function');
    expect(connection.isConnected()).toBe(false);
  });
});
