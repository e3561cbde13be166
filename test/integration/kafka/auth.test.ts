import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientSettings, KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { kafkaTools } from '../../support/kafka/kafka-tools.ts';
import { type RunningKafka, startKafka } from '../../support/kafka/start-kafka.ts';

// Only real Kafka: the embedded broker knows no authentication.
const unavailable = kafkaUnavailable();
const LISTENERS = ['PLAINTEXT', 'CONTROLLER', 'SSL', 'SASL_SSL', 'SASL_PLAINTEXT'] as const;
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule';
const OAUTH = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule';

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Keys and certificates of broker and client, each trusting the other's. */
function makeStores(folder: string): void {
  const keytool = (...args: string[]) =>
    execFileSync('keytool', [...args, '-storepass', 'changeit', '-storetype', 'PKCS12'], { stdio: 'pipe' });
  for (const name of ['broker', 'client']) {
    const store = ['-keystore', join(folder, `${name}.p12`), '-alias', name];
    keytool(
      '-genkeypair',
      ...store,
      '-keyalg',
      'EC',
      '-groupname',
      'secp256r1',
      '-dname',
      `CN=${name}`,
      '-ext',
      'san=ip:127.0.0.1,dns:localhost',
    );
    keytool('-exportcert', '-rfc', ...store, '-file', join(folder, `${name}.pem`));
  }
  keytool('-importcert', '-noprompt', '-keystore', join(folder, 'trust.p12'), '-alias', 'client', '-file', join(folder, 'client.pem'));
}

describe.skipIf(unavailable !== null)(`authentication${unavailable === null ? '' : ` (skipped: ${unavailable})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-auth-'));
  const ports = new Map<string, number>();
  let kafka: RunningKafka | undefined;
  let clients: KafkaClients;
  let authority = '';

  beforeAll(async () => {
    makeStores(folder);
    authority = readFileSync(join(folder, 'broker.pem'), 'utf8');
    for (const [at, port] of (await freePorts(LISTENERS.length)).entries()) ports.set(LISTENERS[at] as string, port);
    const addresses = LISTENERS.map((name) => `${name}://127.0.0.1:${ports.get(name)}`);
    const sasl = Object.fromEntries(
      ['sasl_ssl', 'sasl_plaintext'].flatMap((listener) => [
        [`listener.name.${listener}.plain.sasl.jaas.config`, `${PLAIN} required user_alice="al;ice's \\"secret\\"";`],
        [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, `${SCRAM} required;`],
        [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, `${SCRAM} required;`],
        [`listener.name.${listener}.oauthbearer.sasl.jaas.config`, `${OAUTH} required unsecuredLoginStringClaim_sub="broker";`],
      ]),
    );
    kafka = await startKafka({
      properties: {
        listeners: addresses.join(','),
        'advertised.listeners': addresses.filter((address) => !address.startsWith('CONTROLLER')).join(','),
        'controller.quorum.voters': `1@127.0.0.1:${ports.get('CONTROLLER')}`,
        'listener.security.protocol.map': LISTENERS.map((name) => `${name}:${name === 'CONTROLLER' ? 'PLAINTEXT' : name}`).join(','),
        'inter.broker.listener.name': 'PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'ssl.keystore.location': join(folder, 'broker.p12'),
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.password': 'changeit',
        'ssl.key.password': 'changeit',
        'ssl.truststore.location': join(folder, 'trust.p12'),
        'ssl.truststore.type': 'PKCS12',
        'ssl.truststore.password': 'changeit',
        'listener.name.ssl.ssl.client.auth': 'required',
        // kafkajs logs in again 10 s before the session ends
        'listener.name.sasl_plaintext.plain.connections.max.reauth.ms': '11500',
        ...sasl,
      },
    });
    // the tool adds one mechanism of a user at a time
    await Promise.all(
      [
        ['bob', 'SCRAM-SHA-512'],
        ['dave', 'SCRAM-SHA-256'],
      ].map(async ([user, mechanism]) => {
        const added = await kafkaTools('kafka.admin.ConfigCommand', [
          ...['--bootstrap-server', `127.0.0.1:${ports.get('PLAINTEXT')}`, '--alter', '--entity-type', 'users', '--entity-name', `${user}`],
          ...['--add-config', `${mechanism}=[password=secret-of-${user}]`],
        ]);
        expect(added.code, added.stderr).toBe(0);
      }),
    );
    clients = testClients();
  });
  afterAll(async () => {
    await clients?.close();
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const settingsOf = (protocol: string, more: ClientSettings = {}): ClientSettings => ({
    'bootstrap.servers': `127.0.0.1:${ports.get(protocol)}`,
    'security.protocol': protocol,
    'default.api.timeout.ms': '5000',
    ...(protocol.endsWith('SSL') ? { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': authority } : {}),
    ...more,
  });
  const roundTrip = async (settings: ClientSettings): Promise<(string | null)[]> => {
    const topic = unique('secured');
    const producer = clients.producer(settings);
    const reader = clients.reader(settings);
    try {
      const { failed } = await producer.send([record(topic, { value: Buffer.from('through') })]);
      if (failed.size > 0) throw failed.get(0);
      return values(await readAll(reader, topic));
    } finally {
      await producer.close();
      await reader.close();
    }
  };
  const keyStore = () => ({
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': join(folder, 'client.p12'),
    'ssl.keystore.password': 'changeit',
  });
  const alice = `${PLAIN} required username="alice" password="al;ice's \\"secret\\"";`;
  const scram = (user: string) => `${SCRAM} required username="${user}" password="secret-of-${user}";`;
  const token = `${OAUTH} required unsecuredLoginStringClaim_sub="carol";`;

  it('SSL with a client certificate', async () => {
    expect(await roundTrip(settingsOf('SSL', keyStore()))).toEqual(['through']);
  });

  it.each(['SASL_SSL', 'SASL_PLAINTEXT'])('%s: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER', async (protocol) => {
    for (const [mechanism, jaas] of [
      ['PLAIN', alice],
      ['SCRAM-SHA-256', scram('dave')],
      ['SCRAM-SHA-512', scram('bob')],
      ['OAUTHBEARER', token],
    ] as const) {
      expect(await roundTrip(settingsOf(protocol, { 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas })), mechanism).toEqual([
        'through',
      ]);
    }
  });

  it.each([
    ['PLAIN', `${PLAIN} required username="alice" password="wrong";`],
    ['SCRAM-SHA-512', `${SCRAM} required username="bob" password="wrong";`],
    ['OAUTHBEARER', `${OAUTH} required unsecuredLoginStringClaim_sub="x" unsecuredLoginLifetimeSeconds="-7200";`],
  ])('says at once that a login by %s is refused, and never shows the password', async (mechanism, jaas) => {
    const started = performance.now();
    const refused = await roundTrip(settingsOf('SASL_PLAINTEXT', { 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas })).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      retriable: false,
      kafkaCode: 'SASL_AUTHENTICATION_FAILED',
      javaClass: 'org.apache.kafka.common.errors.SaslAuthenticationException',
    });
    expect(String(refused)).not.toContain('wrong');
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it('logs in again before the session ends, while requests are under way', async () => {
    const settings = settingsOf('SASL_PLAINTEXT', { 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': alice, 'batch.size': '500' });
    const topic = unique('long');
    const producer = clients.producer(settings);
    const sends: Promise<{ failed: ReadonlyMap<number, Error> }>[] = [];
    for (const until = Date.now() + 4_000; Date.now() < until; await sleep(5)) {
      sends.push(producer.send([record(topic, { value: Buffer.from(`${sends.length}`) })]));
    }
    expect((await Promise.all(sends)).every(({ failed }) => failed.size === 0)).toBe(true);
    const reader = clients.reader(settings);
    expect(values(await readAll(reader, topic)).map(Number)).toEqual(sends.map((_, i) => i));
    await producer.close();
    await reader.close();
  });

  it('says that a certificate is not trusted, and that the client has none', async () => {
    const untrusted = settingsOf('SASL_SSL', { 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': alice });
    const { 'ssl.truststore.certificates': _, 'ssl.truststore.type': __, ...without } = untrusted;
    await expect(roundTrip(without)).rejects.toMatchObject({
      retriable: false,
      javaClass: 'org.apache.kafka.common.errors.SslAuthenticationException',
      message: expect.stringMatching(/ssl\.truststore/),
    });
    await expect(roundTrip(settingsOf('SSL', { 'default.api.timeout.ms': '300', 'max.block.ms': '300' }))).rejects.toMatchObject({
      message: expect.stringMatching(/certificate|security\.protocol/i),
    });
  });

  it('names the wrong security.protocol as a possible cause', async () => {
    const plain = { ...settingsOf('SASL_SSL'), 'security.protocol': 'PLAINTEXT', 'max.block.ms': '300', 'request.timeout.ms': '2000' };
    await expect(roundTrip(plain)).rejects.toMatchObject({ message: expect.stringMatching(/security\.protocol/) });
  });
});
