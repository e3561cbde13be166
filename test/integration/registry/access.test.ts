import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AvroConverter } from '../../../lib/converters/avro-converter.ts';
import { STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { type RunningRegistry, startRegistry } from '../../support/registry/start-registry.ts';
import { selfSigned } from '../../support/rest/certificate.ts';

const FAST = { 'max.retries': '0', 'retries.wait.ms': '1' };

function write(url: string, more: Readonly<Record<string, string>>) {
  const made = new AvroConverter();
  made.configure({ 'schema.registry.url': url, ...FAST, ...more }, false);
  return made.fromConnectData('t', STRING_SCHEMA, 'x');
}

describe('a registry behind TLS that wants a certificate of its clients', () => {
  let dir: string;
  let registry: RunningRegistry;
  let trust: string;
  let client: { readonly key: string; readonly cert: string };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'serverless-connect-tls-'));
    const server = selfSigned(dir, 'server');
    client = selfSigned(dir, 'client');
    trust = server.cert;
    registry = await startRegistry({ tls: { ...server, ca: [client.cert], requestCert: true, rejectUnauthorized: true } });
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const ssl = (keys: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(keys).map(([key, value]) => [`schema.registry.ssl.${key}`, value]));

  it('is reached with PEM in the settings', async () => {
    const keys = { 'truststore.certificates': trust, 'keystore.key': client.key, 'keystore.certificate.chain': client.cert };
    expect(await write(registry.url, ssl(keys))).toBeInstanceOf(Uint8Array);
  });

  it('is reached with PEM files', async () => {
    writeFileSync(join(dir, 'trust.pem'), trust);
    writeFileSync(join(dir, 'client.pem'), `${client.key}\n${client.cert}`);
    const keys = {
      'truststore.type': 'PEM',
      'truststore.location': join(dir, 'trust.pem'),
      'keystore.type': 'PEM',
      'keystore.location': join(dir, 'client.pem'),
    };
    expect(await write(registry.url, ssl(keys))).toBeInstanceOf(Uint8Array);
  });

  it('is reached with a PKCS12 file and its password, and not with a wrong one', async () => {
    const file = join(dir, 'client.p12');
    const from = ['-inkey', join(dir, 'client.key'), '-in', join(dir, 'client.crt')];
    execFileSync('openssl', ['pkcs12', '-export', '-out', file, ...from, '-passout', 'pass:sesame'], { stdio: 'ignore' });
    const keys = { 'truststore.certificates': trust, 'keystore.type': 'PKCS12', 'keystore.location': file };
    expect(await write(registry.url, ssl({ ...keys, 'keystore.password': 'sesame' }))).toBeInstanceOf(Uint8Array);
    const wrong = async () => write(registry.url, ssl({ ...keys, 'keystore.password': 'wrong' }));
    await expect(wrong).rejects.toThrow();
    await wrong().catch((error: Error) => expect(`${error.message} ${String(error.cause)}`).not.toContain('sesame'));
  });

  it('that is not trusted is a mistake of the configuration', async () => {
    const keys = { 'keystore.key': client.key, 'keystore.certificate.chain': client.cert };
    await expect(write(registry.url, ssl(keys))).rejects.toMatchObject({
      name: 'ConfigException',
      retriable: false,
      message: expect.stringContaining('schema.registry.ssl'),
    });
  });

  it('never takes a record for a bad one where it refuses the client', async () => {
    const refused = Promise.resolve(write(registry.url, ssl({ 'truststore.certificates': trust })));
    // TLS 1.3: the refusal may arrive as an alert or as a closed connection
    await expect(refused).rejects.toSatisfy((error: Error) => ['ConfigException', 'NetworkException'].includes(error.name));
  });

  it('checks the name in the certificate unless that is switched off', async () => {
    const other = selfSigned(dir, 'other');
    const named = join(dir, 'named.crt');
    const request = [
      'req',
      '-x509',
      '-key',
      join(dir, 'other.key'),
      '-days',
      '2',
      '-subj',
      '/CN=elsewhere',
      '-addext',
      'subjectAltName=DNS:elsewhere',
    ];
    execFileSync('openssl', [...request, '-out', named], { stdio: 'ignore' });
    const cert = readFileSync(named, 'utf8');
    const elsewhere = await startRegistry({ tls: { key: other.key, cert } });
    try {
      const keys = { 'truststore.certificates': cert };
      await expect(write(elsewhere.url, ssl(keys))).rejects.toMatchObject({ name: 'ConfigException' });
      expect(await write(elsewhere.url, ssl({ ...keys, 'endpoint.identification.algorithm': '' }))).toBeInstanceOf(Uint8Array);
    } finally {
      await elsewhere.stop();
    }
  });
});

describe('a registry that wants a bearer token', () => {
  let registry: RunningRegistry;
  const asked: string[] = [];
  let issued = 0;
  let expiresIn = 3600;
  const issuer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.headers.authorization} ${Buffer.concat(chunks)}`);
      const ok = request.headers.authorization === `Basic ${Buffer.from('me:s%2Fcret').toString('base64')}`;
      response.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(ok ? { access_token: `token-${++issued}`, expires_in: expiresIn } : { error: 'invalid_client' }));
    });
  });

  beforeAll(async () => {
    registry = await startRegistry({ lets: (given) => given === 'Bearer fixed' || /^Bearer token-\d+$/.test(given) });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await registry.stop();
    issuer.close();
    issuer.closeAllConnections();
  });

  const oauth = (secret: string) => ({
    'bearer.auth.credentials.source': 'OAUTHBEARER',
    'bearer.auth.issuer.endpoint.url': `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token`,
    'bearer.auth.client.id': 'me',
    'bearer.auth.client.secret': secret,
    'bearer.auth.scope': 'schemas',
  });

  it('is given a fixed one', async () => {
    const fixed = { 'bearer.auth.credentials.source': 'STATIC_TOKEN', 'bearer.auth.token': 'fixed' };
    expect(await write(registry.url, fixed)).toBeInstanceOf(Uint8Array);
    const refused = Promise.resolve(write(registry.url, { ...fixed, 'bearer.auth.token': 'stale-token' }));
    await expect(refused).rejects.toMatchObject({ name: 'ConfigException' });
    await refused.catch((error: Error) => expect(`${error.message} ${String(error.cause)}`).not.toContain('stale-token'));
  });

  it('is given one by the client credentials grant, asked for once', async () => {
    expect(await write(registry.url, oauth('s/cret'))).toBeInstanceOf(Uint8Array);
    // two requests of the registry at least, one of the issuer
    expect(asked).toEqual([`Basic ${Buffer.from('me:s%2Fcret').toString('base64')} grant_type=client_credentials&scope=schemas`]);
  });

  it('is given another one before the first ends', async () => {
    const clock = { time: 0, now: () => clock.time, monotonic: () => clock.time, sleep: async () => undefined };
    const made = new AvroConverter(clock);
    expiresIn = 600;
    made.configure({ 'schema.registry.url': registry.url, ...FAST, ...oauth('s/cret') }, false);
    const before = issued;
    await made.fromConnectData('a', STRING_SCHEMA, 'x');
    clock.time += 299_000;
    await made.fromConnectData('b', STRING_SCHEMA, 'x');
    expect(issued).toBe(before + 1);
    clock.time += 2_000;
    await made.fromConnectData('c', STRING_SCHEMA, 'x');
    expect(issued).toBe(before + 2);
  });

  it('says so where the issuer refuses', async () => {
    await expect(write(registry.url, oauth('wrong'))).rejects.toMatchObject({ name: 'ConfigException', retriable: false });
  });

  it('calls an issuer that is down an outage', async () => {
    const gone = { ...oauth('s/cret'), 'bearer.auth.issuer.endpoint.url': 'http://127.0.0.1:1/token' };
    await expect(write(registry.url, gone)).rejects.toMatchObject({ name: 'NetworkException', retriable: true });
  });
});
