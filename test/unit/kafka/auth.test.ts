import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJaas } from '../../../lib/kafka/auth/jaas.ts';
import { mskIamToken, mskRegion } from '../../../lib/kafka/auth/msk-iam.ts';
import { oauthToken } from '../../../lib/kafka/auth/oauth-token.ts';
import { saslLogin } from '../../../lib/kafka/auth/sasl.ts';
import { tlsOptions } from '../../../lib/kafka/auth/tls.ts';
import type { ClientSettings } from '../../../lib/kafka/kafka-clients.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const CONTEXT = { environment: {}, now: () => NOW };
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';

describe('parseJaas', () => {
  it.each([
    [`${PLAIN} required username="alice" password="s;e\\"c=r 'et";`, { username: 'alice', password: `s;e"c=r 'et` }],
    [`${PLAIN} required\n  username='al ice'\n  password=secret ;\n`, { username: 'al ice', password: 'secret' }],
    [`${PLAIN} REQUIRED serviceName = "kafka" ;`, { serviceName: 'kafka' }],
    [`${PLAIN} required;`, {}],
    [`${PLAIN} required password="a\\\\b";`, { password: 'a\\b' }],
  ])('reads %s', (text, options) => {
    expect(parseJaas(text)).toEqual({ loginModule: PLAIN, options });
  });

  it.each([
    ['', /login module is missing/],
    [PLAIN, /control flag/],
    [`${PLAIN} needed username="a";`, /required, requisite, sufficient, optional/],
    [`${PLAIN} required username="secret"`, /semicolon/],
    [`${PLAIN} required username "secret";`, /option username has no value/],
    [`${PLAIN} required username="secret;`, /quoted value that does not end/],
    [`${PLAIN} required username="secret"; ${PLAIN} required;`, /one login module/],
  ])('refuses %s without showing it', (text, message) => {
    const refusal = (): unknown => {
      try {
        return parseJaas(text);
      } catch (error) {
        return error;
      }
    };
    expect(refusal()).toMatchObject({
      javaClass: 'org.apache.kafka.common.config.ConfigException',
      message: expect.stringMatching(message),
    });
    expect(String(refusal())).not.toContain('secret');
  });
});

describe('mskIamToken', () => {
  const environment = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

  // Signatures computed with @smithy/signature-v4, which aws-msk-iam-sasl-signer-js signs with.
  it.each([
    [undefined, 'a849e3047a394346a9d022cdc5878ecc38b1b9119a6d3b4d033d6e881848e02a'],
    ['IQoJb3JpZ2luX2VjEXAMPLE//token+==', 'f9ee6ce00eb19608d38c6ecb86c25ca68e1754cd04f664a06c7477e43a6c0457'],
  ])('signs as the SDK does, session token %s', (sessionToken, signature) => {
    const token = mskIamToken('us-west-2', { ...environment, AWS_SESSION_TOKEN: sessionToken }, NOW);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    const url = new URL(Buffer.from(token, 'base64url').toString());
    expect(url.origin).toBe('https://kafka.us-west-2.amazonaws.com');
    expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe(sessionToken ?? null);
    expect(url.searchParams.get('X-Amz-Signature')).toBe(signature);
    expect([...url.searchParams.keys()].at(-1)).toBe('User-Agent');
  });

  it('takes the region from the broker, else from the environment', () => {
    expect(mskRegion({ AWS_REGION: 'us-east-1' }, ['b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098'])).toBe('eu-west-1');
    expect(mskRegion({}, ['boot-x1.c3.kafka-serverless.ap-southeast-2.amazonaws.com:9098'])).toBe('ap-southeast-2');
    expect(mskRegion({ AWS_REGION: 'us-east-1' }, ['kafka.internal:9098'])).toBe('us-east-1');
    expect(() => mskRegion({}, ['kafka.internal:9098'])).toThrow(/AWS_REGION/);
    expect(() => mskIamToken('us-east-1', {}, NOW)).toThrow(/AWS_ACCESS_KEY_ID/);
  });
});

describe('saslLogin', () => {
  const jaas = `${PLAIN} required username="u" password="p";`;

  it('reads user and password for PLAIN and SCRAM', () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      expect(saslLogin({ 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas }, CONTEXT)).toEqual({
        mechanism,
        username: 'u',
        password: 'p',
      });
    }
  });

  it('takes both configurations of MSK IAM', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' };
    const both: ClientSettings[] = [
      { 'sasl.mechanism': 'AWS_MSK_IAM' },
      {
        'sasl.mechanism': 'OAUTHBEARER',
        'sasl.login.callback.handler.class': 'software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler',
      },
    ];
    for (const settings of both) {
      const login = saslLogin(settings, { environment, now: () => NOW });
      if (login.mechanism !== 'OAUTHBEARER') throw new Error(login.mechanism);
      expect((await login.token()).value).toBe(mskIamToken('eu-west-1', environment, NOW));
    }
  });

  it('refuses what it cannot do', () => {
    expect(() => saslLogin({}, CONTEXT)).toThrow(/Invalid value GSSAPI for configuration sasl.mechanism: it is one of PLAIN/);
    expect(() => saslLogin({ 'sasl.mechanism': 'PLAIN' }, CONTEXT)).toThrow(/needs sasl.jaas.config/);
    expect(() => saslLogin({ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${PLAIN} required username="u";` }, CONTEXT)).toThrow(
      /username and password/,
    );
  });
});

describe('oauthToken', () => {
  const jaas = (options: Record<string, string>) => ({ loginModule: 'OAuthBearerLoginModule', options });

  it('fetches a token with client credentials', async () => {
    const seen: { authorization: string | undefined; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push({ authorization: request.headers.authorization, body });
        if (request.url === '/down') response.writeHead(503).end();
        else if (request.url === '/no') response.writeHead(401).end();
        else if (request.url === '/odd') response.end('hello');
        else response.end(JSON.stringify({ access_token: 'the-token', expires_in: 60 }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { clientId: 'me', clientSecret: 'hush', scope: 'kafka read', extension_logicalCluster: 'lkc-1' };
    const ask = (path: string) => oauthToken({ tokenEndpoint: base + path, jaas: jaas(options), timeoutMs: 2_000 }, NOW);
    expect(await ask('/token')).toEqual({ value: 'the-token', extensions: { logicalCluster: 'lkc-1' } });
    expect(seen[0]).toEqual({
      authorization: `Basic ${Buffer.from('me:hush').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=kafka+read',
    });
    await expect(ask('/down')).rejects.toMatchObject({ retriable: true, message: expect.stringMatching(/answered 503/) });
    await expect(ask('/no')).rejects.toMatchObject({ retriable: false, message: expect.stringMatching(/answered 401/) });
    await expect(ask('/odd')).rejects.toThrow(/no access_token/);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await expect(ask('/token')).rejects.toMatchObject({ retriable: true, message: expect.stringMatching(/cannot be reached/) });
  });

  it('makes unsecured tokens for development', async () => {
    const options = { unsecuredLoginStringClaim_sub: 'alice', unsecuredLoginListClaim_scope: '|a|b', unsecuredLoginNumberClaim_level: '3' };
    const { value } = await oauthToken({ tokenEndpoint: null, jaas: jaas(options), timeoutMs: 1 }, NOW);
    const [header, claims, signature] = value.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'none' });
    expect(JSON.parse(claims ?? '')).toEqual({ sub: 'alice', scope: ['a', 'b'], level: 3, iat: NOW / 1000, exp: NOW / 1000 + 3600 });
    expect(signature).toBe('');
    await expect(oauthToken({ tokenEndpoint: null, jaas: jaas({}), timeoutMs: 1 }, NOW)).rejects.toThrow(/unsecuredLoginStringClaim_sub/);
  });
});

describe('tlsOptions', () => {
  const block = (kind: string, body: string) => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----`;

  it('takes PEM from settings and files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-tls-'));
    try {
      const file = join(folder, 'store.pem');
      writeFileSync(file, `${block('ENCRYPTED PRIVATE KEY', 'k')}\n${block('CERTIFICATE', '1')}\n${block('CERTIFICATE', '2')}\n`);
      expect(
        tlsOptions({
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.location': file,
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': file,
          'ssl.key.password': 'pw',
        }),
      ).toEqual({
        ca: [block('CERTIFICATE', '1'), block('CERTIFICATE', '2')],
        key: [block('ENCRYPTED PRIVATE KEY', 'k')],
        cert: `${block('CERTIFICATE', '1')}\n${block('CERTIFICATE', '2')}`,
        passphrase: 'pw',
      });
      expect(
        tlsOptions({ 'ssl.keystore.type': 'PKCS12', 'ssl.keystore.location': file, 'ssl.keystore.password': 'pw' }).pfx,
      ).toBeInstanceOf(Buffer);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const inline = tlsOptions({ 'ssl.keystore.key': 'key', 'ssl.keystore.certificate.chain': 'chain', 'ssl.enabled.protocols': 'TLSv1.3' });
    expect(inline).toEqual({ key: 'key', cert: 'chain', minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
    expect(tlsOptions({})).toEqual({});
  });

  it('checks the host name unless it is told not to', () => {
    expect(tlsOptions({ 'ssl.endpoint.identification.algorithm': 'https' }).checkServerIdentity).toBeUndefined();
    expect(tlsOptions({ 'ssl.endpoint.identification.algorithm': '' }).checkServerIdentity).toBeTypeOf('function');
  });

  it.each([
    [{ 'ssl.truststore.location': '/x.jks' }, /Invalid value JKS for configuration ssl.truststore.type: only PEM .*openssl pkcs12/],
    [
      { 'ssl.truststore.location': '/nowhere/x.pem', 'ssl.truststore.type': 'PEM' },
      /ssl.truststore.location: the file cannot be read: ENOENT/,
    ],
    [{ 'ssl.truststore.certificates': 'nothing' }, /no PEM block of type CERTIFICATE/],
    [{ 'ssl.keystore.key': 'x' }, /belong together/],
    [{ 'ssl.enabled.protocols': 'SSLv3' }, /TLSv1.2 and TLSv1.3/],
  ])('refuses %j', (settings, message) => {
    expect(() => tlsOptions(settings)).toThrow(message);
  });
});
