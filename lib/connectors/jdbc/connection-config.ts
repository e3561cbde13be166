import type { ConfigDef } from '../../core/config/config-def.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import { Range } from '../../core/config/validators.ts';
import type { ConnectionSettings } from './client.ts';
import { oneOf } from './config-validators.ts';
import { DIALECT_NAMES } from './dialects/dialect-names.ts';

export const CONNECTION_URL = 'connection.url';
export const CONNECTION_USER = 'connection.user';
export const CONNECTION_PASSWORD = 'connection.password';
export const CONNECTION_ATTEMPTS = 'connection.attempts';
export const CONNECTION_BACKOFF = 'connection.backoff.ms';
export const DIALECT_NAME = 'dialect.name';
export const CREDENTIALS_PROVIDER = 'jdbc.credentials.provider.class';

const DEFAULT_PROVIDER = 'io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider';
const PREFIX = 'connection.';
const OWN_KEYS: readonly string[] = [CONNECTION_URL, CONNECTION_USER, CONNECTION_PASSWORD, CONNECTION_ATTEMPTS, CONNECTION_BACKOFF];

/** Adds the keys that say how the database is reached. A sink requires the URL, a source checks it together with the rest. */
export function defineConnection(def: ConfigDef, group: string, urlRequired: boolean): ConfigDef {
  return def
    .define({
      name: CONNECTION_URL,
      type: 'STRING',
      ...(urlRequired ? {} : { default: '' }),
      importance: 'HIGH',
      doc: 'JDBC URL of the database: `jdbc:postgresql://host:5432/database`, `jdbc:mysql://host:3306/database`, `jdbc:mariadb://host:3306/database` or `jdbc:sqlite:path/to/file.db`. Properties after `?` are passed to the driver.',
      group,
      orderInGroup: 1,
      width: 'LONG',
      displayName: 'JDBC URL',
    })
    .define({
      name: CONNECTION_USER,
      type: 'STRING',
      default: null,
      importance: 'HIGH',
      doc: 'User of the database.',
      group,
      orderInGroup: 2,
      width: 'MEDIUM',
      displayName: 'JDBC User',
    })
    .define({
      name: CONNECTION_PASSWORD,
      type: 'PASSWORD',
      default: null,
      importance: 'HIGH',
      doc: 'Password of that user; better a reference as `${secretsManager:shop/db:password}`.',
      group,
      orderInGroup: 3,
      width: 'SHORT',
      displayName: 'JDBC Password',
    })
    .define({
      name: CREDENTIALS_PROVIDER,
      type: 'STRING',
      default: DEFAULT_PROVIDER,
      validator: oneOf(DEFAULT_PROVIDER),
      importance: 'LOW',
      doc: 'Only the default is offered: user and password come from the configuration, which may name a secret.',
      group,
      orderInGroup: 4,
      width: 'LONG',
      displayName: 'JDBC Credentials Provider',
    })
    .define({
      name: CONNECTION_ATTEMPTS,
      type: 'INT',
      default: 3,
      validator: Range.atLeast(1),
      importance: 'LOW',
      doc: 'How often a connection is tried before the task fails.',
      group,
      orderInGroup: 5,
      width: 'SHORT',
      displayName: 'JDBC connection attempts',
    })
    .define({
      name: CONNECTION_BACKOFF,
      type: 'LONG',
      default: 10_000n,
      importance: 'LOW',
      doc: 'Milliseconds between two attempts to connect.',
      group,
      orderInGroup: 6,
      width: 'SHORT',
      displayName: 'JDBC connection backoff in milliseconds',
    })
    .define({
      name: DIALECT_NAME,
      type: 'STRING',
      default: '',
      validator: oneOf(...DIALECT_NAMES),
      importance: 'LOW',
      doc: 'Dialect of the database; empty = the one of the URL. `GenericDatabaseDialect` reads and writes but creates no tables.',
      group,
      orderInGroup: 7,
      width: 'LONG',
      displayName: 'Database Dialect',
    });
}

/** The connection a parsed configuration describes; `connection.<property>` beside the keys above goes to the driver. */
export function connectionSettings(config: ParsedConfig, isolation: string | null): ConnectionSettings {
  const properties: Record<string, string> = {};
  for (const [key, value] of Object.entries(config.withPrefix(PREFIX))) {
    if (!OWN_KEYS.includes(PREFIX + key)) properties[key] = value;
  }
  return {
    url: config.getString(CONNECTION_URL) ?? '',
    user: config.getString(CONNECTION_USER),
    password: config.getPassword(CONNECTION_PASSWORD)?.reveal() ?? null,
    properties,
    isolation,
  };
}
