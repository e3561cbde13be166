import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { kafkaTools } from '../../test/support/kafka/kafka-tools.ts';
import { type RunningKafka, startKafka } from '../../test/support/kafka/start-kafka.ts';

/** A Kafka that asks for a password, as one that a function outside its network reaches does. */
export interface SecuredKafka {
  /** `sasl-plaintext://user:password@127.0.0.1:port` */
  readonly url: string;
  stop(): Promise<void>;
}

const USER = 'connect';
const PASSWORD = 'kafka-password';
const SCRAM_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

/** Apache Kafka on 127.0.0.1 with SASL/SCRAM-SHA-512 without TLS. */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const [open, controller, secured] = (await freePorts(3)) as [number, number, number];
  const kafka: RunningKafka = await startKafka({
    properties: {
      listeners: `PLAINTEXT://127.0.0.1:${open},CONTROLLER://127.0.0.1:${controller},SASL_PLAINTEXT://127.0.0.1:${secured}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${open},SASL_PLAINTEXT://127.0.0.1:${secured}`,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
      'inter.broker.listener.name': 'PLAINTEXT',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': SCRAM_LOGIN,
    },
  });
  const added = await kafkaTools('kafka.admin.ConfigCommand', [
    ...['--bootstrap-server', `127.0.0.1:${open}`, '--alter', '--entity-type', 'users', '--entity-name', USER],
    ...['--add-config', `SCRAM-SHA-512=[password=${PASSWORD}]`],
  ]);
  if (added.code !== 0) {
    await kafka.stop();
    throw new Error(`cannot add a user to Kafka: ${added.stderr}`);
  }
  return { url: `sasl-plaintext://${USER}:${PASSWORD}@127.0.0.1:${secured}`, stop: () => kafka.stop() };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
