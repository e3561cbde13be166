import { describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { honouredSettings, verdictOf } from '../../../lib/kafka/client-settings.ts';
import { clusterSettings, connectionKey, producerSettings, readerSettings } from '../../../lib/kafka/kafkajs/client.ts';
import { collectingLogger } from '../../support/kafka/clients.ts';

const CONTEXT = { clock: SYSTEM_CLOCK, random: Math.random, logger: collectingLogger() };

describe('verdictOf', () => {
  it.each([
    ['producer', 'acks', 'honoured'],
    ['consumer', 'isolation.level', 'honoured'],
    ['admin', 'bootstrap.servers', 'honoured'],
    ['producer', 'linger.ms', 'ignored'],
    ['consumer', 'acks', 'ignored'],
    ['admin', 'reconnect.backoff.max.ms', 'ignored'],
    ['producer', 'partitioner.class', 'refused'],
    ['consumer', 'sasl.kerberos.service.name', 'refused'],
  ] as const)('%s %s is %s', (kind, key, verdict) => {
    expect(verdictOf(kind, key)).toMatchObject({ verdict });
  });

  it('does not know what no client knows', () => {
    expect(verdictOf('producer', 'akcs')).toBeNull();
    expect(honouredSettings('producer')).toContain('acks');
    expect(honouredSettings('admin')).not.toContain('acks');
  });
});

describe('settings of the clients', () => {
  it("have Java's defaults", () => {
    expect(producerSettings({})).toEqual({
      acks: -1,
      idempotent: true,
      compression: 'none',
      maxRequestBytes: 1_048_576,
      maxBatchBytes: 1_048_576,
      maxInFlight: 5,
      requestTimeoutMs: 30_000,
      deliveryTimeoutMs: 120_000,
      maxBlockMs: 60_000,
    });
    expect(readerSettings({})).toEqual({
      readCommitted: false,
      minBytes: 1,
      maxBytesPerPartition: 1_048_576,
      checkCrcs: true,
      requestTimeoutMs: 30_000,
    });
    expect(clusterSettings({ 'bootstrap.servers': 'a:1, [::1]:2 ,PLAINTEXT://b:3' }, CONTEXT)).toMatchObject({
      bootstrap: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
        { host: 'b', port: 3 },
      ],
      connection: { clientId: 'serverless-connect', tls: null, sasl: null },
    });
  });

  it('are read as Connect writes them', () => {
    const connects = {
      'delivery.timeout.ms': '2147483647',
      'max.block.ms': '9223372036854775807',
      'enable.idempotence': 'false',
      acks: '1',
    };
    expect(producerSettings(connects)).toMatchObject({ deliveryTimeoutMs: 2_147_483_647, maxBlockMs: 2 ** 63, idempotent: false, acks: 1 });
    expect(producerSettings({ acks: '1' })).toMatchObject({ idempotent: false });
  });

  it.each([
    [() => producerSettings({ acks: '0' }), 'Invalid value 0 for configuration acks: String must be one of: all, -1, 1'],
    [() => producerSettings({ acks: '1', 'enable.idempotence': 'true' }), 'Must set acks to all in order to use the idempotent producer.'],
    [
      () => producerSettings({ 'max.in.flight.requests.per.connection': '6' }),
      'Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.',
    ],
    [
      () => producerSettings({ 'max.request.size': 'big' }),
      'Invalid value big for configuration max.request.size: Not a number of type INT',
    ],
    [() => producerSettings({ 'batch.size': '-1' }), 'Invalid value -1 for configuration batch.size: Value must be at least 0'],
    [() => clusterSettings({}, CONTEXT), 'No bootstrap urls given in bootstrap.servers'],
    [() => clusterSettings({ 'bootstrap.servers': 'host' }, CONTEXT), /Invalid value host for configuration bootstrap.servers/],
    [() => clusterSettings({ 'bootstrap.servers': 'a:1', 'security.protocol': 'TLS' }, CONTEXT), /String must be one of: PLAINTEXT, SSL/],
    [() => readerSettings({ 'isolation.level': 'serializable' }), /read_uncommitted, read_committed/],
  ])('are refused where they are wrong', (read, message) => {
    expect(read).toThrow(message);
  });

  it('share connections where they agree', () => {
    const settings = { 'bootstrap.servers': 'a:1', 'client.id': 'x' };
    expect(connectionKey({ ...settings, acks: 'all' })).toBe(connectionKey({ acks: '1', ...settings }));
    expect(connectionKey(settings)).not.toBe(connectionKey({ ...settings, 'client.id': 'y' }));
    expect(connectionKey(settings)).not.toBe(connectionKey({ ...settings, 'sasl.jaas.config': 'y' }));
  });
});
