import type { ConnectorProps } from '../core/connector.ts';

/** Settings of one Kafka client, with Java's keys. */
export type ClientSettings = Readonly<Record<string, string>>;

/** Whose client it is. */
export interface ClientOwner {
  readonly connector: string;
  /** null = the connector itself. */
  readonly task: number | null;
  /** The connector's configuration, variables resolved. */
  readonly props: ConnectorProps;
  /** The worker's configuration, variables resolved. */
  readonly worker: ConnectorProps;
}

/** Worker keys that reach every client where nothing else is said: how to get to the cluster. */
const SECURITY = /^(?:security\.|sasl\.|ssl\.)/;
/** Worker keys that are settings of clients at all; an admin client takes those without prefix. */
const CLIENT =
  /^(?:bootstrap\.servers|client\.|security\.|sasl\.|ssl\.|connections\.|metadata\.|reconnect\.|receive\.buffer|send\.buffer|socket\.|retries$|retry\.|request\.timeout\.ms|default\.api\.timeout\.ms)/;

/** Of a source task's producer. */
export function producerSettings(owner: ClientOwner): ClientSettings {
  return {
    ...PRODUCER_DEFAULTS,
    'client.id': `connector-producer-${identity(owner)}`,
    ...layers('producer', owner),
  };
}

/** Of the producer that feeds a sink's dead letter queue. */
export function deadLetterProducerSettings(owner: ClientOwner): ClientSettings {
  return {
    ...PRODUCER_DEFAULTS,
    'client.id': `connector-dlq-producer-${identity(owner)}`,
    ...layers('producer', owner),
  };
}

/** Of a sink task's consumer. `group.id` is `connect-<name>` unless overridden. */
export function consumerSettings(owner: ClientOwner): ClientSettings {
  return {
    'group.id': `connect-${owner.connector}`,
    'enable.auto.commit': 'false',
    'auto.offset.reset': 'earliest',
    'client.id': `connector-consumer-${identity(owner)}`,
    ...layers('consumer', owner),
  };
}

/** Of the client that creates topics for a connector. */
export function adminSettings(owner: ClientOwner): ClientSettings {
  return adminClient('connector-adminclient', owner);
}

/** Of the client that creates a sink's dead letter queue topic. */
export function deadLetterAdminSettings(owner: ClientOwner): ClientSettings {
  return adminClient('connector-dlq-adminclient', owner);
}

/**
 * As Connect's, but idempotent with five requests under way: sequence numbers keep the order and spare duplicates after a retry. Where a broker forbids
 * it, the producer goes back to Connect's one request at a time by itself.
 */
const PRODUCER_DEFAULTS: ClientSettings = {
  'max.block.ms': '9223372036854775807',
  acks: 'all',
  'enable.idempotence': 'true',
  'max.in.flight.requests.per.connection': '5',
  'delivery.timeout.ms': '2147483647',
};

function adminClient(clientId: string, owner: ClientOwner): ClientSettings {
  const unprefixed = Object.entries(owner.worker).filter(([key]) => CLIENT.test(key));
  return {
    ...Object.fromEntries(unprefixed),
    'client.id': `${clientId}-${identity(owner)}`,
    ...withPrefix(owner.worker, 'admin.'),
    ...withPrefix(owner.props, 'admin.override.'),
  };
}

/**
 * Worker, worker with prefix, override of the connector; each wins over the one before. Unlike in Kafka Connect the worker's security settings reach
 * producers and consumers too, unless the prefix says how to reach its cluster: there they had to be repeated, and a client without them cannot connect.
 */
function layers(client: 'producer' | 'consumer', { worker, props }: ClientOwner): ClientSettings {
  const prefixed = withPrefix(worker, `${client}.`);
  const overridden = withPrefix(props, `${client}.override.`);
  const own = { ...prefixed, ...overridden };
  const base: Record<string, string> = {};
  if (worker['bootstrap.servers'] !== undefined) base['bootstrap.servers'] = worker['bootstrap.servers'];
  if (own['bootstrap.servers'] === undefined && own['security.protocol'] === undefined) {
    for (const [key, value] of Object.entries(worker)) if (SECURITY.test(key)) base[key] = value;
  }
  return { ...base, ...own };
}

function withPrefix(props: ConnectorProps, prefix: string): Record<string, string> {
  const found = Object.entries(props).filter(([key]) => key.startsWith(prefix) && key.length > prefix.length);
  return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

function identity({ connector, task }: ClientOwner): string {
  return task === null ? connector : `${connector}-${task}`;
}
