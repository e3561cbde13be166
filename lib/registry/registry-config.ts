import type { ConfigDef, ConfigKeyInit, ConfigType, Importance } from '../core/config/config-def.ts';
import { Range } from '../core/config/validators.ts';
import { strategyKind } from './subject-name-strategy.ts';

const STRATEGY = 'io.confluent.kafka.serializers.subject.AssociatedNameStrategy';
const PREFIX_SERIALIZER = 'io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer';
const HEADER_SERIALIZER = 'io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer';
const DUAL_DESERIALIZER = 'io.confluent.kafka.serializers.schema.id.DualSchemaIdDeserializer';
const PREFIX_DESERIALIZER = 'io.confluent.kafka.serializers.schema.id.PrefixSchemaIdDeserializer';
const NO_CONTEXT = 'io.confluent.kafka.serializers.context.NullContextNameStrategy';

/** Classes that `key.` and `value.schema.id.serializer` may name. */
export const SCHEMA_ID_SERIALIZERS = { prefix: PREFIX_SERIALIZER, header: HEADER_SERIALIZER } as const;

type Row = readonly [
  name: string,
  type: ConfigType,
  defaultValue: unknown,
  importance: Importance,
  doc: string,
  knows?: (className: string) => boolean,
];

const isOneOf =
  (...classes: readonly string[]) =>
  (className: string) =>
    classes.includes(className);

const ROWS: readonly Row[] = [
  ['schema.registry.url.randomize', 'BOOLEAN', false, 'LOW', 'Whether the first URL to be asked is chosen at random.'],
  ['max.schemas.per.subject', 'INT', 1000, 'LOW', 'How many schemas one converter remembers.'],
  [
    'normalize.schemas',
    'BOOLEAN',
    false,
    'MEDIUM',
    'Whether the registry normalizes schemas, so that order that means nothing makes no difference.',
  ],
  [
    'auto.register.schemas',
    'BOOLEAN',
    true,
    'MEDIUM',
    'Whether schemas that the registry does not know are registered; otherwise they are looked up.',
  ],
  ['propagate.schema.tags', 'BOOLEAN', false, 'LOW', 'Whether tags of the earlier version are kept when a schema is registered.'],
  ['use.schema.id', 'INT', -1, 'LOW', 'The id of the schema to write with; needs auto.register.schemas=false.'],
  ['use.schema.guid', 'STRING', null, 'LOW', 'The GUID of the schema to write with; needs auto.register.schemas=false.'],
  [
    'id.compatibility.strict',
    'BOOLEAN',
    true,
    'LOW',
    'Whether data must be readable with the schema that use.schema.id or use.schema.guid names.',
  ],
  [
    'use.latest.version',
    'BOOLEAN',
    false,
    'LOW',
    'Whether the latest version of the subject is written with; needs auto.register.schemas=false.',
  ],
  [
    'latest.compatibility.strict',
    'BOOLEAN',
    true,
    'LOW',
    'Whether data must be readable with the latest version that use.latest.version found.',
  ],
  ['latest.cache.size', 'INT', 1000, 'LOW', 'How many latest versions one converter remembers.'],
  [
    'latest.cache.ttl.sec',
    'INT',
    -1,
    'LOW',
    'Seconds after which the latest version is asked for again; -1 = as long as the converter lives.',
  ],
  [
    'use.latest.with.metadata',
    'STRING',
    null,
    'LOW',
    'Writes with the latest version that has these metadata properties: key=value, several with commas.',
  ],
  ['schema.format', 'STRING', null, 'LOW', 'Accepted for compatibility; the format is that of the converter.'],
  ['execution.environment', 'STRING', null, 'MEDIUM', 'Accepted for compatibility; rules of schemas are not executed here.'],
  ['rule.executors', 'LIST', '', 'LOW', 'Rules of schemas are not supported: must be empty.'],
  ['rule.actions', 'LIST', '', 'LOW', 'Rules of schemas are not supported: must be empty.'],
  ['rule.service.loader.enable', 'BOOLEAN', true, 'LOW', 'Accepted for compatibility; rules of schemas are not executed here.'],
  [
    'basic.auth.credentials.source',
    'STRING',
    'URL',
    'MEDIUM',
    'Where user and password come from: URL (user:password@ in the URL), USER_INFO (basic.auth.user.info) or SASL_INHERIT (sasl.jaas.config).',
  ],
  [
    'bearer.auth.credentials.source',
    'STRING',
    'STATIC_TOKEN',
    'MEDIUM',
    'Where the token comes from: STATIC_TOKEN (bearer.auth.token) or OAUTHBEARER (bearer.auth.issuer.endpoint.url).',
  ],
  ['schema.registry.basic.auth.user.info', 'PASSWORD', '', 'MEDIUM', 'The older name of basic.auth.user.info.'],
  ['basic.auth.user.info', 'PASSWORD', '', 'MEDIUM', 'user:password, with basic.auth.credentials.source=USER_INFO.'],
  ['bearer.auth.token', 'PASSWORD', '', 'MEDIUM', 'The token, with bearer.auth.credentials.source=STATIC_TOKEN.'],
  ['bearer.auth.issuer.endpoint.url', 'STRING', null, 'MEDIUM', 'The token endpoint, with bearer.auth.credentials.source=OAUTHBEARER.'],
  ['bearer.auth.client.id', 'STRING', null, 'MEDIUM', 'Client id for the token endpoint.'],
  ['bearer.auth.client.secret', 'PASSWORD', null, 'MEDIUM', 'Client secret for the token endpoint.'],
  ['bearer.auth.scope', 'STRING', null, 'MEDIUM', 'Scope to ask the token endpoint for.'],
  ['bearer.auth.scope.claim.name', 'STRING', 'scope', 'LOW', 'Accepted for compatibility; tokens are not looked into.'],
  ['bearer.auth.sub.claim.name', 'STRING', 'sub', 'LOW', 'Accepted for compatibility; tokens are not looked into.'],
  ['bearer.auth.identity.pool.id', 'STRING', null, 'MEDIUM', 'Sent as header Confluent-Identity-Pool-Id.'],
  ['bearer.auth.logical.cluster', 'STRING', null, 'MEDIUM', 'Sent as header target-sr-cluster.'],
  ['bearer.auth.cache.expiry.buffer.seconds', 'SHORT', 300, 'LOW', 'Seconds before its end at which a token is replaced.'],
  ['bearer.auth.custom.provider.class', 'STRING', null, 'MEDIUM', 'A Java class; not supported here.'],
  [
    'context.name.strategy',
    'CLASS',
    NO_CONTEXT,
    'MEDIUM',
    'Which context of the registry is used; only the default is supported here.',
    isOneOf(NO_CONTEXT),
  ],
  [
    'key.subject.name.strategy',
    'CLASS',
    STRATEGY,
    'MEDIUM',
    'How the subject of a key schema is named; by default <topic>-key.',
    (name) => strategyKind(name) !== null,
  ],
  [
    'key.schema.id.serializer',
    'CLASS',
    PREFIX_SERIALIZER,
    'MEDIUM',
    'Whether the id of a key schema stands in front of the key or in a header.',
    isOneOf(PREFIX_SERIALIZER, HEADER_SERIALIZER),
  ],
  [
    'key.schema.id.deserializer',
    'CLASS',
    DUAL_DESERIALIZER,
    'MEDIUM',
    'Where the id of a key schema is looked for: header, then prefix.',
    isOneOf(DUAL_DESERIALIZER, PREFIX_DESERIALIZER),
  ],
  [
    'value.subject.name.strategy',
    'CLASS',
    STRATEGY,
    'MEDIUM',
    'How the subject of a value schema is named; by default <topic>-value.',
    (name) => strategyKind(name) !== null,
  ],
  [
    'value.schema.id.serializer',
    'CLASS',
    PREFIX_SERIALIZER,
    'MEDIUM',
    'Whether the id of a value schema stands in front of the value or in a header.',
    isOneOf(PREFIX_SERIALIZER, HEADER_SERIALIZER),
  ],
  [
    'value.schema.id.deserializer',
    'CLASS',
    DUAL_DESERIALIZER,
    'MEDIUM',
    'Where the id of a value schema is looked for: header, then prefix.',
    isOneOf(DUAL_DESERIALIZER, PREFIX_DESERIALIZER),
  ],
  ['schema.reflection', 'BOOLEAN', false, 'LOW', 'Accepted for compatibility; it is about Java classes.'],
  ['proxy.host', 'STRING', '', 'LOW', 'HTTP proxy through which the registry is reached.'],
  ['proxy.port', 'INT', -1, 'LOW', 'Port of the proxy.'],
  ['http.connect.timeout.ms', 'INT', 60000, 'LOW', 'How long connecting to the registry may take.'],
  ['http.read.timeout.ms', 'INT', 60000, 'LOW', 'How long an answer of the registry may take.'],
  ['max.retries', 'INT', 3, 'LOW', 'How often a failed request is repeated before the next URL is tried.'],
  ['retries.wait.ms', 'INT', 1000, 'LOW', 'Longest wait before the first retry; it doubles each time.'],
  ['retries.max.wait.ms', 'INT', 20000, 'LOW', 'Longest wait before any retry.'],
  [
    'subject.name.strategy.fallback.type',
    'STRING',
    null,
    'LOW',
    'How a subject is named where the registry has no association for the topic: TOPIC, RECORD, TOPIC_RECORD or NONE.',
  ],
  ['subject.name.strategy.kafka.cluster.id', 'STRING', null, 'LOW', 'The Kafka cluster whose associations are asked for.'],
  [
    'sasl.jaas.config',
    'PASSWORD',
    null,
    'LOW',
    'With basic.auth.credentials.source=SASL_INHERIT: where username and password are read from.',
  ],
  ['schema.registry.ssl.truststore.type', 'STRING', 'JKS', 'LOW', 'PEM; Java key stores cannot be read here.'],
  ['schema.registry.ssl.truststore.location', 'STRING', null, 'LOW', 'A file with the certificates to trust.'],
  ['schema.registry.ssl.truststore.certificates', 'PASSWORD', null, 'LOW', 'The certificates to trust, as PEM.'],
  ['schema.registry.ssl.truststore.password', 'PASSWORD', null, 'LOW', 'Accepted for compatibility; PEM needs none.'],
  ['schema.registry.ssl.keystore.type', 'STRING', 'JKS', 'LOW', 'PEM or PKCS12.'],
  ['schema.registry.ssl.keystore.location', 'STRING', null, 'LOW', 'A file with the client certificate and its key.'],
  ['schema.registry.ssl.keystore.key', 'PASSWORD', null, 'LOW', 'The private key of the client, as PEM.'],
  ['schema.registry.ssl.keystore.certificate.chain', 'PASSWORD', null, 'LOW', 'The certificates of the client, as PEM.'],
  ['schema.registry.ssl.keystore.password', 'PASSWORD', null, 'LOW', 'Password of a PKCS12 file.'],
  ['schema.registry.ssl.key.password', 'PASSWORD', null, 'LOW', 'Password of the private key.'],
  [
    'schema.registry.ssl.endpoint.identification.algorithm',
    'STRING',
    'https',
    'LOW',
    'Empty = the host name in the certificate is not checked.',
  ],
];

/** Defines the keys that all converters with a registry share; `schema.registry.url` is the one that is required. */
export function defineRegistryKeys(def: ConfigDef): ConfigDef {
  def.define({
    name: 'schema.registry.url',
    type: 'LIST',
    importance: 'HIGH',
    doc: 'URLs of the schema registry, separated by commas; the next one is asked where one fails.',
  });
  for (const [name, type, defaultValue, importance, doc, knowsClass] of ROWS) {
    const key: ConfigKeyInit = { name, type, default: defaultValue, importance, doc };
    def.define(
      name === 'bearer.auth.cache.expiry.buffer.seconds'
        ? { ...key, validator: Range.between(0, 3600) }
        : knowsClass
          ? { ...key, knowsClass }
          : key,
    );
  }
  return def;
}
