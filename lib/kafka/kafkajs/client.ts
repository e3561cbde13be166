import { ConfigException } from '../../core/errors.ts';
import { type SaslLogin, saslLogin } from '../auth/sasl.ts';
import { tlsOptions } from '../auth/tls.ts';
import { KafkaException } from '../errors.ts';
import type { ClientSettings } from '../kafka-clients.ts';
import { COMPRESSION_TYPES, type CompressionType } from '../protocol/compression/codecs.ts';
import type { ClusterContext, ClusterSettings } from './cluster.ts';
import type { ReaderSettings } from './partition-reader.ts';
import type { ProducerSettings } from './record-producer.ts';

const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/** Settings that decide with whom connections may be shared: clients that agree in them use the same. */
const CONNECTION_SETTING =
  /^(bootstrap\.servers|client\.id|security\.protocol|sasl\..*|ssl\..*|request\.timeout\.ms|socket\.connection\.setup\.timeout\.ms|metadata\.max\.age\.ms|default\.api\.timeout\.ms)$/;

/** Identity of the connections that settings ask for. Holds secrets: not for logs. */
export function connectionKey(settings: ClientSettings): string {
  return JSON.stringify(
    Object.entries(settings)
      .filter(([key]) => CONNECTION_SETTING.test(key))
      .sort(),
  );
}

/** How the cluster of these settings is reached, with Java's defaults. Throws ConfigException. */
export function clusterSettings(settings: ClientSettings, { clock }: ClusterContext): ClusterSettings {
  const protocol = oneOf(settings, 'security.protocol', SECURITY_PROTOCOLS, 'PLAINTEXT');
  const sasl = protocol.startsWith('SASL') ? saslLogin(settings, { environment: process.env, now: () => clock.now() }) : null;
  return {
    bootstrap: bootstrapServers(settings),
    connection: {
      clientId: settings['client.id'] ?? 'serverless-connect',
      tls: protocol.endsWith('SSL') ? tlsOptions(settings) : null,
      sasl: sasl === null ? null : kafkajsSasl(sasl),
      connectTimeoutMs: integer(settings, 'socket.connection.setup.timeout.ms', 10_000),
      requestTimeoutMs: integer(settings, 'request.timeout.ms', 30_000),
    },
    metadataMaxAgeMs: integer(settings, 'metadata.max.age.ms', 300_000),
    apiTimeoutMs: integer(settings, 'default.api.timeout.ms', 60_000),
  };
}

/** How a producer of these settings behaves, with Java's defaults. Throws ConfigException. */
export function producerSettings(settings: ClientSettings): ProducerSettings {
  const acks = oneOf(settings, 'acks', ['all', '-1', '1'], 'all') === '1' ? 1 : -1;
  const idempotent = oneOf(settings, 'enable.idempotence', ['true', 'false'], acks === -1 ? 'true' : 'false') === 'true';
  if (idempotent && acks === 1) throw new ConfigException('Must set acks to all in order to use the idempotent producer.');
  const maxInFlight = integer(settings, 'max.in.flight.requests.per.connection', 5, 1);
  if (idempotent && maxInFlight > 5) {
    throw new ConfigException('Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.');
  }
  const maxRequestBytes = integer(settings, 'max.request.size', 1_048_576);
  return {
    acks,
    idempotent,
    compression: oneOf(settings, 'compression.type', COMPRESSION_TYPES, 'none') as CompressionType,
    maxRequestBytes,
    maxBatchBytes: integer(settings, 'batch.size', maxRequestBytes),
    maxInFlight,
    requestTimeoutMs: integer(settings, 'request.timeout.ms', 30_000),
    deliveryTimeoutMs: integer(settings, 'delivery.timeout.ms', 120_000),
    maxBlockMs: integer(settings, 'max.block.ms', 60_000),
  };
}

/** `transaction.timeout.ms`, with Java's default. */
export function transactionTimeoutMs(settings: ClientSettings): number {
  return integer(settings, 'transaction.timeout.ms', 60_000, 1);
}

/** How a reader of these settings behaves, with Java's defaults. Throws ConfigException. */
export function readerSettings(settings: ClientSettings): ReaderSettings {
  const isolation = oneOf(settings, 'isolation.level', ['read_uncommitted', 'read_committed'], 'read_uncommitted');
  return {
    readCommitted: isolation === 'read_committed',
    minBytes: integer(settings, 'fetch.min.bytes', 1),
    maxBytesPerPartition: integer(settings, 'max.partition.fetch.bytes', 1_048_576),
    checkCrcs: oneOf(settings, 'check.crcs', ['true', 'false'], 'true') === 'true',
    requestTimeoutMs: integer(settings, 'request.timeout.ms', 30_000),
  };
}

function bootstrapServers(settings: ClientSettings): { host: string; port: number }[] {
  const text = settings['bootstrap.servers'] ?? '';
  const servers = text
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
  if (servers.length === 0) throw new ConfigException('No bootstrap urls given in bootstrap.servers');
  return servers.map((server) => {
    const [, bracketed, plain, port] = /^(?:\w+:\/\/)?(?:\[([0-9a-fA-F:.%]+)\]|([^:\s/]+)):(\d+)$/.exec(server) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined || port === undefined || Number(port) > 65_535) {
      throw ConfigException.invalid('bootstrap.servers', server, 'it is a list of host:port, separated by commas');
    }
    return { host, port: Number(port) };
  });
}

/** What kafkajs takes as `sasl`. */
function kafkajsSasl(login: SaslLogin): object {
  if (login.mechanism !== 'OAUTHBEARER') {
    return { mechanism: login.mechanism.toLowerCase(), username: login.username, password: login.password };
  }
  return { mechanism: 'oauthbearer', authenticationProvider: oauthBearerProvider(login.token) };
}

interface KafkajsAuthentication {
  saslAuthenticate(exchange: {
    request: { encode(): Promise<Buffer> };
    response: { decode(bytes: Buffer): Promise<Buffer>; parse(bytes: Buffer): Promise<Buffer> };
  }): Promise<Buffer>;
}

/** kafkajs' own does not read the answer: a refused token would look accepted, and the next request would find a closed connection. */
function oauthBearerProvider(token: () => Promise<{ value: string; extensions: Readonly<Record<string, string>> }>) {
  return ({ saslAuthenticate }: KafkajsAuthentication) => ({
    async authenticate(): Promise<void> {
      const { value, extensions } = await token();
      const message = [`n,,`, `auth=Bearer ${value}`, ...Object.entries(extensions).map(([key, text]) => `${key}=${text}`), '', ''].join(
        '\u0001',
      );
      const answer = await saslAuthenticate({
        request: { encode: async () => lengthAndBytes(Buffer.from(message)) },
        response: { decode: async (bytes) => bytes, parse: async (bytes) => bytes.subarray(4) },
      });
      // RFC 7628 §3.2.2: a refusal is a JSON document
      if (answer.length === 0) return;
      throw new KafkaException(`the broker refused the token: ${answer.toString('utf8')}`, {
        kafkaCode: 'SASL_AUTHENTICATION_FAILED',
        retriable: false,
        javaClass: 'org.apache.kafka.common.errors.SaslAuthenticationException',
      });
    },
  });
}

function lengthAndBytes(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function integer(settings: ClientSettings, key: string, fallback: number, minimum = 0): number {
  const text = settings[key];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value)) throw ConfigException.invalid(key, text, 'Not a number of type INT');
  if (value < minimum) throw ConfigException.invalid(key, text, `Value must be at least ${minimum}`);
  return value;
}

function oneOf(settings: ClientSettings, key: string, allowed: readonly string[], fallback: string): string {
  const value = settings[key] ?? fallback;
  const found = allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw ConfigException.invalid(key, value, `String must be one of: ${allowed.join(', ')}`);
  return found;
}
