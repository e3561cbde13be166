import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { openRestListener, type RestListener } from '../../../lib/host/rest-listener.ts';
import { json } from '../../../lib/rest/exchange.ts';
import { collectingLogger } from '../../support/kafka/clients.ts';
import { selfSigned } from '../../support/rest/certificate.ts';

const EXTENSION = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension';
const MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';

describe('the sockets of the REST API', () => {
  let dir: string;
  let listener: RestListener | null = null;
  const kafkaOpts = process.env.KAFKA_OPTS;

  const open = async (worker: ConnectorProps): Promise<readonly string[]> => {
    listener = await openRestListener({ listeners: 'http://127.0.0.1:0', ...worker }, collectingLogger());
    listener?.serve(async ({ body, method, path }) => json(200, { method, path, body }));
    return listener?.urls ?? [];
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serverless-connect-listener-'));
  });
  afterEach(async () => {
    await listener?.close();
    listener = null;
    if (kafkaOpts === undefined) delete process.env.KAFKA_OPTS;
    else process.env.KAFKA_OPTS = kafkaOpts;
    rmSync(dir, { recursive: true, force: true });
  });

  it('answers 503 until it is served', async () => {
    listener = await openRestListener({ listeners: 'http://127.0.0.1:0' }, collectingLogger());
    expect((await fetch(`${listener?.urls[0]}/connectors`)).status).toBe(503);
  });

  it('serves /admin where admin.listeners says, and nothing else there', async () => {
    const [main, admin] = await open({ 'admin.listeners': 'http://127.0.0.1:0' });
    expect((await fetch(`${main}/admin/loggers`)).status).toBe(404);
    expect((await fetch(`${main}/connectors`)).status).toBe(200);
    expect((await fetch(`${admin}/admin/loggers`)).status).toBe(200);
    expect((await fetch(`${admin}/connectors`)).status).toBe(404);
  });

  it('serves /admin nowhere where admin.listeners is empty', async () => {
    const [main] = await open({ 'admin.listeners': '' });
    expect(await (await fetch(`${main}/admin/loggers`)).json()).toEqual({ error_code: 404, message: 'HTTP 404 Not Found' });
  });

  it('lets pages of the allowed origins in, and says so to their preflight', async () => {
    const [url] = await open({
      'access.control.allow.origin': 'http://a.example,http://*.b.example',
      'access.control.allow.methods': 'GET,PUT',
    });
    const ask = async (origin: string, method = 'GET', headers = {}) => {
      const answer = await fetch(`${url}/connectors`, { method, headers: { origin, ...headers } });
      return Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('access-control') || name === 'vary'));
    };
    expect(await ask('http://c.example')).toEqual({ vary: 'Origin' });
    expect(await ask('http://x.b.example')).toMatchObject({ 'access-control-allow-origin': 'http://x.b.example' });
    expect(await ask('http://xb.example')).toEqual({ vary: 'Origin' });
    expect(await ask('http://a.example', 'OPTIONS', { 'access-control-request-method': 'PUT' })).toEqual({
      vary: 'Origin',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'X-Requested-With,Content-Type,Accept,Origin',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-origin': 'http://a.example',
      'access-control-max-age': '1800',
    });
  });

  describe('with basic authentication', () => {
    const closed = { 'rest.extension.classes': EXTENSION };
    const basic = (login: string) => ({ headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } });

    const users = (text: string) => {
      writeFileSync(join(dir, 'users.properties'), text);
      writeFileSync(join(dir, 'jaas.conf'), `KafkaConnect {\n  ${MODULE} required\n  file="${join(dir, 'users.properties')}";\n};\n`);
      process.env.KAFKA_OPTS = `-Xmx1g -Djava.security.auth.login.config=${join(dir, 'jaas.conf')}`;
    };

    it('answers nothing but 401 without the right password, whatever is asked', async () => {
      users('alice=open:sesame\nbob=b\n');
      const [url] = await open(closed);
      for (const path of ['/', '/connectors', '/health', '/nowhere', '/admin/loggers', '//', '/%2e']) {
        for (const method of ['GET', 'PUT', 'OPTIONS', 'DELETE']) {
          for (const login of [{}, basic('alice:b'), basic('alice'), basic('eve:'), { headers: { authorization: 'Bearer b' } }]) {
            const answer = await fetch(`${url}${path}`, { method, ...login });
            expect([answer.status, await answer.text()]).toEqual([401, 'User cannot access the resource.']);
          }
        }
      }
      expect((await fetch(`${url}/connectors`, basic('alice:open:sesame'))).status).toBe(200);
      expect((await fetch(`${url}/connectors`, basic('bob:b'))).status).toBe(200);
    });

    it('does not start open where it was to be closed', async () => {
      delete process.env.KAFKA_OPTS;
      await expect(open(closed)).rejects.toThrow('no JAAS file is named; set KAFKA_OPTS=-Djava.security.auth.login.config=FILE');
      users('');
      await expect(open(closed)).rejects.toThrow('is empty; each line is user=password');
      writeFileSync(join(dir, 'jaas.conf'), 'KafkaServer { };');
      await expect(open(closed)).rejects.toThrow('has no usable entry for the REST API');
      await expect(open({ 'rest.extension.classes': 'com.example.Mine' })).rejects.toThrow(
        `Invalid value com.example.Mine for configuration rest.extension.classes: only ${EXTENSION} is known here`,
      );
    });
  });

  describe('with https', () => {
    const get = (url: string, options: RequestOptions) =>
      new Promise<number>((resolve, reject) => {
        const sent = request(`${url}/connectors`, { ...options, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on('error', reject).end();
      });

    it('is reached under its certificate, and asks clients for theirs', async () => {
      const server = selfSigned(dir, 'server');
      const client = selfSigned(dir, 'client');
      writeFileSync(join(dir, 'server.pem'), server.key + server.cert);
      const [url = ''] = await open({
        listeners: 'https://127.0.0.1:0',
        'ssl.keystore.type': 'JKS',
        'ssl.keystore.location': 'replaced by what stands behind the prefix',
        'listeners.https.ssl.keystore.type': 'PEM',
        'listeners.https.ssl.keystore.location': join(dir, 'server.pem'),
        'listeners.https.ssl.truststore.certificates': client.cert,
        'listeners.https.ssl.client.auth': 'required',
      });
      expect(url).toMatch(/^https:/);
      expect(await get(url, { ca: server.cert, ...client })).toBe(200);
      await expect(get(url, { ca: server.cert })).rejects.toThrow();
      await expect(get(url, { ca: client.cert, ...client })).rejects.toThrow('self-signed certificate');
    });

    it('does not start without a key', async () => {
      await expect(open({ listeners: 'https://127.0.0.1:0' })).rejects.toThrow('a listener of https needs a key: set listeners.https.ssl.');
      await expect(
        open({
          listeners: 'https://127.0.0.1:0',
          'ssl.keystore.certificate.chain': 'x',
          'ssl.keystore.key': 'y',
          'ssl.client.auth': 'perhaps',
        }),
      ).rejects.toThrow('allowed are none, requested, required');
    });
  });

  it('refuses what is larger than 10 MB, and outlives clients that speak no HTTP or go away', async () => {
    const [url = ''] = await open({});
    const send = (bytes: string | Buffer) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
        socket.on('data', (chunk) => {
          answer += chunk.toString();
        });
        socket.on('error', () => resolve(answer)).on('close', () => resolve(answer));
      });
    const long = Buffer.concat([
      Buffer.from(`PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: ${11 << 20}\r\n\r\n`),
      Buffer.alloc(11 << 20, 'a'),
    ]);
    expect(await send(long)).toMatch(/^HTTP\/1\.1 413 /);
    expect(await send('\u0000\u0001garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    const leaving = connect(Number(new URL(url).port), '127.0.0.1', () => {
      leaving.write('PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
      setTimeout(() => leaving.destroy(), 50);
    });
    await new Promise((resolve) => leaving.on('close', resolve));
    expect((await fetch(`${url}/connectors`)).status).toBe(200);
  });
});
