import type { ConnectorManifest } from '../../core/manifest.ts';
import { CONNECTION_PASSWORD, CONNECTION_URL } from './connection-config.ts';
import { databaseOf } from './connection-url.ts';
import { sinkConfigDef } from './sink-config.ts';
import { sourceConfigDef } from './source-config.ts';
import { VERSION } from './version.ts';

/** Default of `table.poll.interval.ms`. */
const TABLE_POLL_INTERVAL_MS = 60_000;

/** The one driver a URL needs; `node:sqlite` is part of Node. */
function clientModules(props: Readonly<Record<string, string>>): readonly string[] {
  switch (databaseOf(props[CONNECTION_URL] ?? '')) {
    case 'postgresql':
      return ['pg'];
    case 'mysql':
      return ['mysql2'];
    default:
      return [];
  }
}

/** A database without a dialect here. */
function refusals(props: Readonly<Record<string, string>>) {
  const url = props[CONNECTION_URL]?.trim() ?? '';
  if (url === '' || databaseOf(url) !== null) return [];
  const named = url.replace(/^(jdbc:[^:]*).*$/s, '$1');
  return [
    {
      key: CONNECTION_URL,
      message: `no dialect for ${named.startsWith('jdbc:') ? `${named}:` : 'this URL'}; allowed: jdbc:postgresql:, jdbc:mysql:, jdbc:mariadb:, jdbc:sqlite:`,
    },
  ];
}

export const connectorManifests: readonly ConnectorManifest[] = [
  {
    kind: 'source',
    className: 'io.confluent.connect.jdbc.JdbcSourceConnector',
    aliases: ['io.aiven.connect.jdbc.JdbcSourceConnector', 'JdbcSourceConnector', 'JdbcSource'],
    configDef: sourceConfigDef,
    overview:
      'Copies tables, or the result of a query, into topics: whole tables, new rows by a growing id, or changed rows by a timestamp.',
    version: VERSION,
    module: 'connectors/jdbc/source/source-connector.ts',
    exportName: 'JdbcSourceConnector',
    load: async () => (await import('./source/source-connector.ts')).JdbcSourceConnector,
    triggers: ['schedule'],
    permissions: [
      {
        actions: ['secretsmanager:GetSecretValue'],
        resourceFrom: [CONNECTION_PASSWORD],
        why: 'the password, where the configuration names a secret',
      },
    ],
    targets: [CONNECTION_URL],
    refusals,
    clientModules,
    connectionsPerTask: 1,
    // What Confluent's connector does in a thread of its own.
    watchMs: (props) => Number(props['table.poll.interval.ms'] ?? 0) || TABLE_POLL_INTERVAL_MS,
  },
  {
    kind: 'sink',
    className: 'io.confluent.connect.jdbc.JdbcSinkConnector',
    aliases: ['io.aiven.connect.jdbc.JdbcSinkConnector', 'io.aiven.connect.jdbc.sink.JdbcSinkConnector', 'JdbcSinkConnector', 'JdbcSink'],
    configDef: sinkConfigDef,
    overview:
      'Writes records into tables: inserts, upserts or updates, and deletes for tombstones; creates tables and adds columns on request.',
    version: VERSION,
    module: 'connectors/jdbc/sink/sink-connector.ts',
    exportName: 'JdbcSinkConnector',
    load: async () => (await import('./sink/sink-connector.ts')).JdbcSinkConnector,
    triggers: ['event', 'schedule'],
    permissions: [
      {
        actions: ['secretsmanager:GetSecretValue'],
        resourceFrom: [CONNECTION_PASSWORD],
        why: 'the password, where the configuration names a secret',
      },
    ],
    targets: [CONNECTION_URL],
    refusals,
    clientModules,
    connectionsPerTask: 1,
  },
];
