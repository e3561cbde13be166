import { ConfigDef, type ConfigKeyInit } from '../core/config/config-def.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import { CaseInsensitiveValidString, Range } from '../core/config/validators.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { concretePlugin, knowsClass } from './plugin-class.ts';

type Key = Omit<ConfigKeyInit, 'importance'> & { readonly importance?: ConfigKeyInit['importance'] };

const KEYS: readonly Key[] = [
  {
    name: 'bootstrap.servers',
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    doc: 'Brokers to begin with, host:port separated by commas. Standalone mode starts an embedded Kafka where it is not set.',
  },
  {
    name: 'group.id',
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'Name of the cluster; gives the state table and transactional ids their names.',
  },
  {
    name: 'task.shutdown.graceful.timeout.ms',
    type: 'LONG',
    default: 5000n,
    validator: Range.atLeast(0),
    doc: 'How long tasks may take to stop, all together.',
  },
  {
    name: 'heartbeat.interval.ms',
    type: 'INT',
    default: 3000,
    validator: Range.atLeast(100),
    doc: 'Worker mode: how often a worker says that it is there.',
  },
  {
    name: 'session.timeout.ms',
    type: 'INT',
    default: 10_000,
    validator: Range.atLeast(300),
    doc: 'Worker mode: a worker that was not heard of for so long is taken for dead; its tasks move once their leases have ended.',
  },
  {
    name: 'offset.flush.interval.ms',
    type: 'LONG',
    default: 60_000n,
    validator: Range.atLeast(1),
    doc: 'How often offsets are committed.',
  },
  {
    name: 'offset.flush.timeout.ms',
    type: 'LONG',
    default: 5000n,
    validator: Range.atLeast(0),
    doc: 'How long a commit may wait for records under way.',
  },
  {
    name: 'offset.storage.file.filename',
    type: 'STRING',
    default: null,
    doc: 'Standalone mode: names the folder of the state (<file>.state/); the file itself is never read or written.',
  },
  {
    name: 'topic.creation.enable',
    type: 'BOOLEAN',
    default: true,
    doc: 'Whether source connectors may create topics by topic.creation.* keys.',
  },
  { name: 'topic.tracking.enable', type: 'BOOLEAN', default: true, doc: 'Whether the topics that connectors use are recorded.' },
  { name: 'topic.tracking.allow.reset', type: 'BOOLEAN', default: true, doc: 'Whether that record may be reset over REST.' },
  {
    name: 'exactly.once.source.support',
    type: 'STRING',
    default: 'disabled',
    validator: CaseInsensitiveValidString.in('disabled', 'preparing', 'enabled'),
    importance: 'HIGH',
    doc: 'Whether source connectors deliver exactly once, where they can.',
  },
  {
    name: 'connector.client.config.override.policy',
    type: 'STRING',
    default: 'All',
    doc: 'Which producer.override.*, consumer.override.* and admin.override.* keys connectors may set: All, None, Principal or Allowlist.',
  },
  { name: 'connector.client.config.override.allowlist', type: 'LIST', default: [], doc: 'The settings that Allowlist allows.' },
  {
    name: 'config.providers',
    type: 'LIST',
    default: [],
    doc: 'Names of config providers; config.providers.<name>.class and .param.* say more.',
  },
  { name: 'listeners', type: 'LIST', default: ['http://:8083'], doc: 'Where the REST API listens.' },
  { name: 'admin.listeners', type: 'LIST', default: null, doc: 'Where the admin endpoints listen; unset = on listeners, empty = nowhere.' },
  { name: 'rest.advertised.host.name', type: 'STRING', default: null, doc: 'Host name that other workers are told.' },
  { name: 'rest.advertised.port', type: 'INT', default: null, doc: 'Port that other workers are told.' },
  { name: 'rest.advertised.listener', type: 'STRING', default: null, doc: 'Listener that other workers are told.' },
  { name: 'rest.extension.classes', type: 'LIST', default: [], doc: 'Extensions of the REST API.' },
  { name: 'access.control.allow.origin', type: 'STRING', default: '', doc: 'Origins that browsers may call the REST API from.' },
  { name: 'access.control.allow.methods', type: 'STRING', default: '', doc: 'Methods that browsers may use across origins.' },
  { name: 'response.http.headers.config', type: 'STRING', default: '', doc: 'Headers added to answers of the REST API.' },
  {
    name: 'plugin.modules',
    type: 'LIST',
    default: [],
    doc: 'Modules whose plug-ins may be named over REST: ./my-source.ts#MySource, some-package#MySink.',
  },
];

/** Keys of Kafka Connect's workers that mean nothing here: accepted and noted, with the reason. */
export const MEANINGLESS_WORKER_KEYS: ReadonlyMap<string, string> = new Map([
  ['plugin.path', 'plug-ins are TypeScript modules; name them by module specifier or in plugin.modules'],
  ['plugin.discovery', 'there are no jars to discover'],
  ...['config', 'offset', 'status'].flatMap((topic): [string, string][] =>
    ['topic', 'replication.factor', 'partitions'].map((key) => [
      `${topic}.storage.${key}`,
      'state lives in the state table, not in topics',
    ]),
  ),
  ...[
    'rebalance.timeout.ms',
    'worker.sync.timeout.ms',
    'worker.unsync.backoff.ms',
    'scheduled.rebalance.max.delay.ms',
    'connect.protocol',
  ].map((key): [string, string] => [key, 'tasks are shared by leases, not by a group protocol']),
  ...['generation.algorithm', 'size', 'ttl.ms'].map((key): [string, string] => [
    `inter.worker.key.${key}`,
    'workers do not call each other',
  ]),
  ['inter.worker.signature.algorithm', 'workers do not call each other'],
  ['inter.worker.verification.algorithms', 'workers do not call each other'],
  ['internal.topics.automatic.creation.enable', 'there are no internal topics'],
  ...['metrics.sample.window.ms', 'metrics.num.samples', 'metrics.recording.level', 'metric.reporters', 'auto.include.jmx.reporter'].map(
    (key): [string, string] => [key, 'there is no JMX'],
  ),
]);

/** Prefixes under which a worker may have any key. */
export const OPEN_WORKER_PREFIXES: readonly string[] = [
  'producer.',
  'consumer.',
  'admin.',
  'key.converter.',
  'value.converter.',
  'header.converter.',
  'config.providers.',
  'listeners.https.',
  'admin.listeners.https.',
  'ssl.',
  'sasl.',
  'security.',
  'client.',
  'config.storage.',
  'offset.storage.',
  'status.storage.',
  'metrics.context.',
  'connections.',
  'metadata.',
  'reconnect.',
  'retry.',
  'request.timeout.ms',
];

/** Keys of a worker: Connect's WorkerConfig as far as it means something here. */
export function workerConfigDef(resolver: PluginResolver): ConfigDef {
  const def = new ConfigDef();
  for (const key of KEYS) def.define({ importance: 'LOW', ...key, group: 'Worker' });
  for (const role of ['key', 'value'] as const) {
    def.define({
      name: `${role}.converter`,
      type: 'CLASS',
      validator: concretePlugin(resolver, 'converter'),
      importance: 'HIGH',
      doc: `Class that turns ${role}s into bytes in Kafka and back, for connectors that name none.`,
      group: 'Worker',
      knowsClass: knowsClass(resolver, 'converter'),
    });
  }
  return def.define({
    name: 'header.converter',
    type: 'CLASS',
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: 'LOW',
    doc: 'The same for header values.',
    group: 'Worker',
    knowsClass: knowsClass(resolver, 'header-converter'),
  });
}

/** Parses a worker's configuration (variables resolved). Throws ConfigException at the first mistake; converters are required. */
export function parseWorkerConfig(props: ConnectorProps, resolver: PluginResolver): ParsedConfig {
  return workerConfigDef(resolver).parse(props);
}
