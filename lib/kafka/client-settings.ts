/** What happens to a setting of Java's clients: it acts, it has no meaning here (with why), or it cannot be met (with what to do). */
export type SettingVerdict =
  | { readonly verdict: 'honoured' }
  | { readonly verdict: 'ignored'; readonly why: string }
  | { readonly verdict: 'refused'; readonly why: string };

/** Kind of a Java client. */
export type ClientKind = 'producer' | 'consumer' | 'admin';

const HONOURED: Readonly<Record<'common' | ClientKind, readonly string[]>> = {
  common: [
    'bootstrap.servers',
    'client.id',
    'default.api.timeout.ms',
    'metadata.max.age.ms',
    'request.timeout.ms',
    'sasl.jaas.config',
    'sasl.login.callback.handler.class',
    'sasl.login.connect.timeout.ms',
    'sasl.mechanism',
    'sasl.oauthbearer.token.endpoint.url',
    'security.protocol',
    'socket.connection.setup.timeout.ms',
    'ssl.enabled.protocols',
    'ssl.endpoint.identification.algorithm',
    'ssl.key.password',
    'ssl.keystore.certificate.chain',
    'ssl.keystore.key',
    'ssl.keystore.location',
    'ssl.keystore.password',
    'ssl.keystore.type',
    'ssl.truststore.certificates',
    'ssl.truststore.location',
    'ssl.truststore.type',
  ],
  producer: [
    'acks',
    'batch.size',
    'compression.type',
    'delivery.timeout.ms',
    'enable.idempotence',
    'max.block.ms',
    'max.in.flight.requests.per.connection',
    'max.request.size',
    'transaction.timeout.ms',
  ],
  consumer: [
    'auto.offset.reset',
    'check.crcs',
    'fetch.max.bytes',
    'fetch.max.wait.ms',
    'fetch.min.bytes',
    'group.id',
    'isolation.level',
    'max.partition.fetch.bytes',
    'max.poll.records',
  ],
  admin: [],
};

const OWN_THREAD = 'connections open when they are needed and close with the task';
const OWN_RETRIES = 'failed requests are tried again with a back-off of 100 ms to 1 s until the call times out';
const NO_GROUP = 'partitions are assigned by leases, not by the group protocol';
const WHOLE_BATCHES = 'a task hands over whole batches, which are sent at once';
const OWN_BYTES = 'records are bytes here: converters do the work of serializers';

/** `*` at the end = every key that begins so. */
const IGNORED: Readonly<Record<string, string>> = {
  'auto.commit.interval.ms': NO_GROUP,
  'auto.include.jmx.reporter': 'there is no JMX',
  'bootstrap.controllers': 'only brokers are spoken to',
  'buffer.memory': 'a task waits for its batch, so memory is bounded by batches under way',
  'client.dns.lookup': 'every address of a host name is tried by the platform',
  'client.rack': 'partitions are read from their leaders',
  'compression.gzip.level': 'the default level is used',
  'compression.lz4.level': 'the default level is used',
  'compression.zstd.level': 'the default level is used',
  'config.providers': 'variables are resolved before clients are made',
  'connections.max.idle.ms': OWN_THREAD,
  'enable.auto.commit': NO_GROUP,
  'enable.metrics.push': 'client metrics are not pushed to brokers',
  'exclude.internal.topics': NO_GROUP,
  'group.instance.id': NO_GROUP,
  'group.protocol': NO_GROUP,
  'group.remote.assignor': NO_GROUP,
  'heartbeat.interval.ms': NO_GROUP,
  'key.deserializer': OWN_BYTES,
  'key.serializer': OWN_BYTES,
  'linger.ms': WHOLE_BATCHES,
  'max.poll.interval.ms': NO_GROUP,
  'metadata.max.idle.ms': OWN_THREAD,
  'metadata.recovery.rebootstrap.trigger.ms': 'bootstrap.servers are tried whenever no known broker answers',
  'metadata.recovery.strategy': 'bootstrap.servers are tried whenever no known broker answers',
  'metric.reporters': 'there is no JMX',
  'metrics.*': 'there is no JMX',
  'partition.assignment.strategy': NO_GROUP,
  'partitioner.adaptive.partitioning.enable': 'records without a key change partition every 16 kB',
  'partitioner.availability.timeout.ms': 'partitions without a leader are passed over at once',
  'receive.buffer.bytes': 'the platform sizes its buffers',
  'reconnect.backoff.*': OWN_RETRIES,
  retries: OWN_RETRIES,
  'retry.backoff.*': OWN_RETRIES,
  'sasl.login.refresh.*': 'a new connection makes a new token',
  'sasl.login.retry.backoff.*': OWN_RETRIES,
  'sasl.login.read.timeout.ms': 'sasl.login.connect.timeout.ms bounds the whole request',
  'sasl.oauthbearer.expected.*': 'only brokers check tokens',
  'sasl.oauthbearer.jwks.*': 'only brokers check tokens',
  'security.providers': 'the platform brings its own cryptography',
  'send.buffer.bytes': 'the platform sizes its buffers',
  'session.timeout.ms': NO_GROUP,
  'socket.connection.setup.timeout.max.ms': 'socket.connection.setup.timeout.ms bounds every attempt',
  'ssl.cipher.suites': 'the platform chooses cipher suites',
  'ssl.keymanager.algorithm': 'the platform brings its own TLS',
  'ssl.protocol': 'ssl.enabled.protocols decides',
  'ssl.provider': 'the platform brings its own TLS',
  'ssl.secure.random.implementation': 'the platform brings its own TLS',
  'ssl.trustmanager.algorithm': 'the platform brings its own TLS',
  'ssl.truststore.password': 'certificates in PEM need no password',
  'transaction.two.phase.commit.enable': 'transactions end with the batch they belong to',
  'value.deserializer': OWN_BYTES,
  'value.serializer': OWN_BYTES,
};

const REFUSED: Readonly<Record<string, string>> = {
  'interceptor.classes': 'interceptors are Java classes: write a transformation instead',
  'partitioner.class': 'the default partitioner is used: set the partition in a transformation instead',
  'partitioner.ignore.keys': 'records with a key go where the default partitioner puts them: set the partition in a transformation instead',
  'sasl.client.callback.handler.class': 'call-back handlers are Java classes: use sasl.jaas.config',
  'sasl.kerberos.kinit.cmd': 'Kerberos is not supported: use SCRAM-SHA-512, OAUTHBEARER or mTLS',
  'sasl.kerberos.min.time.before.relogin': 'Kerberos is not supported: use SCRAM-SHA-512, OAUTHBEARER or mTLS',
  'sasl.kerberos.service.name': 'Kerberos is not supported: use SCRAM-SHA-512, OAUTHBEARER or mTLS',
  'sasl.kerberos.ticket.renew.jitter': 'Kerberos is not supported: use SCRAM-SHA-512, OAUTHBEARER or mTLS',
  'sasl.kerberos.ticket.renew.window.factor': 'Kerberos is not supported: use SCRAM-SHA-512, OAUTHBEARER or mTLS',
  'sasl.login.class': 'login classes are Java classes: use sasl.jaas.config',
  'ssl.engine.factory.class': 'engine factories are Java classes: use PEM (ssl.truststore.type=PEM, ssl.keystore.type=PEM)',
  'transactional.id': 'it is made of the group, the connector and the task: set exactly.once.source.support or exactly.once.support',
};

const WILDCARDS = Object.entries(IGNORED)
  .filter(([key]) => key.endsWith('*'))
  .map(([key, why]) => ({ prefix: key.slice(0, -1), why }));

/** What happens to a client setting (without `producer.`, `consumer.override.` and so on in front); null = no client of Kafka's knows it. */
export function verdictOf(kind: ClientKind, key: string): SettingVerdict | null {
  if (HONOURED.common.includes(key) || HONOURED[kind].includes(key)) return { verdict: 'honoured' };
  const refused = REFUSED[key];
  if (refused !== undefined) return { verdict: 'refused', why: refused };
  const ignored = IGNORED[key] ?? WILDCARDS.find(({ prefix }) => key.startsWith(prefix))?.why;
  if (ignored !== undefined) return { verdict: 'ignored', why: ignored };
  const others = (['producer', 'consumer', 'admin'] as const).filter((other) => other !== kind && HONOURED[other].includes(key));
  return others.length === 0 ? null : { verdict: 'ignored', why: `it is a setting of the ${others.join(' and the ')}` };
}

/** Every honoured setting of a client, for suggestions. */
export function honouredSettings(kind: ClientKind): readonly string[] {
  return [...HONOURED.common, ...HONOURED[kind]];
}
